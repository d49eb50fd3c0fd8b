// What a ring kernel on a GPU says, put into words: a grid reports numbers, the compiled body knows the sentences.
import type { CompiledSite } from '../../compiler/compiled.js'

/** The sentence and the place of a fault. */
export function faultText(sites: readonly CompiledSite[], site: number, value: number): { sentence: string; place: string | undefined } {
  const known = sites[site]
  if (known === undefined) return { sentence: `the body failed, and its kernel gave no place for it (site ${site})`, place: undefined }
  return { sentence: known.text.replace('{}', String(value)), place: known.place }
}
