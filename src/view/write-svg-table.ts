// A table as SVG text: columns as wide as their widest cell, shortened where the picture is too narrow for all of them.
import type { Table } from './figure.js'
import { grid } from './palette.js'
import { tableWidths } from './table-widths.js'
import { escaped, shortened } from './text.js'

const fontSize = 11.5
const rowHeight = 18
/** DejaVu Sans Mono, the widest common fixed-width font, takes 0.602 em a character. */
const em = 0.61

export function tableSvg(table: Table, top: number, width: number): { svg: string; bottom: number } {
  const { widths: columns, gap, leftOut } = tableWidths(table, Math.floor(width / (fontSize * em)) - 2)
  const starts = columns.map((_, i) => columns.slice(0, i).reduce((sum, before) => sum + before + (before === 0 ? 0 : gap), 0) * fontSize * em)
  const cell = (text: string, column: number, y: number, weight: string): string => {
    const room = columns[column] ?? 0
    if (room === 0) return ''
    const right = table.columns[column]?.align === 'right'
    const x = (starts[column] ?? 0) + (right ? room * fontSize * em : 0)
    return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${right ? ' text-anchor="end"' : ''}${weight}>${escaped(shortened(text, room))}</text>`
  }
  const last = columns.findLastIndex((each) => each > 0)
  const end = (starts[last] ?? 0) + (columns[last] ?? 0) * fontSize * em
  const headed = table.columns.some((column) => column.label !== '')
  const first = headed ? rowHeight : 0
  const pieces = !headed ? [] : table.columns.map((column, i) => cell(column.label, i, top + 13, ' font-weight="600"'))
  if (leftOut > 0) pieces.push(`<text x="${(end + fontSize * em).toFixed(1)}" y="${(top + 13).toFixed(1)}">…<title>${leftOut} more columns</title></text>`)
  if (headed) pieces.push(`<path d="M0 ${top + rowHeight}H${end.toFixed(1)}" stroke="${grid}"/>`)
  table.rows.forEach((row, index) => {
    const y = top + first + rowHeight * (index + 1) - 5
    if (row === null) pieces.push(`<text x="0" y="${y.toFixed(1)}">⋮</text>`)
    else row.forEach((text, column) => pieces.push(cell(text, column, y, '')))
  })
  return { svg: `<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="${fontSize}" style="white-space:pre">${pieces.join('')}</g>`, bottom: top + first + rowHeight * table.rows.length }
}
