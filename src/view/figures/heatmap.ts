// An array as a matrix of colours, row by row; larger than the picture, each cell is the mean of a block.
import type { Figure } from '../figure.js'
import { blockLength, summaryOf, type Numbers } from '../numbers.js'
import { counted, formatNumber } from '../text.js'
import { valueNotes } from './value-notes.js'

/** Cells of the picture each way: what keeps a saved figure small. */
const cellsMax = 64
const height = 300

/** The matrix of `numbers` with `width` elements a row (the square root of their number when left out). */
export function heatmap(numbers: Numbers, name: string, width?: number): Figure {
  const summary = summaryOf(numbers)
  const columns = width ?? Math.max(1, Math.ceil(Math.sqrt(numbers.length)))
  const rows = Math.ceil(numbers.length / columns)
  const title = `${name}: ${formatNumber(rows)} × ${formatNumber(columns)} heatmap of ${counted(numbers.length, 'element')} (${numbers.kind})`
  if (summary.finite === 0) return { title, table: { columns: [{ label: 'index', align: 'right' }, { label: 'value', align: 'right' }], rows: [] }, notes: [...valueNotes(summary), 'There is no finite element to colour.'] }
  const [perColumn, perRow] = [Math.ceil(columns / cellsMax), Math.ceil(rows / cellsMax)]
  const cells = meansOf(numbers, columns, rows, perColumn, perRow)
  const shown = cells.flat().filter((value) => value !== null)
  const range = [shown.reduce((a, b) => Math.min(a, b)), shown.reduce((a, b) => Math.max(a, b))] as const
  return {
    title,
    plot: {
      x: { kind: 'linear', label: 'column', domain: [-0.5, (cells[0]?.length ?? 1) * perColumn - 0.5], whole: true }, y: { kind: 'linear', label: 'row', domain: [-0.5, cells.length * perRow - 0.5], whole: true },
      marks: [{ mark: 'cells', name, rows: cells, x0: (perColumn - 1) / 2, dx: perColumn, y0: (perRow - 1) / 2, dy: perRow, range }], height: Math.max(40, Math.min(height, cells.length * 30)) },
    notes: [...valueNotes(summary), ...(perColumn * perRow > 1 ? [`Each cell is the mean of ${formatNumber(perRow)} × ${formatNumber(perColumn)} elements; single values stand out less than they are.`] : [])] }
}

/** The mean of the finite elements under each cell; null where there is none. */
function meansOf(numbers: Numbers, columns: number, rows: number, perColumn: number, perRow: number): (number | null)[][] {
  const [across, down] = [Math.ceil(columns / perColumn), Math.ceil(rows / perRow)]
  const sums = new Float64Array(across * down)
  const counts = new Float64Array(across * down)
  const block = new Float64Array(Math.min(blockLength, numbers.length))
  for (let row = 0; row < rows; row++) {
    const cellRow = Math.floor(row / perRow) * across
    const end = Math.min((row + 1) * columns, numbers.length)
    for (let start = row * columns; start < end; start += blockLength) {
      const count = Math.min(blockLength, end - start)
      numbers.read(start, count, block)
      const offset = start - row * columns
      let cell = cellRow + Math.floor(offset / perColumn)
      let left = perColumn - (offset % perColumn)
      for (let i = 0; i < count; i++) {
        const value = block[i] as number
        if (value - value === 0) { sums[cell] = (sums[cell] as number) + value; counts[cell] = (counts[cell] as number) + 1 }
        if (--left === 0) { cell++; left = perColumn }
      }
    }
  }
  return Array.from({ length: down }, (_, row) => Array.from({ length: across }, (_, column) => {
    const count = counts[row * across + column] as number
    return count === 0 ? null : (sums[row * across + column] as number) / count
  }))
}
