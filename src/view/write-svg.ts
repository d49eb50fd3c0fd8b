// The SVG writer: a figure as one static picture, without a browser. The page's own text colour where it is part of a page, a grey that
// reads on light and dark where it is a file. Every text is escaped, and every margin is measured so that nothing is cut off.
import type { Figure, Plot } from './figure.js'
import type { LegendEntry, SvgArea } from './marks/mark.js'
import { px } from './marks/mark.js'
import { writerOf } from './marks/index.js'
import { grid, muted } from './palette.js'
import { scaleOf, ticksOf } from './scale.js'
import { escaped, pixelsOf, shortened, wrapped } from './text.js'
import { tableSvg } from './write-svg-table.js'

const width = 720
const fontSize = 12
const titleSize = 14
const lineHeight = 17
/** Longest category label, in characters; the rest is in its tooltip. */
const labelColumns = 28
const fontFamily = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif"

/** A figure as an SVG document. `parts: 'plot'` leaves the title, the table and the notes to the HTML around it. */
export function figureSvg(figure: Figure, parts: 'all' | 'plot' = 'all'): string {
  const pieces: string[] = []
  let y = 0
  if (parts === 'all') {
    for (const line of wrapped(figure.title, 78)) { y += 18; pieces.push(`<text x="0" y="${y}" font-size="${titleSize}" font-weight="600">${escaped(line)}</text>`) }
    y += 8
  }
  if (figure.plot !== undefined) { const plot = plotSvg(figure.plot, y); pieces.push(plot.svg); y = plot.bottom + 6 }
  if (parts === 'all') {
    if (figure.table !== undefined) { const table = tableSvg(figure.table, y, width); pieces.push(table.svg); y = table.bottom + 6 }
    for (const line of figure.notes.flatMap((note) => wrapped(note, 105))) { y += 15; pieces.push(`<text x="0" y="${y}" font-size="11">${escaped(line)}</text>`) }
  }
  const height = Math.ceil(y + 5)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(figure.title)}"` +
    ` font-family="${fontFamily}" font-size="${fontSize}" fill="currentColor" color="${muted}"><title>${escaped(figure.title)}</title>${pieces.join('')}</svg>`
}

function plotSvg(plot: Plot, top: number): { svg: string; bottom: number } {
  const rowLabels = plot.marks.flatMap((mark) => (mark.mark === 'bar' && mark.direction === 'across' ? [mark.labels] : []))
  const rightTexts = rowLabels[0]?.map((_, row) => rowLabels.map((labels) => labels[row] ?? '').filter((label) => label !== '').join(' ')) ?? []
  const colorBar = plot.marks.some((mark) => mark.mark === 'cells')
  const yTicks = ticksOf(plot.y, Math.max(2, Math.round(plot.height / 45))).map((tick) => ({ ...tick, label: shortened(tick.label, labelColumns) }))
  const left = Math.max(0, ...yTicks.map((tick) => pixelsOf(tick.label, fontSize))) + 9
  const right = rightTexts.length > 0 ? Math.max(...rightTexts.map((label) => pixelsOf(label, fontSize))) + 12 : colorBar ? 92 : 16
  const legend = legendSvg(plot.marks.flatMap((mark) => writerOf(mark).legend(mark) ?? []), top)
  const areaTop = legend.bottom + (plot.y.label === '' ? 8 : lineHeight + 6)
  const area: SvgArea = { left, top: areaTop, width: width - left - right, height: plot.height, x: scaleOf(plot.x, left, width - right), y: plot.y.kind === 'category' || plot.marks.some((mark) => mark.mark === 'cells') ? scaleOf(plot.y, areaTop, areaTop + plot.height) : scaleOf(plot.y, areaTop + plot.height, areaTop) }
  const pieces = [legend.svg, axesSvg(plot, area, yTicks), ...plot.marks.map((mark) => writerOf(mark).svg(mark, area)),
    ...rightTexts.map((label, row) => `<text x="${px(width - right + 8)}" y="${px(area.y(row) + 4)}">${escaped(label)}</text>`)]
  for (const mark of plot.marks) if (mark.mark === 'cells') pieces.push(colorBarSvg(mark.range, area))
  return { svg: pieces.join(''), bottom: areaTop + plot.height + lineHeight + (plot.x.label === '' ? 4 : lineHeight + 4) }
}

