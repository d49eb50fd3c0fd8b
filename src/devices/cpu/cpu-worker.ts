// One worker thread of the CPU device, as the main thread sees it: posting letters, judging whether it is stuck, and its end.
import { Worker } from 'node:worker_threads'
import { LINE_BYTES } from '../../ring/control.js'
import type { DeviceHost } from '../../runtime/device.js'
import type { CpuActor } from './cpu-actor.js'
import type { FromWorker, ToWorker, WorkerStart } from './letters.js'
import { WORKER_LINES_BYTES, nudgeWorker, wakeWorker, workerWord } from './worker-line.js'

export interface WorkerEvents {
  letter(letter: FromWorker): void
  /** The thread ended although nobody asked: `cause` says why, when Node told. */
  died(worker: CpuWorker, exitCode: number, cause: Error | undefined): void
  /** It slept, and is woken from here. */
  woken(): void
}

export class CpuWorker {
  readonly actors = new Map<number, CpuActor>()
  readonly #worker: Worker
  readonly #events: WorkerEvents
  readonly #words: Int32Array
  readonly #at: number
  #isEnding = false
  #lastBeat = 0
  #sameSinceMs = 0

  constructor(host: DeviceHost, events: WorkerEvents) {
    this.#events = events
    const block = host.allocate(WORKER_LINES_BYTES + LINE_BYTES)
    this.#words = block.arena.words
    this.#at = block.offset >>> 2
    const start: WorkerStart = { arena: block.arena.memory, lines: block.offset, bellArena: host.bell.arena.memory, bell: host.bell.offset }
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: start, execArgv: [], name: 'ringlab cpu' })
    let cause: Error | undefined
    this.#worker.on('message', (letter: FromWorker) => {
      if (letter.kind === 'deadLetter') Atomics.add(this.#words, this.#at + workerWord.lettersRead, 1)
      events.letter(letter)
    })
    this.#worker.on('error', (error: Error) => { cause = error })
    this.#worker.on('exit', (code) => { if (!this.#isEnding) { this.#isEnding = true; events.died(this, code, cause) } })
    // What keeps the process alive are waits, not workers. Last, because listening references the worker again.
    this.#worker.unref()
  }

  /** Where other threads wake it. */
  get place(): { readonly arena: SharedArrayBuffer; readonly lines: number } { return { arena: this.#words.buffer as SharedArrayBuffer, lines: this.#at << 2 >>> 0 } }
  get isEnding(): boolean { return this.#isEnding }
  /** The number of the ring kernel whose body has control, or 0. */
  get running(): number { return Atomics.load(this.#words, this.#at + workerWord.running) }
  /** What the operating system calls its thread; 0 before it has started, and where that is not told. */
  get thread(): number { return Atomics.load(this.#words, this.#at + workerWord.thread) }
  /** Its last look at the rings before it sleeps, with the flag up, may give a body control: then it does not sleep. */
  get isAsleep(): boolean { return this.#wantsBell && this.running === 0 }
  /** The flag is up: whoever moves a ring has to wake it. */
  get #wantsBell(): boolean { return Atomics.load(this.#words, this.#at + workerWord.sleeping) === 1 }
  get hasUnreadMail(): boolean { return Atomics.load(this.#words, this.#at + workerWord.mail) !== Atomics.load(this.#words, this.#at + workerWord.mailRead) }

  post(letter: ToWorker): void {
    this.#worker.postMessage(letter)
    Atomics.add(this.#words, this.#at + workerWord.mail, 1)
    this.wake()
  }

  wake(): void {
    if (!this.#wantsBell) return
    this.#events.woken()
    wakeWorker(this.#words, this.#at)
  }

  /** Wakes it whether or not it says that it sleeps. */
  nudge(): void { nudgeWorker(this.#words, this.#at) }

  /** For how long its loop has not gone round, ms, as seen from call to call. */
  heldMs(): number {
    const beat = Atomics.load(this.#words, this.#at + workerWord.beat)
    const now = performance.now()
    if (beat !== this.#lastBeat || this.isAsleep || this.#sameSinceMs === 0) { this.#lastBeat = beat; this.#sameSinceMs = now }
    return now - this.#sameSinceMs
  }

  /** Ends the thread, whatever it is doing; resolves when it is gone. */
  async end(): Promise<void> {
    this.#isEnding = true
    await this.#worker.terminate()
  }
}
