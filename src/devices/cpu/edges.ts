// Rings between ring kernels, as a worker stands at them: made from what the main thread tells of them.
import { viewsOf, waitsFor, word } from '../../ring/control.js'
import { edgeRing } from '../../ring/edge.js'
import { wakeHost } from '../../runtime/bell.js'
import { messageCodec, schemaFrom, structCodec, type BoundCodec, type Fields, type Struct } from '../../schema/index.js'
import type { EdgeEnd, EdgeEnds } from '../body/edge-ends.js'
import type { EdgeText, WiringText } from './letters.js'
import { wakeWorker } from './worker-line.js'

/** `bell` is the runtime's, for those at other ends that no worker has. */
export function edgeEnds(wiring: WiringText, bell: { readonly words: Int32Array; readonly at: number }): EdgeEnds {
  return {
    inputs: wiring.inputs.map((edge) => {
      const wake = waker(edge, bell)
      const words = new Int32Array(edge.from.arena)
      // Room is news only to one that waits for it.
      return edgeEnd(edge, () => { if (Atomics.load(words, edge.from.control + word.waitsFor) === waitsFor.outputRoom) wake() })
    }),
    outputs: wiring.outputs.map((port) => port.map((edge) => edgeEnd(edge, waker(edge, bell)))),
  }
}

function edgeEnd(edge: EdgeText, moved: () => void): EdgeEnd {
  return { number: edge.number, ring: edgeRing(viewsOf(edge.arena), edge.offset, edge), codec: codecOf(edge), moved }
}

function codecOf({ schema: text, payloadBytes, arena }: EdgeText): BoundCodec {
  const schema = schemaFrom(text)
  return (schema.kind === 'struct' ? structCodec(schema as Struct<Fields>) : messageCodec(schema, payloadBytes)).bind(arena)
}

function waker({ peer }: EdgeText, bell: { readonly words: Int32Array; readonly at: number }): () => void {
  if (peer === undefined) return () => { wakeHost(bell.words, bell.at) }
  const words = new Int32Array(peer.arena)
  return () => { wakeWorker(words, peer.lines >>> 2) }
}
