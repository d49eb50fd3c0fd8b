// A live view of ring kernels' queues: samples their counters, keeps a bounded history, and says what to publish. Pure: no timers, no
// sockets, no page; whoever owns the clock (the wire worker, or a timer on the main thread) calls it.
import { readCounters, type ActorRow } from '../ring/counters.js'
import { figureBundle, type MimeBundle } from './bundle.js'
import type { Figure } from './figure.js'
import type { QueueReading } from './figures/queues-now.js'
import { queuesOverTime } from './figures/queues-over-time.js'
import type { LiveSpec } from './live-spec.js'
import { bootScript, frameScript } from './page/page.js'
import { plotlySource } from './page/plotly-source.js'
import { readingsOf, type CounterReader } from './readings.js'
import { QueueSamples } from './queue-samples.js'
import { figureAnsi } from './write-ansi.js'
import { figureHtml, payloadOf } from './write-html.js'

export class LiveQueues {
  readonly #spec: LiveSpec
  readonly #read: CounterReader
  readonly #samples = new QueueSamples()
  #rows: readonly ActorRow[]
  #readings: readonly QueueReading[] = []
  #begunMs: number | undefined
  #lastMs = 0
  #sampled = 0
  #published = ''

  constructor(spec: LiveSpec, read: CounterReader = readCounters) {
    this.#spec = spec
    this.#read = read
    this.#rows = spec.rows
  }

  /** The ring kernels to follow from now on. One that is gone keeps its line and its last counters, as TERMINATED. */
  rows(rows: readonly ActorRow[]): void { this.#rows = rows }

  /** Reads every counter once; `nowMs` is any clock that only goes forward. */
  sample(nowMs: number): void {
    this.#begunMs ??= nowMs
    this.#lastMs = nowMs
    this.#sampled++
    const live = readingsOf(this.#rows, this.#read)
    const ids = new Set(live.map((reading) => reading.row.id))
    const gone = this.#readings.filter((reading) => !ids.has(reading.row.id)).map(ended)
    this.#samples.add((nowMs - this.#begunMs) / 1000, live)
    this.#readings = [...live, ...gone]
  }

  /** For the display `displayId` when the view begins: a figure that frames can update. It has no plotly form, since a renderer of that form would not update it. */
  opening(): MimeBundle {
    const figure = this.#figure(false)
    return { 'text/html': figureHtml(figure, this.#spec.id, true), 'text/plain': figureAnsi(figure) }
  }

  /**
   * For the hidden display `updateDisplayId`, or undefined when nothing changed since the last frame. The first is never undefined.
   *
   * A frame is the whole figure, not its new points: Plotly.react takes what extendTraces takes (16 against 13 to 16 ms for 240 points of one or two
   * ring kernels, 25 against 21 for six, in headless Chromium), and a page that missed a frame, scrolled away or hidden, is right again with the next.
   */
  frame(): MimeBundle | undefined {
    const seen = JSON.stringify(this.#readings.map((reading) => [reading.row.id, reading.counters]))
    if (seen === this.#published) return undefined
    const payload = payloadOf(this.#figure(false), this.#spec.id)
    if (payload === undefined) return undefined
    this.#published = seen
    return { 'text/html': frameScript(this.#spec.id, payload), 'text/plain': '' }
  }

  /** For the display `displayId` when the view ends: the figure as it stays, in every form. */
  final(): MimeBundle { return figureBundle(this.#figure(true), this.#spec.id) }

  /** Gives the page the plotting library: publish it once a page, as an update of `updateDisplayId`, right before the first frame (which takes its place). */
  static boot(): MimeBundle { return { 'text/html': bootScript(plotlySource()), 'text/plain': '' } }

  /** Empties `updateDisplayId` when the view has ended. */
  static closing(): MimeBundle { return { 'text/html': '', 'text/plain': '' } }

  #figure(isFinal: boolean): Figure {
    return queuesOverTime({
      seconds: this.#samples.seconds, rings: this.#samples.rings(), readings: this.#readings, samplesPerPoint: this.#samples.samplesPerPoint,
      samplePeriodMs: this.#sampled > 1 ? (this.#lastMs - (this.#begunMs ?? 0)) / (this.#sampled - 1) : 100 }, isFinal)
  }
}

function ended(reading: QueueReading): QueueReading {
  const { state } = reading.counters
  return state === 'TERMINATED' || state === 'FAILED' ? reading : { ...reading, counters: { ...reading.counters, state: 'TERMINATED' } }
}
