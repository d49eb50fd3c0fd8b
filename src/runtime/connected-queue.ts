// What lies in a ring between two ring kernels, copied while its consumer is parked.
import { viewsOf } from '../ring/control.js'
import { edgeBytes, edgeRing } from '../ring/edge.js'
import { ENVELOPE_BYTES } from '../ring/envelope.js'
import { RingConsumer } from '../ring/ring.js'
import { messageCodec, structCodec, type Fields, type Struct } from '../schema/index.js'
import type { Actor } from './actor.js'
import type { SavedMessage } from './checkpoint-file.js'
import type { Edge } from './device.js'
import type { QueuedAt } from './slot-pool.js'
import { messageBytes } from './message-bytes.js'

/** The ring's number, and its messages, oldest first; the one in hand is the first of them, where messages do not leave the ring when they are taken. */
export interface ConnectedQueue { readonly number: number; readonly leavesWhenTaken: boolean; readonly messages: readonly SavedMessage[] }

/** The consumer is parked, so what lies there stays; its producer may add to it meanwhile. @throws TypeError when the messages are in nobody's bytes. */
export async function connectedQueue(edge: Edge, from: Actor, to: Actor): Promise<ConnectedQueue> {
  const copy = viewsOf(new SharedArrayBuffer(edgeBytes(edge)))
  if (edge.at.kind === 'device') await from.place.memory.download(edge.at.block, 0, copy.bytes)
  else copy.bytes.set(edge.at.block.arena.bytes.subarray(edge.at.block.offset, edge.at.block.offset + copy.bytes.byteLength))
  const ring = new RingConsumer(edgeRing(copy, 0, edge))
  // The sender may have dropped the oldest while they were copied, and written over them.
  const dropped = edge.at.kind === 'arena' && edge.whenFull === 'dropOldest' ? new RingConsumer(edgeRing(edge.at.block.arena, edge.at.block.offset, edge)).headFrom(ring) : 0
  const depth = Math.max(ring.depth() - dropped, 0)
  if (edge.payloadBytes === 0 && depth > 0) throw new TypeError(`ring kernel '${to.id}' cannot be saved now: ${depth} messages of '${from.id}' wait for it, and on the host device values between two ring kernels lie in no ring. Let it process them first.`)
  const { schema } = edge
  const codec = (schema.kind === 'struct' ? structCodec(schema as Struct<Fields>) : messageCodec(schema, Math.max(edge.payloadBytes, 16))).bind(copy.memory)
  const packed = messageBytes(schema)
  return {
    number: edge.number,
    leavesWhenTaken: edge.whenFull === 'dropOldest',
    messages: Array.from({ length: depth }, (_, i) => {
      const slot = ring.slot(dropped + i)
      return { envelope: copy.bytes.slice(slot, slot + ENVELOPE_BYTES), payload: packed.copy(copy.bytes, slot + ENVELOPE_BYTES, codec) }
    }),
  }
}

/**
 * Where the messages lie that the consumer will not take any more. None are told of a ring in a device's memory, of one whose sender may write over them, and of
 * values that lie in no ring.
 */
export function leftIn(edge: Edge, count: number): QueuedAt[] {
  if (edge.at.kind === 'device' || edge.whenFull === 'dropOldest' || edge.payloadBytes === 0) return []
  const { arena, offset } = edge.at.block
  const { schema } = edge
  const codec = (schema.kind === 'struct' ? structCodec(schema as Struct<Fields>) : messageCodec(schema, edge.payloadBytes)).bind(arena.memory)
  const ring = new RingConsumer(edgeRing(arena, offset, edge))
  return Array.from({ length: Math.min(count, ring.depth()) }, (_, i) => ({ arena, slot: ring.slot(i), codec }))
}
