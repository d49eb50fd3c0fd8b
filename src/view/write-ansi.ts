// The terminal writer: a figure as text of at most 80 columns, plain Unicode; colours (SGR) only where the reader is a terminal.
import { Canvas } from './canvas.js'
import type { CellMark, Figure, Plot, Table } from './figure.js'
import { writerOf } from './marks/index.js'
import { scaleOf, ticksOf } from './scale.js'
import { tableWidths } from './table-widths.js'
import { columnsOf, formatNumber, padded, printable, shortened, wrapped } from './text.js'

const width = 80
/** Longest category label beside a row. */
const labelColumns = 22
const barColumnsMax = 30
const barColumnsMin = 10

/** A figure as lines of text. With `colored`, in the terminal's colours. */
export function figureAnsi(figure: Figure, colored = false): string {
  const lines = wrapped(printable(figure.title), width)
  if (figure.plot !== undefined) lines.push(...(figure.plot.y.kind === 'category' ? rowLines(figure.plot, colored) : plotLines(figure.plot, colored)))
  if (figure.table !== undefined) lines.push(...(figure.plot === undefined ? [] : ['']), ...tableLines(figure.table))
  lines.push(...figure.notes.flatMap((note) => wrapped(printable(note), width)))
  return lines.join('\n')
}

/** Bars across: a line a category, its label before it and its text behind. */
function rowLines(plot: Plot, colored: boolean): string[] {
  const categories = plot.y.kind === 'category' ? plot.y.categories : []
  const labelWidth = Math.min(labelColumns, Math.max(0, ...categories.map((label) => columnsOf(printable(label)))))
  const across = plot.marks.flatMap((mark) => (mark.mark === 'bar' && mark.direction === 'across' ? [mark.labels] : []))
  const texts = categories.map((_, row) => printable(across.map((labels) => labels[row] ?? '').filter((label) => label !== '').join(' ')))
  const barColumns = Math.min(barColumnsMax, Math.max(barColumnsMin, width - labelWidth - 4 - Math.max(...texts.map(columnsOf))))
  const canvas = new Canvas(barColumns, categories.length)
  const area = { canvas, x: scaleOf(plot.x, 0, barColumns * 2), y: (row: number) => row * 4, letter: '' }
  for (const mark of plot.marks) writerOf(mark).ansi(mark, area)
  return canvas.text(colored).map((bar, row) => {
    const bars = bar + ' '.repeat(Math.max(0, barColumns - columnsOf(withoutColor(bar))))
    return `${padded(printable(categories[row] ?? ''), labelWidth, 'left')} ▕${bars}▏ ${shortened(texts[row] ?? '', width - labelWidth - barColumns - 4)}`.trimEnd()
  })
}

function plotLines(plot: Plot, colored: boolean): string[] {
  const cells = plot.marks.find((mark) => mark.mark === 'cells')
  const rows = Math.min(cells?.rows.length ?? 99, Math.max(4, Math.round(plot.height / 20)))
  const yTicks = ticksOf(plot.y, Math.max(2, rows / 2))
  const labelWidth = Math.max(1, ...yTicks.map((tick) => columnsOf(tick.label)))
  const columns = Math.min(width - labelWidth - 2, cells === undefined ? width : Math.max(1, (cells.rows[0]?.length ?? 1) * 2))
  const canvas = new Canvas(columns, rows)
  const downwards = cells !== undefined
  const y = scaleOf(plot.y, downwards ? 0 : rows * 4 - 1, downwards ? rows * 4 - 1 : 0)
  const lines = plot.marks.filter((mark) => mark.mark === 'line')
  const ordered = [...plot.marks].sort((a, b) => Number(a.mark === 'rule') - Number(b.mark === 'rule'))
  for (const mark of ordered) writerOf(mark).ansi(mark, { canvas, x: scaleOf(plot.x, 0, columns * 2 - 1), y: plot.marks.some((each) => each.mark === 'bar') ? scaleOf(plot.y, rows * 4, 0) : y, letter: mark.mark === 'line' && lines.length > 1 ? letterOf(lines.indexOf(mark)) : '' })
  const labelAt = new Map(yTicks.map((tick) => [Math.min(Math.max(Math.round(y(tick.at)) >> 2, 0), rows - 1), tick.label]))
  const legend = plot.marks.flatMap((mark) => { const entry = writerOf(mark).legend(mark); return entry === undefined ? [] : [`${mark.mark === 'line' ? (lines.length > 1 ? letterOf(lines.indexOf(mark)) : '─') : entry.shape === 'dots' ? '···' : entry.shape === 'box' ? '█' : '┄┄'} ${printable(entry.name)}`] })
  return [
    ...(plot.y.label === '' ? [] : [shortened(printable(plot.y.label), width)]),
    ...canvas.text(colored).map((line, row) => `${padded(labelAt.get(row) ?? '', labelWidth, 'right')} ${labelAt.has(row) ? '┤' : '│'}${line}`),
    `${' '.repeat(labelWidth + 1)}└${'─'.repeat(columns)}`,
    xLabels(plot, columns, labelWidth + 2),
    ...(plot.x.label === '' ? [] : [' '.repeat(labelWidth + 2) + shortened(printable(plot.x.label), columns)]),
    ...(cells === undefined ? [] : [shadeScale(cells)]),
    ...wrapped(legend.join(' | '), width),
  ]
}

/** The labels of x under their places, those that fit. */
function xLabels(plot: Plot, columns: number, indent: number): string {
  const x = scaleOf(plot.x, 0, columns - 1)
  let line = ''
  for (const tick of ticksOf(plot.x, Math.max(2, columns / 14))) {
    const start = Math.min(Math.max(Math.round(x(tick.at) - columnsOf(tick.label) / 2), 0), columns - columnsOf(tick.label))
    if (start >= 0 && (line === '' || start > columnsOf(line))) line += ' '.repeat(start - columnsOf(line)) + tick.label
  }
  return (' '.repeat(indent) + line).trimEnd()
}

function shadeScale(cells: CellMark): string {
  return `░▒▓█ in four even steps from ${formatNumber(cells.range[0])} to ${formatNumber(cells.range[1])}`
}

function tableLines(table: Table): string[] {
  const { widths, gap, leftOut } = tableWidths(table, width - 2)
  const line = (cells: readonly string[]): string => cells.flatMap((text, i) => (widths[i] === 0 ? [] : [padded(printable(text), widths[i] ?? 0, table.columns[i]?.align ?? 'left')])).join(' '.repeat(gap)).trimEnd()
  const head = [line(table.columns.map((column) => column.label)) + (leftOut > 0 ? ' …' : ''), widths.filter((each) => each > 0).map((each) => '─'.repeat(each)).join(' '.repeat(gap))]
  return [...(table.columns.some((column) => column.label !== '') ? head : []), ...table.rows.map((row) => (row === null ? '⋮' : line(row))), ...(leftOut > 0 ? [`The last ${leftOut} columns are left out here.`] : [])]
}

/** a, b, … z, then the alphabet again: beyond that many lines a terminal cannot tell them apart anyway. */
function letterOf(index: number): string { return String.fromCharCode(97 + (index % 26)) }

function withoutColor(text: string): string { return text.replace(/\u001b\[\d+m/g, '') }
