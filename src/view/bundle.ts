// A figure in every form a front end may ask for, kept small: a saved notebook holds all of them.
import type { Figure } from './figure.js'
import { figureAnsi } from './write-ansi.js'
import { figureHtml } from './write-html.js'
import { figurePlotly } from './write-plotly.js'
import { figureSvg } from './write-svg.js'

/** MIME type to text or JSON. */
export type MimeBundle = Record<string, unknown>

/** Bytes a saved figure may take in all its forms together. */
export const savedBytesMax = 60_000

/**
 * All forms of a finished figure. When they are too large together, what is the least use goes first: the page's copy of the plot, then plotly's
 * form, then the end of a long table, which the notes say.
 */
export function figureBundle(figure: Figure, id: string): MimeBundle {
  for (let shown = figure; ; shown = withoutEnd(shown)) {
    const found = formsOf(shown, id).find((bundle) => Buffer.byteLength(JSON.stringify(bundle)) <= savedBytesMax)
    if (found !== undefined) return found
    if ((shown.table?.rows.length ?? 0) < 2) return { 'text/plain': figureAnsi(shown) }
  }
}

/** From the richest to the smallest. */
function formsOf(figure: Figure, id: string): MimeBundle[] {
  const plotly = figurePlotly(figure)
  const texts = { 'image/svg+xml': figureSvg(figure), 'text/plain': figureAnsi(figure) }
  const still = { ...texts, 'text/html': figureHtml(figure, id, false) }
  if (plotly === undefined) return [still]
  const json = { 'application/vnd.plotly.v1+json': plotly }
  return [{ ...json, ...texts, 'text/html': figureHtml(figure, id, true) }, { ...json, ...still }, still]
}

/** The figure with the first half of its table. */
function withoutEnd(figure: Figure): Figure {
  const rows = figure.table?.rows.filter((row) => row !== null) ?? []
  const kept = rows.slice(0, Math.floor(rows.length / 2))
  return { ...figure, table: { columns: figure.table?.columns ?? [], rows: [...kept, null] }, notes: [...figure.notes.filter((note) => !note.startsWith(cut)), `${cut} first ${kept.length} rows, to keep the saved figure small.`] }
}

const cut = 'The table shows the'
