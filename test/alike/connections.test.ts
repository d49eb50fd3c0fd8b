// Connections: what their options do, what they count, and what holds whom up, on one device and between two.
import { ringKernel, struct, topic, u32, type ConnectOptions, type EdgeTelemetry } from 'ringlab'
import { alike, refusal, within, type Case } from './devices.js'

const Value = struct('Value', { v: u32 })
const relay = ringKernel('topic-relay', { input: Value, output: Value, ports: { odd: Value }, capacity: 32 }, {
  onMessage({ v }, ctx) { if (v % 2 === 1) ctx.ports.odd.send({ v }); else ctx.send({ v }) },
})
const plus = ringKernel('topic-plus', { input: Value, output: Value, capacity: 32 }, { onMessage({ v }, ctx) { ctx.send({ v: v + 1000 }) } })
const noDrops = { cuda: 'a GPU waits for room and says so when such a connection is made' } as const
const partner = { cpu: 'host', host: 'cpu', cuda: 'cpu' } as const

/** Looks until a ring says so; the case's own time bounds it. */
async function until<T>(look: () => Promise<readonly T[]>, is: (ring: T) => boolean): Promise<T> {
  const end = performance.now() + 20_000
  for (;;) {
    const ring = (await look()).find(is)
    if (ring !== undefined) return ring
    // Ring kernels of the host device need this thread's turns.
    await new Promise((next) => { setImmediate(next) })
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
  ...(['dropNewest', 'dropOldest'] as const).flatMap((backpressure): Case[] => (['one device', 'two devices'] as const).map((where) => ({
    name: `${backpressure}, on ${where}: a full ring holds nobody up, and what it drops is counted`,
    async run({ runtime, device }) {
      const source = await runtime.spawn(relay, { id: 'source' })
      const sink = await runtime.launch(plus, { id: 'sink', device: where === 'one device' ? device : partner[device] })
      const connection = await runtime.connect(source, sink, { capacity: 16, backpressure })
      await source.sendBatch(Array.from({ length: 100 }, (_, i) => ({ v: 2 * i })), within)
      // Room is made for a message before it is shown.
      const full = await until(() => connection.telemetry(), ({ dropped, depth }) => dropped === 84 && depth === 16)
      await sink.activate()
      const found: number[] = []
      while (found.length < 16) found.push((await sink.receive(within)).v - 1000)
      const empty = await until(() => connection.telemetry(), ({ taken }) => taken === 16)
      return [[full.depth, full.depthMax, full.sent, full.taken, full.backpressure], found, [empty.depth, empty.sent, empty.dropped]]
    },
    not: noDrops,
    expected: backpressure === 'dropNewest'
      ? [[16, 16, 16, 0, 'dropNewest'], Array.from({ length: 16 }, (_, i) => 2 * i), [0, 16, 84]]
      : [[16, 16, 100, 0, 'dropOldest'], Array.from({ length: 16 }, (_, i) => 2 * (i + 84)), [0, 100, 84]],
  }))),
  ...(['dropNewest', 'dropOldest'] as const).flatMap((backpressure): Case[] => (['one device', 'two devices'] as const).map((where) => ({
    name: `${backpressure} under traffic, on ${where}: each message arrives once, in order, or is counted`,
    async run({ runtime, device }) {
      const [source, sink] = [await runtime.spawn(relay, { id: 'source' }), await runtime.spawn(plus, { id: 'sink', device: where === 'one device' ? device : partner[device] })]
      const connection = await runtime.connect(source, sink, { capacity: 16, backpressure })
      const count = 5_000
      const found: number[] = []
      const messages = runtime.messages(sink, { timeoutMs: 20_000 })
      await messages.ready
      const reading = (async () => { for await (const { v } of messages) { found.push(v - 1000); if (v - 1000 === 2 * count) break } })()
      for (let from = 0; from < count; from += 100) await source.sendBatch(Array.from({ length: 100 }, (_, i) => ({ v: 2 * (from + i) })), within)
      await until(() => Promise.resolve([source.telemetry()]), ({ processed }) => processed === count)
      await until(() => connection.telemetry(), ({ depth }) => depth === 0)
      // The ring is empty, so this one finds room.
      await source.send({ v: 2 * count })
      await reading
      const { sent, taken, dropped } = await until(() => connection.telemetry(), (ring) => ring.depth === 0 && ring.taken === found.length)
      const isInOrder = found.every((v, i) => i === 0 || v > (found[i - 1] as number))
      return [isInOrder, backpressure === 'dropOldest' ? [sent, taken + dropped] : [sent - taken, taken + dropped]]
    },
    not: noDrops,
    expected: [true, backpressure === 'dropOldest' ? [5_001, 5_001] : [0, 5_001]],
  }))),
  ...(['dropNewest', 'dropOldest'] as const).map((backpressure): Case => ({
    name: `a topic's listener on the host, ${backpressure} at the ring to it`,
    async run({ runtime }) {
      const source = await runtime.spawn(relay, { id: 'source' })
      const values = topic(`alike/tap-${backpressure}`, Value)
      await runtime.connect(source, values, { capacity: 16, backpressure })
      const listener = runtime.messages(values, { ...within, capacity: 1, backpressure: 'block' })
      await listener.ready
      await source.sendBatch(Array.from({ length: 200 }, (_, i) => ({ v: 2 * i })), within)
      const { dropped } = await until(() => runtime.connections(), (ring) => ring.dropped > 100)
      await until(() => Promise.resolve([source.telemetry()]), ({ processed }) => processed === 200)
      const [{ dropped: lost }] = await runtime.connections() as [EdgeTelemetry]
      const found: number[] = []
      while (found.length < 200 - lost) { const next = await listener.next(); if (next.done === true) break; found.push(next.value.v) }
      return [dropped > 100, found.length === 200 - lost, backpressure === 'dropNewest' ? found[0] : found.at(-1)]
    },
    not: noDrops,
    expected: [true, true, backpressure === 'dropNewest' ? 0 : 398],
  })),
  {
    name: 'a GPU says which policy it cannot have, and takes what others have dropped from',
    async run({ runtime }) {
      const [source, sink, gpu] = [await runtime.spawn(relay, { id: 'source', device: 'cpu' }), await runtime.spawn(plus, { id: 'sink', device: 'cpu' }), await runtime.spawn(plus, { id: 'gpu', device: 'cuda' })]
      const refused = [await refusal(() => runtime.connect(gpu, sink, { backpressure: 'dropNewest' })), await refusal(() => runtime.connect(source, gpu, { backpressure: 'dropOldest' }))]
      await runtime.connect(source, gpu, { capacity: 16, backpressure: 'dropNewest' })
      await source.send({ v: 4 })
      return [...refused, await gpu.receive(within)]
    },
    not: { cpu: 'it is about a GPU', host: 'it is about a GPU' },
    expected: [
      "connect: the ring from 'gpu' to 'sink' cannot have backpressure 'dropNewest', because 'gpu' runs on cuda:0, which waits for room and drops nothing that it sends: use 'block' with a larger capacity, or let it run on cpu.",
      "connect: the ring from 'source' to 'gpu' cannot have backpressure 'dropOldest', because 'gpu' runs on cuda:0, which cannot take from a ring that drops its oldest: use 'block' with a larger capacity or 'dropNewest', or let it run on cpu.",
      { v: 1004 },
    ],
  },
  {
    name: 'nothing is connected to a name that nobody has',
    async run({ runtime }) {
      const source = await runtime.spawn(relay, { id: 'source' })
      return [
        await refusal(() => runtime.connect(source, 'sinc')), await refusal(() => runtime.connect('sorce', source)), await refusal(() => runtime.send('sinc', { v: 1 })), await refusal(() => runtime.ask('sorce', { v: 1 })),
        await refusal(() => runtime.publish('alike/nobody-made-this', { v: 1 })), await refusal(() => runtime.messages('alike/nobody-made-this')),
      ].map((sentence) => sentence.slice(0, sentence.indexOf("'", sentence.indexOf("'") + 1) + 1))
    },
    expected: [
      "connect: there is no ring kernel and no topic named 'sinc'", "connect: there is no ring kernel and no topic named 'sorce'", "there is no ring kernel with the id 'sinc'",
      "there is no ring kernel with the id 'sorce'", "publish: there is no ring kernel and no topic named 'alike/nobody-made-this'", "messages: there is no ring kernel and no topic named 'alike/nobody-made-this'",
    ],
  },
  {
    name: 'refusals of options',
    async run({ runtime }) {
      const [source, sink] = [await runtime.launch(relay, { id: 'source' }), await runtime.launch(plus, { id: 'sink' })]
      const refused = (options: unknown): Promise<string> => refusal(() => runtime.connect(source, sink, options as ConnectOptions))
      return [await refused({ capacity: 17 }), await refused({ backpressure: 'reject' }), await refused({ size: 1 })]
    },
    expected: [
      'connect: capacity must be a power of two from 16 to 1048576, but is 17',
      "connect: backpressure must be block, dropOldest, dropNewest, but is 'reject'",
      "connect: there is no option 'size'; there are capacity and backpressure",
    ],
  },
])
