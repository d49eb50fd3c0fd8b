// A matrix of coloured cells. In an SVG it is one small image (a rectangle a cell would take forty bytes each).
import type { CellMark } from '../figure.js'
import { viridisAt } from '../palette.js'
import { pngOf } from '../png.js'
import { escaped } from '../text.js'
import { px, type MarkWriter } from './mark.js'

const shades = ' ░▒▓█'

export const cellMark: MarkWriter<CellMark> = {
  plotly(mark) {
    const rows = mark.rows.map((row) => row.map((value) => (value === null ? null : Number(value.toPrecision(4)))))
    return [{ type: 'heatmap', name: mark.name, z: rows, x0: mark.x0, dx: mark.dx, y0: mark.y0, dy: mark.dy, zmin: mark.range[0], zmax: mark.range[1], colorscale: 'Viridis', hoverongaps: false, colorbar: { thickness: 14, outlinewidth: 0 } }]
  },

  svg(mark, area) {
    const columns = mark.rows[0]?.length ?? 0
    if (columns === 0) return ''
    const [left, right] = [area.x(mark.x0 - mark.dx / 2), area.x(mark.x0 + (columns - 0.5) * mark.dx)]
    const [top, bottom] = [area.y(mark.y0 - mark.dy / 2), area.y(mark.y0 + (mark.rows.length - 0.5) * mark.dy)]
    const image = pngOf(columns, mark.rows.length, mark.rows.flatMap((row) => row.map((value) => levelOf(mark, value, 254))), palette)
    return `<image x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,${image.toString('base64')}"><title>${escaped(mark.name)}</title></image>`
  },

  ansi(mark, { canvas }) {
    const columns = mark.rows[0]?.length ?? 0
    for (let row = 0; row < canvas.rows; row++) {
      for (let column = 0; column < canvas.columns; column++) {
        const value = meanOf(mark.rows, [row, row + 1].map((edge) => (edge * mark.rows.length) / canvas.rows), [column, column + 1].map((edge) => (edge * columns) / canvas.columns))
        if (value !== undefined) canvas.put(column, row, shades[Math.max(1, Math.ceil((levelOf(mark, value, 100) / 100) * 4))] ?? ' ', 0)
      }
    }
  },

  legend: () => undefined,
}

/** Index 255 is the empty cell: transparent. */
const palette = Array.from({ length: 255 }, (_, i) => viridisAt(i / 254))

function levelOf(mark: CellMark, value: number | null, levels: number): number {
  if (value === null) return 255
  const [low, high] = mark.range
  return Math.round(Math.min(Math.max(high === low ? 0.5 : (value - low) / (high - low), 0), 1) * levels)
}

/** The mean of the cells under one terminal character, at least one cell; undefined when all are empty. */
function meanOf(rows: CellMark['rows'], [top = 0, bottom = 1]: number[], [left = 0, right = 1]: number[]): number | undefined {
  let sum = 0
  let count = 0
  for (let row = Math.floor(top); row < Math.max(Math.floor(bottom), Math.floor(top) + 1); row++) {
    for (let column = Math.floor(left); column < Math.max(Math.floor(right), Math.floor(left) + 1); column++) {
      const value = rows[row]?.[column]
      if (value !== null && value !== undefined) { sum += value; count++ }
    }
  }
  return count === 0 ? undefined : sum / count
}
