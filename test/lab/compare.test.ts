// lab.compare(): the same messages on several devices, and where the outputs differ, to the bit. The GPU is the simulated driver.
import { expectNothingLeft } from '../cuda/simulated.js'
import { inspect } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { array, f32, f64, lab, message, ringKernel, struct, u32, unifiedBuffer } from 'ringlab'

// Whoever looked for a GPU keeps its thread for a second.
afterEach(() => vi.waitFor(expectNothingLeft, { timeout: 20_000, interval: 20 }))

/** As printed, in whatever lines. */
const printed = (value: unknown): string => inspect(value).replace(/\s+/g, ' ')

const Request = struct('Request', { id: u32, xs: array(f32, 4) })
const Answer = struct('Answer', { id: u32, mean: f64, roots: array(f64, 4) })
const messages = Array.from({ length: 40 }, (_, id) => ({ id, xs: [id, id * 0.1, -id, 1 / (id + 1)] }))

const rooting = ringKernel('compare-rooting', { input: Request, output: Answer, capacity: 16 }, {
  onMessage({ id, xs }, ctx) {
    const roots = [0, 0, 0, 0]
    let sum = 0
    for (let i = 0; i < 4; i++) {
      const x = xs[i] as number
      sum += x
      roots[i] = Math.sin(x) + Math.sqrt(Math.abs(x))
    }
    ctx.send({ id, mean: sum / 4, roots })
  },
})

test('what every device computes alike: 0 differ, on cpu, host and cuda', async () => {
  const found = await lab.compare(rooting, messages)
  expect(found).toMatchObject({ devices: [{ device: 'cpu', outputs: 40, differing: 0 }, { device: 'host', outputs: 40, differing: 0 }, { device: 'cuda:0', outputs: 40, differing: 0 }], values: 40 * 6 * 2, differing: 0, first: undefined, isEqual: true })
  expect(printed(found)).toContain("Ring kernel 'compare-rooting', 40 messages on cpu, host and cuda:0: 0 of 480 values differ")
  expect(printed(found)).toContain('the same to the bit')
  expect(found.toMimeBundle()).toHaveProperty('text/html')
})

/** Tells the one thing that no two runs have in common. */
const timing = ringKernel('compare-timing', { input: Request, output: Answer, capacity: 16 }, { onMessage({ id }, ctx) { ctx.send({ id, mean: 1, roots: [0, 0, ctx.nowNs, 0] }) } })

test('what differs is counted, and the first is named with its output, field, values and bits', async () => {
  const found = await lab.compare('compare-timing', messages.slice(0, 3), { devices: ['host', 'cpu'] })
  expect(found).toMatchObject({ devices: [{ device: 'host', differing: 0 }, { device: 'cpu', outputs: 3, differing: 3 }], values: 18, differing: 3, isEqual: false, first: { devices: ['host', 'cpu'], output: 0, path: 'roots[2]' } })
  const [a, b] = found.first?.values as [number, number]
  const bitsOf = (value: number): string => `0x${new BigUint64Array(Float64Array.of(value).buffer)[0]?.toString(16).padStart(16, '0') ?? ''}`
  expect(found.first?.bits).toEqual([bitsOf(a), bitsOf(b)])
  const text = printed(found)
  for (const part of ['3 of 18 values differ', 'The first that differs: output 0, field roots[2].', `host: ${a} (${bitsOf(a)})`, `cpu: ${b} (${bitsOf(b)})`]) expect(text).toContain(part)
  expect(timing.name).toBe('compare-timing')
})

const Cell = struct('Cell', { at: u32 })
const scribbling = ringKernel('compare-scribbling', { input: Cell, output: Cell, buffers: { table: f64 } }, {
  onMessage({ at }, ctx) {
    ctx.buffers.table[at] = (ctx.buffers.table[at] as number) + ctx.nowNs * 0
    if (at === 3) ctx.buffers.table[1] = ctx.nowNs
    ctx.send({ at })
  },
})

test('what is left in buffers is compared as well, and the buffer given stays as it is', async () => {
  const table = unifiedBuffer(f64, Float64Array.of(5, 6, 7, 8))
  const same = await lab.compare(scribbling, [{ at: 0 }, { at: 2 }], { devices: ['cpu', 'host', 'cuda'], buffers: { table } })
  expect(same).toMatchObject({ isEqual: true, values: 12 })
  const other = await lab.compare(scribbling, [{ at: 3 }], { devices: ['cpu', 'host'], buffers: { table } })
  expect(other).toMatchObject({ differing: 1, first: { output: 'table', path: '[1]' } })
  expect([...await table.onHost()]).toEqual([5, 6, 7, 8])
  table[Symbol.dispose]()
})

