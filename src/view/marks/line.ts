// A line through points in order, with gaps; a point alone between gaps is drawn as a dot.
import type { LineMark } from '../figure.js'
import { seriesColor, terminalColor } from '../palette.js'
import { escaped } from '../text.js'
import { px, type MarkWriter } from './mark.js'

const width = 1.8
const dash = '6 3'

export const lineMark: MarkWriter<LineMark> = {
  plotly(mark) {
    return [{ type: 'scatter', mode: mark.x.length === 1 ? 'markers' : 'lines', name: mark.name, x: mark.x, y: mark.y, line: { color: seriesColor(mark.color), width, ...(mark.dashed === true ? { dash: 'dash' } : {}) } }]
  },

  svg(mark, area) {
    const color = seriesColor(mark.color)
    let path = ''
    let dots = ''
    for (const run of runsOf(mark)) {
      const points = run.map(([x, y]) => [px(area.x(x)), px(area.y(y))] as const)
      const first = points[0]
      if (first === undefined) continue
      if (points.length === 1) dots += `<circle cx="${first[0]}" cy="${first[1]}" r="2.5" fill="${color}"/>`
      else path += `M${points.map((point) => point.join(' ')).join('L')}`
    }
    const drawn = path === '' ? '' : `<path d="${path}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round"${mark.dashed === true ? ` stroke-dasharray="${dash}"` : ''}/>`
    return `<g><title>${escaped(mark.name)}</title>${drawn}${dots}</g>`
  },

  ansi(mark, { canvas, x, y, letter }) {
    const color = terminalColor(mark.color)
    for (const run of runsOf(mark)) {
      let last: readonly [number, number] | undefined
      for (const [atX, atY] of run) {
        const dot = [Math.round(x(atX)), Math.round(y(atY))] as const
        if (last === undefined) canvas.dot(dot[0], dot[1], color)
        else canvas.line(last[0], last[1], dot[0], dot[1], color, (step) => mark.dashed === true && step % 4 >= 2)
        last = dot
      }
      if (last !== undefined && letter !== '') canvas.put(Math.min(last[0] >> 1, canvas.columns - 1), Math.min(Math.max(last[1] >> 2, 0), canvas.rows - 1), letter, color)
    }
  },

  legend: (mark) => (mark.name === '' ? undefined : { name: mark.name, color: seriesColor(mark.color), shape: mark.dashed === true ? 'dashes' : 'line' }),
}

/** The stretches between gaps. */
function runsOf(mark: LineMark): [number, number][][] {
  const runs: [number, number][][] = [[]]
  for (let i = 0; i < mark.x.length; i++) {
    const [x, y] = [mark.x[i], mark.y[i]]
    if (x === undefined || y === undefined || y === null || !Number.isFinite(y)) { if (runs.at(-1)?.length !== 0) runs.push([]) } else runs.at(-1)?.push([x, y])
  }
  return runs
}
