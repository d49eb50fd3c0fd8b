// The error of a fault that a device reported by its site's number and one value.
import { fileURLToPath } from 'node:url'
import type { CompiledSite } from '../../compiler/compiled.js'
import type { Fault } from '../../runtime/device.js'

/** What the user reads: the site's sentence with the value in it, at the place it was written. */
export function faultAt(site: CompiledSite | undefined, value: number | bigint | boolean | undefined): Fault {
  if (site === undefined) return { error: new Error('the body failed at a place that its compiled form does not name'), place: undefined }
  const error = new Error(site.text.replace('{}', Object.is(value, -0) ? '-0' : String(value)))
  if (site.error !== undefined) Object.defineProperty(error, 'name', { value: site.error, configurable: true })
  // Where it arose is `place`; a stack of emitted code says nothing to whoever wrote the body.
  error.stack = `${error.name}: ${error.message}\n    at ${site.place}`
  return { error, place: site.place.startsWith('file:') ? placeOfUrl(site.place) : site.place }
}

function placeOfUrl(place: string): string {
  const [, url = place, position = ''] = /^(.*?)((?::\d+){0,2})$/.exec(place) ?? []
  return `${fileURLToPath(url)}${position}`
}
