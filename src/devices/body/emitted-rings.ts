// The ends of rings as an emitted body uses them: plain numbers, no calls across files on the way of a message. Each end knows three indices: how far the body is
// (`next`), how far it was when its frame was last kept (`kept`), and what the other side has been told.
import { claimOldest, copySlot, countDropped, dropOldest, type Overflow } from '../../ring/overflow.js'
import { noteDepthMax, type RingPlace } from '../../ring/ring.js'

const TWO_32 = 4294967296
/** More than the messages of a batch. */
const TAKEN_MAX = 128

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
  /** Its slots are not used as they lie: they are in another arena than the ring kernel itself. */
  readonly isForeign: boolean
  readonly overflow: Overflow | undefined
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
    this.overflow = ring.overflow
    this.next = this.kept = Atomics.load(this.words, ownWord)
  }

  /** Goes on where another thread kept that it was. */
  goOn(index: number): void { this.next = this.kept = index }

  /** Byte offset of the slot of an index. */
  slotAt(index: number): number { return this.base + (index & this.mask) * this.stride }
}

export class InputEnd extends RingEnd {
  released: number
  tailSeen: number
  /**
   * Of a ring that drops its oldest, messages leave it when they are taken: they are used where they were copied to, and the indices here only count them. When
   * each was sent is kept until the batch is told.
   */
  readonly #sentAt: Float64Array | undefined

  constructor(at: RingAt, memory: SharedArrayBuffer) {
    super(at, memory, at.ring.headWord)
    this.released = this.next
    this.tailSeen = Atomics.load(this.words, this.tailWord)
    this.#sentAt = this.overflow?.whenFull === 'dropOldest' ? new Float64Array(TAKEN_MAX) : undefined
  }

  override goOn(index: number): void {
    super.goOn(index)
    if (this.#sentAt !== undefined) this.released = index
  }

  get leavesWhenTaken(): boolean { return this.#sentAt !== undefined }

  /** Copies the next message, and takes it from a ring that drops its oldest. False when there is none after all. */
  bring(to: Int32Array, toByte: number): boolean {
    if (this.#sentAt === undefined) { copySlot(this.words, this.slotAt(this.next), to, toByte, this.stride); return true }
    return claimOldest(this.words, this.headWord, this.tailWord, (index) => { copySlot(this.words, this.slotAt(index), to, toByte, this.stride) })
  }

  /** The message that was taken last, whose slot begins at word `at`, is finished. */
  finished(words: Int32Array, at: number): void {
    if (this.#sentAt !== undefined) this.#sentAt[this.next & (TAKEN_MAX - 1)] = (words[at + 7] as number) * TWO_32 + ((words[at + 6] as number) >>> 0)
    this.next = (this.next + 1) | 0
  }

  /** When the message of an index that is not released was sent. */
  sentAt(index: number): number {
    if (this.#sentAt !== undefined) return this.#sentAt[index & (TAKEN_MAX - 1)] as number
    const at = this.slotAt(index) >>> 2
    return (this.words[at + 7] as number) * TWO_32 + ((this.words[at + 6] as number) >>> 0)
  }

  /** Messages not taken yet, when this ring's is in hand. */
  availableBesideHand(): number { return this.available() - (this.#sentAt === undefined ? 1 : 0) }

  /** After a rest, what was seen may be too much: the host may have taken messages out of sight. */
  lookAgain(): void { this.tailSeen = Atomics.load(this.words, this.tailWord) }

  /** Messages not taken yet; looks at the producer's index only when the last look shows none. */
  available(): number {
    if (this.#sentAt !== undefined) return (Atomics.load(this.words, this.tailWord) - Atomics.load(this.words, this.headWord)) | 0
    if (this.next === this.tailSeen) this.tailSeen = Atomics.load(this.words, this.tailWord)
    return (this.tailSeen - this.next) | 0
  }

  release(): void {
    this.released = this.kept
    if (this.#sentAt !== undefined) return
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
    // What is not published yet is not dropped.
    if (this.overflow !== undefined) return ((this.next + count - this.published) | 0) <= this.capacity
    return this.#fits(count)
  }

  /** May the next output be written where it belongs, or is it only copied there when it is placed? */
  get isOpen(): boolean { return !this.isForeign && !this.isRepeat && (this.overflow === undefined || this.#fits(1)) }

  /** Brings an output from where it was written into its slot, or drops what has to be dropped. */
  place(from: Int32Array, fromByte: number): void {
    if (!this.isRepeat) {
      if (this.overflow !== undefined && !this.#fits(1)) {
        if (this.overflow.whenFull === 'dropNewest') { countDropped(this.words, this.overflow.droppedWord, 1); return }
        dropOldest(this.words, this.headWord, this.overflow.droppedWord, this.next, this.capacity)
      }
      const slot = this.slotAt(this.next)
      if (from !== this.words || slot !== fromByte) copySlot(from, fromByte, this.words, slot, this.stride)
    }
    this.next = (this.next + 1) | 0
  }

  #fits(count: number): boolean {
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
