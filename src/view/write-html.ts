// The HTML writer: a title, the plot, the table and the notes. The plot stands there as a picture (an SVG in an img, which survives the
// sanitisers of untrusted notebooks, where inline SVG and scripts are removed); a script, where scripts run, draws it with plotly instead.
import type { Figure, Table } from './figure.js'
import { openScript, type PagePayload } from './page/page.js'
import { escaped } from './text.js'
import { figurePlotly } from './write-plotly.js'
import { figureSvg } from './write-svg.js'

/** Letters, digits and dashes: an id goes into attributes and scripts as it is. */
export type FigureId = string

/**
 * A figure as HTML. With an `id` it is one of a page's figures: the plot is drawn by plotly where the page has it, and frames of that id update it;
 * `interactive: false` leaves the plot's JSON out, to save its bytes.
 */
export function figureHtml(figure: Figure, id: FigureId, interactive: boolean): string {
  const plot = figure.plot === undefined ? '' : `<div id="ringlab-plot-${id}"><img src="${dataUrl(figureSvg(figure, 'plot'))}" alt="${escaped(figure.title)}" style="max-width:100%"></div>`
  const payload = interactive ? payloadOf(figure, id) : undefined
  return `<div class="ringlab-figure"><div id="ringlab-title-${id}" style="font-weight:600">${titleHtml(figure)}</div>${plot}<div id="ringlab-table-${id}">${tableHtml(figure.table)}</div>` +
    `<div id="ringlab-notes-${id}" style="font-size:90%">${notesHtml(figure)}</div></div>${figure.plot === undefined ? '' : openScript(id, payload)}`
}

/** What the page needs to draw the figure or a later state of it; undefined without a plot. */
export function payloadOf(figure: Figure, id: FigureId): PagePayload | undefined {
  const plotly = figurePlotly(figure, id)
  if (plotly === undefined) return undefined
  // Lines over time share one x: it travels once.
  const x = figure.plot?.marks.find((mark) => mark.mark === 'line')?.x ?? []
  const data = plotly.data.map((trace) => (trace['x'] === x ? { ...trace, x: '=' } : trace))
  const { title: _title, ...layout } = plotly.layout
  return { plotly: { data, layout: { ...layout, margin: { ...(layout['margin'] as object), t: 44 }, height: (layout['height'] as number) - 30 }, config: { ...plotly.config } }, x: Array.from(x), title: titleHtml(figure), table: tableHtml(figure.table), notes: notesHtml(figure) }
}

function titleHtml(figure: Figure): string { return escaped(figure.title) }

function notesHtml(figure: Figure): string { return figure.notes.map(escaped).join('<br>') }

function tableHtml(table: Table | undefined): string {
  if (table === undefined) return ''
  const cell = (tag: 'td' | 'th', text: string, column: number): string => `<${tag} style="text-align:${table.columns[column]?.align ?? 'left'}">${escaped(text)}</${tag}>`
  const rows = table.rows.map((row) => (row === null ? `<tr>${table.columns.map((_, i) => cell('td', '⋮', i)).join('')}</tr>` : `<tr>${row.map((text, i) => cell('td', text, i)).join('')}</tr>`))
  const head = table.columns.some((column) => column.label !== '') ? `<thead><tr>${table.columns.map((column, i) => cell('th', column.label, i)).join('')}</tr></thead>` : ''
  return `<table>${head}<tbody>${rows.join('')}</tbody></table>`
}

/** Percent-encoded: shorter than base64 for text, and readable. */
function dataUrl(svg: string): string {
  return `data:image/svg+xml,${svg.replace(/[%#"<>&?\u0000-\u001f\u007f-\uffff]+/g, encodeURIComponent)}`
}
