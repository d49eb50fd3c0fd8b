// Bars from zero: across, one a category row with its text beside it; or up, standing side by side between edges.
import type { BarMark, Plot } from '../figure.js'
import { seriesColor, terminalColor } from '../palette.js'
import { escaped, formatNumber } from '../text.js'
import { px, type MarkWriter } from './mark.js'

/** Share of a category's row that its bar fills. */
const thickness = 0.62
/** Pixels left between upright bars wide enough to spare one. */
const gap = 1

const across = ' ▏▎▍▌▋▊▉█'
const up = ' ▁▂▃▄▅▆▇█'

export const barMark: MarkWriter<BarMark> = {
  plotly(mark, plot) {
    const marker = { color: seriesColor(mark.color) }
    if (mark.direction === 'across') return [{ type: 'bar', orientation: 'h', name: mark.name, x: mark.values, y: mark.values.map((_, row) => row), marker, width: thickness, customdata: mark.labels.map((label, row) => `${categoriesOf(plot)[row] ?? ''}: ${label}`), hovertemplate: '%{customdata}<extra></extra>' }]
    const { edges } = mark
    const middles = mark.values.map((_, i) => ((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2)
    const widths = mark.values.map((_, i) => (edges[i + 1] ?? 0) - (edges[i] ?? 0))
    return [{ type: 'bar', name: mark.name, x: middles.map(short), y: mark.values, width: widths.map(short), marker, customdata: mark.values.map((_, i) => between(edges, i)), hovertemplate: '%{customdata}: %{y}<extra></extra>', showlegend: false }]
  },

  svg(mark, area) {
    const bars = mark.values.map((value, i) => {
      if (value === 0) return ''
      if (mark.direction === 'across') {
        const height = (area.y(1) - area.y(0)) * thickness
        return rectangle(area.x(0), area.y(i) - height / 2, Math.max(area.x(value) - area.x(0), 1), height, mark.labels[i] ?? '')
      }
      const [left, right] = [area.x(mark.edges[i] ?? 0), area.x(mark.edges[i + 1] ?? 0)]
      const top = Math.min(area.y(value), area.y(0) - 1)
      return rectangle(left, top, Math.max(right - left - (right - left > 4 * gap ? gap : 0), 0.5), area.y(0) - top, `${between(mark.edges, i)}: ${formatNumber(value)}`)
    })
    return `<g fill="${seriesColor(mark.color)}">${bars.join('')}</g>`
  },

  ansi(mark, { canvas, x, y }) {
    const color = terminalColor(mark.color)
    if (mark.direction === 'across') {
      mark.values.forEach((value, row) => {
        const eighths = Math.min(value === 0 ? 0 : Math.max(1, Math.round(x(value) * 4)), canvas.columns * 8)
        for (let column = 0; column * 8 < eighths; column++) canvas.put(column, row, across[Math.min(8, eighths - column * 8)] ?? ' ', color)
      })
      return
    }
    for (let column = 0; column < canvas.columns; column++) {
      const value = mark.values[binAt(mark.edges, x, column)]
      if (value === undefined || value === 0) continue
      const eighths = Math.max(1, Math.round((y(0) - y(value)) * 2))
      for (let row = 0; row * 8 < eighths; row++) canvas.put(column, canvas.rows - 1 - row, up[Math.min(8, eighths - row * 8)] ?? ' ', color)
    }
  },

  legend: (mark) => (mark.direction === 'across' ? { name: mark.name, color: seriesColor(mark.color), shape: 'box' } : undefined),
}

/** The bin in which the middle of a terminal column falls. */
function binAt(edges: readonly number[], x: (value: number) => number, column: number): number {
  const middle = column * 2 + 1
  return edges.findIndex((edge, i) => x(edge) <= middle && x(edges[i + 1] ?? -Infinity) > middle)
}

function categoriesOf(plot: Plot): readonly string[] { return plot.y.kind === 'category' ? plot.y.categories : [] }

function between(edges: readonly number[], i: number): string { return `${formatNumber(edges[i] ?? 0)} to ${formatNumber(edges[i + 1] ?? 0)}` }

function short(value: number): number { return Number(value.toPrecision(6)) }

function rectangle(x: number, y: number, width: number, height: number, title: string): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}"><title>${escaped(title)}</title></rect>`
}
