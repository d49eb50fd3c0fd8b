// Stops a cell that runs too long, or that a person interrupts, from a thread of its own: a cell that loops for ever leaves the main thread no
// moment to look at a clock. This is the main thread's side; the thread is watchdog-worker.ts.
import { Worker } from 'node:worker_threads'
import type { Session } from '../../session/front-end.js'

/** From the main thread to the watchdog. */
export type ToWatchdog = { kind: 'started'; token: number; endsInMs?: number } | { kind: 'ended' } | { kind: 'alive'; attempt: number }
/** From the watchdog to the main thread. */
export type FromWatchdog = { kind: 'interrupt'; attempt: number } | { kind: 'settle' } | { kind: 'released' }
/** Why a cell was stopped. */
export type StopReason = 'timeout' | 'person'
/** How a reason is written in shared memory; 0 is none. Written by the watchdog the moment it decides, when the main thread may be blocked. */
export const reasonNumbers: Readonly<Record<StopReason, number>> = { timeout: 1, person: 2 }

/** What the watchdog thread is started with. */
export interface WatchdogStart { readonly reason: Int32Array; /** A descriptor on which a byte means "a person asks to stop", and whose end means "nobody is there any more". */ readonly controlFd?: number }

const calmMsMax = 1_000

/** Watches the cells of one session. */
export class Watchdog {
  readonly #worker: Worker
  readonly #reason = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

  constructor(session: Session, controlFd?: number) {
    const start: WatchdogStart = { reason: this.#reason, ...(controlFd === undefined ? {} : { controlFd }) }
    this.#worker = new Worker(new URL('./watchdog-worker.js', import.meta.url), { workerData: start, name: 'ringlab watchdog', trackUnmanagedFds: false })
    this.#worker.unref()
    this.#worker.on('message', (message: FromWatchdog) => {
      if (message.kind === 'settle') session.settleTerminated()
      else if (message.kind === 'interrupt') {
        session.interrupt()
        this.#post({ kind: 'alive', attempt: message.attempt })
      }
    })
  }

  /** A cell starts; without a time it may run for ever. */
  started(token: number, endsInMs?: number): void {
    Atomics.store(this.#reason, 0, 0)
    this.#post({ kind: 'started', token, ...(endsInMs === undefined ? {} : { endsInMs }) })
  }

  /** The cell ended. Returns why it was stopped, if it was. */
  ended(): StopReason | undefined {
    this.#post({ kind: 'ended' })
    const number = Atomics.load(this.#reason, 0)
    return (Object.keys(reasonNumbers) as StopReason[]).find((reason) => reasonNumbers[reason] === number)
  }

  /** After a stop: waits until no termination is under way that could strike what comes next. It strikes one callback at most, so one of these two is called. */
  calm(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, calmMsMax)
      this.#worker.on('message', (message: FromWatchdog) => {
        if (message.kind !== 'released') return
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async stop(): Promise<void> { await this.#worker.terminate() }

  #post(message: ToWatchdog): void { this.#worker.postMessage(message) }
}
