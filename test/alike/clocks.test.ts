// Hybrid clocks: what a ring kernel sends is later than everything it sent or took before, on whatever device, however many leave at once.
import { ringKernel, struct, u32, u64 } from 'ringlab'
import { alike, within } from './devices.js'

const Value = struct('Value', { v: u32 })
/** Of a message: its number, when it was sent, and when the one before it on its way was. */
const Times = struct('Times', { v: u32, cause: u64 })

const stamps = ringKernel('stamps', { input: Value, output: Times, ports: { twin: Times }, capacity: 256 }, {
  onMessage({ v }, ctx) {
    const { sentAtNs } = ctx.envelope
    ctx.send({ v: v * 2, cause: sentAtNs })
    ctx.ports.twin.send({ v: v * 2, cause: sentAtNs })
    ctx.send({ v: v * 2 + 1, cause: sentAtNs })
  },
})
const passing = ringKernel('passing', { input: Times, output: Times, capacity: 256 }, async (ctx) => {
  for (;;) {
    const { v } = await ctx.receive()
    await ctx.send({ v, cause: ctx.envelope.sentAtNs })
  }
})

interface Stamped { readonly message: { readonly v: number; readonly cause: bigint }; readonly envelope: { readonly id: bigint; readonly sentAtNs: bigint } }

async function next(from: AsyncIterableIterator<Stamped>, count: number): Promise<Stamped[]> {
  const found: Stamped[] = []
  while (found.length < count) found.push((await from.next()).value as Stamped)
  return found
}

function rises(times: readonly bigint[]): boolean { return times.every((time, i) => i === 0 || time > (times[i - 1] as bigint)) }

alike('clocks', [
  {
    name: 'times of one sender rise with every message, and exceed the time of the message each answers',
    async run({ runtime }) {
      const actor = await runtime.spawn(stamps)
      const outputs = actor.envelopes(within)
      await actor.sendBatch(Array.from({ length: 100 }, (_, v) => ({ v })), within)
      const found = await next(outputs, 200)
      return [found.map(({ message }) => message.v), rises(found.map(({ envelope }) => envelope.sentAtNs)), found.every(({ message, envelope }) => envelope.sentAtNs > message.cause)]
    },
    expected: [Array.from({ length: 200 }, (_, v) => v), true, true],
  },
  {
    name: 'times follow the order of sending over two ports, and causes come before effects through a chain',
    async run({ runtime }) {
      const [first, main, twin] = [await runtime.launch(stamps), await runtime.spawn(passing, { id: 'main' }), await runtime.spawn(passing, { id: 'twin' })]
      await runtime.connect(first, main)
      await runtime.connect(first.ports.twin, twin)
      const [fromMain, fromTwin] = [main.envelopes(within), twin.envelopes(within)]
      await first.sendBatch(Array.from({ length: 50 }, (_, v) => ({ v })), within)
      await first.activate()
      const [even, middle] = [await next(fromMain, 100), await next(fromTwin, 50)]
      const sent = middle.map(({ message }, i) => [even[2 * i], even[2 * i + 1]].map((each) => each?.message.cause ?? 0n).toSpliced(1, 0, message.cause)).flat()
      return [rises(sent), [...even, ...middle].every(({ message, envelope }) => envelope.sentAtNs > message.cause)]
    },
    expected: [true, true],
  },
])
