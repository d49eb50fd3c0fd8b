// The device's lines of one control block, as an emitted body's thread writes them: commands read, answers and counters told. Counters are those of device-end.ts.
import { double, word, type ArenaViews } from '../../ring/control.js'
import { bucketOf } from '../../ring/histogram.js'
import type { InputEnd, OutputEnd } from './emitted-rings.js'

const TWO_32 = 4294967296

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

  /** Says what the body waits for, and at which ring; writes only what changes, so that it may be called at every turn. */
  setWaits(what: number, edge: number): void {
    if (this.#words[this.#at + word.waitsEdge] !== edge) Atomics.store(this.#words, this.#at + word.waitsEdge, edge)
    if (this.#words[this.#at + word.waitsFor] !== what) Atomics.store(this.#words, this.#at + word.waitsFor, what)
  }

  get processed(): number { return this.#doubles[this.#at8 + double.processed] as number }
  get sent(): number { return this.#doubles[this.#at8 + double.sent] as number }

  count(processed: number, sent: number): void {
    this.#doubles[this.#at8 + double.processed] = processed
    this.#doubles[this.#at8 + double.sent] = sent
  }

  /** One output went nowhere. */
  dropped(): void { this.#doubles[this.#at8 + double.dropped] = (this.#doubles[this.#at8 + double.dropped] as number) + 1 }

  inputDepth(depth: number): void {
    const max = this.#at + word.inDepthMax
    if (depth > (this.#words[max] as number)) this.#words[max] = depth
  }

  fault(site: number, index: number, value: number | bigint | boolean | undefined): void {
    this.#words[this.#at + word.faultSite] = site + 1
    this.#words[this.#at + word.faultIndex] = index
    this.#doubles[this.#at8 + double.faultValue] = value === undefined ? 0 : Number(value)
    this.error()
  }

  error(): void { this.#doubles[this.#at8 + double.errors] = (this.#doubles[this.#at8 + double.errors] as number) + 1 }

  /** Stamps the outputs with the moment at which they become visible, and lets them. */
  publish(end: OutputEnd, upTo: number, now: number): void {
    const [low, high] = [now >>> 0, now / TWO_32]
    for (let index = end.published; index !== upTo; index = (index + 1) | 0) {
      const at = end.slotAt(index) >>> 2
      end.words[at + 6] = low
      end.words[at + 7] = high
    }
    end.publish(upTo)
    if (end.number !== 0) return
    const max = this.#at + word.outDepthMax
    this.#words[max] = end.depthAbove(this.#words[max] as number)
  }

  /** Notes how long each message took from its sending to now, and gives their slots back. */
  release(end: InputEnd, now: number): void {
    const [words, histogram, max] = [this.#words, this.#at + word.histogram, this.#at8 + double.latencyNsMax]
    let [sentBefore, bucket] = [-1, 0]
    for (let index = end.released; index !== end.kept; index = (index + 1) | 0) {
      const at = end.slotAt(index) >>> 2
      const sent = (end.words[at + 7] as number) * TWO_32 + ((end.words[at + 6] as number) >>> 0)
      if (sent !== sentBefore) {
        sentBefore = sent
        bucket = histogram + bucketOf(now - sent)
        if (now - sent > (this.#doubles[max] as number)) this.#doubles[max] = now - sent
      }
      words[bucket] = (words[bucket] as number) + 1
    }
    end.release()
  }
}
