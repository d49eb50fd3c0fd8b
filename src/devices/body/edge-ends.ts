// The rings at which one ring kernel's device end stands: those it takes messages from, in turn, and those each of its outputs goes to.
import type { ArenaViews } from '../../ring/control.js'
import { inputRing, outputRing } from '../../ring/block.js'
import { RingConsumer, RingProducer, type RingPlace } from '../../ring/ring.js'
import { ENVELOPE_BYTES } from '../../ring/envelope.js'
import type { BoundCodec } from '../../schema/index.js'

/** One end of a ring between ring kernels, as the thread of the body sees it. */
export interface EdgeEnd {
  readonly number: number
  readonly ring: RingPlace
  readonly codec: BoundCodec
  /** The ring moved: whoever stands at its other end may have to be woken. */
  readonly moved: () => void
}

/** Every connection of one ring kernel. */
export interface EdgeEnds { readonly inputs: readonly EdgeEnd[]; readonly outputs: readonly (readonly EdgeEnd[])[] }

/** A ring that messages are taken from. */
export class Intake {
  readonly number: number
  readonly arena: ArenaViews
  readonly codec: BoundCodec
  readonly ring: RingConsumer
  /** Bytes of a slot. */
  readonly stride: number
  /** Messages taken and finished, but not yet released: they leave their slots with the next commit. */
  finished = 0
  /** Is the message in hand one of this ring's? */
  holds = false
  /** Messages leave the ring when they are taken, not when they are finished: the oldest are dropped behind this end's back. */
  readonly leavesWhenTaken: boolean
  readonly #moved: () => void

  constructor(end: EdgeEnd) {
    this.number = end.number
    this.arena = end.ring.arena
    this.codec = end.codec
    this.ring = new RingConsumer(end.ring)
    this.stride = end.ring.stride
    this.leavesWhenTaken = end.ring.overflow?.whenFull === 'dropOldest'
    this.#moved = end.moved
  }

  /** Messages not taken yet. */
  available(): number { return this.leavesWhenTaken ? this.ring.depth() : this.ring.available(this.finished + (this.holds ? 1 : 0)) }

  /** The slot of the next message; −1 when there is none after all. */
  next(): number { return this.leavesWhenTaken ? this.ring.claim(this.codec.copyBeside === undefined ? undefined : (from, to) => { this.codec.copyBeside?.(from + ENVELOPE_BYTES, to + ENVELOPE_BYTES) }) : this.ring.slot(this.finished) }

  release(): void {
    const { finished } = this
    if (finished === 0) return
    this.finished = 0
    if (this.leavesWhenTaken) return
    this.ring.release(finished)
    this.#moved()
  }
}

/** A ring that outputs are placed in. */
export class Outlet {
  readonly number: number
  readonly arena: ArenaViews
  readonly codec: BoundCodec
  readonly ring: RingProducer
  readonly moved: () => void
  readonly #drops: boolean
  /** Outputs placed in it, but not yet published, and those that found no room meanwhile; and as many of them as came before the message in hand. */
  #placed = 0
  #placedBefore = 0
  #lost = 0
  #lostBefore = 0
  #isDropped = false

  constructor(end: EdgeEnd) {
    this.number = end.number
    this.arena = end.ring.arena
    this.codec = end.codec
    this.ring = new RingProducer(end.ring)
    this.moved = end.moved
    this.#drops = end.ring.overflow !== undefined
  }

  /** One that drops holds its sender up only until what is placed is published. */
  get isFull(): boolean { return this.#drops ? this.#placed === this.ring.capacity : !this.ring.hasRoom(this.#placed + 1) }

  /** The slot of the next output; −1 when it is dropped. */
  next(): number {
    this.#isDropped = this.#drops && !this.ring.admits(this.#placed)
    return this.#isDropped ? -1 : this.ring.slot(this.#placed)
  }

  placed(): void { if (this.#isDropped) this.#lost++; else this.#placed++ }
  mark(): void { this.#placedBefore = this.#placed; this.#lostBefore = this.#lost }
  unplace(): void { this.#placed = this.#placedBefore; this.#lost = this.#lostBefore }

  publish(): void {
    this.ring.dropped(this.#lost)
    this.ring.publish(this.#placed)
    this.#placed = this.#lost = this.#placedBefore = this.#lostBefore = 0
    this.moved()
  }
}

/** One output of a ring kernel: every message goes to each of its rings, or, where it has none, nowhere. */
export class OutputPort {
  outlets: readonly Outlet[]
  /** Outputs placed, but not yet published; and of those, how many came before the message in hand. */
  placed = 0
  placedBefore = 0

  constructor(outlets: readonly Outlet[]) { this.outlets = outlets }

  /** The first ring that has no room for one more; undefined when all have. */
  full(): Outlet | undefined {
    for (const outlet of this.outlets) if (outlet.isFull) return outlet
    return undefined
  }

  /** The output was written in the next slot of each ring that has one. */
  placedOne(): void {
    this.placed++
    for (const outlet of this.outlets) outlet.placed()
  }

  /** A message comes in hand: outputs that are placed while it is, are placed for good once it is finished. */
  mark(): void {
    this.placedBefore = this.placed
    for (const outlet of this.outlets) outlet.mark()
  }

  unplace(): void {
    this.placed = this.placedBefore
    for (const outlet of this.outlets) outlet.unplace()
  }

  /** Returns how many messages were published, or dropped on their way. */
  publish(): number {
    const { placed } = this
    if (placed === 0) return 0
    this.placed = 0
    for (const outlet of this.outlets) outlet.publish()
    return placed
  }
}

/** The host's own rings, at which every ring kernel stands; the runner tells the host itself when they move. */
export function hostEnds(arena: ArenaViews, controlOffset: number, input: BoundCodec, output: BoundCodec): { input: EdgeEnd; output: EdgeEnd } {
  const moved = (): void => { /* the runner's events say so */ }
  return {
    input: { number: 0, ring: inputRing(arena, controlOffset), codec: input, moved },
    output: { number: 0, ring: outputRing(arena, controlOffset), codec: output, moved },
  }
}
