// The programs users meet first, and the examples of the libraries whose names we share, each on the devices it can run on.
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelRuntime, array, f32, message, ringKernel, struct, u32 } from 'ringlab'

const Request = struct('Request', { id: u32, values: array(f32, 8) })
const Response = struct('Response', { id: u32, sum: f32 })
const Text = message<{ data: string }>('Text')

const summer = ringKernel('summer', { input: Request, output: Response }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    let sum = 0
    for (const v of request.values) sum += v
    await ctx.send({ id: request.id, sum })
  }
})
const counter = ringKernel('counter', { input: Request, output: Response, state: { n: u32 } }, {
  onMessage(request, ctx) { ctx.state.n++; ctx.send({ id: ctx.state.n, sum: request.values[0] ?? 0 }) },
})
// The `processor` of DotCompute (C#) and PyDotCompute (Python): upper-cases the text it is sent.
const processor = ringKernel('processor', { input: Text, output: Text }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    await ctx.send({ data: request.data.toUpperCase() })
  }
})

let runtime = new RingKernelRuntime()
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime() })

describe.each(['cpu', 'host'] as const)('on %s', (device) => {
  test('the first program sums [1..5] to 15, launched by definition and addressed by name', async () => {
    const actor = await runtime.launch(summer, { device })
    expect(actor.state).toBe('LAUNCHED')
    await runtime.activate('summer')
    expect(runtime.status('summer')).toBe('ACTIVE')
    await runtime.send('summer', { id: 1, values: [1, 2, 3, 4, 5, 0, 0, 0] }, { priority: 128 })
    expect(await runtime.receive('summer', { timeoutMs: 5000 })).toEqual({ id: 1, sum: 15 })
  })

  test('processor answers HELLO to hello, launched by definition and by name', async () => {
    await runtime.spawn(processor, { id: 'by-definition', device })
    await runtime.spawn('processor', { id: 'by-name', device })
    for (const id of ['by-definition', 'by-name']) {
      await runtime.send(id, { data: 'hello' })
      expect(await runtime.receive(id, { timeoutMs: 5000 })).toEqual({ data: 'HELLO' })
    }
  })

  test('ten pipelined requests get their ten replies in order', async () => {
    const actor = await runtime.spawn(summer, { device })
    for (let id = 0; id < 10; id++) await actor.send({ id, values: new Float32Array(8).fill(id) })
    const replies: number[] = []
    for (let i = 0; i < 10; i++) replies.push((await actor.receive({ timeoutMs: 5000 })).id)
    expect(replies).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('a handler counts in its declared state', async () => {
    const actor = await runtime.spawn(counter, { device })
    for (let n = 1; n <= 5; n++) expect((await actor.ask({ id: 0, values: new Float32Array(8).fill(n) }))).toEqual({ id: n, sum: n })
  })

  test.each([16, 64, 4096])('ten thousand messages in a burst arrive, none lost, in order, with rings of %i', async (capacity) => {
    const echo = ringKernel(`echo-${device}-${capacity}`, { input: Response, output: Response, capacity }, async (ctx) => {
      for (;;) await ctx.send(await ctx.receive())
    })
    const actor = await runtime.spawn(echo, { device })
    const sends: Promise<void>[] = []
    for (let id = 0; id < 10_000; id++) sends.push(actor.send({ id, sum: id / 2 }))
    let expected = 0
    for await (const reply of actor.outputs({ timeoutMs: 10_000 })) {
      expect(reply.id).toBe(expected)
      if (++expected === 10_000) break
    }
    await Promise.all(sends)
    expect(actor.tryReceive()).toBeUndefined()
    expect(actor.telemetry()).toMatchObject({ processed: 10_000, sent: 10_000, dropped: 0, errors: 0, depth: 0 })
  })

  test('a slow consumer gets every message of a burst through small rings', async () => {
    // A timer is nothing that a compiled body may wait for: messages of any shape run as they are.
    const Numbered = message<{ id: number }>('Numbered')
    const slow = ringKernel(`slow-${device}`, { input: Numbered, output: Numbered, capacity: 16 }, async (ctx) => {
      for (;;) {
        const m = await ctx.receive()
        if (m.id % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
        await ctx.send(m)
      }
    })
    const actor = await runtime.spawn(slow, { device })
    const all = actor.sendBatch(Array.from({ length: 2000 }, (_, id) => ({ id })))
    for (let id = 0; id < 2000; id++) expect((await actor.receive({ timeoutMs: 10_000 })).id).toBe(id)
    await all
  })
})
