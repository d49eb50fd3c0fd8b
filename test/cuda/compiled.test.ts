// TypeScript bodies on a CUDA device: compiled to CUDA C++, built by g++ for the simulated driver, and talked to through the public API.
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelFault, RingKernelRuntime, array, bool, f32, f64, kernel, message, ringKernel, struct, u32, unifiedBuffer } from 'ringlab'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { expectNothingLeft } from './simulated.js'

const Request = struct('Request', { id: u32, values: array(f32, 8) })
const Response = struct('Response', { id: u32, sum: f32 })
const lines: string[] = []
setBodyLog((line) => { lines.push(line) })

let runtime = new RingKernelRuntime({ device: 'cuda' })
afterEach(async () => {
  await runtime.shutdown()
  expectNothingLeft()
  runtime = new RingKernelRuntime({ device: 'cuda' })
  lines.length = 0
})

const values = (...first: number[]): number[] => [...first, ...new Array<number>(8 - first.length).fill(0)]

test('a loop keeps its locals over a park', async () => {
  const summer = ringKernel('summer', { input: Request, output: Response }, async (ctx) => {
    let served = 0
    while (!ctx.shouldTerminate) {
      const request = await ctx.receive()
      let sum = 0
      for (const value of request.values) sum += value
      served++
      await ctx.send({ id: served, sum })
    }
  })
  const actor = await runtime.spawn(summer)
  expect(await actor.ask({ id: 1, values: values(1, 2, 3) })).toEqual({ id: 1, sum: 6 })
  await actor.deactivate()
  await actor.reactivate()
  expect(await actor.ask({ id: 1, values: values(1, 2, 3, 4) })).toEqual({ id: 2, sum: 10 })
  const { latencyNs, processed, sent } = actor.telemetry()
  expect({ processed, sent }).toEqual({ processed: 2, sent: 2 })
  expect(latencyNs.max).toBeGreaterThan(0)
  expect(latencyNs.max).toBeLessThan(60e9)
})

test('a handler keeps its state, which the host sees once it is parked', async () => {
  const counter = ringKernel('counter', { input: Request, output: Response, state: { n: u32, total: f64 } }, {
    onMessage(request, ctx) { ctx.state.n++; ctx.state.total += request.values[0] ?? 0; ctx.send({ id: ctx.state.n, sum: f32(ctx.state.total) }) },
  })
  const actor = await runtime.spawn(counter)
  for (let i = 1; i <= 4; i++) expect(await actor.ask({ id: 0, values: values(i) })).toEqual({ id: i, sum: (i * (i + 1)) / 2 })
})

test('each and reduce run on the whole block', async () => {
  const Many = struct('Many', { values: array(f32, 100) })
  const normalizing = ringKernel('normalizing', { input: Many, output: Many, threads: 64 }, async (ctx) => {
    const scaled = new Float32Array(100)
    for (;;) {
      const { values: given } = await ctx.receive()
      const total = ctx.reduce(100, (i) => given[i] ?? 0, (a, b) => a + b, 0)
      ctx.each(100, (i) => { scaled[i] = (given[i] ?? 0) / total })
      await ctx.send({ values: scaled })
    }
  })
  const actor = await runtime.spawn(normalizing)
  const given = Float32Array.from({ length: 100 }, (_, i) => i + 1)
  expect((await actor.ask({ values: given })).values).toEqual(given.map((value) => value / 5050))
})

test('console.log arrives in the log of whoever launched it, before the answer is much older', async () => {
  const talking = ringKernel('talking', { input: Request, output: Response }, {
    onMessage(request, ctx) { console.log('request', request.id, request.values[0]); ctx.send({ id: request.id, sum: 0 }) },
  })
  const actor = await runtime.spawn(talking)
  await actor.ask({ id: 7, values: values(1.5) })
  await expect.poll(() => lines, { timeout: 5000 }).toContain('request 7 1.5')
})

describe('faults', () => {
  test('name the sentence and the place, and the GPU goes on', async () => {
    const picky = ringKernel('picky', { input: Request, output: Response }, {
      onMessage(request, ctx) {
        if (request.id === 13) throw new Error('thirteen is not served')
        ctx.send({ id: request.id, sum: request.values[request.id] ?? 0 })
      },
    })
    const [first, second] = [await runtime.spawn(picky), await runtime.spawn(picky, { id: 'second' })]
    await first.send({ id: 13, values: values() })
    const error = await first.closed.catch((caught: unknown) => caught) as RingKernelFault
    expect(error).toBeInstanceOf(RingKernelFault)
    expect(error.message).toMatch(/thirteen is not served \(in ring kernel 'picky' at .*compiled\.test\.ts:\d+:\d+\)/)
    expect(await second.ask({ id: 2, values: values(5, 6, 7) })).toEqual({ id: 2, sum: 7 })
    await second.send({ id: 9, values: values() })
    await expect(second.closed).rejects.toThrow(/index 9 is outside request\.values, which has 8 elements/)
  })
})

