// Checkpoints: a ring kernel saved to a file goes on from it as if nothing had been, on the same device and on another.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { array, f64, ringKernel, struct, u32, type RingKernel } from 'ringlab'
import { alike, refusal, within } from './devices.js'

const folder = mkdtempSync(join(tmpdir(), 'ringlab-checkpoints-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })
let files = 0
const freshPath = (): string => join(folder, `${++files}.checkpoint`)

const Value = struct('Value', { v: u32 })
const Sum = struct('Sum', { v: u32, sum: f64 })
type Sums = RingKernel<typeof Value, typeof Sum>

const counting = ringKernel('counting', { input: Value, output: Sum, state: { n: u32, sums: array(f64, 2) }, capacity: 64 }, {
  onMessage({ v }, ctx) {
    ctx.state.n++
    ctx.state.sums[v % 2] = (ctx.state.sums[v % 2] ?? 0) + v / 3
    ctx.send({ v: ctx.state.n, sum: ctx.state.sums[v % 2] ?? 0 })
  },
})
/** Locals and an array of its own over a receive, and two sends a message, between which it may be parked with the message in hand. */
const remembering = ringKernel('remembering', { input: Value, output: Sum, capacity: 16 }, async (ctx) => {
  const last = new Float64Array(4)
  let n = 0
  let sum = 0
  for (;;) {
    const { v } = await ctx.receive()
    last[n % 4] = v
    n++
    sum += v / 3
    await ctx.send({ v: n, sum: sum + (last[0] ?? 0) * 1000 + (last[3] ?? 0) })
    if (v % 3 === 0) await ctx.send({ v: 1000 + v, sum })
  }
})
const expectedOf = (count: number): string[] => {
  const last = [0, 0, 0, 0]
  let sum = 0
  return Array.from({ length: count }, (_, v) => {
    last[v % 4] = v
    sum += v / 3
    return [`${v + 1}:${sum + (last[0] ?? 0) * 1000 + (last[3] ?? 0)}`, ...(v % 3 === 0 ? [`${1000 + v}:${sum}`] : [])]
  }).flat()
}

async function take(actor: Sums, count: number): Promise<string[]> {
  const taken: string[] = []
  while (taken.length < count) { const { v, sum } = await actor.receive(within); taken.push(`${v}:${sum}`) }
  return taken
}

const noLocals = { host: 'the locals of a loop live in JavaScript, where nobody else can read them' }
const elsewhere = { cpu: 'cuda', cuda: 'cpu', host: 'cpu' } as const

alike('checkpoints', [
  {
    name: 'state and queued messages go on in another ring kernel, and in the first',
    async run({ runtime }) {
      const actor = await runtime.spawn(counting)
      for (let v = 0; v < 3; v++) await actor.ask({ v }, within)
      await actor.deactivate()
      for (let v = 3; v < 6; v++) await actor.send({ v })
      const { inputs, outputs } = await actor.checkpoint(freshPath())
      const again = await runtime.restore(join(folder, `${files}.checkpoint`), { id: 'again' }) as unknown as Sums
      const state = again.state
      await again.activate()
      await actor.reactivate()
      return [inputs, outputs, state, await take(again, 3), await take(actor, 3)]
    },
    expected: [3, 0, 'LAUNCHED', ['4:1.3333333333333333', '5:2', '6:3'], ['4:1.3333333333333333', '5:2', '6:3']],
  },
  {
    name: 'an active ring kernel is saved and stays active; outputs that nobody received go on in the file',
    async run({ runtime }) {
      const actor = await runtime.spawn(counting)
      await actor.ask({ v: 6 }, within)
      await actor.send({ v: 8 })
      await actor.receive(within)
      await actor.send({ v: 1 })
      while (actor.telemetry().processed < 3) await actor.ask({ v: 0 }, within)
      const path = freshPath()
      const { outputs } = await runtime.checkpoint(actor, path)
      const again = await runtime.restore(path, { id: 'again' }) as unknown as Sums
      return [outputs, actor.state, again.tryReceive()?.v, (await actor.ask({ v: 2 }, within)).v > 3]
    },
    expected: [1, 'ACTIVE', 3, true],
  },
  {
    name: 'a loop goes on with its locals, its arrays and its message in hand',
    not: noLocals,
    async run({ runtime }) {
      const actor = await runtime.spawn(remembering)
      for (let v = 0; v < 16; v++) await actor.send({ v })
      // Its output ring is full by now or soon: it waits for room, or is parked on its way there.
      await actor.receive(within)
      const path = freshPath()
      await actor.checkpoint(path)
      const again = await (await runtime.restore(path, { id: 'again' })).activate() as unknown as Sums
      const rest = expectedOf(16).slice(1)
      return [await take(again, rest.length), await take(actor, rest.length)].map((taken) => JSON.stringify(taken) === JSON.stringify(rest))
    },
    expected: [true, true],
  },
  {
    name: 'and on another device',
    not: noLocals,
    async run({ runtime, device }) {
      const actor = await runtime.spawn(remembering)
      for (let v = 0; v < 16; v++) await actor.send({ v })
      await actor.receive(within)
      const path = freshPath()
      await actor.checkpoint(path)
      await actor.terminate()
      const again = await (await runtime.restore(path, { device: elsewhere[device] })).activate() as unknown as Sums
      const rest = expectedOf(16).slice(1)
      return [again.device === device, JSON.stringify(await take(again, rest.length)) === JSON.stringify(rest)]
    },
    expected: [false, true],
  },
  {
    name: 'one that never ran has its queue saved, whatever its form',
    async run({ runtime }) {
      const actor = await runtime.launch(remembering)
      for (let v = 0; v < 4; v++) await actor.send({ v })
      const path = freshPath()
      await actor.checkpoint(path)
      const again = await (await runtime.restore(path, { id: 'again' })).activate() as unknown as Sums
      return [actor.state, await take(again, 2)]
    },
    expected: ['LAUNCHED', expectedOf(4).slice(0, 2)],
  },
  {
    name: 'messages of a connection are saved with those of the host',
    async run({ runtime }) {
      const source = await runtime.spawn(counting, { id: 'source' })
      const relay = ringKernel('relay', { input: Sum, output: Sum, capacity: 64 }, { onMessage({ v, sum }, ctx) { ctx.send({ v: v + 100, sum }) } })
      const sink = await runtime.launch(relay)
      await runtime.connect(source, sink)
      for (let v = 0; v < 3; v++) await source.send({ v })
      const until = performance.now() + within.timeoutMs
      while (source.telemetry().sent < 3 && performance.now() < until) await new Promise((resolve) => { setImmediate(resolve) })
      await sink.send({ v: 50, sum: 0.5 })
      const path = freshPath()
      const saved = await sink.checkpoint(path)
      const again = await (await runtime.restore(path, { id: 'again' })).activate() as unknown as Sums
      return [saved.inputs, await take(again, 4)]
    },
    expected: [4, ['150:0.5', '101:0', '102:0.3333333333333333', '103:0.6666666666666666']],
  },
  {
    name: 'what has ended cannot be saved, and says so',
    async run({ runtime }) {
      const actor = await runtime.spawn(counting)
      await actor.terminate()
      return refusal(() => actor.checkpoint(freshPath()))
    },
    expected: "ring kernel 'counting' is TERMINATED, so checkpoint() cannot be called; legal now: terminate().",
  },
])
