// Connections between ring kernels: which message arrives where and in what order, what a full ring does, and how connections end.
import { afterEach, describe, expect, test } from 'vitest'
import { array, f32, message, ringKernel, RingKernelRuntime, struct, u32, type Device, type RingKernel } from 'ringlab'

const Value = struct('Value', { from: u32, i: u32 })
const Text = message<{ words: string[] }>('Text')
const numbers = ringKernel('connect-numbers', { input: Value, output: Value, ports: { odd: Value }, capacity: 16 }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const m = await ctx.receive()
    if (m.i % 2 === 1) await ctx.ports.odd.send(m)
    else await ctx.send(m)
  }
})
const relay = ringKernel('connect-relay', { input: Value, output: Value, capacity: 16 }, { onMessage(m, ctx) { ctx.send({ from: m.from, i: m.i + 1000 }) } })
const fan = ringKernel('connect-fan', { input: Value, output: Value, capacity: 16 }, { onMessage(m, ctx) { for (let k = 0; k < 4; k++) ctx.send({ from: m.from, i: m.i * 4 + k }) } })
const splitter = ringKernel('connect-splitter', { input: Text, output: Text, capacity: 16 }, { onMessage(m, ctx) { ctx.send({ words: m.words.flatMap((word) => word.split(' ')) }) } })

const pairs: readonly (readonly [Device, Device])[] = [['cpu', 'cpu'], ['host', 'host'], ['cpu', 'host'], ['host', 'cpu']]
const within = { timeoutMs: 5000 }
let runtime = new RingKernelRuntime()
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime() })

/** The next `count` outputs, as numbers. */
async function outputs(actor: RingKernel, count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) found.push((await actor.receive(within) as { i: number }).i)
  return found
}
const range = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))

describe.each(pairs)('from %s to %s', (one, other) => {
  test('more messages than fit arrive in order, from the output and from a port, and nowhere else', async () => {
    const source = await runtime.spawn(numbers, { device: one })
    const [even, odd] = [await runtime.spawn(relay, { id: 'even', device: other }), await runtime.spawn(relay, { id: 'odd', device: other })]
    await runtime.connect(source, even)
    await runtime.connect(source.ports.odd, odd)
    const sending = source.sendBatch(range(600, (i) => i).map((i) => ({ from: 1, i })))
    const [evens, odds] = await Promise.all([outputs(even, 300), outputs(odd, 300)])
    await sending
    expect(evens).toEqual(range(300, (i) => 2 * i + 1000))
    expect(odds).toEqual(range(300, (i) => 2 * i + 1001))
    expect(source.tryReceive()).toBeUndefined()
    await expect.poll(() => source.telemetry(), { timeout: 2000 }).toMatchObject({ processed: 600, sent: 600, dropped: 0 })
    expect(even.telemetry()).toMatchObject({ processed: 300, depth: 0 })
  })

  test('a slow consumer holds the producer up, and nothing is lost', async () => {
    const source = await runtime.spawn(fan, { device: one })
    const sink = await runtime.launch(relay, { device: other })
    await runtime.connect(source, sink)
    const sending = source.sendBatch(range(100, (i) => i).map((i) => ({ from: 0, i })))
    // The sink sleeps: its ring takes 16 messages, and then nothing moves.
    await expect.poll(() => sink.telemetry().depth, { timeout: 2000 }).toBe(16)
    expect(source.telemetry().processed).toBeLessThan(100)
    await sink.activate()
    expect(await outputs(sink, 400)).toEqual(range(400, (i) => i + 1000))
    await sending
  })

  test('after the last connection is disposed, the output goes to the host again; what was in the ring arrives', async () => {
    const source = await runtime.spawn(numbers, { device: one })
    const sink = await runtime.launch(relay, { device: other })
    const connection = await runtime.connect(source, sink)
    for (let i = 0; i < 5; i++) await source.send({ from: 0, i: 2 * i })
    await expect.poll(() => sink.telemetry().depth, { timeout: 2000 }).toBe(5)
    await connection[Symbol.asyncDispose]()
    await source.send({ from: 0, i: 100 })
    expect(await source.receive(within)).toEqual({ from: 0, i: 100 })
    await sink.activate()
    expect(await outputs(sink, 5)).toEqual(range(5, (i) => 2 * i + 1000))
    const again = await runtime.connect(source, sink)
    await source.send({ from: 0, i: 6 })
    expect(await outputs(sink, 1)).toEqual([1006])
    await again[Symbol.asyncDispose]()
  })

  test('a consumer that ends lets go of its producer, and the messages in its ring are counted', async () => {
    const source = await runtime.spawn(numbers, { device: one })
    const sink = await runtime.launch(relay, { device: other })
    await runtime.connect(source, sink)
    const sending = source.sendBatch(range(40, (i) => 2 * i).map((i) => ({ from: 0, i })))
    await expect.poll(() => sink.telemetry().depth, { timeout: 2000 }).toBe(16)
    await sink.terminate()
    // What waited for room goes to the host now.
    const rest = await outputs(source, 40 - 16)
    await sending
    expect(rest).toEqual(range(24, (i) => 2 * (i + 16)))
    await expect.poll(() => sink.telemetry().dropped, { timeout: 2000 }).toBe(16)
  })

  test('a producer that ends leaves its messages to the consumer', async () => {
    const source = await runtime.spawn(numbers, { device: one })
    const sink = await runtime.launch(relay, { device: other })
    await runtime.connect(source, sink)
    for (let i = 0; i < 6; i++) await source.send({ from: 0, i: 2 * i })
    await expect.poll(() => sink.telemetry().depth, { timeout: 2000 }).toBe(6)
    await source.terminate()
    await sink.activate()
    expect(await outputs(sink, 6)).toEqual(range(6, (i) => 2 * i + 1000))
    expect(await sink.ask({ from: 0, i: 1 }, within)).toEqual({ from: 0, i: 1001 })
  })

  test('message() values cross, with their correlation', async () => {
    const [first, second] = [await runtime.spawn(splitter, { id: 'first', device: one }), await runtime.spawn(splitter, { id: 'second', device: other })]
    await runtime.connect(first, second)
    await first.send({ words: ['a b', 'c'] }, { correlationId: 77n, priority: 3 })
    for await (const { message: value, envelope } of second.envelopes(within)) {
      expect([value, envelope.correlationId]).toEqual([{ words: ['a', 'b', 'c'] }, 77n])
      break
    }
  })
})

