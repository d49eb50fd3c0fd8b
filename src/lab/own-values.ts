// How ringlab's own values show themselves as a cell's result.
import { figureBundle } from '../view/bundle.js'
import { schemaLayout } from '../view/figures/schema-layout.js'
import { newFigureId } from './figure.js'
import type { MimeBundle } from './sink.js'

/** The forms of a struct schema; undefined for any other value. */
export function ringlabBundle(value: object): MimeBundle | undefined {
  const figure = schemaLayout(value)
  return figure === undefined ? undefined : figureBundle(figure, newFigureId())
}
