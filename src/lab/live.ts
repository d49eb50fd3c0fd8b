// Who keeps a live figure going. A front end with a thread of its own (the wire worker) registers as host, so that figures move while
// the main thread blocks; the figure on the main thread only posts what to follow and when to stop.
import type { ActorRow } from '../ring/counters.js'
import type { LiveSpec } from '../view/live-spec.js'

export type { LiveSpec } from '../view/live-spec.js'

/**
 * Samples live figures in another thread. From `start` on it calls `LiveQueues.sample` and `LiveQueues.frame` at most ten times a second and
 * publishes each frame as an update of `updateDisplayId`; after `seconds` or `stop` it publishes `LiveQueues.final()` as an update of `displayId`
 * and `LiveQueues.closing()` of `updateDisplayId`. Before the first frame on a page it publishes `LiveQueues.boot()` there.
 */
export interface LiveHost { start(spec: LiveSpec): LiveHandle }

export interface LiveHandle {
  /** The ring kernels to follow from now on. */
  rows(rows: readonly ActorRow[]): void
  /** Ends the live view; the final figure follows. A second call does nothing. */
  stop(): void
}

let current: LiveHost | undefined

/** Registers the host of live figures; `undefined` takes it away, and figures sample on the main thread. */
export function setLiveHost(host: LiveHost | undefined): void { current = host }

/** The registered host, when there is one. */
export function liveHost(): LiveHost | undefined { return current }