test('an endless loop is ended by terminate within its bound', async () => {
  const stuck = ringKernel('stuck', { input: Request, output: Response }, async (ctx) => {
    for (;;) {
      const request = await ctx.receive()
      let x = request.id
      while (x !== 0) x = (x * 3 + 1) | 1
      await ctx.send({ id: x, sum: 0 })
    }
  })
  const actor = await runtime.spawn(stuck)
  await actor.send({ id: 1, values: values() })
  const from = performance.now()
  await actor.terminate()
  expect(performance.now() - from).toBeLessThan(2500)
  expect(lines.filter((line) => line.includes('did not stop'))).toEqual([])
})

test('ring kernels connected on the GPU, with a port of its own for what is odd', async () => {
  const sorting = ringKernel('sorting', { input: Request, output: Response, ports: { odd: Response } }, {
    onMessage(request, ctx) {
      if (request.id % 2 === 0) ctx.send({ id: request.id, sum: 1 })
      else ctx.ports.odd.send({ id: request.id, sum: 2 })
    },
  })
  const passing = ringKernel('passing', { input: Response, output: Response }, async (ctx) => { for (;;) { const { id, sum } = await ctx.receive(); await ctx.send({ id, sum: sum * 10 }) } })
  const [from, to] = [await runtime.spawn(sorting), await runtime.spawn(passing)]
  await runtime.connect(from.ports.odd, to)
  for (let id = 0; id < 20; id++) await from.send({ id, values: values() })
  for (let id = 0; id < 20; id += 2) expect(await from.receive({ timeoutMs: 5000 })).toEqual({ id, sum: 1 })
  for (let id = 1; id < 20; id += 2) expect(await to.receive({ timeoutMs: 5000 })).toEqual({ id, sum: 20 })
})

test('messages in parallel come out in order', async () => {
  const squaring = ringKernel('squaring', { input: Request, output: Response, parallel: 'messages' }, { onMessage(request, ctx) { ctx.send({ id: request.id, sum: (request.values[0] ?? 0) ** 2 }) } })
  const actor = await runtime.spawn(squaring)
  const count = 300
  const sent = actor.sendBatch(Array.from({ length: count }, (_, id) => ({ id, values: values(id) })))
  for (let id = 0; id < count; id++) expect(await actor.receive({ timeoutMs: 5000 })).toEqual({ id, sum: Math.fround(id * id) })
  await sent
})

describe('one-shot kernels', () => {
  test('run over their buffers, beside a ring kernel, again and again', async () => {
    const idle = await runtime.spawn(ringKernel('idle', { input: Request, output: Response }, { onMessage(request, ctx) { ctx.send({ id: request.id, sum: 0 }) } }))
    const scale = kernel('scale', { factor: f32, twice: bool, x: [f32] }, ({ factor, twice, x }, i) => { x[i] = factor * i * (twice ? 2 : 1) })
    using x = unifiedBuffer(f32, 1000)
    for (const factor of [2, 3]) {
      await scale.launch({ factor, twice: false, x }, { runtime })
      expect(await x.onHost()).toEqual(Float32Array.from({ length: 1000 }, (_, i) => factor * i))
    }
    expect(await idle.ask({ id: 4, values: values() })).toEqual({ id: 4, sum: 0 })
  })

  test('name the first index that fails', async () => {
    const failing = kernel('failing', { x: [f32] }, ({ x }, i) => { if (i > 6) throw new Error('too far'); x[i] = i })
    using x = unifiedBuffer(f32, 64)
    await expect(failing.launch({ x }, { runtime })).rejects.toThrow(/too far \(in kernel 'failing' at i = 7, .*compiled\.test\.ts/)
  })

  test('are given up at their deadline', async () => {
    const endless = kernel('endless', { x: [u32] }, ({ x }, i) => { while (x[i] !== 1) x[i] = 2 })
    using x = unifiedBuffer(u32, 4)
    const from = performance.now()
    await expect(endless.launch({ x }, { runtime, timeoutMs: 300 })).rejects.toThrow(/kernel 'endless' ran longer than 300 ms/)
    expect(performance.now() - from).toBeLessThan(2500)
    await expect.poll(async () => (await runtime.spawn(ringKernel('after', { input: Request, output: Response }, { onMessage(request, ctx) { ctx.send({ id: request.id, sum: 0 }) } }))).ask({ id: 1, values: values() }), { timeout: 10_000 }).toEqual({ id: 1, sum: 0 })
  })
})

test('a body outside the language and message() values are refused, each with its reason', async () => {
  const Any = message<{ text: string }>('Any')
  await expect(runtime.launch(ringKernel('any', { input: Any, output: Any }, { onMessage(given, ctx) { ctx.send(given) } }))).rejects.toThrow(/ring kernel 'any' takes or sends Any, a message\(\) schema, which has no fixed bytes/)
  await expect(runtime.launch(ringKernel('outside', { input: Request, output: Response }, { onMessage(request, ctx) { ctx.send({ id: JSON.stringify(request).length, sum: 0 }) } }))).rejects.toThrow(/RL1\d\d\d/)
})
