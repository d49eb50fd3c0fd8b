// Telemetry: what a ring kernel tells of itself means the same on every device.
import { ringKernel, struct, u32 } from 'ringlab'
import { expect } from 'vitest'
import { alike, within } from './devices.js'

const Value = struct('Value', { v: u32 })
const twice = ringKernel('twice', { input: Value, output: Value, capacity: 16 }, { onMessage({ v }, ctx) { ctx.send({ v: v * 2 }) } })

alike('telemetry', [
  {
    name: 'what is queued before activation is its depth and the most there was; processing empties the queue and fills the output',
    async run({ runtime }) {
      const actor = await runtime.launch(twice)
      for (let v = 0; v < 7; v++) await actor.send({ v })
      const queued = actor.telemetry()
      await actor.activate()
      await expect.poll(() => actor.telemetry().processed, { timeout: 5000 }).toBe(7)
      const done = actor.telemetry()
      for (let v = 0; v < 7; v++) await actor.receive(within)
      const received = actor.telemetry()
      return [queued, done, received].map(({ processed, sent, depth, depthMax, inputs, outputs }) => ({ processed, sent, depth, depthMax, inputs, output: outputs.map(({ from, to, depth: out }) => [from, to, out]) }))
    },
    expected: [
      { processed: 0, sent: 0, depth: 7, depthMax: 7, inputs: [{ from: 'host', to: 'twice', capacity: 16, sent: 7, depth: 7, depthMax: 7 }], output: [['twice', 'host', 0]] },
      { processed: 7, sent: 7, depth: 0, depthMax: 7, inputs: [{ from: 'host', to: 'twice', capacity: 16, sent: 7, depth: 0, depthMax: 7 }], output: [['twice', 'host', 7]] },
      { processed: 7, sent: 7, depth: 0, depthMax: 7, inputs: [{ from: 'host', to: 'twice', capacity: 16, sent: 7, depth: 0, depthMax: 7 }], output: [['twice', 'host', 0]] },
    ],
  },
  {
    name: 'messages that wait for room count, and so does a full output ring',
    async run({ runtime }) {
      const actor = await runtime.launch(twice)
      const sends = Array.from({ length: 20 }, (_, v) => actor.send({ v }))
      const { depth, depthMax } = actor.telemetry()
      await actor.activate()
      await expect.poll(() => actor.telemetry().processed, { timeout: 5000 }).toBe(16)
      const full = actor.telemetry()
      for (let v = 0; v < 20; v++) await actor.receive(within)
      await Promise.all(sends)
      return [depth, depthMax, full.outputs[0]?.depthMax, full.outputs[0]?.capacity, actor.telemetry().depth]
    },
    expected: [20, 20, 16, 16, 0],
  },
  {
    name: 'every message has its place among the latencies, and percentiles rise to the largest',
    async run({ runtime }) {
      const actor = await runtime.spawn(twice)
      for (let v = 0; v < 50; v++) await actor.ask({ v }, within)
      await expect.poll(() => actor.telemetry().processed, { timeout: 5000 }).toBe(50)
      const { count, p50, p90, p99, p999, max, buckets } = actor.telemetry().latencyNs
      const rising = [0, p50, p90, p99, p999, max]
      const shares = buckets.reduce((sum, bucket) => sum + bucket.count, 0)
      const half = buckets.filter(({ toNs }) => toNs <= p50).reduce((sum, bucket) => sum + bucket.count, 0)
      return [count, shares, half >= 25, rising.every((ns, i) => i === 0 || ns >= (rising[i - 1] ?? 0)), buckets.every(({ fromNs, toNs }) => fromNs <= toNs), (buckets.at(-1)?.toNs ?? 0) >= max]
    },
    expected: [50, 50, true, true, true, true],
  },
  {
    name: 'throughput is what was processed over the window it names, and the last telemetry outlives the end',
    async run({ runtime }) {
      const began = performance.now()
      const actor = await runtime.spawn(twice)
      for (let v = 0; v < 12; v++) await actor.ask({ v }, within)
      await expect.poll(() => actor.telemetry().processed, { timeout: 5000 }).toBe(12)
      const { perSecond, windowMs } = actor.telemetry().throughput
      await actor.terminate()
      const last = actor.telemetry()
      return [Math.round(perSecond * windowMs / 1000), windowMs > 0 && windowMs <= performance.now() - began, last.processed, last.latencyNs.count, last.inputs[0]?.sent, (await actor.measure()).processed]
    },
    expected: [12, true, 12, 12, 12, 12],
  },
  {
    name: 'every ring between ring kernels is told at both its ends, with what went through it and the most that lay in it',
    async run({ runtime }) {
      const [from, to] = [await runtime.spawn(twice, { id: 'from' }), await runtime.launch(twice, { id: 'to' })]
      await runtime.connect(from, to)
      for (let v = 0; v < 9; v++) await from.send({ v })
      await expect.poll(async () => (await to.measure()).inputs[1]?.depth, { timeout: 5000 }).toBe(9)
      const waiting = [await from.measure(), await to.measure()]
      await to.activate()
      for (let v = 0; v < 9; v++) await to.receive(within)
      await expect.poll(async () => (await to.measure()).depth, { timeout: 5000 }).toBe(0)
      const shown = (rings: readonly object[]): unknown => rings.map((ring) => { const { from: source, to: target, sent, depth, depthMax } = ring as Record<string, unknown>; return [source, target, sent, depth, depthMax] })
      return [shown(waiting[0]?.outputs ?? []), shown(waiting[1]?.inputs ?? []), waiting[1]?.depth, waiting[1]?.depthMax, shown((await to.measure()).inputs), shown((await from.measure()).outputs)]
    },
    expected: [
      [['from', 'to', 9, 9, 9]], [['host', 'to', 0, 0, 0], ['from', 'to', 9, 9, 9]], 9, 9,
      [['host', 'to', 0, 0, 0], ['from', 'to', 9, 0, 9]], [['from', 'to', 9, 0, 9]],
    ],
  },
  {
    name: 'the most that lay in a ring is counted by whoever filled it, although nobody looked then',
    async run({ runtime }) {
      const [from, to] = [await runtime.spawn(twice, { id: 'from' }), await runtime.launch(twice, { id: 'to' })]
      await runtime.connect(from, to)
      for (let v = 0; v < 9; v++) await from.send({ v })
      await expect.poll(() => from.telemetry().sent, { timeout: 5000 }).toBe(9)
      await to.activate()
      for (let v = 0; v < 9; v++) await to.receive(within)
      const { depthMax } = (await from.measure()).outputs[0] ?? {}
      return depthMax
    },
    expected: 9,
  },
])
