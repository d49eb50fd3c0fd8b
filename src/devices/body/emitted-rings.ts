// The ends of rings as an emitted body uses them: plain numbers, no calls across files on the way of a message. Each end knows three indices: how far the body is
// (`next`), how far it was when its frame was last kept (`kept`), and what the other side has been told.
import { noteDepthMax, type RingPlace } from '../../ring/ring.js'

/** One ring of a ring kernel: the host's is number 0, a connection has its own. `moved` tells whoever stands at its other end. */
export interface RingAt { readonly number: number; readonly ring: RingPlace; readonly moved: () => void }

abstract class RingEnd {
  readonly words: Int32Array
  readonly base: number
  readonly stride: number
  readonly mask: number
  readonly capacity: number
  readonly number: number
  readonly moved: () => void
  readonly tailWord: number
  readonly headWord: number
  /** In another arena than the ring kernel itself. */
  readonly isForeign: boolean
  next: number
  kept: number

  constructor({ number, ring, moved }: RingAt, memory: SharedArrayBuffer, ownWord: number) {
    this.words = ring.arena.words
    this.base = ring.slotsOffset
    this.stride = ring.stride
    this.mask = ring.capacity - 1
    this.capacity = ring.capacity
    this.number = number
    this.moved = moved
    this.tailWord = ring.tailWord
    this.headWord = ring.headWord
    this.isForeign = ring.arena.memory !== memory
    this.next = this.kept = Atomics.load(this.words, ownWord)
  }

  /** Byte offset of the slot of an index. */
  slotAt(index: number): number { return this.base + (index & this.mask) * this.stride }
}

export class InputEnd extends RingEnd {
  released: number
  tailSeen: number

  constructor(at: RingAt, memory: SharedArrayBuffer) {
    super(at, memory, at.ring.headWord)
    this.released = this.next
    this.tailSeen = Atomics.load(this.words, this.tailWord)
  }

  /** After a rest, what was seen may be too much: the host may have taken messages out of sight. */
  lookAgain(): void { this.tailSeen = Atomics.load(this.words, this.tailWord) }

  /** Messages not taken yet; looks at the producer's index only when the last look shows none. */
  available(): number {
    if (this.next === this.tailSeen) this.tailSeen = Atomics.load(this.words, this.tailWord)
    return (this.tailSeen - this.next) | 0
  }

  release(): void {
    this.released = this.kept
    Atomics.store(this.words, this.headWord, this.kept)
    this.moved()
  }
}

export class OutputEnd extends RingEnd {
  published: number
  headSeen: number
  readonly #depthMaxWord: number

  constructor(at: RingAt, memory: SharedArrayBuffer) {
    super(at, memory, at.ring.tailWord)
    this.published = this.next
    this.headSeen = Atomics.load(this.words, this.headWord)
    this.#depthMaxWord = at.ring.depthMaxWord
  }

  /** Looks at the consumer's index only when the last look does not suffice. */
  hasRoom(count: number): boolean {
    if (((this.next + count - this.headSeen) | 0) <= this.capacity) return true
    this.headSeen = Atomics.load(this.words, this.headWord)
    return ((this.next + count - this.headSeen) | 0) <= this.capacity
  }

  /**
   * Is the next output one that was published already? So it is when a thread was lost after it, but before the frame was kept: the body, going on from that
   * frame, computes it again.
   */
  get isRepeat(): boolean { return ((this.published - this.next) | 0) > 0 }

  publish(index: number): void {
    this.published = index
    Atomics.store(this.words, this.tailWord, index)
    this.headSeen = noteDepthMax(this.words, this.#depthMaxWord, this.headWord, index, this.headSeen)
    this.moved()
  }
}

/** Copies whole slots, envelope included. */
export function copySlot(from: Int32Array, fromByte: number, to: Int32Array, toByte: number, bytes: number): void {
  const [source, target] = [fromByte >>> 2, toByte >>> 2]
  for (let word = 0; word < bytes >>> 2; word++) to[target + word] = from[source + word] as number
}
