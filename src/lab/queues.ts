// lab.queues(): the queues of ring kernels, now or live. With a live host another thread samples and publishes; without one (a script, a
// headless run) a timer here samples, and the final figure is left.
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { inspect } from 'node:util'
import { actorRows, onActorsChanged } from '../runtime/registry.js'
import type { Target } from '../runtime/types.js'
import { figureBundle } from '../view/bundle.js'
import type { Figure as Description } from '../view/figure.js'
import { queuesNow } from '../view/figures/queues-now.js'
import { LiveQueues } from '../view/live-queues.js'
import { readingsOf } from '../view/readings.js'
import { figureAnsi } from '../view/write-ansi.js'
import { newFigureId, type Figure } from './figure.js'
import { liveHost, type LiveHandle, type LiveSpec } from './live.js'
import { displaySink, type DisplaySink } from './sink.js'
import { targetId } from './targets.js'

const secondsDefault = 60
const secondsMax = 86_400
/** Time between two samples where no other thread samples. */
const sampleMs = 100

type ActorRow = LiveSpec['rows'][number]

const running = new Set<QueueFigure>()

/**
 * The queues of the given ring kernels, or of all: depth against capacity, high-water marks, states and counters.
 *
 * @throws TypeError when one of them is no ring kernel that runs; it names those that do.
 * @example
 * lab.queues()                              // as a cell's last expression: now
 * lab.queues('summer').live({ seconds: 30 })  // moves while later cells run
 */
export function queues(...of: Target[]): Figure {
  const known = actorRows().map((row) => row.id)
  return new QueueFigure(of.map((target) => targetId(target, known)))
}

/** Ends every live figure, so that its final form is published: called before a session ends. */
export function stopLiveFigures(): void { for (const figure of [...running]) figure.stop() }

class QueueFigure implements Figure {
  readonly #ids: readonly string[]
  #handle: LiveHandle | undefined
  #unsubscribe: (() => void) | undefined
  #ending: NodeJS.Timeout | undefined
  #displayed = false

  constructor(ids: readonly string[]) { this.#ids = ids }

  live(options: { seconds?: number } = {}): this {
    const { seconds = secondsDefault } = options
    if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= secondsMax)) throw new RangeError(`lab.queues().live({ seconds }) takes 0 to ${secondsMax} seconds, not ${String(seconds)}.`)
    this.stop()
    const id = newFigureId()
    const spec: LiveSpec = { kind: 'queues', id, displayId: randomUUID(), updateDisplayId: randomUUID(), rows: this.#rows(), seconds }
    const opening = new LiveQueues(spec)
    opening.sample(0)
    const sink = displaySink()
    const host = liveHost()
    sink.display(opening.opening(), { displayId: spec.displayId })
    if (host !== undefined) sink.display(LiveQueues.closing(), { displayId: spec.updateDisplayId })
    const handle = host?.start(spec) ?? sampleHere(spec, sink)
    this.#handle = handle
    this.#displayed = true
    this.#unsubscribe = onActorsChanged(() => handle.rows(this.#rows()))
    // The host ends the figure by its own clock; this only lets go of the subscription.
    this.#ending = setTimeout(() => this.stop(), seconds * 1000)
    this.#ending.unref()
    running.add(this)
    return this
  }

  stop(): void {
    clearTimeout(this.#ending)
    this.#unsubscribe?.()
    this.#handle?.stop()
    this.#handle = undefined
    this.#unsubscribe = undefined
    running.delete(this)
  }

  /** The figure of this moment; nothing once it lives, since it is on display already. */
  toMimeBundle(): Record<string, unknown> {
    if (this.#displayed) return { 'text/plain': '' }
    return figureBundle(this.#now(), newFigureId())
  }

  [inspect.custom](): string { return figureAnsi(this.#now()) }

  #now(): Description { return queuesNow(readingsOf(this.#rows())) }

  #rows(): ActorRow[] {
    const rows = actorRows()
    return this.#ids.length === 0 ? rows : rows.filter((row) => this.#ids.includes(row.id))
  }
}

/** A live view without a host: nothing moves on display, and the final figure takes the first one's place. */
function sampleHere(spec: LiveSpec, sink: DisplaySink): LiveHandle {
  const live = new LiveQueues(spec)
  live.sample(performance.now())
  const timer = setInterval(() => live.sample(performance.now()), sampleMs)
  timer.unref()
  let over = false
  return {
    rows: (rows) => live.rows(rows),
    stop() {
      if (over) return
      over = true
      clearInterval(timer)
      live.sample(performance.now())
      sink.display(live.final(), { displayId: spec.displayId, update: true })
    },
  }
}
