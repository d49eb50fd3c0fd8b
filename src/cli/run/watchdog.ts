// Stops a cell that runs too long, or that a person interrupts, from a thread of its own: a cell that loops for ever leaves the main thread no
// moment to look at a clock. This is the main thread's side; the thread is watchdog-worker.ts.
import { Worker } from 'node:worker_threads'
import type { Session } from '../../session/front-end.js'

/** From the main thread to the watchdog. */
export type ToWatchdog = { kind: 'started'; token: number; endsInMs?: number } | { kind: 'ended' } | { kind: 'alive'; attempt: number }
/** From the watchdog to the main thread. */
export type FromWatchdog = { kind: 'interrupt'; attempt: number; why: StopReason } | { kind: 'settle' }
/** Why a cell was stopped. */
export type StopReason = 'timeout' | 'person'

/** What the watchdog thread is started with. */
export interface WatchdogStart { /** A descriptor on which a byte means "a person asks to stop", and whose end means "nobody is there any more". */ readonly controlFd?: number }

/** Watches the cells of one session. */
export class Watchdog {
  readonly #worker: Worker
  #reason: StopReason | undefined

  constructor(session: Session, start: WatchdogStart) {
    this.#worker = new Worker(new URL('./watchdog-worker.js', import.meta.url), { workerData: start, name: 'ringlab watchdog', trackUnmanagedFds: false })
    this.#worker.unref()
    this.#worker.on('message', (message: FromWatchdog) => {
      if (message.kind === 'settle') session.settleTerminated()
      else {
        this.#reason = message.why
        session.interrupt()
        this.#post({ kind: 'alive', attempt: message.attempt })
      }
    })
  }

  /** A cell starts; without a time it may run for ever. */
  started(token: number, endsInMs?: number): void {
    this.#reason = undefined
    this.#post({ kind: 'started', token, ...(endsInMs === undefined ? {} : { endsInMs }) })
  }

  /** The cell ended. Returns why it was stopped, if it was. */
  ended(): StopReason | undefined {
    this.#post({ kind: 'ended' })
    return this.#reason
  }

  async stop(): Promise<void> { await this.#worker.terminate() }

  #post(message: ToWatchdog): void { this.#worker.postMessage(message) }
}
