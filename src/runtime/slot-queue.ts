// Messages that wait on this side of a full ring, already encoded, so that a caller may change its object after `send`.
// Slots come from the arena in blocks, so the ring's own codec reads and writes them.
import type { Block } from '../ring/arena.js'
import { ENVELOPE_BYTES } from '../ring/envelope.js'
import type { BoundCodec } from '../schema/index.js'
import { Fifo } from './fifo.js'

const SLOTS_A_BLOCK = 64

/** Where the slots of one queue come from. */
export interface SlotSource {
  readonly stride: number
  allocate(bytes: number): Block
  release(block: Block): void
  /** The payload codec for the arena `block` lies in. */
  codecFor(block: Block): BoundCodec
}

interface Chunk { readonly block: Block; readonly codec: BoundCodec; used: number; left: number }
export interface QueuedSlot { readonly chunk: Chunk; readonly offset: number }

export class SlotQueue {
  readonly #source: SlotSource
  readonly #queue = new Fifo<QueuedSlot>()
  #writing: Chunk | undefined

  constructor(source: SlotSource) { this.#source = source }

  get size(): number { return this.#queue.size }

  /** A slot to fill, not queued yet; call `push` with it once it is filled. */
  slot(): QueuedSlot {
    let chunk = this.#writing
    if (chunk === undefined || chunk.used === SLOTS_A_BLOCK) {
      const block = this.#source.allocate(this.#source.stride * SLOTS_A_BLOCK)
      chunk = { block, codec: this.#source.codecFor(block), used: 0, left: 0 }
      this.#writing = chunk
    }
    return { chunk, offset: chunk.block.offset + chunk.used * this.#source.stride }
  }

  push(slot: QueuedSlot): void {
    slot.chunk.used++
    slot.chunk.left++
    this.#queue.push(slot)
  }

  first(): QueuedSlot | undefined { return this.#queue.first() }

  /** Drops the first slot, read or not. */
  shift(): void {
    const slot = this.#queue.shift()
    if (slot !== undefined) this.#free(slot.chunk)
  }

  remove(slot: QueuedSlot): void { if (this.#queue.remove(slot)) this.#free(slot.chunk) }

  slots(): readonly QueuedSlot[] { return this.#queue.toArray() }

  /** Decodes up to `limit` messages without taking them. */
  peek(limit: number): unknown[] {
    return this.#queue.toArray().slice(0, limit).map(({ chunk, offset }) => chunk.codec.read(offset + ENVELOPE_BYTES))
  }

  clear(): void { while (this.#queue.size > 0) this.shift() }

  #free(chunk: Chunk): void {
    chunk.left--
    if (chunk.left > 0 || chunk.used < SLOTS_A_BLOCK) return
    this.#source.release(chunk.block)
  }
}

/** Copies one message, envelope and payload, from a queued slot to a ring's slot. */
export function moveSlot(from: QueuedSlot, words: Int32Array, codec: BoundCodec, to: number): void {
  codec.write(to + ENVELOPE_BYTES, from.chunk.codec.read(from.offset + ENVELOPE_BYTES))
  const source = from.chunk.block.arena.words
  for (let i = 0; i < ENVELOPE_BYTES / 4; i++) words[(to >>> 2) + i] = source[(from.offset >>> 2) + i] as number
}
