// The queue before a ring: messages that wait on the host, in four bands of priority. The highest band goes first; in a band, the oldest. Pure: no ring, no
// clock and no policy is known here.
import { Fifo } from './fifo.js'
import type { PoolSlot } from './slot-pool.js'
import type { Wait } from './wait.js'

/** The least priority of each band, the highest band first; what is below the last is in a fourth, LOW. */
const bandsFrom = { SYSTEM: 224, HIGH: 160, NORMAL: 64 } as const
const BANDS = 4
/** Messages that were taken out of the middle and still stand in their lines: more are swept out once they are the greater part. */
const GONE_MAX = 1024

/** The band of a priority, 0 … 255: 0 is SYSTEM, 1 HIGH, 2 NORMAL, 3 LOW. */
export function bandOf(priority: number): number {
  if (priority >= bandsFrom.NORMAL) return priority >= bandsFrom.HIGH ? (priority >= bandsFrom.SYSTEM ? 0 : 1) : 2
  return 3
}

/** One queued message. */
export interface Queued {
  readonly at: PoolSlot
  readonly band: number
  /** When its time-to-live ends, ns; Infinity for never. */
  readonly endsAtNs: number
  /** Of a send that waits for a place; undefined once the message has one. */
  readonly wait: Wait<void> | undefined
  /** Taken out of the middle: it still stands in its line, and is passed over. */
  isGone: boolean
}

interface Band { readonly placed: Fifo<Queued>; readonly waiting: Fifo<Queued> }

export class Admission {
  readonly #bands: readonly Band[] = Array.from({ length: BANDS }, () => ({ placed: new Fifo<Queued>(), waiting: new Fifo<Queued>() }))
  #placed = 0
  #waiting = 0
  #gone = 0
  /** No message ends before. */
  #soonestEndNs = Infinity

  /** Messages that have a place in the queue, those whose sends still wait for one, and both. */
  get placed(): number { return this.#placed }
  get waiting(): number { return this.#waiting }
  get size(): number { return this.#placed + this.#waiting }
  get soonestEndNs(): number { return this.#soonestEndNs }

  push(entry: Queued): void {
    const band = this.#bands[entry.band] as Band
    if (entry.wait === undefined) { band.placed.push(entry); this.#placed++ } else { band.waiting.push(entry); this.#waiting++ }
    if (entry.endsAtNs < this.#soonestEndNs) this.#soonestEndNs = entry.endsAtNs
  }

  /** Puts messages, oldest first, before all others of their bands. */
  putBefore(entries: readonly Queued[]): void {
    for (const [number, band] of this.#bands.entries()) {
      const own = entries.filter((entry) => entry.band === number)
      if (own.length === 0) continue
      band.placed.putBefore(own)
      this.#placed += own.length
      for (const { endsAtNs } of own) if (endsAtNs < this.#soonestEndNs) this.#soonestEndNs = endsAtNs
    }
  }

  /** The next message that has a place: of the highest band, the oldest. */
  first(): Queued | undefined { return this.#placed === 0 ? undefined : this.#firstOf('placed', 0, 1) }

  /** The next message that would get a place. */
  firstWaiting(): Queued | undefined { return this.#waiting === 0 ? undefined : this.#firstOf('waiting', 0, 1) }

  /** What is dropped first: of the lowest band, the oldest that has a place. */
  oldestOfLowest(): Queued | undefined { return this.#placed === 0 ? undefined : this.#firstOf('placed', BANDS - 1, -1) }

  /** Takes a message out, wherever it stands. */
  remove(entry: Queued): void {
    if (entry.isGone) return
    entry.isGone = true
    if (entry.wait === undefined) this.#placed--
    else this.#waiting--
    const band = this.#bands[entry.band] as Band
    const line = entry.wait === undefined ? band.placed : band.waiting
    if (line.first() === entry) { line.shift(); return }
    this.#gone++
    if (this.#gone > GONE_MAX && this.#gone > this.size) this.#sweep()
  }

  /** All messages in the order in which they would go. */
  *[Symbol.iterator](): Iterator<Queued> {
    for (const which of ['placed', 'waiting'] as const) {
      for (const band of this.#bands) {
        for (const entry of band[which].toArray()) if (!entry.isGone) yield entry
      }
    }
  }

  /** Takes out and returns the messages that end before `now`. */
  ended(now: number): Queued[] {
    if (this.#soonestEndNs >= now) return []
    const ended: Queued[] = []
    this.#soonestEndNs = Infinity
    for (const entry of this) {
      if (entry.endsAtNs < now) ended.push(entry)
      else if (entry.endsAtNs < this.#soonestEndNs) this.#soonestEndNs = entry.endsAtNs
    }
    for (const entry of ended) this.remove(entry)
    return ended
  }

  #firstOf(which: 'placed' | 'waiting', from: number, step: number): Queued | undefined {
    for (let i = from; i >= 0 && i < BANDS; i += step) {
      const line = (this.#bands[i] as Band)[which]
      for (let first = line.first(); first !== undefined; first = line.first()) {
        if (!first.isGone) return first
        line.shift()
        this.#gone--
      }
    }
    return undefined
  }

  #sweep(): void {
    for (const { placed, waiting } of this.#bands) {
      for (const line of [placed, waiting]) {
        for (let left = line.size; left > 0; left--) {
          const entry = line.shift() as Queued
          if (!entry.isGone) line.push(entry)
        }
      }
    }
    this.#gone = 0
  }
}
