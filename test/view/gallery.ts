// Every figure in every form as files a person can look at: test/output/gallery/index.html. Data only from formulas, so that two runs agree.
import type { Figure } from '#ringlab/view/figure.js'
import { heatmap } from '#ringlab/view/figures/heatmap.js'
import { histogram } from '#ringlab/view/figures/histogram.js'
import { queuesNow, type QueueReading } from '#ringlab/view/figures/queues-now.js'
import { queuesOverTime } from '#ringlab/view/figures/queues-over-time.js'
import { recordsTable } from '#ringlab/view/figures/records-table.js'
import { schemaLayout } from '#ringlab/view/figures/schema-layout.js'
import { valuesLine } from '#ringlab/view/figures/values-line.js'
import { valuesTable } from '#ringlab/view/figures/values-table.js'
import { numbersOf, type Numbers } from '#ringlab/view/numbers.js'
import { QueueSamples } from '#ringlab/view/queue-samples.js'
import { array, f32, f64, struct, u32, u8 } from '#ringlab/schema/index.js'

/** A text that tries to break out of everything: markup, quotes, entities, control characters, wide and right-to-left letters. */
export const hostile = '<script>alert("1")</script>&amp;\'\u0007\u001b[31m 日本語 \u202eabc'

export function reading(id: string, depths: Partial<QueueReading['counters']> = {}, capacity = 64, outputCapacity = 64): QueueReading {
  const counters = { state: 'ACTIVE', inputDepth: 0, outputDepth: 0, inputDepthMax: 0, outputDepthMax: 0, processed: 0, sent: 0, dropped: 0, errors: 0, ...depths } as const
  return { row: { id, device: 'cpu', inputCapacity: capacity, outputCapacity }, counters }
}

/** A noise without a clock: the same on every run (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed
  return () => { state = (state + 0x6d2b79f5) | 0; let t = Math.imul(state ^ (state >>> 15), 1 | state); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }
}

export function numbers(value: unknown): Numbers {
  const found = numbersOf(value)
  if (found === undefined) throw new Error('not an array of numbers')
  return found
}

/** Each figure by the name of its files. */
export function gallery(): Record<string, Figure> {
  const random = noise(7)
  const normal = Float32Array.from({ length: 100_000 }, () => Array.from({ length: 6 }, random).reduce((a, b) => a + b, 0) - 3)
  const rough = Float64Array.from({ length: 3000 }, (_, i) => (i % 97 === 0 ? [NaN, Infinity, -Infinity][i % 3] ?? NaN : Math.sin(i / 200) * 5 + random()))
  const Particle = struct('Particle', { id: u8, position: struct('Vector', { x: f32, y: f32, z: f32 }), mass: f64, history: array(u32, 5) })
  const particles = Array.from({ length: 30 }, (_, i) => ({ id: i, position: { x: i / 3, y: -i, z: 1e-7 * i }, mass: 1.5e30, history: Uint32Array.from([i, i * 2, i * 3, i * 4, i * 5]) }))
  const three = [reading('summer', { inputDepth: 12, inputDepthMax: 40, outputDepth: 3, outputDepthMax: 22, processed: 12_345, sent: 12_340 }), reading('smooth', { inputDepth: 64, inputDepthMax: 64, dropped: 17, processed: 980, sent: 980, outputDepthMax: 1, state: 'DEACTIVATED' }), reading('processor', { state: 'FAILED', errors: 1, inputDepth: 1, inputDepthMax: 1 }, 1024, 1024)]
  return {
    'queues-none': queuesNow([]),
    'queues-now': queuesNow(three),
    'queues-hostile-names': queuesNow([reading(hostile, { inputDepth: 900, inputDepthMax: 1500 }), reading('a-name-far-too-long-to-fit-in-any-margin-of-a-figure'.repeat(3), { outputDepth: 64, outputDepthMax: 64 })]),
    'queues-forty': queuesNow(Array.from({ length: 40 }, (_, i) => reading(`worker-${i}`, { inputDepth: i, inputDepthMax: 2 * i > 64 ? 64 : 2 * i, processed: i * 1000 }))),
    'queues-over-time': overTime(1, 300, false),
    'queues-over-time-many': overTime(9, 2000, true),
    'queues-over-time-one-sample': overTime(1, 1, false),
    'table-f32': valuesTable(numbers(normal), 'normal'),
    'table-bytes': valuesTable(numbers(new DataView(Uint8Array.from({ length: 70 }, (_, i) => i * 3).buffer)), 'view'),
    'table-empty': valuesTable(numbers(new Int8Array(0)), 'nothing'),
    'table-bigint': valuesTable(numbers(BigInt64Array.from([1n, -2n, 2n ** 62n])), 'big'),
    'structs': recordsTable(particles, 'particles', 'struct'),
    'struct-layout': schemaLayout(Particle) ?? queuesNow([]),
    'histogram-f32': histogram(numbers(normal), 'normal'),
    'histogram-integers': histogram(numbers(Uint8Array.from({ length: 500 }, () => Math.floor(random() * 6) + 1)), 'dice'),
    'histogram-rough': histogram(numbers(rough), 'rough'),
    'histogram-equal': histogram(numbers(new Float32Array(1000).fill(3.25)), 'same'),
    'histogram-nan': histogram(numbers(new Float32Array(10).fill(NaN)), 'none'),
    'heatmap-small': heatmap(numbers(Float32Array.from({ length: 12 * 20 }, (_, i) => Math.sin((i % 20) / 4) * Math.cos(Math.floor(i / 20) / 3))), 'waves', 20),
    'heatmap-large': heatmap(numbers(Float32Array.from({ length: 400 * 400 }, (_, i) => Math.sin((i % 400) / 40) + Math.cos(i / 400 / 30) + random() * 0.3)), 'field'),
    'heatmap-rough': heatmap(numbers(rough), 'rough', 60),
    'line-small': valuesLine(numbers(Float64Array.from({ length: 50 }, (_, i) => i * i - 100)), 'parabola'),
    'line-large': valuesLine(numbers(Float64Array.from({ length: 200_000 }, (_, i) => Math.sin(i / 9000) + (i === 77_777 ? 4 : 0))), 'one spike'),
    'line-rough': valuesLine(numbers(rough), 'rough'),
  }
}

function overTime(actors: number, samples: number, ended: boolean): Figure {
  const history = new QueueSamples()
  const random = noise(3)
  const maxima = new Map<string, number>()
  let readings: QueueReading[] = []
  for (let sample = 0; sample < samples; sample++) {
    readings = Array.from({ length: actors }, (_, i) => {
      const wave = Math.max(0, Math.round(28 + 26 * Math.sin(sample / 20 + i) + random() * 8 - i * 2))
      const id = i === 0 ? 'summer' : `worker-${i}`
      maxima.set(id, Math.max(maxima.get(id) ?? 0, wave))
      return reading(id, { inputDepth: wave, inputDepthMax: maxima.get(id) ?? 0, outputDepth: wave >> 1, outputDepthMax: (maxima.get(id) ?? 0) >> 1, processed: sample * 40, sent: sample * 39 })
    })
    history.add(sample / 10, readings)
  }
  return queuesOverTime({ seconds: history.seconds, rings: history.rings(), readings, samplesPerPoint: history.samplesPerPoint, samplePeriodMs: 100 }, ended)
}
