// Lines of reference: one level across the plot (a capacity), or a short tick in each category row (a high-water mark).
import type { RuleMark } from '../figure.js'
import { domainOf } from '../scale.js'
import { muted, seriesColor, terminalColor } from '../palette.js'
import { escaped } from '../text.js'
import { px, type MarkWriter } from './mark.js'

const width = 1.4
const dash = '7 4'
const dots = '2 3'
/** Share of a category's row that a tick crosses. */
const reach = 0.84

export const ruleMark: MarkWriter<RuleMark> = {
  plotly(mark, plot) {
    const color = colorOf(mark)
    if ('y' in mark) {
      const [low, high] = domainOf(plot.x)
      return [{ type: 'scatter', mode: 'lines', name: mark.name, x: [low, high], y: [mark.y, mark.y], line: { color, width, dash: mark.dotted === true ? 'dot' : 'dash' }, hoverinfo: 'name' }]
    }
    const shown = mark.ticks.flatMap((at, i) => (at === null ? [] : [{ x: at, y: i }]))
    return [{ type: 'scatter', mode: 'markers', name: mark.name, x: shown.map((tick) => tick.x), y: shown.map((tick) => tick.y), marker: { symbol: 'line-ns-open', size: 16, color, line: { width: 2, color } }, hoverinfo: 'name+x', cliponaxis: false }]
  },

  svg(mark, area) {
    const stroke = `stroke="${colorOf(mark)}"`
    if ('y' in mark) {
      const y = px(area.y(mark.y))
      return `<path d="M${px(area.left)} ${y}H${px(area.left + area.width)}" ${stroke} stroke-width="${width}" stroke-dasharray="${mark.dotted === true ? dots : dash}" fill="none"><title>${escaped(mark.name)}</title></path>`
    }
    const half = ((area.y(1) - area.y(0)) * reach) / 2
    const path = mark.ticks.map((at, i) => (at === null ? '' : `M${px(area.x(at))} ${px(area.y(i) - half)}V${px(area.y(i) + half)}`)).join('')
    return path === '' ? '' : `<path d="${path}" ${stroke} stroke-width="2"><title>${escaped(mark.name)}</title></path>`
  },

  ansi(mark, { canvas, x, y }) {
    const color = mark.color === 'muted' ? 90 : terminalColor(mark.color)
    if ('y' in mark) {
      const row = Math.min(Math.max(Math.round(y(mark.y)) >> 2, 0), canvas.rows - 1)
      for (let column = 0; column < canvas.columns; column++) if (canvas.empty(column, row)) canvas.put(column, row, mark.dotted === true ? '·' : '┄', color)
      return
    }
    mark.ticks.forEach((at, row) => { if (at !== null) canvas.put(Math.min(Math.round(x(at)) >> 1, canvas.columns - 1), row, '│', color) })
  },

  legend: (mark) => ({ name: mark.name, color: colorOf(mark), shape: 'ticks' in mark ? 'tick' : mark.dotted === true ? 'dots' : 'dashes' }),
}

function colorOf(mark: RuleMark): string { return mark.color === 'muted' ? muted : seriesColor(mark.color) }
