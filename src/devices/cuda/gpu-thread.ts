// The thread of one GPU, as the main thread sees it: asking it, hearing from it, and its end. Runtimes of one process share it, because a context
// is the process's: whoever loads has to park everybody's ring kernels, and a fault ends everybody's.
import { Worker } from 'node:worker_threads'
import { DeviceError } from '../../runtime/errors.js'
import { WORKER_LINES_BYTES, nudgeWorker, wakeWorker, workerWord } from '../cpu/worker-line.js'
import type { AskKind, Asks, FromGpu, GpuDescription, GpuEvent, GpuStart, ToGpu } from './letters.js'

/** How long the driver may take to make a context, ms: seconds on machines with many GPUs or without the persistence daemon. */
const OPEN_MS_MAX = 20_000
/** How long a GPU may take to be given back, ms. */
const CLOSE_MS_MAX = 1_500
const KEEP_ALIVE_MS = 1_000

/** Who is told what the thread reports of a ring kernel. */
export type EventListener = (event: GpuEvent) => void

/** `cuda` is the first GPU, `cuda:1` the second. */
export function ordinalOf(name: string): number { return Number(name.split(':')[1] ?? 0) }

interface Waiting { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void; readonly timer: NodeJS.Timeout }

const open = new Map<number, Promise<GpuThread>>()
let lastTicket = 0
let lastActor = 0
let lastRun = 0

export class GpuThread {
  readonly name: string
  description!: GpuDescription
  readonly #ordinal: number
  readonly #worker: Worker
  readonly #words: Int32Array
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<number, EventListener>()
  #users = 0
  #isEnding = false

  private constructor(ordinal: number) {
    this.#ordinal = ordinal
    this.name = `cuda:${ordinal}`
    const lines = new SharedArrayBuffer(WORKER_LINES_BYTES)
    this.#words = new Int32Array(lines)
    // The driver reads these once, when it starts: lazy loading would wait for ring kernels that never end, and streams that share a connection for each other.
    process.env.CUDA_MODULE_LOADING ??= 'EAGER'
    process.env.CUDA_DEVICE_MAX_CONNECTIONS ??= '32'
    const start: GpuStart = { ordinal, lines }
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: start, execArgv: [], name: `ringlab ${this.name}` })
    let cause: Error | undefined
    this.#worker.on('message', (letter: FromGpu) => this.#read(letter))
    this.#worker.on('error', (error: Error) => { cause = error })
    this.#worker.on('exit', () => this.#ended(cause))
    // What keeps the process alive are waits, not threads. Last, because listening references the worker again.
    this.#worker.unref()
  }

  /** The thread of this GPU, which is started for the first who wants it. Each user releases it once. @throws DeviceError when the GPU cannot be used. */
  static async share(ordinal: number): Promise<GpuThread> {
    let opening = open.get(ordinal)
    if (opening === undefined) {
      opening = GpuThread.#start(ordinal)
      open.set(ordinal, opening)
      opening.catch(() => open.delete(ordinal))
    }
    const thread = await opening
    thread.#users++
    return thread
  }

  static async #start(ordinal: number): Promise<GpuThread> {
    const thread = new GpuThread(ordinal)
    try {
      thread.description = await thread.ask('open', {}, OPEN_MS_MAX)
      return thread
    } catch (error) {
      await thread.#end()
      throw error
    }
  }

  static nextActor(): number { return ++lastActor }
  static nextRun(): number { return ++lastRun }

  /** Asks the thread; the process stays alive until it answered, unless nobody waits for that. @throws DeviceError with the thread's own sentence, or at the deadline. */
  ask<K extends AskKind>(kind: K, ask: Asks[K]['ask'], timeoutMs: number, wait: 'referenced' | 'unreferenced' = 'referenced'): Promise<Asks[K]['answer']> {
    if (this.#isEnding) return Promise.reject(this.#gone(undefined))
    const ticket = ++lastTicket
    return new Promise((resolve, reject) => {
      // What may take any time keeps the process alive all the same.
      const timer = timeoutMs === Infinity ? setInterval(() => undefined, KEEP_ALIVE_MS) : setTimeout(() => {
        this.#waiting.delete(ticket)
        reject(new DeviceError(this.name, `${this.name} did not finish '${kind}' within ${timeoutMs} ms: the NVIDIA driver may hang. Restart the Jupyter kernel, and see \`nvidia-smi\`.`))
      }, timeoutMs)
      if (wait === 'unreferenced') timer.unref()
      this.#waiting.set(ticket, { resolve: resolve as (value: unknown) => void, reject, timer })
      this.post({ kind, ticket, ...ask } as ToGpu)
    })
  }

  post(letter: ToGpu): void {
    this.#worker.postMessage(letter)
    Atomics.add(this.#words, workerWord.mail, 1)
    nudgeWorker(this.#words, 0)
  }

  /** Lets it look soon; one load when it is awake. */
  wake(): void { wakeWorker(this.#words, 0) }

  listen(actor: number, listener: EventListener): void { this.#listeners.set(actor, listener) }
  unlisten(actor: number): void { this.#listeners.delete(actor) }

  /** One user less; the last one ends the thread. */
  async release(): Promise<void> {
    if (--this.#users > 0) return
    open.delete(this.#ordinal)
    await this.ask('close', {}, CLOSE_MS_MAX).catch(() => undefined)
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#isEnding = true
    await this.#worker.terminate()
  }

  #read(letter: FromGpu): void {
    if (letter.kind !== 'answer' && letter.kind !== 'refused') { this.#listeners.get(letter.actor)?.(letter); return }
    const waiting = this.#waiting.get(letter.ticket)
    if (waiting === undefined) return
    this.#waiting.delete(letter.ticket)
    clearTimeout(waiting.timer)
    if (letter.kind === 'answer') waiting.resolve(letter.value)
    else waiting.reject(new DeviceError(this.name, letter.sentence, letter.cause === undefined ? undefined : { cause: letter.cause }))
  }

  /** The thread is gone; when nobody asked for that, everything on it failed. */
  #ended(cause: Error | undefined): void {
    const wasAsked = this.#isEnding
    this.#isEnding = true
    open.delete(this.#ordinal)
    for (const waiting of this.#waiting.values()) { clearTimeout(waiting.timer); waiting.reject(this.#gone(cause)) }
    this.#waiting.clear()
    if (wasAsked) return
    for (const [actor, listener] of this.#listeners) listener({ kind: 'failed', actor, sentence: this.#gone(cause).message, cause })
  }

  #gone(cause: Error | undefined): DeviceError {
    return new DeviceError(this.name, `the thread of ${this.name} has ended${cause === undefined ? '' : ` (${cause.message})`}: make a new runtime, or restart the Jupyter kernel.`, { cause })
  }
}