const failing = ringKernel('compare-failing', { input: Cell, output: Cell }, { onMessage({ at }, ctx) { if (at === 2) throw new Error('two'); ctx.send({ at }) } })

test('a failure is compared: the outputs before it, and its error', async () => {
  const found = await lab.compare(failing, [{ at: 0 }, { at: 1 }, { at: 2 }, { at: 3 }], { devices: ['cpu', 'host'] })
  expect(found).toMatchObject({ isEqual: true, devices: [{ outputs: 2 }, { outputs: 2 }] })
  expect(found.devices.map(({ error }) => error?.message.split(' (')[0])).toEqual(['two', 'two'])
  expect(printed(found)).toContain('failed with')
})

const scattering = ringKernel('compare-scattering', { input: Cell, output: Cell, parallel: 'messages' }, { onMessage({ at }, ctx) { if (at === 2) throw new Error('two'); ctx.send({ at }) } })

test('messages that are given up while others go on do not hold it up', async () => {
  const found = await lab.compare(scattering, [{ at: 0 }, { at: 2 }, { at: 3 }], { devices: ['cpu', 'cuda'] })
  expect(found).toMatchObject({ isEqual: true, devices: [{ outputs: 2, error: { message: 'two' } }, { outputs: 2, error: { message: 'two' } }] })
})

const looping = ringKernel('compare-looping', { input: Cell, output: Cell, capacity: 16 }, async (ctx) => {
  let sum = 0
  while (!ctx.shouldTerminate) {
    const { at } = await ctx.receive()
    sum += at
    await ctx.send({ at: sum })
  }
})

test('loops, and messages without fixed bytes', async () => {
  expect(await lab.compare(looping, Array.from({ length: 50 }, (_, at) => ({ at })))).toMatchObject({ isEqual: true, values: 100, devices: [{ outputs: 50 }, { outputs: 50 }, { outputs: 50 }] })
  const Words = message<{ word: string }>('Words')
  const shouting = ringKernel('compare-shouting', { input: Words, output: Words }, { onMessage({ word }, ctx) { ctx.send({ word: word.toUpperCase() }) } })
  const found = await lab.compare(shouting, [{ word: 'a' }, { word: 'b' }])
  expect(found).toMatchObject({ isEqual: true, values: 2, devices: [{ device: 'cpu', outputs: 2 }, { device: 'host', outputs: 2 }] })
  expect(printed(found)).toContain('cuda was left out: its messages have no fixed bytes.')
})

test('wrong use is refused in a sentence', async () => {
  await expect(lab.compare('compare-roting', [])).rejects.toThrow("there is no ring kernel definition named 'compare-roting'")
  await expect(lab.compare(rooting, 3 as never)).rejects.toThrow('lab.compare() needs the messages as a list, but was given 3')
  await expect(lab.compare(rooting, [], { devices: ['cpu'] })).rejects.toThrow("lab.compare() compares two devices or more, { devices: ['cpu', 'cuda'] }")
  await expect(lab.compare(rooting, [], { devices: ['cpu', 'tpu' as never] })).rejects.toThrow("'tpu'")
  await expect(lab.compare(scribbling, [])).rejects.toThrow("lab.compare(): ring kernel 'compare-scribbling' needs the buffer 'table'")
})

test('a device that does not finish in time is told of', async () => {
  const slow = ringKernel('compare-slow', { input: Cell, output: Cell, capacity: 16 }, {
    onMessage({ at }, ctx) {
      let sum = 0
      for (let i = 0; i < 2_000_000_000; i++) sum = (sum * 31 + i) >>> 0
      ctx.send({ at: at + sum })
    },
  })
  await expect(lab.compare(slow, [{ at: 1 }, { at: 2 }], { devices: ['cpu', 'cpu'], timeoutMs: 100 })).rejects.toThrow(/lab\.compare\(\): ring kernel 'compare-slow' left \d messages on cpu within 100 ms; raise timeoutMs, or send fewer\./)
})
