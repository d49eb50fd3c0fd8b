// What programs can tell of a ring kernel from outside, one row each: run on `cpu` and on a (simulated) GPU, with the same result word for word.
import { afterEach, expect, test } from 'vitest'
import { RingKernelRuntime, array, f32, f64, ringKernel, struct, u32, u8, unifiedBuffer, type Device, type RingKernel, type Telemetry } from 'ringlab'
import type { Actor } from '#ringlab/runtime/actor.js'
import { expectNothingLeft } from './simulated.js'

const Value = struct('Value', { v: u32, w: f64 })
const Seen = struct('Seen', { v: u32, id: u32, sender: u32, priority: u8, correlated: u32, later: u8 })
const within = { timeoutMs: 5000 }
const devices = ['cpu', 'cuda'] as const
type Values = RingKernel<typeof Value, typeof Value>

let runtime = new RingKernelRuntime()
afterEach(async () => {
  await runtime.shutdown()
  expectNothingLeft()
  runtime = new RingKernelRuntime()
})

const handling = ringKernel('handling', { input: Value, output: Value, state: { n: u32, sums: array(f64, 3) }, capacity: 16 }, {
  onMessage({ v, w }, ctx) {
    ctx.state.n++
    ctx.state.sums[v % 3] = (ctx.state.sums[v % 3] ?? 0) + w
    ctx.send({ v: ctx.state.n, w: ctx.state.sums[v % 3] ?? 0 })
  },
})
const looping = ringKernel('looping', { input: Value, output: Value, capacity: 16 }, async (ctx) => {
  let served = 0
  while (!ctx.shouldTerminate) {
    const { v, w } = await ctx.receive()
    served++
    await ctx.send({ v: served, w: w + v })
    if (v === 9) await ctx.send({ v: 99, w: 0 })
  }
})
const returning = ringKernel('returning', { input: Value, output: Value, state: { last: u32 } }, async (ctx) => {
  for (let i = 0; i < 3; i++) { const { v, w } = await ctx.receive(); ctx.state.last = v; await ctx.send({ v, w }) }
})
const seeing = ringKernel('seeing', { input: Value, output: Seen }, {
  onMessage({ v }, ctx) {
    const { id, correlationId, priority, sender, sentAtNs } = ctx.envelope
    ctx.send({ v, id: Number(BigInt.asUintN(32, id)), sender, priority, correlated: Number(BigInt.asUintN(32, correlationId)), later: sentAtNs > 0n && ctx.nowNs >= 0 ? 1 : 0 }, { priority: 200 - v })
  },
})
const replying = ringKernel('replying', { input: Value, output: Value }, async (ctx) => {
  for (;;) {
    const first = await ctx.receive()
    const [to, v] = [ctx.envelope, first.v]
    const second = await ctx.receive()
    await ctx.send({ v: second.v, w: 2 })
    await ctx.reply(to, { v, w: 1 })
  }
})
const sorting = ringKernel('sorting', { input: Value, output: Value, ports: { odd: Value, spare: Value } }, {
  onMessage({ v, w }, ctx) {
    if (v % 2 === 0) ctx.send({ v, w })
    else ctx.ports.odd.send({ v, w }, { priority: 7, correlationId: 5n })
    if (v % 4 === 3) ctx.ports.spare.send({ v, w })
  },
})
const summing = ringKernel('summing', { input: Value, output: Value, buffers: { table: f32, out: u32 } }, {
  onMessage({ v }, ctx) {
    const { table, out } = ctx.buffers
    for (let i = 0; i < out.length; i++) out[i] = v + i
    ctx.send({ v: table.length, w: ctx.reduce(table.length, (i) => table[i] ?? 0, (a, b) => a + b, 0) })
  },
})
const echoing = ringKernel('handling', { input: Value, output: Value, parallel: 'messages', capacity: 16 }, { onMessage({ v, w }, ctx) { if (v !== 5) ctx.send({ v, w }); if (v === 7) ctx.send({ v, w: -1 }) } })

const messages = (count: number): { v: number; w: number }[] => Array.from({ length: count }, (_, v) => ({ v, w: v / 2 }))
// How deep a ring gets while its ring kernel runs is a matter of moments, so the most there was is left to test/alike/telemetry.test.ts.
const figures = ({ processed, sent, errors, dropped, depth, latencyNs }: Telemetry): object => ({ processed, sent, errors, dropped, depth, timed: latencyNs.max > 0 && latencyNs.p50 <= latencyNs.p99 && latencyNs.p99 <= latencyNs.max })
async function take(actor: Values, count: number): Promise<unknown[]> {
  const taken: unknown[] = []
  while (taken.length < count) taken.push(await actor.receive(within))
  return taken
}

