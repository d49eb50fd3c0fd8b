// The rings of a ring kernel as its tables on the GPU name them: the host's own, and those of connections.
import type { EdgeEntry } from '../../compiler/cuda/abi.js'
import type { DeviceAddress } from '../../driver/index.js'
import { word } from '../../ring/control.js'
import { edgeBytes, edgeSlots } from '../../ring/edge.js'
import type { RingTables } from './actor-memory.js'
import type { Gpu } from './gpu.js'
import type { EdgeAsk, WireAsk } from './letters.js'

/** A control block: its words, its byte offset in its arena, and where the GPU finds it. */
export interface ControlPlace { readonly words: Int32Array; readonly offset: number; readonly address: DeviceAddress }

/** The wiring of a ring kernel that is connected to nobody. */
export function unconnected(outputCount: number): Pick<WireAsk, 'inputs' | 'outputs'> {
  return { inputs: [], outputs: Array.from({ length: outputCount }, () => []) }
}

/** Pins what lies in arenas, so nothing may be resident on the GPU. */
export function ringTables(gpu: Gpu, runtime: number, control: ControlPlace, wiring: Pick<WireAsk, 'inputs' | 'outputs'>): RingTables {
  const entry = (edge: EdgeAsk): EdgeEntry => edgeEntry(gpu, runtime, edge)
  const inputs = [hostRing(control, word.inputCapacity, word.inputOffset), ...wiring.inputs.map(entry)]
  const outputs = [hostRing(control, word.outputCapacity, word.outputOffset)]
  const ports = wiring.outputs.map((edges, port) => {
    // What is connected to nobody goes to the host, when it is `output`; a port's is dropped and counted.
    if (edges.length === 0) return { first: 0, count: port === 0 ? 1 : 0 }
    const first = outputs.length
    outputs.push(...edges.map(entry))
    return { first, count: edges.length }
  })
  return { inputs, outputs, ports }
}

function hostRing({ words, offset, address }: ControlPlace, capacityWord: number, offsetWord: number): EdgeEntry {
  const at = (index: number): number => (words[(offset >>> 2) + index] as number) >>> 0
  return { record: 0n, slots: address + BigInt(at(offsetWord) - offset), capacity: at(capacityWord), number: 0, scope: 'system' }
}

function edgeEntry(gpu: Gpu, runtime: number, { number, at, capacity, payloadBytes }: EdgeAsk): EdgeEntry {
  const record = at.kind === 'device' ? gpu.memory.addressOf(at.block, 0) : gpu.pins.pin(runtime, at.arena, at.offset, edgeBytes({ capacity, payloadBytes, whenFull: 'block' }))
  return { record, slots: record + BigInt(edgeSlots), capacity, number, scope: at.kind === 'device' ? 'device' : 'system' }
}
