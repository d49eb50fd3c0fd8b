// Ring indices are u32 that wrap, and words are read as signed: rings that begin shortly before either are rings as all others, empty, full and in between.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { ringKernel, struct, u32, type RingKernel } from 'ringlab'
import { word } from '#ringlab/ring/control.js'
import { beginIndicesAt, firstIndex } from '#ringlab/ring/first-index.js'
import type { Actor } from '#ringlab/runtime/actor.js'
import { alike, refusal, within, type Bench, type Case } from './devices.js'

const Value = struct('Value', { v: u32 })
type Echo = RingKernel<typeof Value, typeof Value>
const options = { input: Value, output: Value, capacity: 16, backpressure: 'reject' as const }
const handler = ringKernel('wrap-handler', options, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const loop = ringKernel('wrap-loop', options, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })
const many = ringKernel('wrap-many', { ...options, parallel: 'messages' }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const forms = { handler, loop, many } as const

const folder = mkdtempSync(join(tmpdir(), 'ringlab-wrap-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)
const columns = (values: readonly number[]): { v: Uint32Array } => ({ v: Uint32Array.from(values) })
async function taken(actor: Echo, count: number): Promise<number[]> { return [...(await actor.receiveColumns(count, within)).v] }
/** Polls until it is so, at most as long as any wait here. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + within.timeoutMs
  while (!await isSo() && performance.now() < end) await new Promise(setImmediate)
}
/** As the words of its rings say: what was sent and taken, both ways. */
function indices(actor: Echo): number[] {
  const { arena, offset } = (actor as unknown as Actor).block
  return [word.inTail, word.inHead, word.outTail, word.outHead].map((index) => Atomics.load(arena.words, (offset >>> 2) + index))
}
const depthIn = (actor: Echo, from: string): number => actor.telemetry().inputs.find((ring) => ring.from === from)?.depth ?? -1

/** Seven before the wrap, and seven before a signed word turns negative. */
const beginnings = { 'the wrap': 2 ** 32 - 7, 'the sign': 2 ** 31 - 7 } as const

function cases(name: string, run: (bench: Bench) => Promise<unknown>, expected: unknown, not?: Case['not']): Case[] {
  return Object.entries(beginnings).map(([where, first]) => ({
    name: `${name}, across ${where}`, expected, ...(not === undefined ? {} : { not }),
    async run(bench) {
      beginIndicesAt(first)
      try { return await run(bench) } finally { beginIndicesAt(0) }
    },
  }))
}

alike('rings', [
  ...(['handler', 'loop', 'many'] as const).flatMap((form) => [
    ...cases(`the queue and the output of a ${form}: empty, full, one over, and again`, async ({ runtime }) => {
      const actor = await runtime.launch(forms[form], { id: 'x' })
      const empty = [actor.telemetry().depth, actor.queue.size, await actor.step(), actor.tryReceive()]
      const rounds: unknown[] = []
      for (let round = 0; round < 3; round++) {
        for (let v = 0; v < 16; v++) await actor.send({ v })
        const over = (await refusal(() => actor.send({ v: 16 }))).includes('is full (16 messages)')
        const full = [actor.telemetry().depth, actor.queue.peek().map(({ v }) => v).join() === upTo(16).join(), actor.trySend({ v: 17 })]
        await (round === 0 ? actor.activate() : actor.reactivate())
        await until(() => actor.telemetry().processed === 17 * round + 16 && actor.telemetry().depth === 0)
        // Its output ring is full now: one more is not taken by a handler, and not sent by a loop.
        await actor.send({ v: 99 })
        const outputs = actor.telemetry().outputs.map(({ depth }) => depth)
        const received = await taken(actor, 17)
        await actor.deactivate()
        rounds.push([over, full, outputs, received])
      }
      const { processed, dropped, depth, depthMax } = actor.telemetry()
      const wentBy = indices(actor).map((index) => (index - firstIndex()) | 0)
      return [empty, rounds, processed, dropped, depth, depthMax, wentBy, indices(actor).every((index) => index >= 0 !== firstIndex() >= 0)]
    }, [[0, 0, 0, undefined], Array(3).fill([true, [16, true, false], [16], [...upTo(16), 99]]), 51, 0, 0, 16, [51, 51, 51, 51], true]),
    ...cases(`columns and asks of a ${form}, many times around its ring`, async ({ runtime }) => {
      const actor = await runtime.spawn(forms[form], { id: 'x' })
      const answers: number[] = []
      for (let v = 0; v < 20; v++) answers.push((await actor.ask({ v }, within)).v)
      const all: number[] = []
      for (let from = 0; from < 96; from += 16) {
        await actor.sendColumns(columns(upTo(16, from)), within)
        all.push(...await taken(actor, 16))
      }
      await actor.terminate({ pending: 'drain', ...within })
      const { processed, depth, dropped } = actor.telemetry()
      return [answers, all, processed, depth, dropped]
    }, [upTo(20), upTo(96), 116, 0, 0]),
  ]),
  ...cases('priorities, drain and clear', async ({ runtime }) => {
    const actor = await (await runtime.spawn(handler, { id: 'x' })).deactivate()
    for (let v = 0; v < 10; v++) await actor.send({ v })
    for (let v = 100; v < 103; v++) await actor.send({ v }, { priority: 255 })
    const seen = [actor.queue.peek(5).map(({ v }) => v), actor.queue.drain(4).map(({ v }) => v), actor.queue.size]
    await actor.reactivate()
    const first = await taken(actor, 9)
    await actor.deactivate()
    for (let v = 0; v < 16; v++) await actor.send({ v })
    return [seen, first, actor.queue.clear(), actor.telemetry().dropped, actor.telemetry().depth]
  }, [[[100, 101, 102, 0, 1], [100, 101, 102, 0], 9], upTo(9, 1), 16, 20, 0]),
  ...cases('a checkpoint of a full queue and of unread outputs', async ({ runtime }) => {
    const actor = await runtime.spawn(handler, { id: 'x' })
    for (let v = 0; v < 3; v++) await actor.send({ v })
    await until(() => actor.telemetry().processed === 3)
    await actor.deactivate()
    for (let v = 3; v < 19; v++) await actor.send({ v })
    const { inputs, outputs } = await actor.checkpoint(join(folder, 'x.checkpoint'))
    await actor.terminate()
    const again = await runtime.restore(join(folder, 'x.checkpoint')) as Echo
    const { depth } = again.telemetry()
    await again.activate()
    return [inputs, outputs, depth, await taken(again, 19)]
  }, [16, 3, 16, upTo(19)]),
])

alike('rings between ring kernels', [
  ...(['handler', 'loop', 'many'] as const).flatMap((form) => cases(`from a ${form} to a ${form}: empty, full, and many times around`, async ({ runtime }) => {
    const [from, to] = [await runtime.spawn(forms[form], { id: 'from' }), await runtime.launch(forms[form], { id: 'to' })]
    await using connection = await runtime.connect(from, to)
    const counted = async (): Promise<unknown> => { const [ring] = await connection.telemetry(); return ring === undefined ? undefined : [ring.sent, ring.taken, ring.depth, ring.depthMax] }
    const empty = await counted()
    for (let v = 0; v < 16; v++) await from.send({ v })
    await until(async () => { await to.measure(); return depthIn(to, 'from') === 16 })
    const full = await counted()
    await to.activate()
    const all = await taken(to, 16)
    for (let start = 16; start < 112; start += 16) { await from.sendColumns(columns(upTo(16, start)), within); all.push(...await taken(to, 16)) }
    await until(async () => { await to.measure(); return depthIn(to, 'from') === 0 })
    const after = await counted()
    return [empty, full, all, after, to.telemetry().processed]
  }, [[0, 0, 0, 0], [16, 0, 16, 16], upTo(112), [112, 112, 0, 16], 112])),
  ...cases('one that drops its oldest keeps the last sixteen', async ({ runtime }) => {
    const [from, to] = [await runtime.spawn(handler, { id: 'from' }), await runtime.launch(handler, { id: 'to' })]
    await using connection = await runtime.connect(from, to, { backpressure: 'dropOldest' })
    for (let v = 0; v < 40; v++) { await from.send({ v }); await until(() => from.telemetry().sent === v + 1) }
    await to.activate()
    const all = await taken(to, 16)
    const [ring] = await connection.telemetry()
    return [all, ring?.sent, ring?.dropped, ring?.depth]
  }, [upTo(16, 24), 40, 24, 0], { cuda: 'its ring kernels wait for room, and drop nothing that they send' }),
])
