// How wide a table's columns are, in characters: the one rule for the SVG and the terminal.
import type { Table } from './figure.js'
import { columnsOf, printable } from './text.js'

/** Characters between two columns, where there is room. */
const gapMax = 2
/** A text column is not cut below this. */
const textColumns = 8

/** Characters each column takes (0: left out) and the gap between two of them. */
export interface TableWidths { readonly widths: readonly number[]; readonly gap: number; /** Columns for which there was no room. */ readonly leftOut: number }

/** Columns as wide as their widest cell. In too little room the gap narrows, then texts are cut; a number never is: the last columns go. */
export function tableWidths(table: Table, room: number): TableWidths {
  const widths = table.columns.map((column, i) => Math.max(1, columnsOf(column.label), ...table.rows.map((row) => columnsOf(printable(row?.[i] ?? '')))))
  let gap = gapMax
  const excess = (): number => widths.reduce((sum, width) => sum + (width === 0 ? 0 : width + gap), -gap) - room
  if (excess() > 0) gap = 1
  for (let cut = excess(); cut > 0; cut = excess()) {
    const texts = widths.map((width, i) => (table.columns[i]?.align === 'left' ? width : 0))
    const widest = texts.indexOf(Math.max(...texts))
    const width = texts[widest] ?? 0
    const last = widths.findLastIndex((each) => each > 0)
    if (width > textColumns) widths[widest] = Math.max(textColumns, width - cut)
    else if (last <= 0) { widths[0] = room } else widths[last] = 0
  }
  return { widths, gap, leftOut: widths.filter((width) => width === 0).length }
}
