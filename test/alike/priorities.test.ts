// Priorities: messages that wait are taken by bands, SYSTEM before HIGH before NORMAL before LOW, and in the order of their sending within one.
import { ringKernel, struct, u32, type RingKernel } from 'ringlab'
import { alike, within } from './devices.js'

const Value = struct('Value', { v: u32 })
const echo = ringKernel('echo-bands', { input: Value, output: Value, capacity: 1024 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const small = ringKernel('echo-bands-small', { input: Value, output: Value, capacity: 16 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
/** Takes its time over each message. */
const slow = ringKernel('slow-bands', { input: Value, output: Value, capacity: 1024, state: { x: u32 } }, {
  onMessage({ v }, ctx) {
    for (let i = 0; i < 200_000; i++) ctx.state.x = (ctx.state.x * 1664525 + 1013904223) >>> 0
    ctx.send({ v })
  },
})

type Echo = RingKernel<typeof Value, typeof Value>

async function taken(actor: Echo, count: number): Promise<number[]> {
  const { v } = await actor.receiveColumns(count, within)
  return [...v]
}

alike('priorities', [
  {
    name: 'messages that wait for a body that has not begun are taken by bands, first in first out in each',
    async run({ runtime }) {
      const actor = await runtime.launch(echo)
      for (const [v, priority] of [[1, 128], [2, 10], [3, 200], [4, 255], [5, 64], [6, 63], [7, 160], [8, 159], [9, 223], [10, 224]] as const) await actor.send({ v }, { priority })
      await actor.send({ v: 11 })
      await actor.activate()
      return taken(actor, 11)
    },
    expected: [4, 10, 3, 7, 9, 1, 5, 8, 11, 2, 6],
  },
  {
    name: 'a SYSTEM message overtakes a thousand that lie in the ring of a parked body',
    async run({ runtime }) {
      const actor = await runtime.launch(echo)
      await actor.sendBatch(Array.from({ length: 1000 }, (_, v) => ({ v })))
      await actor.send({ v: 5000 }, { priority: 224 })
      await actor.activate()
      const all = await taken(actor, 1001)
      return [all[0], all.slice(1).every((v, i) => v === i)]
    },
    expected: [5000, true],
  },
  {
    name: 'a SYSTEM message overtakes what waits behind the window of a body that runs',
    async run({ runtime }) {
      const actor = await runtime.spawn(slow)
      await actor.sendBatch(Array.from({ length: 400 }, (_, v) => ({ v })))
      await actor.send({ v: 5000 }, { priority: 255 })
      const all = await taken(actor, 401)
      return [all.indexOf(5000) < 400, all.filter((v) => v !== 5000).every((v, i) => v === i)]
    },
    expected: [true, true],
  },
  {
    name: 'sends that wait for room get it by bands, and all arrive once',
    async run({ runtime }) {
      const actor = await runtime.launch(small)
      for (let v = 0; v < 16; v++) await actor.send({ v })
      const waiting = [[100, 10], [101, 128], [102, 230], [103, 128], [104, 180], [105, 255]].map(([v, priority]) => actor.send({ v: v as number }, { priority: priority as number, ...within }))
      await actor.activate()
      const all = await taken(actor, 22)
      await Promise.all(waiting)
      return [all.slice(0, 16).filter((v) => v < 100).length > 0, all.filter((v) => v >= 100), all.filter((v) => v < 100)]
    },
    expected: [true, [102, 105, 104, 101, 103, 100], Array.from({ length: 16 }, (_, v) => v)],
  },
  {
    name: 'columns carry a priority, a correlation id and are overtaken row by row',
    async run({ runtime }) {
      const actor = await runtime.launch(echo)
      await actor.sendColumns({ v: Uint32Array.of(1, 2, 3) }, { priority: 1 })
      await actor.sendColumns({ v: Uint32Array.of(4, 5) }, { priority: 250, correlationId: 77n })
      await actor.sendColumns({ v: Uint32Array.of(6, 7) })
      await actor.activate()
      const outputs: unknown[] = []
      for await (const { message, envelope } of actor.envelopes(within)) if (outputs.push([message.v, envelope.correlationId]) === 7) break
      return outputs
    },
    expected: [[4, 77n], [5, 77n], [6, 0n], [7, 0n], [1, 0n], [2, 0n], [3, 0n]],
  },
  {
    name: 'steps take by bands, also more messages than the window holds',
    async run({ runtime }) {
      const actor = await runtime.launch(echo)
      await actor.sendBatch(Array.from({ length: 150 }, (_, v) => ({ v })), { priority: 1 })
      await actor.send({ v: 1000 }, { priority: 255 })
      const counts = [await actor.step(1), await actor.step(120), await actor.step(100)]
      const all = await taken(actor, 151)
      return [counts, all[0], all.slice(1).every((v, i) => v === i)]
    },
    expected: [[1, 120, 30], 1000, true],
  },
])
