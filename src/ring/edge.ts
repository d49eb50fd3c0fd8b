// The memory of one ring between ring kernels (K2K): the producer's line, the consumer's line, the slots. Layout only.
import { LINE_BYTES, type ArenaViews } from './control.js'
import { slotStride } from './envelope.js'
import type { RingPlace } from './ring.js'

/**
 * Word indices from the record's start. On the producer's line: `tail`; `ahead`, the index up to which slots may be being written, where they may be written
 * before they were taken (0 where not); how many messages found no room; and the most that lay in the ring. On the consumer's: `head`, and how many messages
 * were overwritten before it took them.
 */
export const edgeWord = { tail: 0, ahead: 1, dropped: 2, depthMax: 3, head: LINE_BYTES / 4, lapped: LINE_BYTES / 4 + 1 } as const

/** Bytes from the record's start to its first slot. */
export const edgeSlots = 2 * LINE_BYTES

export interface EdgeShape { readonly capacity: number; readonly payloadBytes: number }

/** Bytes of the whole record; zeroed, it is an empty ring. */
export function edgeBytes({ capacity, payloadBytes }: EdgeShape): number { return edgeSlots + capacity * slotStride(payloadBytes) }

/** The ring of the record at byte `offset`. */
export function edgeRing(arena: ArenaViews, offset: number, { capacity, payloadBytes }: EdgeShape): RingPlace {
  return { arena, tailWord: (offset >>> 2) + edgeWord.tail, headWord: (offset >>> 2) + edgeWord.head, depthMaxWord: (offset >>> 2) + edgeWord.depthMax, slotsOffset: offset + edgeSlots, stride: slotStride(payloadBytes), capacity }
}
