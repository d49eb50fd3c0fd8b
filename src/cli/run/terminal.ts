// The outputs of a run as a terminal shows them, as they come. Colours only where someone looks at them.
import { stripVTControlCharacters } from 'node:util'
import type { CellError, MimeBundle, OutputSink } from '../../session/front-end.js'

/** Where text goes: the real stdout and stderr, taken before a session replaces them. */
export interface Terminal { write(name: 'stdout' | 'stderr', text: string): void; readonly colours: boolean; readonly interactive: boolean }

/** This process's own terminal. Call before a session exists, since the session takes over `process.stdout`. */
export function processTerminal(): Terminal {
  const out = process.stdout.write.bind(process.stdout)
  const error = process.stderr.write.bind(process.stderr)
  const interactive = process.stdout.isTTY
  const colours = interactive && (process.env.NO_COLOR ?? '') === ''
  return { write: (name, text) => { (name === 'stdout' ? out : error)(text) }, colours, interactive }
}

/** Prints streams at once, displays by their text, and an updated display once, when its cell ends. */
export class TerminalOutputs implements OutputSink {
  readonly #terminal: Terminal
  readonly #updated = new Map<string, MimeBundle>()
  #atLineStart = true

  constructor(terminal: Terminal) { this.#terminal = terminal }

  stream(_cell: number, name: 'stdout' | 'stderr', text: string): void { this.#print(name, text) }

  display(_cell: number, bundle: MimeBundle, options: { displayId?: string; update?: boolean } = {}): void {
    if (options.update === true && options.displayId !== undefined) this.#updated.set(options.displayId, bundle)
    else this.#value(bundle)
  }

  /** A terminal has nothing to clear: what was read stays. */
  clear(): void { this.#endLine() }

  /** Says which cell starts, for a person who watches. */
  start(executionCount: number, source: string): void {
    if (!this.#terminal.interactive) return
    const line = source.trim().split('\n')[0] ?? ''
    this.#endLine()
    this.#print('stderr', dim(`[${executionCount}] ${line.length > 72 ? `${line.slice(0, 71)}…` : line}`, this.#terminal.colours) + '\n')
  }

  result(bundle: MimeBundle): void { this.#value(bundle) }

  /** Help that a cell asked for: a notebook shows it in its pager and keeps none of it. */
  page(data: unknown): void { this.#value(data as MimeBundle) }

  error(error: CellError): void {
    this.#endLine()
    this.#print('stderr', `${error.traceback.join('\n')}\n`)
  }

  /** Shows what became of the displays that were updated. */
  end(): void {
    for (const bundle of this.#updated.values()) this.#value(bundle)
    this.#updated.clear()
    this.#endLine()
  }

  #value(bundle: MimeBundle): void {
    const text = bundle['text/plain']
    if (typeof text !== 'string' || text === '') return
    this.#endLine()
    this.#print('stdout', `${text}\n`)
  }

  #endLine(): void {
    if (!this.#atLineStart) this.#print('stdout', '\n')
  }

  #print(name: 'stdout' | 'stderr', text: string): void {
    if (text === '') return
    this.#terminal.write(name, this.#terminal.colours ? text : stripVTControlCharacters(text))
    this.#atLineStart = text.endsWith('\n')
  }
}

function dim(text: string, colours: boolean): string {
  return colours ? `\u001b[2m${text}\u001b[22m` : text
}
