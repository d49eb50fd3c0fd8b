// What a cell's value looks like to a front end.
import { types } from 'node:util'
import { toMimeBundle } from '../../lab/mime.js'
import type { MimeBundle } from '../front-end.js'

/** The forms of a result; nothing for `undefined`, nor for a figure that is on display already. A promise is never awaited, it says what to add. */
export function resultBundle(value: unknown): MimeBundle | undefined {
  if (value === undefined) return undefined
  const bundle = toMimeBundle(value)
  if (Object.values(bundle).every((form) => form === '')) return undefined
  if (!types.isPromise(value)) return bundle
  return { ...bundle, 'text/plain': `${String(bundle['text/plain'])} (a promise: add await to see its value)` }
}
