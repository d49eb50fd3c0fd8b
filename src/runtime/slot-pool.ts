// Messages that wait on this side of a ring, already encoded, so that a caller may change its object after `send`. Slots come from the arena in blocks and
// look like the ring's own, so that a message moves between the two as bytes.
import type { Block } from '../ring/arena.js'
import type { ArenaViews } from '../ring/control.js'
import { ENVELOPE_BYTES } from '../ring/envelope.js'
import type { BoundCodec } from '../schema/index.js'

const SLOTS_A_BLOCK = 64

/** Where the slots of one queue come from. */
export interface SlotSource {
  readonly stride: number
  allocate(bytes: number): Block
  release(block: Block): void
  /** The payload codec for the arena `block` lies in. */
  codecFor(block: Block): BoundCodec
}

/** A place a message can lie in, of the pool or of the ring: the byte offset of its slot, and how its payload is read. */
export interface QueuedAt { readonly arena: ArenaViews; readonly slot: number; readonly codec: BoundCodec }

interface Chunk { readonly block: Block; readonly codec: BoundCodec; used: number; left: number }
export interface PoolSlot extends QueuedAt { readonly chunk: Chunk }

export class SlotPool {
  readonly #source: SlotSource
  #writing: Chunk | undefined
  /** One block is kept for the next burst. */
  #spare: Chunk | undefined

  constructor(source: SlotSource) { this.#source = source }

  /** A slot to fill; it is nobody's until `keep` is called with it. */
  next(): PoolSlot {
    let chunk = this.#writing
    if (chunk === undefined || chunk.used === SLOTS_A_BLOCK) {
      chunk = this.#spare ?? this.#allocate()
      this.#spare = undefined
      this.#writing = chunk
    }
    return { chunk, slot: chunk.block.offset + chunk.used * this.#source.stride, arena: chunk.block.arena, codec: chunk.codec }
  }

  keep({ chunk }: PoolSlot): void {
    chunk.used++
    chunk.left++
  }

  free({ chunk }: PoolSlot): void {
    chunk.left--
    if (chunk.left > 0) return
    if (chunk === this.#writing) { chunk.used = 0; return }
    if (chunk.used < SLOTS_A_BLOCK) return
    if (this.#spare === undefined) { chunk.used = 0; this.#spare = chunk } else this.#source.release(chunk.block)
  }

  /** Gives the blocks back that nobody's message lies in. */
  close(): void {
    if (this.#spare !== undefined) this.#source.release(this.#spare.block)
    this.#spare = undefined
    if (this.#writing?.left !== 0) return
    this.#source.release(this.#writing.block)
    this.#writing = undefined
  }

  #allocate(): Chunk {
    const block = this.#source.allocate(this.#source.stride * SLOTS_A_BLOCK)
    return { block, codec: this.#source.codecFor(block), used: 0, left: 0 }
  }
}

/** Copies a message, envelope and payload, from one slot to another. Bytes as they are: encoding them again would ask a validator again. */
export function copyMessage(from: QueuedAt, to: QueuedAt, stride: number): void {
  const [source, target] = [from.slot >>> 2, to.slot >>> 2]
  for (let i = 0; i < stride / 4; i++) to.arena.words[target + i] = from.arena.words[source + i] as number
  // Values that have no bytes lie beside their slots.
  if (stride === ENVELOPE_BYTES) to.codec.write(to.slot + ENVELOPE_BYTES, from.codec.read(from.slot + ENVELOPE_BYTES))
}
