// Other code for a live ring kernel: same rings, same queue, same state where it fits; and what is said where it does not.
import { ringKernel, struct, u32, type RingKernel, type RingKernelDefinition } from 'ringlab'
import { alike, refusal, within } from './devices.js'

const Value = struct('Value', { v: u32 })
const Other = struct('Other', { v: u32, w: u32 })
const count = { seen: u32 }
const old = ringKernel('swapped', { input: Value, output: Value, capacity: 64, state: count }, {
  onMessage({ v }, ctx) { ctx.state.seen += 1; ctx.send({ v: ctx.state.seen * 100_000 + v }) },
})
/** The same, told apart by what it adds. */
const tagged = ringKernel('swapped', { input: Value, output: Value, capacity: 64, state: count }, {
  onMessage({ v }, ctx) { ctx.state.seen += 1; ctx.send({ v: ctx.state.seen * 100_000 + v + 50_000 }) },
})
const wider = ringKernel('swapped', { input: Value, output: Value, capacity: 64, state: { first: u32, seen: u32, more: Other } }, {
  onMessage({ v }, ctx) { ctx.state.seen += 1; ctx.send({ v: ctx.state.seen * 100_000 + v }) },
})
const looping = ringKernel('swapped', { input: Value, output: Value, capacity: 64, state: count }, async (ctx) => {
  let own = 0
  for (;;) {
    const { v } = await ctx.receive()
    own += 1
    await ctx.send({ v: own * 100_000 + v })
  }
})
const foreign = ringKernel('swapped', { input: Other, output: Value, capacity: 64 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const small = ringKernel('swapped', { input: Value, output: Value, capacity: 16, state: count }, { onMessage({ v }, ctx) { ctx.send({ v }) } })

async function answers(actor: RingKernel, wanted: number): Promise<number[]> {
  const got: number[] = []
  while (got.length < wanted) got.push((await actor.receive(within) as { v: number }).v)
  return got
}

alike('swap', [
  {
    name: 'code changes in place, with queue and state kept',
    async run({ runtime }) {
      const actor = await runtime.spawn(old) as unknown as RingKernel
      await actor.send({ v: 1 })
      const before = await answers(actor, 1)
      await actor.deactivate()
      for (const v of [2, 3]) await actor.send({ v })
      const said = await runtime.swap(actor, tagged)
      const { state } = actor
      await actor.reactivate()
      return [before, state, await answers(actor, 2), said]
    },
    expected: [[100_001], 'DEACTIVATED', [250_002, 350_003], "ring kernel 'swapped' runs its new code: its queue and its state are kept"],
  },
  {
    name: 'a state with other fields is zero again, in memory of its own where it grew, and that is said',
    async run({ runtime }) {
      const actor = await runtime.spawn(old) as unknown as RingKernel
      await actor.send({ v: 1 })
      await answers(actor, 1)
      const said = await runtime.swap(actor, wider)
      await actor.send({ v: 2 })
      const wide = await answers(actor, 1)
      await runtime.swap(actor, old)
      await actor.send({ v: 3 })
      return [wide, await answers(actor, 1), said.includes('its state is zero again'), actor.state]
    },
    expected: [[100_002], [100_003], true, 'ACTIVE'],
  },
  {
    name: 'a loop begins anew, and that is said',
    async run({ runtime }) {
      const actor = await runtime.spawn(looping) as unknown as RingKernel
      for (const v of [1, 2]) await actor.send({ v })
      const before = await answers(actor, 2)
      const said = await runtime.swap(actor, looping)
      await actor.send({ v: 3 })
      return [before, await answers(actor, 1), said.includes('begins anew, without the locals')]
    },
    expected: [[100_001, 200_002], [100_003], true],
  },
  {
    name: 'another input or capacity keeps the old code, and says what to do',
    async run({ runtime }) {
      const actor = await runtime.spawn(old) as unknown as RingKernel
      const said = [await runtime.swap(actor, foreign), await runtime.swap(actor, small)]
      await actor.send({ v: 1 })
      return [await answers(actor, 1), said.map((each) => each.includes('keeps its old code')), said.map((each) => each.includes('terminate it and launch it again')), said[0]?.includes('its input changed'), said[1]?.includes('from 64 to 16')]
    },
    expected: [[100_001], [true, true], [true, true], true, true],
  },
  {
    name: 'what does not compile, or is no definition, leaves the old code running',
    not: { host: 'it runs what it is given' },
    async run({ runtime }) {
      const actor = await runtime.spawn(old) as unknown as RingKernel
      const wrong = ringKernel('swapped', { input: Value, output: Value, capacity: 64, state: count }, { onMessage({ v }, ctx) { ctx.send({ v: new Map([[v, v]]).size }) } })
      const said = [await refusal(() => runtime.swap(actor, wrong)), await refusal(() => runtime.swap(actor, {} as RingKernelDefinition))]
      await actor.send({ v: 1 })
      return [await answers(actor, 1), said.map((each) => !each.startsWith('not refused')), actor.state]
    },
    expected: [[100_001], [true, true], 'ACTIVE'],
  },
  {
    name: 'beside a stream of 10,000 messages nothing is lost, and nothing handled twice',
    async run({ runtime }) {
      const actor = await runtime.spawn(old) as unknown as RingKernel
      const messages = 10_000
      const sending = actor.sendBatch(Array.from({ length: messages }, (_, v) => ({ v })), within)
      let inOrder = true
      const receiving = (async () => {
        for (let v = 0; v < messages; v++) {
          const value = (await actor.receive(within) as { v: number }).v - (v + 1) * 100_000 | 0
          const isTagged = value >= 50_000
          if (value - (isTagged ? 50_000 : 0) !== v) inOrder = false
        }
      })()
      const said: string[] = []
      for (let i = 0; i < 4; i++) said.push(await runtime.swap(actor, i % 2 === 0 ? tagged : old))
      await Promise.all([sending, receiving])
      return [inOrder, said.every((each) => each.includes('runs its new code')), actor.telemetry().processed, actor.telemetry().errors]
    },
    expected: [true, true, 10_000, 0],
  },
  {
    name: 'a loop that holds a message gets its new code once it has finished it',
    async run({ runtime }) {
      const actor = await runtime.spawn(looping) as unknown as RingKernel
      const sending = actor.sendBatch(Array.from({ length: 150 }, (_, v) => ({ v })), within)
      const until = performance.now() + 5_000
      while (actor.telemetry().sent < 64 && performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
      const said = await Promise.all([runtime.swap(actor, looping), answers(actor, 150), sending])
      return [said[1].map((value) => value % 100_000), said[0].includes('runs its new code')]
    },
    expected: [Array.from({ length: 150 }, (_, v) => v), true],
  },
])
