// Queues: what each backpressure does with one message more than there is room for, deduplication, time-to-live on the host's side, and asks taken back.
import { ringKernel, struct, u32, type RingKernel } from 'ringlab'
import { waitsFor, word } from '#ringlab/ring/control.js'
import type { Actor } from '#ringlab/runtime/actor.js'
import { alike, refusal, within } from './devices.js'

const Value = struct('Value', { v: u32 })
type Echo = RingKernel<typeof Value, typeof Value>
const policies = ['block', 'reject', 'dropOldest', 'dropNewest'] as const
const made = Object.fromEntries(policies.map((backpressure) => [backpressure, ringKernel(`echo-${backpressure}`, { input: Value, output: Value, capacity: 16, backpressure }, { onMessage({ v }, ctx) { ctx.send({ v }) } })]))
const once = ringKernel('echo-once', { input: Value, output: Value, capacity: 64, deduplicate: 16 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const large = ringKernel('echo-large', { input: Value, output: Value, capacity: 1 << 20, backpressure: 'reject' }, { onMessage({ v }, ctx) { ctx.send({ v }) } })

const loop = ringKernel('echo-loop', { input: Value, output: Value, capacity: 16 }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })

const definition = (backpressure: (typeof policies)[number]): (typeof once) => made[backpressure] as typeof once

async function taken(actor: Echo, count: number): Promise<number[]> {
  const { v } = await actor.receiveColumns(count, within)
  return [...v]
}
/** As its body says: then it has the next message in hand. */
function waitsForRoom(actor: Echo): boolean {
  const { arena, offset } = (actor as unknown as Actor).block
  return Atomics.load(arena.words, (offset >>> 2) + word.waitsFor) === waitsFor.outputRoom
}
const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)
const letters = (actor: Echo): unknown => [...actor.deadLetters].map(({ reason, message }) => [reason, (message as { v: number }).v])