function axesSvg(plot: Plot, area: SvgArea, yTicks: readonly { at: number; label: string }[]): string {
  const bottom = area.top + area.height
  const pieces: string[] = []
  if (plot.y.label !== '') pieces.push(`<text x="0" y="${px(area.top - 10)}" font-size="11">${escaped(plot.y.label)}</text>`)
  for (const tick of yTicks) {
    pieces.push(`<text x="${px(area.left - 6)}" y="${px(area.y(tick.at) + 4)}" text-anchor="end">${escaped(tick.label)}</text>`)
    if (plot.y.kind === 'linear') pieces.push(`<path d="M${px(area.left)} ${px(area.y(tick.at))}h${px(area.width)}" stroke="${grid}"/>`)
  }
  for (const tick of ticksOf(plot.x, 8)) {
    const x = area.x(tick.at)
    // A label at an end would stick out of the picture: it is pulled in.
    const half = pixelsOf(tick.label, fontSize) / 2
    pieces.push(`<path d="M${px(x)} ${px(area.top)}v${px(area.height + 4)}" stroke="${grid}"/>`, `<text x="${px(Math.min(Math.max(x, half), width - half))}" y="${px(bottom + lineHeight)}" text-anchor="middle">${escaped(tick.label)}</text>`)
  }
  pieces.push(`<path d="M${px(area.left)} ${px(area.top)}V${px(bottom)}H${px(area.left + area.width)}" fill="none" stroke="${muted}"/>`)
  if (plot.x.label !== '') pieces.push(`<text x="${px(area.left + area.width / 2)}" y="${px(bottom + 2 * lineHeight)}" font-size="11" text-anchor="middle">${escaped(plot.x.label)}</text>`)
  return pieces.join('')
}

/** The legend in as many rows as it takes. */
function legendSvg(entries: readonly LegendEntry[], top: number): { svg: string; bottom: number } {
  if (entries.length === 0) return { svg: '', bottom: top }
  let x = 0
  let y = top + lineHeight
  const pieces = entries.map((entry) => {
    const label = shortened(entry.name, 60)
    const taken = 28 + pixelsOf(label, fontSize) + 14
    if (x > 0 && x + taken > width) { x = 0; y += lineHeight }
    const piece = `${swatch(entry, x, y - 4)}<text x="${x + 28}" y="${y}">${escaped(label)}</text>`
    x += taken
    return piece
  })
  return { svg: pieces.join(''), bottom: y + 4 }
}

function swatch(entry: LegendEntry, x: number, y: number): string {
  if (entry.shape === 'tick') return `<path d="M${x + 11} ${y - 6}v12" stroke="${entry.color}" stroke-width="2"/>`
  const dashes = { line: '', dashes: ' stroke-dasharray="6 3"', dots: ' stroke-dasharray="2 3"', box: '' }[entry.shape]
  return `<path d="M${x} ${y}h22" stroke="${entry.color}" stroke-width="${entry.shape === 'box' ? 10 : 2}"${dashes}/>`
}

/** The scale of a matrix's colours, at its right, with both ends and the middle named. */
function colorBarSvg(range: readonly [number, number], area: SvgArea): string {
  const steps = 16
  const x = area.left + area.width + 12
  const height = area.height / steps
  const rows = Array.from({ length: steps }, (_, i) => [range[1] - ((range[1] - range[0]) * (i + 0.5)) / steps])
  const bar = writerOf({ mark: 'cells', name: 'colour scale', rows, x0: 0, dx: 1, y0: 0, dy: 1, range }).svg({ mark: 'cells', name: 'colour scale', rows, x0: 0, dx: 1, y0: 0, dy: 1, range },
    { ...area, x: (value) => x + (value + 0.5) * 12, y: (value) => area.top + (value + 0.5) * height })
  const ticks = ticksOf({ kind: 'linear', label: '', domain: range[0] === range[1] ? [range[0] - 1, range[1] + 1] : range }, 5)
  const y = scaleOf({ kind: 'linear', label: '', domain: range[0] === range[1] ? [range[0] - 1, range[1] + 1] : range }, area.top + area.height, area.top)
  return bar + ticks.map((tick) => `<text x="${px(x + 17)}" y="${px(y(tick.at) + 4)}" font-size="11">${escaped(shortened(tick.label, 9))}</text>`).join('')
}

