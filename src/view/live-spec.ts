// What a live figure needs to run in another thread: plain data only, posted from the main thread to whoever samples.
import type { ActorRow } from '../ring/counters.js'

/** One live figure. It is drawn in the display `displayId`; updates travel through the hidden display `updateDisplayId`. */
export interface LiveSpec {
  readonly kind: 'queues'
  /** Names the figure on its page: letters, digits and dashes. */
  readonly id: string
  readonly displayId: string
  readonly updateDisplayId: string
  readonly rows: readonly ActorRow[]
  /** It ends by itself after so long. */
  readonly seconds: number
}