type Row = readonly [name: string, run: (device: Device) => Promise<unknown>]
const rows: readonly Row[] = [
  ['a queue that was filled before: answers, figures, and the state after termination', async (device) => {
    const actor = await runtime.launch(handling, { device })
    for (const message of messages(12)) await actor.send(message)
    const queued = figures(actor.telemetry())
    await actor.activate()
    const taken = await take(actor, 12)
    await actor.deactivate()
    const parked = [figures(actor.telemetry()), actor.state]
    await actor.reactivate()
    taken.push(await actor.ask({ v: 1, w: 100 }))
    await actor.terminate()
    return [queued, taken, parked, actor.state, figures(actor.telemetry())]
  }],
  ['a loop that is terminated with messages queued', async (device) => {
    const actor = await runtime.spawn(looping, { device })
    const asked = [await actor.ask({ v: 4, w: 0.5 }), await actor.ask({ v: 5, w: 0.5 })]
    await actor.deactivate()
    for (const message of messages(5)) await actor.send(message)
    await actor.terminate()
    const late = await actor.send({ v: 1, w: 1 }).catch((error: unknown) => (error as Error).message)
    return [asked, actor.state, figures(actor.telemetry()), late]
  }],
  ['draining', async (device) => {
    const actor = await runtime.launch(looping, { device })
    for (const message of messages(10)) await actor.send(message)
    await actor.activate()
    await actor.terminate({ pending: 'drain' })
    return [await take(actor, 11), actor.state, figures(actor.telemetry())]
  }],
  ['a body that returns', async (device) => {
    const actor = await runtime.launch(returning, { device })
    for (const message of messages(5)) await actor.send(message)
    await actor.activate()
    await actor.closed
    return [await take(actor, 3), actor.state, figures(actor.telemetry()), (actor as unknown as Actor).peekQueued('input', 10)]
  }],
  ['envelopes, both ways', async (device) => {
    const actor = await runtime.launch(seeing, { device })
    await actor.send({ v: 1, w: 0 }, { priority: 3, correlationId: 77n })
    await actor.send({ v: 2, w: 0 }, { priority: 250 })
    await actor.send({ v: 3, w: 0 })
    await actor.activate()
    const seen: unknown[] = []
    for await (const { message, envelope: { id, correlationId, priority, sender, sentAtNs } } of actor.envelopes(within)) {
      seen.push({ message, id: BigInt.asUintN(32, id), correlationId: message.v === 1 ? correlationId : correlationId !== 0n, priority, sender, later: sentAtNs > 0n })
      if (seen.length === 3) break
    }
    return seen
  }],
  ['replies to a message that is no longer in hand', async (device) => {
    const actor = await runtime.spawn(replying, { device })
    return Promise.all([actor.ask({ v: 1, w: 0 }, within), actor.ask({ v: 2, w: 0 }, within)])
  }],
  ['ports and connections', async (device) => {
    const [from, to] = [await runtime.spawn(sorting, { device }), await runtime.spawn(looping, { device })]
    const connection = await runtime.connect(from.ports.odd, to)
    for (const message of messages(16)) await from.send(message)
    const taken = [await take(from, 8), await take(to, 9)]
    await connection[Symbol.asyncDispose]()
    await from.send({ v: 5, w: 0 })
    await from.send({ v: 6, w: 0 })
    taken.push(await take(from, 1))
    await Promise.all([from.terminate(), to.terminate()])
    return [taken, figures(from.telemetry()), figures(to.telemetry())]
  }],
  ['buffers', async (device) => {
    using table = unifiedBuffer(f32, Float32Array.from({ length: 1000 }, (_, i) => i / 3))
    using out = unifiedBuffer(u32, 5)
    const actor = await runtime.spawn(summing, { device, buffers: { table, out } })
    const first = await actor.ask({ v: 10, w: 0 })
    table.set([1000], 0)
    const unseen = await actor.ask({ v: 11, w: 0 })
    await table.onDevice()
    const seen = await actor.ask({ v: 12, w: 0 })
    const written = [...await out.onHost()]
    await actor.terminate()
    return [first, unseen, seen, written]
  }],
  ["parallel: 'messages' behind a ring that is full", async (device) => {
    const actor = await runtime.launch(echoing, { device })
    for (const message of messages(16)) await actor.send(message)
    await actor.activate()
    const taken = await take(actor, 16)
    await actor.deactivate()
    return [taken, figures(actor.telemetry())]
  }],
  ['step by step', async (device) => {
    const results: unknown[] = []
    for (const definition of [handling, looping]) {
      const actor = await runtime.launch(definition, { device })
      for (const message of messages(6)) await actor.send(message)
      for (const count of [1, 2, 1]) results.push(await actor.step(count, within), actor.state, (actor as unknown as Actor).peekQueued('input', 10).length, (actor as unknown as Actor).peekQueued('output', 10))
      results.push(await actor.step(10, within), await actor.step(1, within), await take(actor, 6), figures(actor.telemetry()))
      await actor.reactivate()
      results.push(await actor.ask({ v: 20, w: 1 }))
      await actor.terminate()
    }
    return results
  }],
]

test.each(rows)('%s', async (_name, run) => {
  const results = []
  for (const device of devices) {
    results.push(await run(device))
    await runtime.shutdown()
    runtime = new RingKernelRuntime()
  }
  expect(results[1]).toEqual(results[0])
})
