// The memory of one ring between ring kernels (K2K): the producer's line, the consumer's line, the slots. Layout only.
import { LINE_BYTES, type ArenaViews } from './control.js'
import { slotStride } from './envelope.js'
import type { Overflow } from './overflow.js'
import type { RingPlace } from './ring.js'

/** Word indices from the record's start. On the producer's line: `tail`, how many messages were dropped, and the most that lay in the ring. On the consumer's: `head`. */
export const edgeWord = { tail: 0, dropped: 2, depthMax: 3, head: LINE_BYTES / 4 } as const

/** Bytes from the record's start to its first slot. */
export const edgeSlots = 2 * LINE_BYTES

/** What a full ring does: hold its sender up, or drop and count. */
export type WhenFull = 'block' | Overflow['whenFull']

export interface EdgeShape { readonly capacity: number; readonly payloadBytes: number; readonly whenFull: WhenFull }

/** Bytes of the whole record; zeroed, it is an empty ring. */
export function edgeBytes({ capacity, payloadBytes, whenFull }: EdgeShape): number { return edgeSlots + (capacity + (whenFull === 'dropOldest' ? 1 : 0)) * slotStride(payloadBytes) }

/** The ring of the record at byte `offset`. */
export function edgeRing(arena: ArenaViews, offset: number, { capacity, payloadBytes, whenFull }: EdgeShape): RingPlace {
  const [at, slotsOffset, stride] = [offset >>> 2, offset + edgeSlots, slotStride(payloadBytes)]
  const overflow = whenFull === 'block' ? {} : { overflow: { whenFull, droppedWord: at + edgeWord.dropped, handSlot: slotsOffset + capacity * stride } }
  return { arena, tailWord: at + edgeWord.tail, headWord: at + edgeWord.head, depthMaxWord: at + edgeWord.depthMax, slotsOffset, stride, capacity, ...overflow }
}
