// The console and the standard streams a cell sees. They write to the session's sink at once and in order; the real descriptors are the front
// end's. `globalThis.console` may be replaced by the user, the streams are put back when the session ends.
import { Console } from 'node:console'
import { StringDecoder } from 'node:string_decoder'
import { Writable } from 'node:stream'
import type { OutputSink } from '../front-end.js'
import type { Attribution } from './attribution.js'

type Done = (error?: Error | null) => void

/** A stream whose every write is text for the running cell; a character split over two writes arrives whole. */
class CellStream extends Writable {
  readonly isTTY = false
  readonly #decoder = new StringDecoder('utf8')
  constructor(readonly deliver: (text: string) => void, readonly fd: number) { super({ decodeStrings: false, highWaterMark: 1 << 30 }) }

  /** Around Writable's own state: an interrupt that strikes inside a write would leave it "writing" for ever, and nothing more would show. */
  override write(chunk: string | Uint8Array, encoding?: BufferEncoding | Done, callback?: Done): boolean {
    const done = typeof encoding === 'function' ? encoding : callback
    const form = typeof encoding === 'string' ? encoding : 'utf8'
    const text = typeof chunk === 'string' && /^utf-?8$/i.test(form) ? chunk : this.#decoder.write(Buffer.from(chunk as string, form))
    if (text !== '') this.deliver(text)
    if (done) process.nextTick(done)
    return true
  }
}

export class CellConsole {
  readonly #console: Console
  readonly #real = { console: globalThis.console, stdout: Object.getOwnPropertyDescriptor(process, 'stdout'), stderr: Object.getOwnPropertyDescriptor(process, 'stderr') }

  constructor(sink: OutputSink, attribution: Attribution) {
    const stdout = new CellStream((text) => { sink.stream(attribution.current.token, 'stdout', text) }, 1)
    const stderr = new CellStream((text) => { sink.stream(attribution.current.token, 'stderr', text) }, 2)
    this.#console = new Console({ stdout, stderr, colorMode: false, ignoreErrors: false })
    this.#console.clear = () => { sink.clear(attribution.current.token, false) }
    this.#console.Console = Console
    globalThis.console = this.#console
    Object.defineProperty(process, 'stdout', { value: stdout, configurable: true, enumerable: true, writable: true })
    Object.defineProperty(process, 'stderr', { value: stderr, configurable: true, enumerable: true, writable: true })
  }

  /** A cell ended in whatever group it opened: the next one starts at the margin. */
  cellEnded(): void { for (let depth = 0; depth < 64; depth++) this.#console.groupEnd() }

  restore(): void {
    if (globalThis.console === this.#console) globalThis.console = this.#real.console
    if (this.#real.stdout) Object.defineProperty(process, 'stdout', this.#real.stdout)
    if (this.#real.stderr) Object.defineProperty(process, 'stderr', this.#real.stderr)
  }
}
