// All rings of one emitted body: the host's own two, and its connections to other ring kernels.
import type { ArenaViews } from '../../ring/control.js'
import { inputRing, outputRing } from '../../ring/block.js'
import { RINGS_MAX } from './emitted-frame.js'
import { InputEnd, OutputEnd, type RingAt } from './emitted-rings.js'

/** Connections to other ring kernels; the first output goes to the host's ring when it has none. */
export interface RingsAt { readonly inputs: readonly RingAt[]; readonly outputs: readonly (readonly RingAt[])[] }

export class EmittedEnds {
  /** The host's ring first. */
  inputs: InputEnd[] = []
  /** By port; and all of them. */
  outputs: OutputEnd[][] = []
  all: OutputEnd[] = []
  readonly #memory: SharedArrayBuffer
  readonly #host: { readonly input: RingAt; readonly output: RingAt }
  readonly #portCount: number

  constructor(arena: ArenaViews, controlOffset: number, portCount: number) {
    const silent = (): void => { /* the runner's events tell the host */ }
    this.#memory = arena.memory
    this.#host = { input: { number: 0, ring: inputRing(arena, controlOffset), moved: silent }, output: { number: 0, ring: outputRing(arena, controlOffset), moved: silent } }
    this.#portCount = portCount
  }

  connect(rings: RingsAt): void {
    this.inputs = [this.#host.input, ...rings.inputs].map((ring) => new InputEnd(ring, this.#memory))
    this.outputs = Array.from({ length: this.#portCount }, (_, port) => {
      const connected = rings.outputs[port] ?? []
      return (port === 0 && connected.length === 0 ? [this.#host.output] : connected).map((ring) => new OutputEnd(ring, this.#memory))
    })
    this.all = this.outputs.flat()
    if (this.inputs.length + this.all.length > RINGS_MAX) throw new RangeError(`a ring kernel can be connected to ${RINGS_MAX} rings at most, its own two included`)
  }

  /** Is anything kept of which the other sides do not know yet? */
  get hasNews(): boolean {
    for (const end of this.inputs) if (end.released !== end.kept) return true
    for (const end of this.all) if (((end.kept - end.published) | 0) > 0) return true
    return false
  }

  /** Sequence numbers begin to be new behind this one: what lies unpublished, kept by a thread that was lost, has higher ones. */
  stamped(sequence: number): number {
    let stamped = sequence
    for (const end of this.all) {
      if (((end.kept - end.published) | 0) <= 0) continue
      const first = end.words[end.slotAt(end.published) >>> 2] as number
      if (((first - 1 - stamped) | 0) < 0) stamped = (first - 1) | 0
    }
    return stamped
  }
}

/** Have all of these room for `count` more? */
export function haveRoom(ends: readonly OutputEnd[], count: number): boolean {
  for (let i = 0; i < ends.length; i++) if (!(ends[i] as OutputEnd).hasRoom(count)) return false
  return true
}
