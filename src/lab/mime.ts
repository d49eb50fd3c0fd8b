// A value in every form it has: what a cell's result and `lab.display(value)` show.
import { inspect } from 'node:util'
import type { MimeBundle } from './sink.js'
import { ringlabBundle } from './own-values.js'

/** Deno's protocol for values that know how to show themselves (docs.deno.com, "Jupyter kernel", rich content output). */
const jupyterDisplay = Symbol.for('Jupyter.display')

/**
 * The forms of a value. In this order: what its `[Symbol.for('Jupyter.display')]()` or `toMimeBundle()` gives; ringlab's own values as tables; a DOM
 * element (from jsdom, linkedom) as its HTML or SVG; else `util.inspect`'s text. `text/plain` is always there. Never throws: a value that fails to
 * show itself is inspected, and its error stands below.
 */
export function toMimeBundle(value: unknown): MimeBundle {
  if (typeof value !== 'object' && typeof value !== 'function' || value === null) return { 'text/plain': inspected(value) }
  try {
    const bundle = ownForms(value) ?? ringlabBundle(value) ?? elementForms(value)
    return bundle === undefined ? { 'text/plain': inspected(value) } : { ...bundle, 'text/plain': bundle['text/plain'] ?? inspected(value) }
  } catch (error) {
    return { 'text/plain': `${inspected(value)}\n(It could not show itself: ${error instanceof Error ? error.message : String(error)})` }
  }
}

function ownForms(value: object): MimeBundle | undefined {
  const protocols = value as { [jupyterDisplay]?: unknown; toMimeBundle?: unknown }
  for (const show of [protocols[jupyterDisplay], protocols.toMimeBundle]) {
    if (typeof show !== 'function') continue
    const bundle: unknown = show.call(value)
    // A promise cannot be waited for here; the value is inspected instead.
    if (typeof bundle === 'object' && bundle !== null && !(bundle instanceof Promise) && Object.keys(bundle).some((name) => name.includes('/'))) return bundle as MimeBundle
  }
  return undefined
}

/** An element of any DOM: SVG as an image, everything else as HTML. */
function elementForms(value: object): MimeBundle | undefined {
  const { nodeType, outerHTML } = value as { nodeType?: unknown; outerHTML?: unknown }
  if (nodeType !== 1 || typeof outerHTML !== 'string') return undefined
  return /^<svg[\s>]/i.test(outerHTML) ? { 'image/svg+xml': withNamespace(outerHTML), 'text/html': outerHTML } : { 'text/html': outerHTML }
}

/** An HTML parser lets an SVG go without its namespace; an SVG file may not. */
function withNamespace(svg: string): string { return svg.includes('xmlns=') ? svg : svg.replace(/^<svg/i, '<svg xmlns="http://www.w3.org/2000/svg"') }

function inspected(value: unknown): string {
  try { return inspect(value) } catch (error) { return `[a value that util.inspect cannot show: ${error instanceof Error ? error.message : String(error)}]` }
}
