// message() values arrive whole and as the receiver's own on every device, and state in the arena outlives its worker.
import { afterEach, describe, expect, test } from 'vitest'
import { MessageError, RingKernelRuntime, message, ringKernel, array, f32, struct, u32 } from 'ringlab'

const Any = message<{ value: unknown }>('Any')
const Total = struct('Total', { n: u32, sums: array(f32, 3) })
const echo = ringKernel('any-echo', { input: Any, output: Any }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })

let runtime = new RingKernelRuntime()
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime() })

const values: readonly (readonly [string, unknown])[] = [
  ['nested objects', { a: [1, { b: 'two' }], c: null, d: undefined, e: -0 }], ['a Float32Array', Float32Array.of(1, 2, 3)], ['a Map', new Map([['k', new Set([1, 2])]])],
  ['a Date', new Date(5)], ['a bigint', 2n ** 70n], ['an error', new RangeError('far')], ['a key named __proto__', JSON.parse('{"__proto__": 1}')], ['text', 'ü€𝄞'],
]

describe.each(['cpu', 'host'] as const)('on %s', (device) => {
  test.each(values)('%s arrives as it was sent', async (_name, value) => {
    const actor = await runtime.spawn(echo, { device })
    const answer = await actor.ask({ value })
    expect(answer.value).toEqual(value)
    if (typeof value === 'object') expect(answer.value).not.toBe(value)
  })

  test('what the sender changes afterwards does not show, whether or not there was room', async () => {
    const small = ringKernel('small-echo', { input: Any, output: Any, capacity: 16 }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })
    const actor = await runtime.launch(small, { device })
    const value = { count: 1, list: [1] }
    const sends = Array.from({ length: 20 }, () => actor.send({ value }))
    value.count = 2
    value.list.push(2)
    await actor.activate()
    for (let i = 0; i < 20; i++) expect((await actor.receive({ timeoutMs: 5000 })).value).toEqual({ count: 1, list: [1] })
    await Promise.all(sends)
  })

  test('functions and cycles are refused by the name of the place', async () => {
    const actor = await runtime.spawn(echo, { device })
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    await expect(actor.send({ value: { f: () => 1 } })).rejects.toThrow(/Any\.value\.f/)
    await expect(actor.send({ value: cycle })).rejects.toThrow(/cycle/)
    expect(actor.telemetry().depth).toBe(0)
  })

  test('declared state is zero at launch, kept over deactivation, and new at the next launch', async () => {
    const totals = ringKernel('totals', { input: Total, output: Total, state: { n: u32, sums: array(f32, 3) } }, {
      onMessage(m, ctx) {
        ctx.state.n += m.n
        for (let i = 0; i < 3; i++) ctx.state.sums[i] = (ctx.state.sums[i] ?? 0) + (m.sums[i] ?? 0)
        ctx.send({ n: ctx.state.n, sums: ctx.state.sums })
      },
    })
    const actor = await runtime.spawn(totals, { device })
    await actor.ask({ n: 2, sums: [1, 2, 3] })
    await actor.deactivate()
    await actor.reactivate()
    expect(await actor.ask({ n: 3, sums: [1, 1, 1] })).toEqual({ n: 5, sums: Float32Array.of(2, 3, 4) })
    await actor.terminate()
    expect(await (await runtime.spawn(totals, { device })).ask({ n: 1, sums: [0, 0, 0] })).toEqual({ n: 1, sums: Float32Array.of(0, 0, 0) })
  })

  test('each and reduce give what their definition says, in one fixed order of folding', async () => {
    const Sum = struct('Sum', { count: u32, sum: f32 })
    const folding = ringKernel('folding', { input: Sum, output: Sum }, {
      onMessage(m, ctx) {
        const squares = new Float64Array(1000)
        ctx.each(m.count, (i) => { squares[i] = 1 / (i + 1) })
        ctx.send({ count: m.count, sum: ctx.reduce(m.count, (i) => squares[i] ?? 0, (a, b) => a + b, -1) })
      },
    })
    const actor = await runtime.spawn(folding, { device })
    for (const count of [0, 1, 2, 3, 255, 256, 257, 1000]) expect((await actor.ask({ count, sum: 0 })).sum).toBe(Math.fround(inOrder(count)))
  })
})

test('on cpu, a message larger than its slot is refused by name and size', async () => {
  const actor = await runtime.spawn(echo)
  const big = actor.send({ value: new Uint8Array(5000) })
  await expect(big).rejects.toBeInstanceOf(MessageError)
  await expect(big).rejects.toThrow(/Any message of 50\d\d bytes does not fit its slot of 40\d\d bytes/)
  expect((await actor.ask({ value: 1 })).value).toBe(1)
})

/** Lane l folds l, l + 256, … in order; then halves are folded onto halves. */
function inOrder(count: number): number {
  if (count === 0) return -1
  const lanes = Array.from({ length: Math.min(count, 256) }, (_, lane) => {
    let folded = 1 / (lane + 1)
    for (let i = lane + 256; i < count; i += 256) folded += 1 / (i + 1)
    return folded
  })
  for (let d = 128; d >= 1; d /= 2) for (let l = 0; l < d; l++) if (l + d < lanes.length) lanes[l] = (lanes[l] ?? 0) + (lanes[l + d] ?? 0)
  return lanes[0] ?? 0
}