alike('queues', [
  {
    name: 'reject refuses the seventeenth message of sixteen, one by one and in columns',
    async run({ runtime }) {
      const actor = await runtime.launch(definition('reject'))
      for (let v = 0; v < 16; v++) await actor.send({ v })
      const said = [await refusal(() => actor.send({ v: 16 })), await refusal(() => actor.send({ v: 17 }, { priority: 255 })), await refusal(() => actor.sendColumns({ v: Uint32Array.of(18) }))]
      const left = actor.trySend({ v: 19 })
      await actor.activate()
      return [new Set(said).size, said[0], left, await taken(actor, 16)]
    },
    expected: [1, "the input queue of ring kernel 'echo-reject' is full (16 messages) and its backpressure is 'reject'; receive its outputs, slow down, or use 'block'.", false, upTo(16)],
  },
  {
    name: 'dropNewest drops what comes last, whatever its priority, and counts it',
    async run({ runtime }) {
      const actor = await runtime.launch(definition('dropNewest'))
      for (let v = 0; v < 17; v++) await actor.send({ v })
      await actor.send({ v: 17 }, { priority: 255 })
      await actor.sendColumns({ v: Uint32Array.of(18, 19) })
      const { dropped, depth } = actor.telemetry()
      await actor.activate()
      return [dropped, depth, await taken(actor, 16), letters(actor)]
    },
    expected: [4, 16, upTo(16), [['dropped', 16], ['dropped', 17], ['dropped', 18], ['dropped', 19]]],
  },
  {
    name: 'dropOldest keeps the last that came, and never drops a higher band first',
    async run({ runtime }) {
      const actor = await runtime.launch(definition('dropOldest'))
      for (let v = 100; v < 108; v++) await actor.send({ v }, { priority: 200 })
      for (let v = 0; v < 8; v++) await actor.send({ v }, { priority: 1 })
      for (let v = 8; v < 20; v++) await actor.send({ v })
      const { dropped, depth } = actor.telemetry()
      await actor.activate()
      return [dropped, depth, await taken(actor, 16), letters(actor)]
    },
    expected: [12, 16, [...upTo(8, 100), ...upTo(8, 12)], [...upTo(8), ...upTo(4, 8)].map((v) => ['dropped', v])],
  },
  {
    name: 'block holds the sender of a message or of columns until there is room, and loses nothing',
    async run({ runtime }) {
      const actor = await runtime.launch(definition('block'))
      await actor.sendColumns({ v: Uint32Array.from(upTo(16)) })
      const late = await refusal(() => actor.send({ v: 999 }, { timeoutMs: 20, priority: 255 }))
      let isSent = false
      const sending = actor.sendColumns({ v: Uint32Array.from(upTo(40, 16)) }, within).then(() => { isSent = true })
      await new Promise(setImmediate)
      const before = isSent
      await actor.activate()
      const all = await taken(actor, 56)
      await sending
      return [late.includes('room in its input queue took longer than 20 ms'), before, isSent, all, actor.telemetry().dropped]
    },
    expected: [true, false, true, upTo(56), 0],
  },
  {
    name: 'a message with an id among the last sixteen is left out and counted; behind them it is another',
    async run({ runtime }) {
      const actor = await runtime.launch(once)
      for (const id of [1n, 2n, 1n, 2n]) await actor.send({ v: Number(id) }, { id })
      for (let v = 3; v < 19; v++) await actor.send({ v }, { id: BigInt(v) })
      await actor.send({ v: 1 }, { id: 1n })
      const said = await refusal(() => actor.ask({ v: 18 }, { id: 18n, ...within }))
      const { duplicates, depth } = actor.telemetry()
      await actor.activate()
      return [duplicates, depth, await taken(actor, 19), said]
    },
    expected: [3, 19, [...upTo(18, 1), 1], "ring kernel 'echo-once' was sent the message of this ask before, with the same id, so that nobody would answer it: leave out id, or give it another."],
  },
  {
    name: 'a message whose time ended while it waited is not taken, and its ask is refused',
    async run({ runtime }) {
      const actor = await runtime.launch(definition('block'))
      for (let v = 0; v < 16; v++) await actor.send({ v }, { priority: 200 })
      const sending = actor.send({ v: 50 }, { timeToLiveMs: 5, ...within })
      const asking = refusal(() => actor.ask({ v: 51 }, { timeToLiveMs: 5, ...within }))
      const kept = actor.send({ v: 52 }, { timeToLiveMs: 60_000, ...within })
      const said = await asking
      await sending
      await actor.activate()
      const all = await taken(actor, 17)
      await kept
      return [said, all, actor.telemetry().expired, letters(actor)]
    },
    expected: [
      "the message of this ask to ring kernel 'echo-block' expired: its timeToLiveMs ended before it was taken; give it longer, or ask less at once.",
      [...upTo(16), 52], 2, [['expired', 50], ['expired', 51]],
    ],
  },
  {
    name: 'an ask that gave up leaves the queue, so that its message is never taken',
    async run({ runtime }) {
      const actor = await runtime.launch(definition('block'))
      await actor.send({ v: 1 })
      const said = await refusal(() => actor.ask({ v: 2 }, { timeoutMs: 20 }))
      const stop = new AbortController()
      const asking = refusal(() => actor.ask({ v: 3 }, { signal: stop.signal }))
      await new Promise(setImmediate)
      stop.abort(new Error('enough'))
      const aborted = await asking
      await actor.send({ v: 4 })
      const { depth, dropped } = actor.telemetry()
      await actor.activate()
      return [said.includes('an answer took longer than 20 ms'), aborted, depth, dropped, await taken(actor, 2)]
    },
    expected: [true, 'enough', 2, 2, [1, 4]],
  },
  {
    name: 'what is queued can be looked at, taken out and cleared, with counts, and asks for it are refused',
    async run({ runtime }) {
      const actor = await runtime.launch(definition('block'))
      for (let v = 0; v < 6; v++) await actor.send({ v })
      await actor.send({ v: 7 }, { priority: 255 })
      const asking = refusal(() => actor.ask({ v: 8 }, { priority: 240, ...within }))
      await new Promise(setImmediate)
      const { queue } = actor
      const seen = [queue.size, queue.capacity, queue.peek(3), queue.drain(3), queue.clear(), queue.size, actor.telemetry().dropped]
      const wrong = await refusal(() => queue.drain(-1))
      await actor.send({ v: 9 })
      await actor.activate()
      return [seen, await asking, wrong, await taken(actor, 1)]
    },
    expected: [
      [8, 16, [{ v: 7 }, { v: 8 }, { v: 0 }], [{ v: 7 }, { v: 8 }, { v: 0 }], 5, 0, 8], "the message of this ask to ring kernel 'echo-block' was taken out of its queue by drain() or clear().",
      'drain() needs a count of messages, 0 or more, but was given -1', [9],
    ],
  },
  {
    name: 'of one that is deactivated all can be taken out but the message in hand',
    async run({ runtime }) {
      const idle = await (await runtime.spawn(definition('block'), { id: 'idle' })).deactivate()
      for (let v = 0; v < 3; v++) await idle.send({ v })
      await idle.send({ v: 3 }, { priority: 255 })
      const seen = [idle.queue.peek(), idle.queue.drain(1), idle.queue.clear()]
      // It waits for room for the answer to its seventeenth message.
      const full = await runtime.spawn(loop, { id: 'full' })
      for (let v = 0; v < 20; v++) await full.send({ v })
      const until = performance.now() + within.timeoutMs
      while (!waitsForRoom(full) && performance.now() < until) await new Promise(setImmediate)
      await full.deactivate()
      const cleared = full.queue.clear()
      await full.reactivate()
      return [seen, cleared, await taken(full, 17)]
    },
    expected: [[[{ v: 3 }, { v: 0 }, { v: 1 }, { v: 2 }], [{ v: 3 }], 3], 3, upTo(17)],
  },
  {
    name: 'a ring of 1,048,576 takes so many messages and refuses the next',
    async run({ runtime }) {
      const actor = await runtime.launch(large)
      await actor.sendColumns({ v: new Uint32Array(1 << 20) })
      const { depth } = actor.telemetry()
      return [depth, (await refusal(() => actor.send({ v: 1 }))).includes('is full (1048576 messages)'), await actor.step(3)]
    },
    expected: [1 << 20, true, 3],
  },
])
