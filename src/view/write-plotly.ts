// The plotly writer: a figure's plot as the JSON that Plotly.newPlot and Plotly.react take. Backgrounds are transparent and texts grey, so that
// it reads on any theme; a page that knows its text colour puts that in (see page.ts). A table has no plotly form.
import type { Axis, Figure, Mark, Plot } from './figure.js'
import type { Trace } from './marks/mark.js'
import { writerOf } from './marks/index.js'
import { grid, muted } from './palette.js'
import { domainOf } from './scale.js'
import { pixelsOf, printable, shortened } from './text.js'

export interface PlotlyFigure { readonly data: readonly Trace[]; readonly layout: Readonly<Record<string, unknown>>; readonly config: Readonly<Record<string, unknown>> }

const config = { responsive: true, displaylogo: false }

/** The plot of a figure, or undefined for a table alone. `uirevision` keeps a reader's zoom over Plotly.react as long as it stays the same. */
export function figurePlotly(figure: Figure, uirevision = 'figure'): PlotlyFigure | undefined {
  const { plot } = figure
  if (plot === undefined) return undefined
  return { data: plainTexts(plot.marks.flatMap((mark) => writerOf(mark).plotly(mark, plot))) as Trace[], layout: layoutOf(figure, plot, uirevision), config }
}

function layoutOf(figure: Figure, plot: Plot, uirevision: string): Record<string, unknown> {
  const has = (kind: Mark['mark']): boolean => plot.marks.some((mark) => mark.mark === kind)
  const rowLabels = plot.marks.flatMap((mark) => (mark.mark === 'bar' && mark.direction === 'across' ? mark.labels.map((text, row) => ({ text: plotlyText(text), row })).filter((label) => label.text !== '') : []))
  const left = plot.y.kind === 'category' ? 24 + Math.max(0, ...plot.y.categories.map((label) => pixelsOf(shortened(label, 28), 12))) : 56
  const right = rowLabels.length > 0 ? 20 + Math.max(...rowLabels.map((label) => pixelsOf(label.text, 12))) : 16
  return {
    title: { text: plotlyText(figure.title), font: { size: 14 }, x: 0, xref: 'container', xanchor: 'left', pad: { l: 8 } },
    height: plot.height + 150, autosize: true, margin: { l: left, r: right, t: 74, b: 52 },
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { color: muted, size: 12 }, uirevision, barmode: 'overlay', hovermode: 'closest', modebar: { bgcolor: 'rgba(0,0,0,0)', color: muted },
    showlegend: plot.marks.some((mark) => writerOf(mark).legend(mark) !== undefined), legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', xanchor: 'left' },
    xaxis: axisOf(plot.x, false, has('line')), yaxis: axisOf(plot.y, plot.y.kind === 'category' || has('cells'), has('line')),
    ...(rowLabels.length > 0 ? { annotations: rowLabels.map((label) => ({ text: label.text, y: label.row, x: 1, xref: 'paper', xanchor: 'left', xshift: 8, showarrow: false })) } : {}),
  }
}

function axisOf(axis: Axis, downwards: boolean, fits: boolean): Record<string, unknown> {
  const [low, high] = domainOf(axis)
  // Plotly gives up a reader's zoom when the figure's own range changes, so lines that grow let plotly find the range.
  const extent = fits ? { autorange: true, rangemode: low === 0 ? 'tozero' : 'normal' } : { range: downwards ? [high, low] : [low, high] }
  const shared = { automargin: true, title: { text: plotlyText(axis.label), standoff: 8 }, gridcolor: grid, zeroline: false, linecolor: muted, showline: true, ...extent }
  if (axis.kind === 'category') return { ...shared, type: 'linear', tickmode: 'array', tickvals: axis.categories.map((_, i) => i), ticktext: axis.categories.map((label) => plotlyText(shortened(label, 28))), showgrid: false, fixedrange: true }
  return { ...shared, type: 'linear', exponentformat: 'e', ...(axis.whole === true ? { tickformat: ',d' } : {}) }
}

/** Plotly reads a few HTML tags and entities in texts; a user's text must not be read so. */
function plotlyText(text: string): string { return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') }

/** The same for every text inside traces: names, categories, hover texts. Our own templates keep their `<extra>`. */
function plainTexts(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return key === 'hovertemplate' ? value : plotlyText(value)
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>)
  if (Array.isArray(value)) return value.length > 0 && typeof value[0] === 'number' ? value : value.map((entry) => plainTexts(entry))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plainTexts(entry, name)]))
}
