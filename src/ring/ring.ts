// One single-producer, single-consumer ring in an arena, seen from either end. The protocol and nothing above it: no waiting, no codecs.
//
// Indices are monotonic u32 that wrap; the slot is index & (capacity − 1). The producer fills slots past the tail, then publishes them with one
// store; the consumer reads slots past the head, then releases them with one store. Each end keeps its own index only in the arena, so a thread
// that is stopped between any two instructions leaves a ring that is whole: what was not published was never sent, what was not released is still there.
import type { ArenaViews } from './control.js'
import { claimOldest, copySlot, countDropped, dropOldest, type Overflow } from './overflow.js'

/** Capacity bounds: below 16 a batch has no room, above 2²⁰ a ring of 4 KiB slots no longer fits an arena. */
export const CAPACITY_MIN = 16
export const CAPACITY_MAX = 1 << 20

export interface RingPlace {
  readonly arena: ArenaViews
  /** Word index of the tail (producer's) and head (consumer's) in the arena. */
  readonly tailWord: number
  readonly headWord: number
  /** Word index, on the producer's line, of the most messages that were published and not yet released at once. */
  readonly depthMaxWord: number
  /** Index of the double that counts what was published, where nobody else counts it. */
  readonly sentDouble?: number
  /** Byte offset of slot 0, bytes from slot to slot, and slots (a power of two). */
  readonly slotsOffset: number
  readonly stride: number
  readonly capacity: number
  /** Of a ring that drops what finds no room. */
  readonly overflow?: Overflow
}

/** The end that writes. */
export class RingProducer {
  readonly #words: Int32Array
  readonly #tailWord: number
  readonly #headWord: number
  readonly #depthMaxWord: number
  readonly #doubles: Float64Array
  readonly #sentDouble: number
  readonly #base: number
  readonly #stride: number
  readonly #mask: number
  readonly capacity: number
  readonly #overflow: Overflow | undefined
  /** The consumer's head as last seen: it only moves on, so room counted from it is room for sure. */
  #headSeen: number

  constructor(place: RingPlace) {
    this.#words = place.arena.words
    this.#tailWord = place.tailWord
    this.#headWord = place.headWord
    this.#depthMaxWord = place.depthMaxWord
    this.#doubles = place.arena.doubles
    this.#sentDouble = place.sentDouble ?? -1
    this.#base = place.slotsOffset
    this.#stride = place.stride
    this.#mask = place.capacity - 1
    this.capacity = place.capacity
    this.#overflow = place.overflow
    this.#headSeen = Atomics.load(place.arena.words, place.headWord)
  }

