// The host's end of an output ring: who gets which output. Asks take the output with their correlation id; every other output joins
// one stream, in order, from which receivers take turns.
import { waitsFor, word } from '../ring/control.js'
import { ENVELOPE_BYTES, highHalf, lowHalf, readCorrelation, readEnvelope, type Envelope } from '../ring/envelope.js'
import { RingConsumer, type RingPlace } from '../ring/ring.js'
import type { BoundCodec, ColumnCodec } from '../schema/index.js'
import { QueueFullError } from './errors.js'
import { Fifo } from './fifo.js'
import type { Wait } from './wait.js'

export interface Received { readonly message: unknown; readonly envelope: Envelope }

/** Somebody who waits for outputs of the stream. */
export interface Receiver {
  /** Takes what it needs of what is there (at least one output is); true when it has all it waits for. */
  take(): boolean
  fail(error: Error): void
}

/** Rows of columns carry no envelope; an output put back from there has lost its own. */
const noEnvelope: Envelope = { id: 0n, correlationId: 0n, priority: 0, sender: 0, sentAtNs: 0n, timeToLiveMs: 0 }

/** Asks that gave up whose answers are still expected; more are forgotten, and their answers join the stream. */
const GIVEN_UP_MAX = 1 << 16

export class OutputStream {
  readonly #id: string
  /** Gone once the ring's memory is given back. */
  #consumer: RingConsumer | undefined
  readonly capacity: number
  readonly #words: Int32Array
  readonly #controlWord: number
  readonly #codec: BoundCodec
  /** Outputs taken from the ring because an ask waited for one behind them. */
  readonly #stash = new Fifo<Received>()
  readonly #receivers = new Fifo<Receiver>()
  /** Asks in flight, by correlation id: those under this host's own ids by their low word, which needs no bigint. */
  readonly #ownAsks = new Map<number, Wait<unknown>>()
  readonly #asks = new Map<bigint, Wait<unknown>>()
  /** Asks that gave up: their answers are nobody's, and would fill the stream of somebody who only asks. Oldest first, bounded. */
  readonly #givenUp = new Set<number>()
  readonly #origin: number
  /** While draining, outputs that nobody takes yet may leave the ring, so that the body can finish. */
  #draining = false
  readonly #roomMade: () => void
  readonly #discarded: () => void

  constructor(id: string, place: RingPlace, controlOffset: number, codec: BoundCodec, origin: number, events: { roomMade(): void; discarded(): void }) {
    this.#id = id
    this.#consumer = new RingConsumer(place)
    this.capacity = place.capacity
    this.#words = place.arena.words
    this.#controlWord = controlOffset >>> 2
    this.#codec = codec
    this.#origin = origin
    this.#roomMade = () => { events.roomMade() }
    this.#discarded = () => { events.discarded() }
  }

