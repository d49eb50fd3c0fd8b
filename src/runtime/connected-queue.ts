// What lies in a ring between two ring kernels, copied while its consumer is parked.
import { viewsOf } from '../ring/control.js'
import { edgeBytes, edgeRing } from '../ring/edge.js'
import { ENVELOPE_BYTES } from '../ring/envelope.js'
import { RingConsumer } from '../ring/ring.js'
import { messageCodec, structCodec, type Fields, type Struct } from '../schema/index.js'
import type { Actor } from './actor.js'
import type { SavedMessage } from './checkpoint-file.js'
import type { Edge } from './device.js'
import { messageBytes } from './message-bytes.js'

/** The ring's number, and its messages, oldest first. */
export interface ConnectedQueue { readonly number: number; readonly messages: readonly SavedMessage[] }

/** The consumer is parked, so what lies there stays; its producer may add to it meanwhile. @throws TypeError when the messages are in nobody's bytes. */
export async function connectedQueue(edge: Edge, from: Actor, to: Actor): Promise<ConnectedQueue> {
  const copy = viewsOf(new SharedArrayBuffer(edgeBytes(edge)))
  if (edge.at.kind === 'device') await from.place.memory.download(edge.at.block, 0, copy.bytes)
  else copy.bytes.set(edge.at.block.arena.bytes.subarray(edge.at.block.offset, edge.at.block.offset + copy.bytes.byteLength))
  const ring = new RingConsumer(edgeRing(copy, 0, edge))
  // Where the producer overruns, the oldest are gone.
  const depth = Math.min(ring.depth(), edge.capacity)
  const lapped = ring.depth() - depth
  if (edge.payloadBytes === 0 && depth > 0) throw new TypeError(`ring kernel '${to.id}' cannot be saved now: ${depth} messages of '${from.id}' wait for it, and on the host device values between two ring kernels lie in no ring. Let it process them first.`)
  const { schema } = edge
  const codec = (schema.kind === 'struct' ? structCodec(schema as Struct<Fields>) : messageCodec(schema, Math.max(edge.payloadBytes, 16))).bind(copy.memory)
  const packed = messageBytes(schema)
  return {
    number: edge.number,
    messages: Array.from({ length: depth }, (_, i) => {
      const slot = ring.slot(lapped + i)
      return { envelope: copy.bytes.slice(slot, slot + ENVELOPE_BYTES), payload: packed.copy(copy.bytes, slot + ENVELOPE_BYTES, codec) }
    }),
  }
}
