// A table as SVG text: columns as wide as their widest cell, shortened where the picture is too narrow for all of them.
import type { Table } from './figure.js'
import { grid } from './palette.js'
import { tableWidths } from './table-widths.js'
import { escaped, shortened } from './text.js'

const fontSize = 11.5
const rowHeight = 18
/** DejaVu Sans Mono, the widest common fixed-width font, takes 0.602 em a character. */
const characterWidth = fontSize * 0.61

interface Column { readonly x: number; readonly right: boolean; readonly room: number }

export function tableSvg(table: Table, top: number, width: number): { svg: string; bottom: number } {
  const { columns, end, leftOut } = placed(table, width)
  const pieces: string[] = []
  let y = top
  if (table.columns.some((column) => column.label !== '')) {
    y += rowHeight
    pieces.push(rowSvg(table.columns.map((column) => column.label), columns, y - 5, ' font-weight="600"'), `<path d="M0 ${y}H${end.toFixed(1)}" stroke="${grid}"/>`)
    if (leftOut > 0) pieces.push(`<text x="${(end + characterWidth).toFixed(1)}" y="${y - 5}">…<title>${leftOut} more columns</title></text>`)
  }
  for (const row of table.rows) {
    y += rowHeight
    pieces.push(row === null ? `<text x="0" y="${y - 5}">⋮</text>` : rowSvg(row, columns, y - 5, ''))
  }
  return { svg: `<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="${fontSize}">${pieces.join('')}</g>`, bottom: y }
}

function placed(table: Table, width: number): { columns: readonly Column[]; end: number; leftOut: number } {
  const { widths, gap, leftOut } = tableWidths(table, Math.floor(width / characterWidth) - 2)
  let start = 0
  const columns = widths.map((room, i): Column => {
    const right = table.columns[i]?.align === 'right'
    const x = (start + (right ? room : 0)) * characterWidth
    start += room === 0 ? 0 : room + gap
    return { x, right, room }
  })
  return { columns, end: (start - gap) * characterWidth, leftOut }
}

/** One text element a row, one tspan a cell: a third shorter than a text element a cell. */
function rowSvg(cells: readonly string[], columns: readonly Column[], y: number, weight: string): string {
  const spans = cells.map((text, i) => {
    const column = columns[i]
    if (column === undefined || column.room === 0 || text === '') return ''
    return `<tspan x="${column.x.toFixed(0)}"${column.right ? '' : ' text-anchor="start"'}>${escaped(shortened(text, column.room))}</tspan>`
  })
  return `<text y="${y}" text-anchor="end"${weight}>${spans.join('')}</text>`
}