describe('several at once', () => {
  test('fan-out: each sink gets every message; fan-in: all senders and the host are served, each in its order', async () => {
    const source = await runtime.spawn(numbers, { device: 'cpu' })
    const left = await runtime.spawn(relay, { id: 'left', device: 'cpu' })
    const right = await runtime.spawn(relay, { id: 'right', device: 'host' })
    const all = await runtime.spawn(ringKernel('connect-all', { input: Value, output: Value, capacity: 16 }, { onMessage(m, ctx) { ctx.send(m) } }), { device: 'cpu' })
    for (const [from, to] of [[source, left], [source, right], [left, all], [right, all]] as const) await runtime.connect(from, to)
    const sending = Promise.all([
      source.sendBatch(range(200, (i) => i).map((i) => ({ from: 1, i: 2 * i }))),
      all.sendBatch(range(200, (i) => i).map((i) => ({ from: 2, i }))),
    ])
    const seen: { from: number; i: number }[] = []
    while (seen.length < 600) seen.push(await all.receive(within))
    await sending
    expect(seen.filter(({ from }) => from === 2).map(({ i }) => i)).toEqual(range(200, (i) => i))
    // Both relays add the same, so each number comes twice, and each relay's own run of them rises.
    const relayed = seen.filter(({ from }) => from === 1).map(({ i }) => i)
    expect([...relayed].sort((a, b) => a - b)).toEqual(range(400, (i) => 2 * Math.floor(i / 2) + 1000))
  })

  test('a chain through every device', async () => {
    const chain = await Promise.all((['cpu', 'host', 'cpu', 'cpu', 'host'] as const).map((device, i) => runtime.spawn(relay, { id: `link-${i}`, device })))
    for (let i = 1; i < chain.length; i++) await runtime.connect(chain[i - 1] as typeof chain[number], chain[i] as typeof chain[number])
    const sending = (chain[0] as typeof chain[number]).sendBatch(range(300, (i) => i).map((i) => ({ from: 0, i })))
    expect(await outputs(chain[4] as RingKernel, 300)).toEqual(range(300, (i) => i + 5000))
    await sending
  })

  test('what an unconnected port sends is dropped and counted, and still checked', async () => {
    const source = await runtime.spawn(numbers, { device: 'cpu' })
    await source.send({ from: 0, i: 1 })
    await source.send({ from: 0, i: 3 })
    expect(await source.ask({ from: 0, i: 4 }, within)).toEqual({ from: 0, i: 4 })
    await expect.poll(() => source.telemetry(), { timeout: 2000 }).toMatchObject({ processed: 3, sent: 1, dropped: 2 })
    const wrong = await runtime.spawn(ringKernel('connect-wrong', { input: Value, ports: { other: Value } }, { onMessage(_m, ctx) { ctx.ports.other.send({ i: 1 } as never) } }), { device: 'host' })
    await wrong.send({ from: 0, i: 1 })
    await expect(wrong.closed).rejects.toThrow(/Value/)
  })

  test('a body that fails forgets what its message sent to ports, too', async () => {
    const failing = await runtime.spawn(ringKernel('connect-failing', { input: Value, ports: { other: Value } }, {
      onMessage(m, ctx) { ctx.ports.other.send(m); if (m.i === 2) throw new Error('two') },
    }), { device: 'cpu' })
    const sink = await runtime.spawn(relay, { device: 'cpu' })
    await runtime.connect(failing.ports.other, sink)
    for (const i of [1, 2]) await failing.send({ from: 0, i })
    await expect(failing.closed).rejects.toThrow('two')
    expect(await outputs(sink, 1)).toEqual([1001])
    await expect.poll(() => sink.telemetry(), { timeout: 2000 }).toMatchObject({ processed: 1, depth: 0 })
  })
})

