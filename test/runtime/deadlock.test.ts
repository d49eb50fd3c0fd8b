// Ring kernels that wait for each other in a circle are found, and their cell is told once.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ringKernel, RingKernelRuntime, struct, u32, type Device, type RingKernel } from 'ringlab'
import { waitsFor, word } from '#ringlab/ring/control.js'
import type { Actor } from '#ringlab/runtime/actor.js'
import { currentBodyLog, setBodyLog } from '#ringlab/runtime/registry.js'

const Value = struct('Value', { i: u32 })
/** Two for one: no circle of these can go on for ever. */
const doubler = (capacity: number): ReturnType<typeof make> => make(capacity)
function make(capacity: number) {
  return ringKernel(`deadlock-${capacity}`, { input: Value, output: Value, capacity }, async (ctx) => {
    while (!ctx.shouldTerminate) {
      const m = await ctx.receive()
      await ctx.send(m)
      await ctx.send(m)
    }
  })
}

let runtime = new RingKernelRuntime()
let lines: string[] = []
const before = currentBodyLog()
beforeEach(() => { lines = []; const mine = lines; setBodyLog((line) => { mine.push(line) }) })
afterEach(async () => { setBodyLog(before); await runtime.shutdown(); runtime = new RingKernelRuntime() })

async function circle(parts: readonly (readonly [id: string, capacity: number, device: Device])[]): Promise<RingKernel[]> {
  const actors: RingKernel[] = []
  for (const [id, capacity, device] of parts) actors.push(await runtime.spawn(doubler(capacity), { id, device }))
  for (const [i, actor] of actors.entries()) await runtime.connect(actor, actors[(i + 1) % actors.length] as RingKernel)
  return actors
}

/** The deadlock as told, and how long after the circle stood still, ms. */
async function told(actors: readonly RingKernel[]): Promise<number> {
  const progress = (): string => actors.map((actor) => actor.telemetry().sent).join()
  let [last, since] = [progress(), performance.now()]
  await expect.poll(() => { const now = progress(); if (now !== last) [last, since] = [now, performance.now()]; return lines.length }, { timeout: 20_000, interval: 1 }).toBe(1)
  return performance.now() - since
}

describe.each([['cpu', 'cpu'], ['host', 'host'], ['cpu', 'host']] as const)('on %s and %s', (one, other) => {
  test('two that wait for each other are named with their rings', async () => {
    const actors = await circle([['a', 64, one], ['b', 64, other]])
    await actors[0]?.send({ i: 1 })
    const afterMs = await told(actors)
    expect(lines).toEqual(['deadlock: a → b → a, both rings full (64)'])
    // Looked for every 30 ms and told at the second look; the rest is the patience that a loaded machine needs.
    expect(afterMs).toBeLessThan(1000)
    expect(actors.map((actor) => actor.telemetry().deadlock)).toEqual([lines[0], lines[0]])
  })
})

test('one alone and three together', async () => {
  const [alone] = await circle([['alone', 16, 'cpu']])
  await alone?.send({ i: 1 })
  await told([alone as RingKernel])
  expect(lines).toEqual(['deadlock: alone → alone, its ring full (16)'])
  lines.length = 0
  const three = await circle([['x', 64, 'cpu'], ['y', 16, 'cpu'], ['z', 64, 'host']])
  await three[1]?.send({ i: 1 })
  await told(three)
  expect(lines).toEqual(['deadlock: x → y → z → x, all rings full (16, 64)'])
})

test('it is told once, and again only when it comes again', async () => {
  const [a, b] = await circle([['a', 16, 'cpu'], ['b', 16, 'cpu']]) as [RingKernel, RingKernel]
  await a.send({ i: 1 })
  await told([a, b])
  // Long enough for ten more looks.
  const until = performance.now() + 300
  await expect.poll(() => performance.now() > until, { timeout: 10_000 }).toBe(true)
  expect(lines).toHaveLength(1)
  await b.terminate()
  await expect.poll(() => a.telemetry().deadlock, { timeout: 10_000 }).toBeUndefined()
  const again = await runtime.spawn(doubler(16), { id: 'b', device: 'cpu' })
  await runtime.connect(a, again)
  await runtime.connect(again, a)
  await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(2)
  expect(lines[1]).toBe('deadlock: a → b → a, both rings full (16)')
})

test('who has not seen yet that there is room again stands in no deadlock', async () => {
  const actors = await circle([['a', 16, 'cpu'], ['b', 16, 'host'], ['c', 16, 'cpu']])
  // What they would have said before: on a busy machine a thread may look long after.
  for (const [i, actor] of actors.entries()) {
    const { block: { arena: { words }, offset } } = actor as unknown as Actor
    for (const [index, value] of [[word.waitsEdge, i + 1], [word.waitsCount, 1], [word.waitsFor, waitsFor.outputRoom]] as const) Atomics.store(words, (offset >>> 2) + index, value)
  }
  const until = performance.now() + 200
  await expect.poll(() => performance.now() > until, { timeout: 10_000 }).toBe(true)
  expect([lines, actors.map((actor) => actor.telemetry().deadlock)]).toEqual([[], [undefined, undefined, undefined]])
  await actors[0]?.send({ i: 1 })
  await told(actors)
  expect(lines).toEqual(['deadlock: a → b → c → a, all rings full (16)'])
})

test('who waits for room for several at once stands in a deadlock before the ring is full', async () => {
  const three = ringKernel('deadlock-three', { input: Value, output: Value, capacity: 16 }, { onMessage(m, ctx) { ctx.send(m); ctx.send(m); ctx.send(m) } })
  const actor = await runtime.spawn(three, { id: 'three', device: 'cpu' })
  await runtime.connect(actor, actor)
  await actor.send({ i: 1 })
  await told([actor])
  expect(actor.telemetry().inputs.at(-1)?.depth).toBeLessThan(16)
  expect(lines).toEqual(['deadlock: three → three, its ring full (16)'])
})

test('a full ring before a slow ring kernel is no deadlock', async () => {
  const fast = await runtime.spawn(doubler(16), { id: 'fast', device: 'cpu' })
  const slow = await runtime.launch(doubler(16), { id: 'slow', device: 'cpu' })
  await runtime.connect(fast, slow)
  const sending = fast.sendBatch(Array.from({ length: 40 }, (_, i) => ({ i })))
  await expect.poll(() => slow.telemetry().depth, { timeout: 10_000 }).toBe(16)
  const until = performance.now() + 150
  await expect.poll(() => performance.now() > until, { timeout: 10_000 }).toBe(true)
  expect([lines, fast.telemetry().deadlock]).toEqual([[], undefined])
  await slow.activate()
  for (let i = 0; i < 160; i++) await slow.receive({ timeoutMs: 5000 })
  await sending
})
