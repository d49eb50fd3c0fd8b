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

/** All forms of a finished figure. What is the least use goes first when they are too large together: the page's copy of the plot, then plotly's form. */
export function figureBundle(figure: Figure, id: string): MimeBundle {
  const plotly = figurePlotly(figure)
  const texts = { 'image/svg+xml': figureSvg(figure), 'text/plain': figureAnsi(figure) }
  const still = { ...texts, 'text/html': figureHtml(figure, id, false) }
  if (plotly === undefined) return still
  const json = { 'application/vnd.plotly.v1+json': plotly }
  const choices: MimeBundle[] = [{ ...json, ...texts, 'text/html': figureHtml(figure, id, true) }, { ...json, ...still }]
  return choices.find((bundle) => Buffer.byteLength(JSON.stringify(bundle)) <= savedBytesMax) ?? still
}
