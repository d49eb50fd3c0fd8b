// Connections: what their options do, what they count, and what holds whom up, on one device and between two.
import { ringKernel, struct, topic, u32, type ConnectOptions, type EdgeTelemetry } from 'ringlab'
import { alike, refusal, within } from './devices.js'

const Value = struct('Value', { v: u32 })
const relay = ringKernel('topic-relay', { input: Value, output: Value, ports: { odd: Value }, capacity: 32 }, {
  onMessage({ v }, ctx) { if (v % 2 === 1) ctx.ports.odd.send({ v }); else ctx.send({ v }) },
})
const plus = ringKernel('topic-plus', { input: Value, output: Value, capacity: 32 }, { onMessage({ v }, ctx) { ctx.send({ v: v + 1000 }) } })
const partner = { cpu: 'host', host: 'cpu', cuda: 'cpu' } as const

/** Looks until a ring says so; the case's own time bounds it. */
async function until(look: () => Promise<readonly EdgeTelemetry[]>, is: (ring: EdgeTelemetry) => boolean): Promise<EdgeTelemetry> {
  const end = performance.now() + within.timeoutMs
  for (;;) {
    const ring = (await look()).find(is)
    if (ring !== undefined) return ring
    if (performance.now() > end) throw new Error(`no ring came to it: ${JSON.stringify(await look())}`)
  }
}

alike('connections', [
  {
    name: 'a ring of its own capacity holds its sender up when that is reached, and counts what was sent and taken',
    async run({ runtime, device }) {
      const source = await runtime.spawn(relay, { id: 'source' })
      const sink = await runtime.launch(plus, { id: 'sink', device: partner[device] })
      const connection = await runtime.connect(source, sink, { capacity: 16 })
      const sending = source.sendBatch(Array.from({ length: 24 }, (_, i) => ({ v: 2 * i })), within)
      const full = await until(() => connection.telemetry(), ({ depth }) => depth === 16)
      await sending
      await sink.activate()
      const found: number[] = []
      while (found.length < 24) found.push((await sink.receive(within)).v)
      const empty = await until(() => connection.telemetry(), ({ taken }) => taken === 24)
      return [[full.capacity, full.sent, full.taken], found, [empty.from, empty.to, empty.depth, empty.sent, empty.dropped]]
    },
    expected: [[16, 16, 0], Array.from({ length: 24 }, (_, i) => 2 * i + 1000), ['source', 'sink', 0, 24, 0]],
  },
  {
    name: 'within one device, rings are counted as well',
    async run({ runtime }) {
      const [source, sink] = [await runtime.spawn(relay, { id: 'source' }), await runtime.spawn(plus, { id: 'sink' })]
      await runtime.connect(source.ports.odd, sink)
      await source.sendBatch([1, 3, 5].map((v) => ({ v })), within)
      for (let i = 0; i < 3; i++) await sink.receive(within)
      const { from, to, topic: via, capacity, sent, taken } = await until(() => runtime.connections(), (ring) => ring.taken === 3)
      return { from, to, via, capacity, sent, taken }
    },
    expected: { from: 'source.ports.odd', to: 'sink', via: undefined, capacity: 32, sent: 3, taken: 3 },
  },
  {
    name: 'of a topic, the subscriber\'s options count before the publisher\'s',
    async run({ runtime }) {
      const values = topic('alike/options', Value)
      const [source, one, two] = [await runtime.launch(relay, { id: 'source' }), await runtime.launch(plus, { id: 'one' }), await runtime.launch(plus, { id: 'two' })]
      await Promise.all([runtime.connect(source, values, { capacity: 64 }), runtime.connect(values, one), runtime.connect(values, two, { capacity: 128 })])
      return (await runtime.connections()).map(({ to, capacity }) => `${to} ${capacity}`).sort()
    },
    expected: ['one 64', 'two 128'],
  },
  {
    name: 'the host listens beside a ring kernel, as much as it asks for',
    async run({ runtime }) {
      const [source, sink] = [await runtime.spawn(relay, { id: 'source' }), await runtime.spawn(plus, { id: 'sink' })]
      const values = topic('alike/listeners', Value)
      await Promise.all([runtime.connect(source, sink), runtime.connect(source, values)])
      const [all, newest, oldest] = [runtime.messages(values, within), runtime.messages(values, { ...within, capacity: 2, backpressure: 'dropOldest' }), runtime.messages(values, { ...within, capacity: 2, backpressure: 'dropNewest' })]
      await Promise.all([all.ready, newest.ready, oldest.ready])
      for (let i = 0; i < 5; i++) await source.send({ v: 2 * i })
      const found: number[][] = [[], [], []]
      for (const [at, messages] of [all, newest, oldest].entries()) {
        for (let left = at === 0 ? 5 : 2; left > 0; left--) {
          // The host has one ring for all three, so all have come once the last has come to one of them.
          const next = await messages.next()
          if (next.done !== true) found[at]?.push(next.value.v)
        }
      }
      for (let i = 0; i < 5; i++) await sink.receive(within)
      return [found[0], found[1], newest.dropped, found[2], oldest.dropped]
    },
    expected: [[0, 2, 4, 6, 8], [6, 8], 3, [0, 2], 3],
  },
  {
    name: 'refusals of options',
    async run({ runtime }) {
      const [source, sink] = [await runtime.launch(relay, { id: 'source' }), await runtime.launch(plus, { id: 'sink' })]
      const refused = (options: unknown): Promise<string> => refusal(() => runtime.connect(source, sink, options as ConnectOptions))
      return [await refused({ capacity: 17 }), await refused({ backpressure: 'reject' }), (await refused({ backpressure: 'dropOldest' })).slice(0, 104), await refused({ size: 1 })]
    },
    expected: [
      'connect: capacity must be a power of two from 16 to 1048576, but is 17',
      "connect: backpressure must be block, dropOldest, dropNewest, but is 'reject'",
      'connect: no device, neither cpu, host nor cuda, can drop messages of a ring between ring kernels yet, so',
      "connect: there is no option 'size'; there are capacity and backpressure",
    ],
  },
])
