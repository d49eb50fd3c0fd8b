// Where displays go: the sink a session injects, else a running tslab kernel, else the terminal. Nothing here knows what a figure is.
import { createRequire } from 'node:module'

/** One value in every form it has: MIME type to its text or JSON. `text/plain` is always there. */
export type MimeBundle = Record<string, unknown>

/** What a session gives `lab` to display through; it knows which cell is running. */
export interface DisplaySink {
  /** `displayId` names the display for later updates; with `update`, the one of that name is rewritten. */
  display(bundle: MimeBundle, options: { displayId?: string; update?: boolean; metadata?: Record<string, unknown> }): void
  /** Empties the cell's output; with `wait`, when the next output arrives. */
  clear(wait: boolean): void
}

let injected: DisplaySink | undefined

/** Registers where `lab.display` and figures go; `undefined` returns to tslab or the terminal. */
export function setDisplaySink(sink: DisplaySink | undefined): void { injected = sink }

/** Where a display goes now. Looked up on every display, since tslab may begin to listen after ringlab was imported. */
export function displaySink(): DisplaySink { return injected ?? tslabSink() ?? terminal }

/** A script: the text form on stdout. An update prints again, as a terminal cannot take its lines back. */
const terminal: DisplaySink = {
  display(bundle) {
    const text = bundle['text/plain']
    if (typeof text === 'string' && text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  },
  clear() { /* a script's output stays */ },
}

interface TslabJupyter { lastWriteDisplayData?: ((data: { data: MimeBundle; metadata: object; transient: { display_id?: string } }, update?: boolean) => void) | null }

/** tslab's own display function when this process is a tslab kernel. Found among the loaded modules, so tslab is never imported for it. */
function tslabSink(): DisplaySink | undefined {
  const loaded = createRequire(import.meta.url).cache
  const path = Object.keys(loaded).find((name) => /[/\\]tslab[/\\]dist[/\\]jupyter\.js$/.test(name))
  if (path === undefined) return undefined
  const jupyter = loaded[path]?.exports as TslabJupyter | undefined
  const write = jupyter?.lastWriteDisplayData
  if (typeof write !== 'function') return undefined
  return {
    display: (bundle, { displayId, update, metadata }) => write({ data: bundle, metadata: metadata ?? {}, transient: displayId === undefined ? {} : { display_id: displayId } }, update === true),
    clear() { /* tslab has no clear_output */ },
  }
}
