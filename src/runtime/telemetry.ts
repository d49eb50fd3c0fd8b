// Telemetry of one ring kernel, read from its control block.
import type { Block } from '../ring/arena.js'
import { double, word } from '../ring/control.js'
import { percentileNs } from '../ring/histogram.js'
import type { Telemetry } from './types.js'

export function telemetryOf(block: Block): Telemetry {
  const { words, doubles } = block.arena
  const control = block.offset >>> 2
  const number = (index: number): number => doubles[(block.offset >>> 3) + index] as number
  const at = (index: number): number => Atomics.load(words, control + index)
  const max = number(double.latencyNsMax)
  // A bucket's ceiling may lie above the largest latency seen; a percentile never does.
  const percentile = (fraction: number): number => Math.min(percentileNs(words, control + word.histogram, fraction), max)
  return {
    processed: number(double.processed), sent: number(double.sent),
    dropped: number(double.dropped) + number(double.hostDropped), errors: number(double.errors),
    expired: number(double.expired) + number(double.hostExpired), duplicates: number(double.hostDuplicates),
    deadLetters: number(double.deadLetters) + number(double.lettersLost), restarts: number(double.restarts),
    depth: Math.max((at(word.inTail) - at(word.inHead)) | 0, 0) + at(word.admissionDepth), depthMax: at(word.inDepthMax),
    latencyNs: { p50: percentile(0.5), p99: percentile(0.99), max },
  }
}