  get hasWaiting(): boolean { return this.#receivers.size > 0 || this.#hasAsks }
  get #hasAsks(): boolean { return this.#ownAsks.size > 0 || this.#asks.size > 0 }

  /** Is there an output for whoever comes now? Gives to those who came before first. */
  ready(): boolean {
    if (this.hasWaiting || this.#givenUp.size > 0) { this.pump(); if (this.#receivers.size > 0) return false }
    if (this.#stash.size > 0) return true
    return this.available()
  }

  /** The next output of the stream; only after `ready()`. */
  next(): unknown {
    const stashed = this.#stash.shift()
    if (stashed !== undefined) { this.#noteStash(); return stashed.message }
    const consumer = this.#ring()
    const message = this.#codec.read(consumer.slot(0) + ENVELOPE_BYTES)
    consumer.release(1)
    this.#wakeBlocked()
    return message
  }

  nextWithEnvelope(): Received {
    const stashed = this.#stash.shift()
    if (stashed !== undefined) { this.#noteStash(); return stashed }
    const received = this.#takeFirst()
    this.#wakeBlocked()
    return received
  }

  /** Reads rows into `columns` from row `from` on; returns how many it read. Only after `ready()`. */
  nextRows(codec: ColumnCodec, columns: Record<string, unknown>, from: number, to: number, stashRow: (message: unknown, row: number) => void): number {
    let row = from
    for (; row < to && this.#stash.size > 0; row++) stashRow((this.#stash.shift() as Received).message, row)
    if (row > from) { this.#noteStash(); return row - from }
    // With asks in flight each output may be somebody's answer, so it is looked at one by one.
    const consumer = this.#ring()
    const count = this.#hasAsks ? 1 : Math.min(consumer.available(), to - from)
    for (let i = 0; i < count; i++) codec.readRow(consumer.slot(i) + ENVELOPE_BYTES, columns, from + i)
    consumer.release(count)
    this.#wakeBlocked()
    return count
  }

  /** The answer to an ask that was just sent, when it is the first output: the path a quick answer takes. */
  answerNow(low: number, high: number): { readonly message: unknown } | undefined {
    const consumer = this.#ring()
    if (consumer.available() <= 0) return undefined
    const slot = consumer.slot(0)
    const at = slot >>> 2
    if (this.#words[at + 2] !== low || this.#words[at + 3] !== high) return undefined
    const message = this.#codec.read(slot + ENVELOPE_BYTES)
    consumer.release(1)
    this.#wakeBlocked()
    return { message }
  }

  available(): boolean { return this.#consumer !== undefined && this.#consumer.available() > 0 }

  addOwnAsk(low: number, wait: Wait<unknown>): void {
    this.#ownAsks.set(low, wait)
    wait.onGivenUp = () => {
      this.#ownAsks.delete(low)
      this.#givenUp.add(low)
      if (this.#givenUp.size > GIVEN_UP_MAX) for (const oldest of this.#givenUp) { this.#givenUp.delete(oldest); break }
    }
  }

  addAsk(correlationId: bigint, wait: Wait<unknown>): void {
    if (this.#asks.has(correlationId)) throw new RangeError(`ring kernel '${this.#id}' has an ask in flight with the correlation id ${correlationId}; use another`)
    this.#asks.set(correlationId, wait)
    wait.onGivenUp = () => this.#asks.delete(correlationId)
  }

  /** The message of this ask was given up, so no answer will come; false when no such ask waits. */
  refuseAsk(correlationId: bigint, error: () => Error): boolean {
    const isOwn = highHalf(correlationId) === this.#origin
    const low = lowHalf(correlationId)
    const wait = isOwn ? this.#ownAsks.get(low) : this.#asks.get(correlationId)
    if (wait === undefined) return false
    if (isOwn) this.#ownAsks.delete(low)
    else this.#asks.delete(correlationId)
    wait.reject(error())
    return true
  }

  addReceiver(receiver: Receiver): void { this.#receivers.push(receiver) }
  removeReceiver(receiver: Receiver): void { this.#receivers.remove(receiver) }

  /** Hands out what has come. */
  pump(): void {
    while (this.#stash.size > 0 && this.#receivers.size > 0) this.#giveFirst()
    while (this.available()) {
      if (this.#hasAsks && this.#answer()) continue
      if (this.#givenUp.size > 0 && this.#discardLate()) continue
      if (this.#receivers.size > 0) { this.#giveFirst(); continue }
      if (!this.#hasAsks && !this.#draining) return
      if (!this.#stashFirst()) return
    }
  }

  drain(): void { this.#draining = true; this.pump() }

  /** No further output will come: whoever still waits is told `error`, and asks `ofAsks`. Call after a last `pump`. */
  close(error: Error, ofAsks: Error): void {
    for (let receiver = this.#receivers.shift(); receiver !== undefined; receiver = this.#receivers.shift()) receiver.fail(error)
    this.#refuseAsks(ofAsks)
  }

  /** The outputs still to be received, decoded, oldest first; takes none. */
  peek(limit: number): unknown[] {
    const found = this.#stash.toArray().slice(0, limit).map((entry) => entry.message)
    const consumer = this.#consumer
    if (consumer === undefined) return found
    const count = Math.min(consumer.depth(), limit - found.length)
    for (let i = 0; i < count; i++) found.push(this.#codec.read(consumer.slot(i) + ENVELOPE_BYTES))
    return found
  }

  /** The outputs still to be received, oldest first; takes none. */
  unread(): Received[] {
    const consumer = this.#consumer
    const inRing = consumer === undefined ? 0 : consumer.depth()
    return [...this.#stash.toArray(), ...Array.from({ length: inRing }, (_, i) => this.#at(consumer as RingConsumer, i))]
  }

  /** Outputs of an earlier life, before any of this one. */
  begin(outputs: readonly Received[]): void {
    for (const output of outputs) this.#stash.push(output)
    this.#noteStash()
  }

  /** Puts outputs back in front of the stream. */
  putBack(messages: readonly unknown[]): void {
    if (messages.length === 0) return
    const behind = this.#stash.toArray()
    while (this.#stash.size > 0) this.#stash.shift()
    for (const message of messages) this.#stash.push({ message, envelope: noEnvelope })
    for (const entry of behind) this.#stash.push(entry)
    this.#noteStash()
  }

  /** Takes everything out of the ring (its memory is about to go) and keeps it for receivers. */
  keepAll(): void {
    while (this.available()) this.#stash.push(this.#takeFirst())
    this.#noteStash()
    this.#consumer = undefined
  }

  #ring(): RingConsumer {
    if (this.#consumer === undefined) throw new RangeError(`the output ring of '${this.#id}' is gone`)
    return this.#consumer
  }

  #takeFirst(): Received {
    const consumer = this.#ring()
    const received = this.#at(consumer, 0)
    consumer.release(1)
    return received
  }

  #at(consumer: RingConsumer, i: number): Received {
    const slot = consumer.slot(i)
    return { message: this.#codec.read(slot + ENVELOPE_BYTES), envelope: readEnvelope(this.#words, slot) }
  }

  #giveFirst(): void {
    const receiver = this.#receivers.first()
    if (receiver?.take() === true) this.#receivers.shift()
  }

  #answer(): boolean {
    const consumer = this.#ring()
    const slot = consumer.slot(0)
    const at = slot >>> 2
    const isOwn = this.#words[at + 3] === this.#origin
    const low = this.#words[at + 2] as number
    const correlationId = isOwn ? 0n : readCorrelation(this.#words, slot)
    const wait = isOwn ? this.#ownAsks.get(low) : this.#asks.get(correlationId)
    if (wait === undefined) return false
    const message = this.#codec.read(slot + ENVELOPE_BYTES)
    if (isOwn) this.#ownAsks.delete(low)
    else this.#asks.delete(correlationId)
    consumer.release(1)
    wait.resolve(message)
    this.#wakeBlocked()
    return true
  }

  /** The answer to an ask that gave up leaves the ring and is counted. */
  #discardLate(): boolean {
    const consumer = this.#ring()
    const at = consumer.slot(0) >>> 2
    if (this.#words[at + 3] !== this.#origin || !this.#givenUp.delete(this.#words[at + 2] as number)) return false
    consumer.release(1)
    this.#discarded()
    this.#wakeBlocked()
    return true
  }

  #refuseAsks(error: Error): void {
    const waits = [...this.#ownAsks.values(), ...this.#asks.values()]
    this.#ownAsks.clear()
    this.#asks.clear()
    for (const wait of waits) wait.reject(error)
  }

  /** An ask waits for an answer behind this output, which is nobody's yet. Refuses when the stream is as long as a ring may be. */
  #stashFirst(): boolean {
    if (this.#stash.size >= this.capacity && !this.#draining) {
      this.#refuseAsks(new QueueFullError(this.#id, this.capacity, `ring kernel '${this.#id}' has ${this.#stash.size} outputs that nobody received, so an answer behind them cannot be read; receive them with receive() or outputs().`))
      return false
    }
    this.#stash.push(this.#takeFirst())
    this.#noteStash()
    this.#wakeBlocked()
    return true
  }

  #noteStash(): void { if (this.#consumer !== undefined) this.#words[this.#controlWord + word.stashDepth] = this.#stash.size }

  #wakeBlocked(): void {
    if (Atomics.load(this.#words, this.#controlWord + word.waitsFor) === waitsFor.outputRoom) this.#roomMade()
  }
}
