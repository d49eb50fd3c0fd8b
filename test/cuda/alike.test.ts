// One meaning on every device: the same program, with the same messages, gives the same answers, faults, log lines and figures on `cpu` and on a (simulated) GPU.
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelFault, RingKernelRuntime, array, bool, f32, f64, i64, ringKernel, struct, u32 } from 'ringlab'
import type { Actor } from '#ringlab/runtime/actor.js'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { expectNothingLeft } from './simulated.js'

const Request = struct('Request', { id: u32, at: f64, values: array(f32, 8) })
const Reply = struct('Reply', { id: u32, value: f64 })
const Big = struct('Big', { a: i64, b: i64, flag: bool })
const devices = ['cpu', 'cuda'] as const
const lines: string[] = []
setBodyLog((line) => { lines.push(line) })

let runtime = new RingKernelRuntime()
afterEach(async () => {
  await runtime.shutdown()
  expectNothingLeft()
  runtime = new RingKernelRuntime()
  lines.length = 0
})

const request = (id: number, at = 0, values: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8]): { id: number; at: number; values: readonly number[] } => ({ id, at, values })
/** What bodies said: neither where they run, nor that a busy machine let one hold its worker. */
const said = (): string[] => lines.filter((line) => !line.includes('resident on') && !line.includes('has held its worker'))
const places = (sentence: string): string => sentence.replaceAll(/[^\s(]*alike\.test\.ts/g, 'alike.test.ts')

describe("a message of parallel: 'messages' that faults", () => {
  const picky = ringKernel('picky', { input: Request, output: Reply, parallel: 'messages' }, {
    onMessage(message, ctx) {
      ctx.send({ id: message.id, value: 0 })
      ctx.send({ id: message.id, value: message.values[message.at] ?? 0 })
    },
  })

  test.each(devices)('keeps what it led to, is told in one line, and the others go on: %s', async (device) => {
    const actor = await runtime.spawn(picky, { device })
    const messages = Array.from({ length: 40 }, (_, id) => request(id, id % 10 === 3 ? 8 + id : id % 8))
    await actor.sendBatch(messages)
    for (const { id, at, values } of messages) {
      expect(await actor.receive({ timeoutMs: 5000 })).toEqual({ id, value: 0 })
      if (at < 8) expect(await actor.receive({ timeoutMs: 5000 })).toEqual({ id, value: values[at] })
    }
    await expect.poll(said, { timeout: 5000 }).toHaveLength(4)
    const wanted = [3, 13, 23, 33].map((id): unknown => expect.stringMatching(new RegExp(`^ring kernel 'picky' gave up a message and goes on: index ${id + 8} is outside message\\.values, which has 8 elements \\(in ring kernel 'picky' at .*alike\\.test\\.ts:\\d+:\\d+\\); the message was Request \\{ id: ${id}, at: ${id + 8}, values: Float32Array`)))
    expect(said().sort((a, b) => a.length - b.length || (a < b ? -1 : 1))).toEqual(wanted)
    expect(actor.state).toBe('ACTIVE')
    const { processed, sent, errors, dropped, depth } = actor.telemetry()
    expect({ processed, sent, errors, dropped, depth }).toEqual({ processed: 36, sent: 76, errors: 4, dropped: 0, depth: 0 })
  })

  test.each(devices)('leaves room for what the next one leads to, when nobody takes outputs: %s', async (device) => {
    const small = ringKernel('picky', { input: Request, output: Reply, parallel: 'messages', capacity: 16 }, { onMessage(message, ctx) {
      ctx.send({ id: message.id, value: 0 })
      ctx.send({ id: message.id, value: message.values[message.at] ?? 0 })
    } })
    const actor = await runtime.spawn(small, { device })
    const count = 60
    const sent = actor.sendBatch(Array.from({ length: count }, (_, id) => request(id, id % 3 === 0 ? 9 : 1)))
    const ids: number[] = []
    for (let left = count + count * 2 / 3; left > 0; left--) ids.push((await actor.receive({ timeoutMs: 5000 })).id)
    await sent
    expect(ids).toEqual(Array.from({ length: count }, (_, id) => (id % 3 === 0 ? [id] : [id, id])).flat())
  })
})

describe('a body that faults', () => {
  const indexing = ringKernel('indexing', { input: Request, output: Reply }, { onMessage(message, ctx) { ctx.send({ id: message.id, value: message.values[message.at] ?? 0 }) } })
  const looping = ringKernel('looping', { input: Request, output: Reply }, async (ctx) => {
    const local = new Float64Array(4)
    for (;;) {
      const message = await ctx.receive()
      await ctx.send({ id: message.id, value: 1 })
      local[message.at] = message.id
      await ctx.send({ id: message.id, value: local[message.at] ?? 0 })
    }
  })
  const dividing = ringKernel('dividing', { input: Big, output: Big }, { onMessage({ a, b, flag }, ctx) { ctx.send({ a: BigInt.asIntN(64, a / b), b, flag }) } })
  const remaining = ringKernel('remaining', { input: Big, output: Big }, { onMessage({ a, b, flag }, ctx) { ctx.send({ a: BigInt.asIntN(64, a % b), b, flag }) } })
  const throwing = ringKernel('throwing', { input: Request, output: Reply }, { onMessage(message, ctx) {
    ctx.send({ id: message.id, value: 0 })
    if (message.id === 3) throw new RangeError('three is out of range')
  } })
  const typed = ringKernel('typed', { input: Request, output: Reply }, async (ctx) => { for (;;) { const { id } = await ctx.receive(); if (id === 3) throw new TypeError('not three'); await ctx.send({ id, value: 0 }) } })
  const absent = ringKernel('absent', { input: Request, output: Reply }, async (ctx) => {
    for (;;) {
      const first = await ctx.receive()
      await ctx.send({ id: first.id, value: 0 })
      if (first.id !== 3) continue
      for (;;) { const next = ctx.tryReceive() as { id: number }; await ctx.send({ id: next.id, value: 1 }) }
    }
  })
  const ok = request(1)
  const big = (b: bigint): { a: bigint; b: bigint; flag: boolean } => ({ a: -7n, b, flag: true })
  type Case = readonly [name: string, definition: unknown, messages: readonly object[], sentence: string, error: string, outputs: number, queued: number]
  const cases: readonly Case[] = [
    ['an index out of range', indexing, [ok, request(2, 8), request(4)], 'index 8 is outside message.values, which has 8 elements', 'Error', 1, 1],
    ['an index below 0', indexing, [request(2, -1)], 'index -1 is outside message.values, which has 8 elements', 'Error', 0, 0],
    ['an index that is no integer', indexing, [ok, ok, request(2, 1.5), request(4), request(5)], 'index 1.5 is outside message.values, which has 8 elements', 'Error', 2, 2],
    ['an index that is no number', indexing, [request(2, NaN)], 'index NaN is outside message.values, which has 8 elements', 'Error', 0, 0],
    ['an infinite index', indexing, [request(2, -Infinity)], 'index -Infinity is outside message.values, which has 8 elements', 'Error', 0, 0],
    ['a huge index', indexing, [request(2, 2 ** 40 + 0.5)], 'index 1099511627776.5 is outside message.values, which has 8 elements', 'Error', 0, 0],
    ['a written index in a loop, which keeps what it sent', looping, [request(1, 3), request(2, 4), request(5, 1)], 'index 4 is outside local, which has 4 elements', 'Error', 3, 1],
    ['a division by 0n', dividing, [big(2n), big(0n), big(1n)], 'Division by zero', 'RangeError', 1, 1],
    ['a remainder of a division by 0n', remaining, [big(0n)], 'Division by zero', 'RangeError', 0, 0],
    ['throw new RangeError in a handler, which forgets what it staged', throwing, [ok, ok, request(3), request(4)], 'three is out of range', 'RangeError', 2, 1],
    ['throw new TypeError in a loop', typed, [ok, request(3)], 'not three', 'TypeError', 1, 0],
    ['a message that was not there', absent, [ok, request(3)], 'next is undefined here', 'TypeError', 2, 0],
  ]

  test.each(cases)('by %s: the same on every device', async (_name, definition, messages, sentence, errorName, outputs, queued) => {
    const results = []
    for (const device of devices) {
      const actor = await runtime.launch(definition as typeof indexing, { device, id: 'it' })
      for (const message of messages) await actor.send(message as never)
      await actor.activate()
      const error = await actor.closed.then(() => undefined, (thrown: unknown) => thrown) as RingKernelFault
      expect(error).toBeInstanceOf(RingKernelFault)
      const { processed, sent, errors, dropped } = actor.telemetry()
      const received: unknown[] = []
      for (;;) { const output = await actor.receive({ timeoutMs: 5000 }).catch(() => undefined); if (output === undefined) break; received.push(output) }
      results.push({
        message: places(error.message), place: places(error.place ?? ''), name: (error.cause as Error).name, state: actor.state, figures: { processed, sent, errors, dropped },
        received, queued: (actor as unknown as Actor).peekQueued('input', 10),
      })
      await runtime.shutdown()
      runtime = new RingKernelRuntime()
    }
    const [cpu, cuda] = results
    expect(cuda).toEqual(cpu)
    expect(cpu?.message).toContain(sentence)
    expect(cpu?.place).toMatch(/^alike\.test\.ts:\d+:\d+$/)
    expect({ name: cpu?.name, state: cpu?.state, outputs: cpu?.received.length, queued: cpu?.queued.length }).toEqual({ name: errorName, state: 'FAILED', outputs, queued })
    expect(cpu?.figures).toMatchObject({ errors: 1, dropped: queued, sent: outputs })
  })
})

describe('console.log in a body', () => {
  const talking = ringKernel('talking', { input: Big, output: Big }, {
    onMessage({ a, b, flag }, ctx) {
      const number = Number(a)
      console.log('numbers', number, 0.1, -0, 0 / number, 1 / (number - number), -1 / (number - number), 1e21, 1e-7, f32(0.1))
      console.log('%d and %s, %i of %f%%', number, flag, 2.75, 1.5, 'then', !flag)
      console.log('bigints', a, b, 18446744073709551615n, number * -0, flag)
      console.log()
      console.log('two\nlines', 3)
      ctx.send({ a, b, flag })
    },
  })

  test('gives the same lines on every device', async () => {
    const results: string[][] = []
    for (const device of devices) {
      const actor = await runtime.spawn(talking, { device })
      await actor.ask({ a: -9007199254740993n, b: 5n, flag: true })
      await actor.ask({ a: 0n, b: -1n, flag: false })
      await expect.poll(() => said().length, { timeout: 5000 }).toBeGreaterThanOrEqual(12)
      results.push(said())
      await actor.terminate()
      lines.length = 0
    }
    expect(results[1]).toEqual(results[0])
    expect(results[0]?.slice(0, 6)).toEqual([
      'numbers -9007199254740992 0.1 -0 -0 Infinity -Infinity 1e+21 1e-7 0.10000000149011612', '-9007199254740992 and true, 2 of 1.5% then false',
      'bigints -9007199254740993n 5n 18446744073709551615n 0 true', '', 'two', 'lines 3',
    ])
  })

  test.each(devices)('of more lines at once than can wait says how many were lost: %s', async (device) => {
    const chatty = ringKernel('chatty', { input: Request, output: Reply }, { onMessage({ id }, ctx) { for (let i = 0; i < id; i++) console.log('line', i); ctx.send({ id, value: 0 }) } })
    const actor = await runtime.spawn(chatty, { device })
    await actor.ask(request(20_000))
    await actor.terminate()
    const kept = (): number[] => said().flatMap((line) => /^line (\d+)$/.exec(line)?.[1] ?? []).map(Number)
    const lost = (): number => said().flatMap((line) => /^ring kernel 'chatty' logged faster than its log could be read: (\d+) lines were lost$/.exec(line)?.[1] ?? []).reduce((sum, count) => sum + Number(count), 0)
    await expect.poll(() => kept().length + lost(), { timeout: 5000 }).toBe(20_000)
    expect(kept().length).toBeGreaterThanOrEqual(256)
    expect(kept()).toEqual([...kept()].sort((a, b) => a - b))
  })
})
