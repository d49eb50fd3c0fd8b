// Topics: who publishes and who subscribes meet by a name alone, on whichever device they run, and the host may publish and listen too.
import { ringKernel, struct, topic, u32, type RingKernel, type Source } from 'ringlab'
import { alike, refusal, within, type Bench } from './devices.js'

const Value = struct('Value', { v: u32 })
const Other = struct('Other', { v: u32, more: u32 })
const relay = ringKernel('topic-relay', { input: Value, output: Value, ports: { odd: Value }, capacity: 32 }, {
  onMessage({ v }, ctx) { if (v % 2 === 1) ctx.ports.odd.send({ v }); else ctx.send({ v }) },
})
const plus = ringKernel('topic-plus', { input: Value, output: Value, capacity: 32 }, { onMessage({ v }, ctx) { ctx.send({ v: v + 1000 }) } })
const range = (count: number, of: (i: number) => number = (i) => i): number[] => Array.from({ length: count }, (_, i) => of(i))

/** Where the other end of a connection runs: everything is tried within a device, and from it to another. */
const partner = { cpu: 'host', host: 'cpu', cuda: 'cpu' } as const

async function outputs(actor: RingKernel, count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) found.push((await actor.receive(within) as { v: number }).v)
  return found
}
async function taken<T>(messages: AsyncIterable<T>, count: number): Promise<T[]> {
  const found: T[] = []
  if (count > 0) for await (const each of messages) if (found.push(each) === count) break
  return found
}
/**
 * Looks, with turns of this thread in between, until it is as it should be. A device shows an output first and counts and releases what led to it afterwards, and on a busy
 * machine its thread may stand still in between: who has seen an output must not expect the rest at once.
 */
async function settled<T>(look: () => T | Promise<T>, is: (found: T) => boolean): Promise<T> {
  const end = performance.now() + 20_000
  for (;;) {
    const found = await look()
    if (is(found) || performance.now() > end) return found
    await new Promise((next) => { setImmediate(next) })
  }
}
const numbers = (found: readonly { readonly v: number }[]): number[] => found.map(({ v }) => v)
const send = async (actor: RingKernel, values: readonly number[]): Promise<void> => { for (const v of values) await actor.send({ v }, within) }

/** As many ring kernels as ids, all active. */
async function spawned({ runtime }: Bench, definition: typeof plus | typeof relay, ids: readonly string[], device?: 'cpu' | 'host'): Promise<RingKernel[]> {
  return Promise.all(ids.map((id) => runtime.spawn(definition, { id, ...(device === undefined ? {} : { device }) }) as unknown as Promise<RingKernel>))
}

