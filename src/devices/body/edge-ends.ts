// The rings at which one ring kernel's device end stands: those it takes messages from, in turn, and those each of its outputs goes to.
import type { ArenaViews } from '../../ring/control.js'
import { inputRing, outputRing } from '../../ring/block.js'
import { RingConsumer, RingProducer, type RingPlace } from '../../ring/ring.js'
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
  readonly #moved: () => void

  constructor(end: EdgeEnd) {
    this.number = end.number
    this.arena = end.ring.arena
    this.codec = end.codec
    this.ring = new RingConsumer(end.ring)
    this.stride = end.ring.stride
    this.#moved = end.moved
  }

  /** Messages not taken yet. */
  available(): number { return this.ring.available(this.finished + (this.holds ? 1 : 0)) }

  release(): void {
    const { finished } = this
    if (finished === 0) return
    this.finished = 0
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

  constructor(end: EdgeEnd) {
    this.number = end.number
    this.arena = end.ring.arena
    this.codec = end.codec
    this.ring = new RingProducer(end.ring)
    this.moved = end.moved
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
    for (const outlet of this.outlets) if (!outlet.ring.hasRoom(this.placed + 1)) return outlet
    return undefined
  }

  /** Returns how many messages were published. */
  publish(): number {
    const { placed } = this
    if (placed === 0) return 0
    this.placed = 0
    for (const outlet of this.outlets) { outlet.ring.publish(placed); outlet.moved() }
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
