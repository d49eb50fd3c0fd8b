// How wide a table's columns are, in characters: the one rule for the SVG and the terminal.
import type { Table } from './figure.js'
import { columnsOf } from './text.js'

/** Characters between two columns. */
export const columnGap = 2

/**
 * Columns a table's columns take, `columnGap` apart, within `room` characters: each as wide as its widest cell, then the widest are cut
 * until all fit; columns that would be left with fewer than three characters get none.
 */
export function columnWidths(table: Table, room: number): number[] {
  const widths = table.columns.map((column, i) => Math.max(1, columnsOf(column.label), ...table.rows.map((row) => columnsOf(row?.[i] ?? ''))))
  const taken = (): number => widths.reduce((sum, width) => sum + (width === 0 ? 0 : width + columnGap), -columnGap)
  while (taken() > room) {
    const widest = widths.indexOf(Math.max(...widths))
    const width = widths[widest] ?? 0
    if (width > 3) widths[widest] = Math.max(3, width - Math.max(1, taken() - room > 40 ? 8 : 1))
    else widths[widths.findLastIndex((each) => each > 0)] = 0
  }
  return widths
}