alike('topics', [
  {
    name: 'each subscriber gets every message of each publisher and of the host, in order, here and on another device',
    async run(bench) {
      const { runtime } = bench
      const [first, second, near] = await spawned(bench, relay, ['first', 'second', 'near']) as [RingKernel, RingKernel, RingKernel]
      const [far] = await spawned(bench, plus, ['far'], partner[bench.device]) as [RingKernel]
      const values = topic('alike/values', Value)
      await Promise.all([runtime.connect(first, values), runtime.connect((second as unknown as { ports: { odd: Source<typeof Value> } }).ports.odd, values), runtime.connect(values, near), runtime.connect(values, far)])
      await send(first, range(20, (i) => 2 * i))
      await send(second, range(20, (i) => 2 * i + 1))
      for (const v of [100, 102]) await runtime.publish(values, { v }, within)
      const [nears, fars] = await Promise.all([outputs(near, 22), outputs(far, 42)])
      const fromFirst = fars.filter((v) => v < 1100 && v % 2 === 0)
      const fromSecond = fars.filter((v) => v % 2 === 1)
      return [[...nears].sort((a, b) => a - b), fromFirst, fromSecond, fars.filter((v) => v >= 1100)]
    },
    expected: [[...range(20, (i) => 2 * i), 100, 102], range(20, (i) => 2 * i + 1000), range(20, (i) => 2 * i + 1001), [1100, 1102]],
  },
  {
    name: 'the host listens beside ring kernels, and stops by leaving',
    async run(bench) {
      const { runtime } = bench
      const [source] = await spawned(bench, relay, ['source']) as [RingKernel]
      const [sink] = await spawned(bench, plus, ['sink']) as [RingKernel]
      const values = topic('alike/heard', Value)
      await runtime.connect(source, values)
      await runtime.connect(values, sink)
      const heard = runtime.messages(values, within)
      await heard.ready
      await send(source, [2, 4, 6])
      const first = numbers(await taken(heard, 3))
      const left = (await settled(() => runtime.connections(), (rings) => rings.length === 1)).map(({ from, to }) => `${from} → ${to}`)
      await send(source, [8])
      return [first, left, await outputs(sink, 4)]
    },
    expected: [[2, 4, 6], ['source → sink'], [1002, 1004, 1006, 1008]],
  },
  {
    name: 'a pattern hears topics that exist and those that come later',
    async run(bench) {
      const { runtime } = bench
      const [hall, roof] = [topic('alike/sensors/hall/t', Value), topic('alike/sensors/roof/t', Value)]
      const other = topic('alike/sensors/roof/humidity', Value)
      await runtime.publish(hall, { v: 0 })
      const [one, all] = [runtime.messages('alike/sensors/+/t', within), runtime.messages('alike/sensors/#', within)]
      const [source] = await spawned(bench, relay, ['source']) as [RingKernel]
      await runtime.connect(source, roof)
      await runtime.publish(hall, { v: 1 })
      await send(source, [2])
      const found = [await taken(one, 2)]
      await runtime.publish(other, { v: 3 })
      found.push(await taken(all, 3))
      return found.map((each) => each.map(({ topic: name, message }) => `${name} ${(message as { v: number }).v}`))
    },
    expected: [['alike/sensors/hall/t 1', 'alike/sensors/roof/t 2'], ['alike/sensors/hall/t 1', 'alike/sensors/roof/t 2', 'alike/sensors/roof/humidity 3']],
  },
  {
    name: 'a retained message is the first that a later subscriber gets, and without that nothing is',
    async run(bench) {
      const { runtime } = bench
      const [kept, lost] = [topic('alike/kept', Value, { retained: true }), topic('alike/lost', Value)]
      const [source] = await spawned(bench, relay, ['source']) as [RingKernel]
      const [late, later] = await spawned(bench, plus, ['late', 'later']) as [RingKernel, RingKernel]
      await runtime.connect(source, kept)
      await runtime.publish(lost, { v: 9 })
      await send(source, [2, 4])
      const before = runtime.messages(kept, within)
      // It hears of them in any case: as retained, or as they come.
      for await (const { v } of before) if (v === 4) break
      await runtime.connect(kept, late)
      await runtime.connect(lost, later)
      await runtime.publish(kept, { v: 6 })
      await runtime.publish(lost, { v: 8 })
      const atOnce = await taken(runtime.messages(kept, within), 1)
      return [await outputs(late, 2), await outputs(later, 1), atOnce]
    },
    expected: [[1004, 1006], [1008], [{ v: 6 }]],
  },
  {
    name: 'disposing takes off one end, and what was published before still arrives',
    async run(bench) {
      const { runtime } = bench
      const values = topic('alike/disposed', Value)
      const source = await runtime.spawn(relay, { id: 'source' })
      const sink = await runtime.launch(plus, { id: 'sink' })
      const [publishing, subscribing] = [await runtime.connect(source, values), await runtime.connect(values, sink)]
      for (const v of [2, 4]) await source.send({ v })
      await settled(() => publishing.telemetry(), ([ring]) => ring?.sent === 2)
      await subscribing[Symbol.asyncDispose]()
      await source.send({ v: 6 })
      await sink.activate()
      const found = await outputs(sink, 2)
      await publishing[Symbol.asyncDispose]()
      return [found, await source.ask({ v: 8 }, within)]
    },
    expected: [[1002, 1004], { v: 8 }],
  },
  {
    name: 'messages go in a circle of topics and ring kernels',
    async run(bench) {
      const { runtime } = bench
      const [up, down] = [topic('alike/up', Value), topic('alike/down', Value)]
      const decrease = ringKernel('topic-decrease', { input: Value, output: Value, ports: { done: Value } }, { onMessage({ v }, ctx) { if (v > 0) ctx.send({ v: v - 1 }); else ctx.ports.done.send({ v }) } })
      const [a, b] = [await runtime.spawn(decrease, { id: 'a' }), await runtime.spawn(decrease, { id: 'b' })]
      for (const [from, to] of [[a, up], [up, b], [b, down], [down, a]] as const) await runtime.connect(from, to)
      const done = runtime.messages(a.ports.done, within)
      await done.ready
      await runtime.publish(down, { v: 50 })
      return [await taken(done, 1), ...await settled(() => [a, b].map((each) => each.telemetry().processed), ([ofA, ofB]) => ofA === 26 && ofB === 25)]
    },
    expected: [[{ v: 0 }], 26, 25],
  },
  {
    name: 'a subscriber that ends leaves the others, and a publisher that ends leaves what it published',
    async run(bench) {
      const { runtime } = bench
      const values = topic('alike/ends', Value)
      const [one, two] = await spawned(bench, relay, ['one', 'two']) as [RingKernel, RingKernel]
      const [sink, gone] = await spawned(bench, plus, ['sink', 'gone']) as [RingKernel, RingKernel]
      await Promise.all([runtime.connect(one, values), runtime.connect(two, values), runtime.connect(values, sink), runtime.connect(values, gone)])
      await gone.terminate()
      await send(one, [2])
      await one.terminate({ pending: 'drain' })
      await send(two, [4])
      const found = await outputs(sink, 2)
      return [found.sort((a, b) => a - b), (await settled(() => runtime.connections(), (rings) => rings.length === 1)).map(({ from, to, topic: via }) => [from, to, via])]
    },
    expected: [[1002, 1004], [['two', 'sink', 'alike/ends']]],
  },
  {
    name: 'refusals name what is wrong, and the nearest name',
    async run({ runtime }) {
      const values = topic('alike/refused', Value)
      const actor = await runtime.spawn(relay, { id: 'refuser' })
      await runtime.connect(actor, values)
      return [
        await refusal(() => runtime.connect('refusr', values)),
        await refusal(() => runtime.connect(actor, 'alike/refussed')),
        await refusal(() => runtime.publish('alike/refusd', { v: 1 })),
        await refusal(() => runtime.connect(actor, values)),
        await refusal(() => runtime.connect(values, topic('alike/second', Value))),
        await refusal(() => runtime.connect(topic('alike/third', Other) as unknown as Source<typeof Value>, actor)),
        await refusal(() => runtime.publish(values, { v: 'x' } as never)),
        await refusal(() => runtime.messages('alike/#/t')),
        await refusal(() => topic('a/+', Value)),
      ].map((sentence) => sentence.replace(/; there are .*/, ''))
    },
    expected: [
      "connect: there is no ring kernel and no topic named 'refusr' in this runtime. Did you mean 'refuser'?",
      "connect: there is no ring kernel and no topic named 'alike/refussed' in this runtime. Did you mean 'alike/refused'?",
      "publish: there is no ring kernel and no topic named 'alike/refusd' in this runtime. Did you mean 'alike/refused'?",
      "connect: 'refuser' publishes to topic 'alike/refused' already: every message would arrive twice",
      "connect: 'alike/refused' and 'alike/second' are both topics: connect whoever publishes to both, or whoever subscribes",
      "connect: topic 'alike/third' cannot send to 'refuser': what 'refuser' takes has no field 'more'",
      'Value.v was given "x", expected a number (u32).',
      "messages('alike/#/t'): + stands for one whole level and # for all that follow, so # can only be last: 'sensors/+/temperature', 'sensors/#'",
      "topic('a/+'): + and # stand for many names in patterns, so a topic's own name cannot have them",
    ],
  },
])
