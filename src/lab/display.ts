// lab.display: rich content into the output of the running cell.
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { toMimeBundle } from './mime.js'
import { displaySink, type MimeBundle } from './sink.js'

/**
 * Shows values in the output. Called with a value it shows its richest form; the methods show text or bytes as one MIME type. In a script the text
 * form is printed.
 *
 * @example
 * lab.display.html('<b>bold</b>')
 * lab.display.markdown('$e = mc^2$')
 * const bar = lab.newDisplay(); bar.text('10 %'); bar.text('20 %')   // the second replaces the first
 */
export interface Display {
  (value: unknown): void
  html(html: string): void
  svg(svg: string): void
  markdown(markdown: string): void
  latex(latex: string): void
  javascript(script: string): void
  json(value: unknown): void
  text(text: string): void
  png(bytes: Uint8Array): void
  jpeg(bytes: Uint8Array): void
  gif(bytes: Uint8Array): void
  pdf(bytes: Uint8Array): void
  /** Any MIME type; bytes travel as base64. */
  raw(mime: string, data: string | Uint8Array): void
  /** Rewrites this display's last output (the last one of all, for `lab.display`). */
  update(value: unknown): void
  /** Empties the cell's output; with `wait`, when the next output arrives, which avoids a flicker. */
  clear(wait?: boolean): void
}

/** A display of its own: the first call shows, later ones replace what it showed. */
export function newDisplay(): Display { return displayOver(ownPlace()) }

/** Each call shows something more; `update` rewrites the last. */
export function createDisplay(): Display { return displayOver(newPlaces()) }

type Publish = (bundle: MimeBundle, update: boolean) => void

function ownPlace(): Publish {
  const displayId = randomUUID()
  let shown = false
  return (bundle) => { displaySink().display(bundle, { displayId, update: shown }); shown = true }
}

function newPlaces(): Publish {
  let displayId: string | undefined
  return (bundle, update) => {
    const rewrites = update && displayId !== undefined
    if (!rewrites || displayId === undefined) displayId = randomUUID()
    displaySink().display(bundle, { displayId, update: rewrites })
  }
}

function displayOver(publish: Publish): Display {
  const show = (bundle: MimeBundle): void => publish(bundle, false)
  const typed = (mime: string, text: string) => (content: string): void => show({ [mime]: content, 'text/plain': text === '' ? content : `[${text}]` })
  const bytes = (mime: string) => (content: Uint8Array): void => show({ [mime]: base64(content), 'text/plain': `[${mime}, ${content.byteLength} bytes]` })
  return Object.assign((value: unknown) => show(toMimeBundle(value)), {
    html: (html: string) => show({ 'text/html': html, 'text/plain': textOfHtml(html) }),
    svg: typed('image/svg+xml', 'SVG picture'), markdown: typed('text/markdown', ''), latex: typed('text/latex', ''), javascript: typed('application/javascript', 'JavaScript'),
    json: (value: unknown) => show({ 'application/json': value, 'text/plain': inspect(value) }),
    text: (text: string) => show({ 'text/plain': text }),
    png: bytes('image/png'), jpeg: bytes('image/jpeg'), gif: bytes('image/gif'), pdf: bytes('application/pdf'),
    raw: (mime: string, data: string | Uint8Array) => show(mime === 'text/plain' ? { 'text/plain': String(data) } : { [mime]: typeof data === 'string' ? data : base64(data), 'text/plain': typeof data === 'string' && mime.startsWith('text/') ? data : `[${mime}]` }),
    update: (value: unknown) => publish(toMimeBundle(value), true),
    clear: (wait = false) => displaySink().clear(wait),
  })
}

function base64(bytes: Uint8Array): string { return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }

/** What a terminal shows of HTML: its text. */
function textOfHtml(html: string): string {
  const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&nbsp;': ' ', '&amp;': '&' }
  return html.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '').replace(/<br\s*\/?>|<\/(p|div|tr|li|h\d)>/gi, '\n').replace(/<\/t[dh]>/gi, '\t').replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|quot|#39|nbsp|amp);/g, (entity) => entities[entity] ?? entity).replace(/\n{3,}/g, '\n\n').trim()
}
