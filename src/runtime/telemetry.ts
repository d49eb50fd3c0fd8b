// Telemetry of one ring kernel, read from its control block.
import type { Block } from '../ring/arena.js'
import { double, word } from '../ring/control.js'
import { latencyBuckets, percentilesNs } from '../ring/histogram.js'
import type { Latencies, RingTelemetry, Telemetry } from './types.js'
import type { Throughput } from './throughput.js'

/** Rings between it and other ring kernels. */
export interface ConnectedRings { readonly inputs: readonly RingTelemetry[]; readonly outputs: readonly RingTelemetry[] }

export function telemetryOf(id: string, block: Block, throughput: Throughput, connected: ConnectedRings): Telemetry {
  const { words, doubles } = block.arena
  const control = block.offset >>> 2
  const number = (index: number): number => doubles[(block.offset >>> 3) + index] as number
  const at = (index: number): number => Atomics.load(words, control + index)
  const depth = Math.max((at(word.inTail) - at(word.inHead)) | 0, 0) + at(word.admissionDepth)
  const processed = number(double.processed)
  const inputs = [{ from: 'host', to: id, capacity: at(word.inputCapacity), sent: number(double.hostSent), depth, depthMax: at(word.queueDepthMax) }, ...connected.inputs]
  // The host's ring is out of use while a connection takes its place.
  const isHostConnected = !connected.outputs.some(({ from }) => from === id)
  const outputDepth = Math.max((at(word.outTail) - at(word.outHead)) | 0, 0) + at(word.stashDepth)
  return {
    processed, sent: number(double.sent),
    dropped: number(double.dropped) + number(double.hostDropped), errors: number(double.errors),
    expired: number(double.expired) + number(double.hostExpired), duplicates: number(double.hostDuplicates),
    deadLetters: number(double.deadLetters) + number(double.lettersLost), restarts: number(double.restarts),
    depth: inputs.reduce((sum, each) => sum + each.depth, 0), depthMax: inputs.reduce((most, each) => Math.max(most, each.depthMax), 0),
    throughput: throughput.look(performance.now(), processed),
    latencyNs: latenciesOf(words, control + word.histogram, number(double.latencyNsMax)),
    inputs,
    outputs: [...isHostConnected ? [{ from: id, to: 'host', capacity: at(word.outputCapacity), sent: number(double.sent), depth: outputDepth, depthMax: at(word.outDepthMax) }] : [], ...connected.outputs],
  }
}

function latenciesOf(words: Int32Array, firstWord: number, max: number): Latencies {
  const buckets = latencyBuckets(words, firstWord)
  // A bucket's ceiling may lie above the largest latency seen; a percentile never does.
  const [p50 = 0, p90 = 0, p99 = 0, p999 = 0] = percentilesNs(buckets, [0.5, 0.9, 0.99, 0.999]).map((ns) => Math.min(ns, max))
  return { count: buckets.reduce((sum, { count }) => sum + count, 0), p50, p90, p99, p999, max, buckets }
}
