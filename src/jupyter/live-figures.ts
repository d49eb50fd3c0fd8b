// Live figures: samples the counters of ring kernels on this thread's clock and publishes what changed, so that figures move while the
// main thread blocks. What a figure looks like is view's business.

import type { ActorCounters, ActorRow } from '../ring/counters.js'
import type { LiveSpec } from '../view/live-spec.js'
import { LiveQueues } from '../view/live-queues.js'
import type { MimeBundle } from '../session/front-end.js'
import type { Iopub } from './iopub.js'

/** At most ten updates a second. */
const tickMs = 100
/** A figure whose ring kernels have all ended waits this long for new ones. */
const newActorsMs = 1_000

interface Live { readonly spec: LiveSpec; readonly queues: LiveQueues; readonly parentText: string; readonly endsAtMs: number; rows: readonly ActorRow[]; hadActors: boolean; aloneSinceMs: number | undefined }

export class LiveFigures {
  readonly #figures = new Map<string, Live>()
  #timer: NodeJS.Timeout | undefined
  /** Subscriptions counted when a page was last given the plotting library; a page opened later needs it again. */
  #bootedFor = -1

  /** `runningParent` is the request that runs now: clients that run a notebook from top to bottom (nbclient) hear nothing that belongs to an earlier one. */
  constructor(private readonly iopub: Iopub, private readonly read: (row: ActorRow) => ActorCounters, private readonly runningParent: () => string | undefined) {}

  start(spec: LiveSpec, parentText: string): void {
    this.stop(spec.id)
    const live: Live = { spec, parentText, queues: new LiveQueues(spec, this.read), endsAtMs: performance.now() + spec.seconds * 1_000, rows: spec.rows, hadActors: false, aloneSinceMs: undefined }
    this.#figures.set(spec.id, live)
    this.#tick(live)
    this.#timer ??= setInterval(() => { for (const each of this.#figures.values()) this.#tick(each) }, tickMs)
  }

  rows(id: string, rows: readonly ActorRow[]): void {
    const live = this.#figures.get(id)
    if (live === undefined) return
    live.rows = rows
    live.queues.rows(rows)
  }

  /** Ends a figure: its display gets the form that stays. */
  stop(id: string): void {
    const live = this.#figures.get(id)
    if (live === undefined) return
    this.#figures.delete(id)
    if (this.#figures.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    live.queues.sample(performance.now())
    const parentText = this.runningParent() ?? live.parentText
    this.#update(parentText, live.spec.displayId, live.queues.final())
    this.#update(parentText, live.spec.updateDisplayId, LiveQueues.closing())
  }

  /** Ends all figures. */
  close(): void { for (const id of [...this.#figures.keys()]) this.stop(id) }

  #tick(live: Live): void {
    const now = performance.now()
    live.queues.sample(now)
    if (now >= live.endsAtMs || this.#ended(live, now)) {
      this.stop(live.spec.id)
      return
    }
    if (!this.iopub.watched) return
    const frame = live.queues.frame()
    if (frame === undefined) return
    if (this.#bootedFor !== this.iopub.subscriptionsEver) {
      this.#bootedFor = this.iopub.subscriptionsEver
      this.#update(live.parentText, live.spec.updateDisplayId, LiveQueues.boot())
    }
    this.#update(live.parentText, live.spec.updateDisplayId, frame)
  }

  /** It had ring kernels to follow, and none of them has run for a while. */
  #ended(live: Live, now: number): boolean {
    const runs = live.rows.some(row => !['TERMINATED', 'FAILED'].includes(this.read(row).state))
    live.hadActors ||= runs
    if (runs || !live.hadActors) live.aloneSinceMs = undefined
    else live.aloneSinceMs ??= now
    return live.aloneSinceMs !== undefined && now - live.aloneSinceMs >= newActorsMs
  }

  #update(parentText: string, displayId: string, bundle: MimeBundle): void {
    this.iopub.publish({ type: 'update_display_data', parentText, contentText: JSON.stringify({ data: bundle, metadata: {}, transient: { display_id: displayId } }) })
  }
}
