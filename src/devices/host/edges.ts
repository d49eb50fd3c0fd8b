// Rings between ring kernels, as one of this thread stands at them: whoever stands at the other end is woken by a call.
import { waitsFor, word } from '../../ring/control.js'
import { edgeRing } from '../../ring/edge.js'
import type { Edge, Wiring } from '../../runtime/device.js'
import { messageCodec, structCodec, type BoundCodec, type Fields, type Struct } from '../../schema/index.js'
import type { EdgeEnd, EdgeEnds } from '../body/edge-ends.js'
import { valueFormat } from './value-format.js'

export function edgeEnds(wiring: Wiring): EdgeEnds {
  return {
    inputs: wiring.inputs.map((edge) => {
      const { arena: { words }, offset } = edge.fromBlock
      // Room is news only to one that waits for it.
      return edgeEnd(edge, () => { if (Atomics.load(words, (offset >>> 2) + word.waitsFor) === waitsFor.outputRoom) edge.from.wake() })
    }),
    outputs: wiring.outputs.map((port) => port.map((edge) => edgeEnd(edge, () => { edge.to.wake() }))),
  }
}

function edgeEnd(edge: Edge, moved: () => void): EdgeEnd {
  if (edge.at.kind !== 'arena') throw new RangeError(`the ring ${edge.number} between ring kernels lies in the memory of another device than host`)
  const { block } = edge.at
  return { number: edge.number, ring: edgeRing(block.arena, block.offset, edge), codec: codecOf(edge, block.arena.memory), moved }
}

/** Between two ring kernels of this device values lie beside the slots, so both ends need the one codec that knows them. */
const valueCodecs = new WeakMap<Edge, BoundCodec>()

function codecOf(edge: Edge, memory: SharedArrayBuffer): BoundCodec {
  const { schema, payloadBytes, hostCodec } = edge
  if (hostCodec !== undefined) return hostCodec
  if (schema.kind === 'struct') return structCodec(schema as Struct<Fields>).bind(memory)
  if (payloadBytes > 0) return messageCodec(schema, payloadBytes).bind(memory)
  let codec = valueCodecs.get(edge)
  if (codec === undefined) { codec = valueFormat(schema).bind(memory); valueCodecs.set(edge, codec) }
  return codec
}
