// The history of a live queue figure: bounded, whatever the time it runs. When it is full, neighbouring points become one that keeps the
// larger depth, so a peak is never lost.
import type { QueueReading } from './figures/queues-now.js'
import type { RingHistory } from './figures/queues-over-time.js'

/** Points kept for each ring, and for all rings together: what a frame carries. */
const pointsMax = 240
const pointsMin = 40
const pointsTotal = 1200

interface Series { readonly actor: number; readonly output: boolean; depths: (number | null)[]; depthMax: number; capacity: number }

export class QueueSamples {
  seconds: number[] = []
  samplesPerPoint = 1
  #inLastPoint = 0
  readonly #series = new Map<string, Series>()
  readonly #actors = new Map<string, number>()

  /** Takes one look at every ring kernel, `seconds` after the view began. */
  add(seconds: number, readings: readonly QueueReading[]): void {
    const opens = this.#inLastPoint === 0 || this.#inLastPoint >= this.samplesPerPoint
    if (opens) {
      if (this.seconds.length >= this.#limit()) this.#halve()
      this.seconds.push(Number(seconds.toFixed(2)))
      for (const series of this.#series.values()) series.depths.push(null)
      this.#inLastPoint = 0
    }
    this.#inLastPoint++
    for (const { row, counters } of readings) {
      this.#take(row.id, false, counters.inputDepth, counters.inputDepthMax, row.inputCapacity)
      if (row.outputCapacity > 0) this.#take(row.id, true, counters.outputDepth, counters.outputDepthMax, row.outputCapacity)
    }
  }

  rings(): RingHistory[] {
    return [...this.#series].map(([name, series]) => ({ name, actor: series.actor, output: series.output, depths: series.depths, depthMax: series.depthMax, capacity: series.capacity }))
  }

  #take(id: string, output: boolean, depth: number, depthMax: number, capacity: number): void {
    const name = `${id} ${output ? 'output' : 'input'}`
    let series = this.#series.get(name)
    if (series === undefined) {
      if (!this.#actors.has(id)) this.#actors.set(id, this.#actors.size)
      series = { actor: this.#actors.get(id) ?? 0, output, depths: this.seconds.map(() => null), depthMax: 0, capacity }
      this.#series.set(name, series)
    }
    series.depthMax = Math.max(series.depthMax, depthMax, depth)
    series.capacity = capacity
    const last = series.depths.length - 1
    series.depths[last] = Math.max(series.depths[last] ?? 0, depth)
  }

  #limit(): number {
    return Math.min(pointsMax, Math.max(pointsMin, Math.floor(pointsTotal / Math.max(1, this.#series.size))))
  }

  #halve(): void {
    this.samplesPerPoint *= 2
    this.seconds = this.seconds.filter((_, i) => i % 2 === 0)
    for (const series of this.#series.values()) {
      series.depths = this.seconds.map((_, i) => { const pair = [series.depths[2 * i], series.depths[2 * i + 1]].filter((depth) => depth != null); return pair.length === 0 ? null : Math.max(...pair) })
    }
  }
}