test('a connection outlives the worker of the ring kernel at its end', async () => {
  const source = await runtime.spawn(relay, { id: 'source', device: 'cpu' })
  const sink = await runtime.spawn(relay, { id: 'sink', device: 'cpu' })
  await runtime.connect(source, sink)
  // One core is left to the main thread, so that on two cores all three share a worker; with more, each has its own, and the others never notice.
  const leaving = await runtime.spawn(ringKernel('connect-leaving', { input: Text }, { onMessage() { const leave = new Function('process.exit(3)') as () => void; leave() } }), { device: 'cpu' })
  await source.send({ from: 0, i: 1 })
  expect(await outputs(sink, 1)).toEqual([2001])
  await leaving.send({ words: [] })
  await expect(leaving.closed).rejects.toThrow(/its worker exited with code 3/)
  const sending = source.sendBatch(range(100, (i) => ({ from: 0, i })))
  expect(await outputs(sink, 100)).toEqual(range(100, (i) => i + 2000))
  await sending
})

test('refusals', async () => {
  const source = await runtime.spawn(numbers, { device: 'cpu' })
  const other = await runtime.launch(ringKernel('connect-other', { input: struct('Value', { from: u32, i: f32 }) }, { onMessage() { /* nothing */ } }), { device: 'cpu' })
  const longer = await runtime.launch(ringKernel('connect-longer', { input: struct('Value', { from: u32, i: u32, more: array(f32, 2) }) }, { onMessage() { /* nothing */ } }), { device: 'cpu' })
  const same = await runtime.launch(ringKernel('connect-same', { input: struct('OtherName', { from: u32, i: u32 }) }, { onMessage() { /* nothing */ } }), { device: 'cpu' })
  const connect = (from: unknown, to: unknown): Promise<AsyncDisposable> => runtime.connect(from as never, to as never)
  await expect(connect(source, other)).rejects.toThrow("connect: 'connect-numbers' cannot send to 'connect-other': field 'i' is u32 in what 'connect-numbers' sends and f32 in what 'connect-other' takes")
  await expect(connect(source.ports.odd, longer)).rejects.toThrow("connect: 'connect-numbers'.ports.odd cannot send to 'connect-longer': what 'connect-numbers'.ports.odd sends has no field 'more'")
  await connect(source, same)
  await expect(connect(source, same)).rejects.toThrow("'connect-numbers' is already connected to 'connect-same'")
  await expect(source.ask({ from: 0, i: 0 })).rejects.toThrow("'connect-numbers' sends its outputs to 'connect-same', so ask() would wait in vain")
  await expect(connect(same, source)).rejects.toThrow("'connect-same' declares no output")
  await expect(connect(7, same)).rejects.toThrow(/needs what is sent first/)
  await expect(connect(source, {})).rejects.toThrow(/needs a launched ring kernel or a topic as its second argument/)
  await same.terminate()
  await expect(connect(source, same)).rejects.toThrow("'connect-same' is TERMINATED, so it cannot be connected")
  await using elsewhere = new RingKernelRuntime()
  await expect(connect(source, await elsewhere.launch(relay, { device: 'host' }))).rejects.toThrow("'connect-relay' is none of this runtime")
})
