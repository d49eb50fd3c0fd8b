// The device's lines of one control block, as an emitted body's thread writes them: commands read, answers and counters told. Counters are those of device-end.ts.
import { double, word, type ArenaViews } from '../../ring/control.js'
import { bucketOf } from '../../ring/histogram.js'
import type { InputEnd, OutputEnd } from './emitted-rings.js'

const TWO_32 = 4294967296
/** Messages sent within so many ns count as equally late: what the histogram tells apart at best. Outputs of one batch are 1 ns apart. */
const SAME_NS = 16

export class ControlLines {
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #at: number
  readonly #at8: number

  constructor(arena: ArenaViews, controlOffset: number) {
    this.#words = arena.words
    this.#doubles = arena.doubles
    this.#at = controlOffset >>> 2
    this.#at8 = controlOffset >>> 3
  }

  /** What the host wants now. */
  command(): number { return Atomics.load(this.#words, this.#at + word.command) }
  state(): number { return this.#words[this.#at + word.state] as number }
  setState(state: number): void { Atomics.store(this.#words, this.#at + word.state, state) }

  /** Says what the body waits for, at which ring, and room for how many; writes only what changes, so that it may be called at every turn. */
  setWaits(what: number, edge: number, count: number): void {
    if (this.#words[this.#at + word.waitsCount] !== count) Atomics.store(this.#words, this.#at + word.waitsCount, count)
    if (this.#words[this.#at + word.waitsEdge] !== edge) Atomics.store(this.#words, this.#at + word.waitsEdge, edge)
    if (this.#words[this.#at + word.waitsFor] !== what) Atomics.store(this.#words, this.#at + word.waitsFor, what)
  }

  /** Of a body that parks: does it hold a message that it has not finished? */
  setHolds(holds: boolean): void { this.#words[this.#at + word.holds] = holds ? 1 : 0 }

  /** A sign of life: it looked, took, told, or went on computing. */
  beat(): void { this.#words[this.#at + word.heartbeat] = ((this.#words[this.#at + word.heartbeat] as number) + 1) | 0 }

  get clock(): number { return this.#doubles[this.#at8 + double.clock] as number }
  setClock(last: number): void { this.#doubles[this.#at8 + double.clock] = last }

  get processed(): number { return this.#doubles[this.#at8 + double.processed] as number }
  get sent(): number { return this.#doubles[this.#at8 + double.sent] as number }

  count(processed: number, sent: number): void {
    this.#doubles[this.#at8 + double.processed] = processed
    this.#doubles[this.#at8 + double.sent] = sent
  }

  /** One output went nowhere; a message came too late; a sender's clock was not believed. */
  dropped(): void { this.#more(double.dropped) }
  expired(): void { this.#more(double.expired) }
  skewed(): void { this.#more(double.skewed) }

  fault(site: number, index: number, value: number | bigint | boolean | undefined): void {
    this.#words[this.#at + word.faultSite] = site + 1
    this.#words[this.#at + word.faultIndex] = index
    this.#doubles[this.#at8 + double.faultValue] = value === undefined ? 0 : Number(value)
    this.error()
  }

  error(): void { this.#more(double.errors) }

  /** Stamps the outputs with the moment at which they become visible, that of sequence number `first` with `time`, and lets them. */
  publish(end: OutputEnd, upTo: number, time: number, first: number): void {
    for (let index = end.published; index !== upTo; index = (index + 1) | 0) {
      const at = end.slotAt(index) >>> 2
      const sent = time + (((end.words[at] as number) - first) | 0)
      end.words[at + 6] = sent
      end.words[at + 7] = sent / TWO_32
    }
    end.publish(upTo)
  }

  /** Notes how long each message took from its sending to now, and gives their slots back. */
  release(end: InputEnd, now: number): void {
    const [words, histogram, max] = [this.#words, this.#at + word.histogram, this.#at8 + double.latencyNsMax]
    let [sentBefore, bucket] = [-SAME_NS, 0]
    for (let index = end.released; index !== end.kept; index = (index + 1) | 0) {
      const sent = end.sentAt(index)
      if (sent < sentBefore || sent - sentBefore >= SAME_NS) {
        sentBefore = sent
        // A sender's clock may be ahead.
        const took = Math.max(now - sent, 0)
        bucket = histogram + bucketOf(took)
        if (took > (this.#doubles[max] as number)) this.#doubles[max] = took
      }
      words[bucket] = (words[bucket] as number) + 1
    }
    end.release()
  }
  #more(counter: number): void { this.#doubles[this.#at8 + counter] = (this.#doubles[this.#at8 + counter] as number) + 1 }
}
