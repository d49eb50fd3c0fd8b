// Asking: many at once, answered out of order, given up in time.
import { ringKernel, struct, u32 } from 'ringlab'
import { alike, refusal, within } from './devices.js'

const Value = struct('Value', { v: u32 })
const pairs = ringKernel('pairs', { input: Value, output: Value, capacity: 64 }, async (ctx) => {
  for (;;) {
    const first = await ctx.receive()
    const to = ctx.envelope
    const v = first.v
    const second = await ctx.receive()
    await ctx.send({ v: second.v * 10 })
    await ctx.reply(to, { v: v * 10 })
  }
})
const silent = ringKernel('silent', { input: Value, output: Value }, { onMessage({ v }, ctx) { if (v > 100) ctx.send({ v }) } })

alike('correlation', [
  {
    name: 'answers that come in another order than the questions find their askers',
    async run({ runtime }) {
      const actor = await runtime.spawn(pairs)
      const answers = await Promise.all(Array.from({ length: 40 }, (_, v) => actor.ask({ v }, within)))
      return answers.map(({ v }) => v)
    },
    expected: Array.from({ length: 40 }, (_, v) => v * 10),
  },
  {
    name: 'an ask without an answer ends at its time, and the next one is answered',
    async run({ runtime }) {
      const actor = await runtime.spawn(silent)
      const late = await refusal(() => actor.ask({ v: 1 }, { timeoutMs: 50 }))
      return [late.includes("'silent'") && late.includes('50 ms'), (await actor.ask({ v: 101 }, within)).v]
    },
    expected: [true, 101],
  },
  {
    name: 'an ask is given up by its signal',
    async run({ runtime }) {
      const actor = await runtime.spawn(silent)
      const stop = new AbortController()
      const asked = refusal(() => actor.ask({ v: 1 }, { signal: stop.signal }))
      stop.abort(new Error('enough'))
      return [await asked, (await actor.ask({ v: 102 }, within)).v]
    },
    expected: ['enough', 102],
  },
])
