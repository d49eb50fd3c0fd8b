// Main's end of the language worker: starts it, asks it, replaces it when it died or stays busy after an interrupt, and gives the new one
// the texts of all cells so that nobody notices.
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { WorkerPort } from './client.js'
import type { MagicFacts } from '../magics/context.js'
import { SessionNames } from './names.js'
import type { Answer, CellRecord, LanguageAnswers, LanguageNotice, LanguageRequest, LanguageWorkerData, Numbered } from './protocol.js'

/** Old generation of the worker's heap: 237 MB are enough for 500 cells, against 486 without a bound. */
const heapMbDefault = 192
/** How long an interrupted question may still keep the worker busy before it is replaced. */
const patienceMs = 1000

interface Asked { readonly request: Numbered<LanguageRequest>; readonly resolve: (value: unknown) => void; readonly reject: (reason: Error) => void; isRetried: boolean }

/** Node 20's own default. Node 24 takes four times that, and the Jupyter kernel 300 MB instead of 263 after its start (measured). */
const youngHeapMb = 48

export class LanguageThread {
  /** The session's names, the same table the worker has. */
  readonly names = new SessionNames()
  /** Settles when TypeScript is loaded and warm. */
  readonly ready: Promise<void>
  #becomeReady: () => void = () => { /* set in the constructor */ }
  readonly #records = new Map<number, CellRecord>()
  readonly #asked = new Map<number, Asked>()
  readonly #clients = new Set<MessagePort>()
  #worker: Worker
  #facts: MagicFacts = { ids: [], definitions: [], devices: [], names: [] }
  #count = 0
  #ended = false

  constructor(readonly directory: string, readonly cacheFolder: string | undefined, readonly heapMb = heapMbDefault) {
    this.ready = new Promise((resolve) => { this.#becomeReady = resolve })
    this.#worker = this.#start()
  }

  ask<K extends LanguageRequest['kind']>(request: Extract<LanguageRequest, { kind: K }>, signal?: AbortSignal): Promise<LanguageAnswers[K]> {
    if (this.#ended) return Promise.reject(new Error('the session has ended'))
    return new Promise<LanguageAnswers[K]>((resolve, reject) => {
      const number = ++this.#count
      const numbered = { ...request, number } as Numbered<LanguageRequest>
      this.#asked.set(number, { request: numbered, resolve: resolve as (value: unknown) => void, reject, isRetried: false })
      signal?.addEventListener('abort', () => { this.#giveUp(number) }, { once: true })
      this.#worker.postMessage(numbered)
    })
  }

  /** A cell compiled: its names count from now on. */
  keep(record: CellRecord): void {
    this.#records.set(record.id, record)
    this.names.declare(record.id, record.names)
  }

  settle(id: number, reached: number | 'all', valued: readonly string[]): void {
    this.names.settle(id, reached, valued)
    this.#tell({ kind: 'settled', id, reached, valued })
    // After a replacement the worker knows nothing of what the cell had replaced.
    if (reached !== 'all') this.#tell({ kind: 'names', names: [...this.names.all()] })
  }

  forget(names: readonly string[] | 'all'): void {
    this.names.forget(names)
    if (names === 'all') this.#records.clear()
    this.#tell({ kind: 'forget', names })
  }

  know(facts: MagicFacts): void { this.#facts = facts; this.#tell({ kind: 'facts', facts }) }

  /** A port for another thread; see `client.ts`. */
  clientPort(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.#clients.add(port1)
    port1.on('close', () => { this.#clients.delete(port1) })
    port1.unref()
    this.#connect(port1)
    return port2
  }

  async end(): Promise<void> {
    this.#ended = true
    for (const client of this.#clients) client.close()
    for (const asked of this.#asked.values()) asked.reject(new Error('the session has ended'))
    this.#asked.clear()
    await this.#worker.terminate()
  }

  #start(): Worker {
    const data: LanguageWorkerData = { directory: this.directory, records: [...this.#records.values()], names: [...this.names.all()], cacheFolder: this.cacheFolder, facts: this.#facts }
    const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: data, resourceLimits: { maxOldGenerationSizeMb: this.heapMb, maxYoungGenerationSizeMb: youngHeapMb }, stdin: false, name: 'ringlab-language' })
    worker.on('message', (message: Answer | 'ready') => {
      if (message === 'ready') { this.#becomeReady(); return }
      const asked = this.#asked.get(message.number)
      if (!asked) return
      this.#asked.delete(message.number)
      if (message.error === undefined) asked.resolve(message.value); else asked.reject(new Error(message.error))
    })
    let fault = 'it stopped'
    worker.on('error', (error: unknown) => { fault = error instanceof Error ? error.message : String(error) })
    worker.on('exit', () => { if (worker === this.#worker && !this.#ended) this.#replace(fault) })
    return worker
  }

  #replace(fault: string): void {
    const old = this.#worker
    this.#worker = this.#start()
    void old.terminate()
    for (const client of this.#clients) this.#connect(client)
    // The worker answers in order: the oldest question is the one it died of. It gets a second try, unless it was too large.
    const [oldest] = this.#asked.keys()
    for (const [number, asked] of this.#asked) {
      const isCause = number === oldest && (asked.isRetried || /memory/.test(fault))
      if (number === oldest) asked.isRetried = true
      if (!isCause) this.#worker.postMessage(asked.request)
      else { this.#asked.delete(number); asked.reject(new Error(`the type checker could not handle this cell (${fault}); simplify its types and run it again`)) }
    }
  }

  #giveUp(number: number): void {
    const asked = this.#asked.get(number)
    if (!asked) return
    asked.reject(new Error('Interrupted'))
    const timer = setTimeout(() => {
      if (!this.#asked.delete(number) || this.#ended) return
      this.#replace('interrupted')
    }, patienceMs)
    timer.unref()
  }

  #connect(client: MessagePort): void {
    const { port1, port2 } = new MessageChannel()
    this.#worker.postMessage({ kind: 'port', port: port1 } satisfies LanguageNotice, [port1])
    client.postMessage({ port: port2 } satisfies WorkerPort, [port2])
  }

  #tell(notice: LanguageNotice): void { if (!this.#ended) this.#worker.postMessage(notice) }
}