  /** At least `wanted` slots free? Looks at the consumer's head only when the last look does not suffice. */
  hasRoom(wanted: number): boolean {
    const tail = this.#words[this.#tailWord] as number
    if (((tail + wanted - this.#headSeen) | 0) <= this.capacity) return true
    this.#headSeen = Atomics.load(this.#words, this.#headWord)
    return ((tail + wanted - this.#headSeen) | 0) <= this.capacity
  }

  /** Has the message `ahead` places past the tail a slot? Drops the oldest for it, where that is what a full ring does. */
  admits(ahead: number): boolean {
    if (this.#overflow === undefined || this.hasRoom(ahead + 1)) return true
    if (this.#overflow.whenFull === 'dropNewest') return false
    dropOldest(this.#words, this.#headWord, this.#overflow.droppedWord, ((this.#words[this.#tailWord] as number) + ahead) | 0, this.capacity)
    return true
  }

  /** Messages that found no room. */
  dropped(count: number): void { if (this.#overflow !== undefined && count > 0) countDropped(this.#words, this.#overflow.droppedWord, count) }

  /** Slots free now. */
  room(): number {
    this.#headSeen = Atomics.load(this.#words, this.#headWord)
    return this.capacity - (((this.#words[this.#tailWord] as number) - this.#headSeen) | 0)
  }

  /** Byte offset of the slot `ahead` places past the tail. */
  slot(ahead: number): number {
    return this.#base + ((((this.#words[this.#tailWord] as number) + ahead) & this.#mask) * this.#stride)
  }

  /** Makes the next `count` filled slots visible: the only commit there is. */
  publish(count: number): void {
    const tail = ((this.#words[this.#tailWord] as number) + count) | 0
    Atomics.store(this.#words, this.#tailWord, tail)
    if (this.#sentDouble >= 0) this.#doubles[this.#sentDouble] = (this.#doubles[this.#sentDouble] as number) + count
    this.#headSeen = noteDepthMax(this.#words, this.#depthMaxWord, this.#headWord, tail, this.#headSeen)
  }

  /** As a publication notes it, with `beside` further messages that wait for room in it. */
  noteDepthMax(beside: number): void {
    this.#headSeen = noteDepthMax(this.#words, this.#depthMaxWord, this.#headWord, ((this.#words[this.#tailWord] as number) + beside) | 0, this.#headSeen)
  }
}

/**
 * Notes how many messages lie in a ring whose producer is at `tail`, when that is more than ever before; returns the consumer's head as last seen. Only the
 * producer can tell the most there were: between any two looks of the consumer they come and go. The head is read only when the last look would make a new maximum.
 */
export function noteDepthMax(words: Int32Array, depthMaxWord: number, headWord: number, tail: number, headSeen: number): number {
  const most = words[depthMaxWord] as number
  if (((tail - headSeen) | 0) <= most) return headSeen
  const head = Atomics.load(words, headWord)
  const depth = (tail - head) | 0
  if (depth > most) words[depthMaxWord] = depth
  return head
}

/** The end that reads. */
export class RingConsumer {
  readonly #words: Int32Array
  readonly #tailWord: number
  readonly #headWord: number
  readonly #base: number
  readonly #stride: number
  readonly #mask: number
  readonly capacity: number
  readonly #handSlot: number
  #tailSeen: number

  constructor(place: RingPlace) {
    this.#words = place.arena.words
    this.#tailWord = place.tailWord
    this.#headWord = place.headWord
    this.#base = place.slotsOffset
    this.#stride = place.stride
    this.#mask = place.capacity - 1
    this.capacity = place.capacity
    this.#handSlot = place.overflow?.handSlot ?? -1
    // Nothing seen yet: between here and the first look, the producer may still take messages back from sight.
    this.#tailSeen = Atomics.load(place.arena.words, place.headWord)
  }

  /** Messages that can be read, from the one at `ahead` on; looks at the producer's tail only when the last look shows none. */
  available(ahead = 0): number {
    const head = ((this.#words[this.#headWord] as number) + ahead) | 0
    const seen = (this.#tailSeen - head) | 0
    if (seen > 0) return seen
    this.#tailSeen = Atomics.load(this.#words, this.#tailWord)
    return (this.#tailSeen - head) | 0
  }

  /**
   * Takes the oldest message of a ring that drops its oldest; returns the slot that it was copied to, or −1 when there is none. `beside` copies what a slot's bytes do
   * not hold.
   */
  claim(beside: ((from: number, to: number) => void) | undefined): number {
    const to = this.#handSlot
    const claimed = claimOldest(this.#words, this.#headWord, this.#tailWord, (index) => {
      const from = this.#base + (index & this.#mask) * this.#stride
      copySlot(this.#words, from, this.#words, to, this.#stride)
      beside?.(from, to)
    })
    return claimed ? to : -1
  }

  /** Messages in the ring now. */
  depth(): number {
    this.#tailSeen = Atomics.load(this.#words, this.#tailWord)
    return (this.#tailSeen - (this.#words[this.#headWord] as number)) | 0
  }

  /** Byte offset of the slot `ahead` places past the head. */
  slot(ahead: number): number {
    return this.#base + ((((this.#words[this.#headWord] as number) + ahead) & this.#mask) * this.#stride)
  }

  /** How far the head is ahead of that of an earlier copy of this ring. */
  headFrom(copy: RingConsumer): number { return (Atomics.load(this.#words, this.#headWord) - (copy.#words[copy.#headWord] as number)) | 0 }

  /** Forgets the tail as last seen: while this end was at rest, the producer may have taken messages back from sight. */
  lookAgain(): void { this.#tailSeen = this.#words[this.#headWord] as number }

  /** Gives the next `count` slots back to the producer. */
  release(count: number): void {
    Atomics.store(this.#words, this.#headWord, ((this.#words[this.#headWord] as number) + count) | 0)
  }
}
