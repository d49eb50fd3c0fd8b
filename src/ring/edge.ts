// The memory of one ring between ring kernels (K2K): the producer's line, the consumer's line, the slots. Layout only.
import { LINE_BYTES, type ArenaViews } from './control.js'
import { slotStride } from './envelope.js'
import type { RingPlace } from './ring.js'

/** Word indices from the record's start: `tail` is on the producer's line; `head`, and how many messages lapped the consumer, on the consumer's. */
export const edgeWord = { tail: 0, head: LINE_BYTES / 4, lapped: LINE_BYTES / 4 + 1 } as const

/** Bytes from the record's start to its first slot. */
export const edgeSlots = 2 * LINE_BYTES

export interface EdgeShape { readonly capacity: number; readonly payloadBytes: number }

/** Bytes of the whole record; zeroed, it is an empty ring. */
export function edgeBytes({ capacity, payloadBytes }: EdgeShape): number { return edgeSlots + capacity * slotStride(payloadBytes) }

/** The ring of the record at byte `offset`. */
export function edgeRing(arena: ArenaViews, offset: number, { capacity, payloadBytes }: EdgeShape): RingPlace {
  return { arena, tailWord: (offset >>> 2) + edgeWord.tail, headWord: (offset >>> 2) + edgeWord.head, slotsOffset: offset + edgeSlots, stride: slotStride(payloadBytes), capacity }
}
