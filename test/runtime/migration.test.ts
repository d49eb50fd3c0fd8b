// The guide for users of PyDotCompute and DotCompute: each of its rows is run, by the first cell of the row. A row without a test fails, and so does a test without
// a row. The comparison of the systems names tests, which must be there.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { QueueFullError, RingKernelRuntime, RingKernelStateError, Supervisor, TimeoutError, array, exportTelemetry, f32, kernel, message, messageUuid, ringKernel, struct, topic, u32, unifiedBuffer, type Envelope, type RingKernel } from 'ringlab'
import { root } from '../environment/paths.js'

type Sum = Readonly<{ id: number; sum: number }>
type Row = () => Promise<void>

const Request = struct('Request', { id: u32, values: array(f32, 8) })
const Response = struct('Response', { id: u32, sum: f32 })
const Value = struct('Value', { v: u32 })
const sum = ringKernel('sum', { input: Request, output: Response, capacity: 64 }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    let total = 0
    for (const value of request.values) total += value
    await ctx.send({ id: request.id, sum: total })
  }
})
const echo = ringKernel('echo', { input: Value, output: Value, capacity: 16 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const ones = [1, 1, 1, 1, 1, 1, 1, 1]
const within = { timeoutMs: 5000 }
const asked = { id: 1, values: ones }
const answered: Sum = { id: 1, sum: 8 }

let runtime: RingKernelRuntime
beforeEach(() => { runtime = new RingKernelRuntime({ device: 'cpu' }) })
afterEach(() => runtime.shutdown())

/** The first cell of each row of the table under this heading. */
function rowsOf(heading: string): string[] {
  const text = readFileSync(join(root, 'src/README.md'), 'utf8')
  const section = text.slice(text.indexOf(`## ${heading}`)).split('\n## ')[0] ?? ''
  return [...section.matchAll(/^\| (.*?) \| (?:.*?) \| (?:.*?) \|$/gm)].map((match) => match[1] ?? '').filter((cell) => !/^(?:---|PyDotCompute|DotCompute)$/.test(cell))
}

/** The ids of which a launched sum is asked, under the states that a life takes. */
async function lifeOf(actor: RingKernel<typeof Request, typeof Response>): Promise<string[]> {
  const states: string[] = [actor.state]
  await actor.activate()
  states.push(actor.state)
  await actor.deactivate()
  states.push(actor.state)
  await actor.reactivate()
  states.push(actor.state)
  await actor.terminate()
  states.push(actor.state)
  return states
}

async function spawnedSum(): Promise<void> { expect(await (await runtime.spawn(sum)).ask(asked, within)).toEqual(answered) }

async function policy(backpressure: 'dropOldest' | 'reject'): Promise<RingKernel<typeof Value, typeof Value>> {
  return runtime.launch(ringKernel('full', { input: Value, output: Value, capacity: 16, backpressure }, { onMessage({ v }, ctx) { ctx.send({ v }) } }))
}

async function scaled(): Promise<void> {
  const scale = kernel('scale', { by: f32, x: [f32] }, ({ by, x }, i) => { x[i] = by * i })
  using x = unifiedBuffer(f32, 3)
  await scale.launch({ by: 2, x }, { runtime })
  expect(Array.from(await x.onHost())).toEqual([0, 2, 4])
}

/** A buffer on the CPU device through a ring kernel that writes it. */
async function sixStates(): Promise<string[]> {
  const writer = ringKernel('writer', { input: Value, output: Value, buffers: { x: f32 } }, { onMessage({ v }, ctx) { ctx.buffers.x[0] = v; ctx.send({ v }) } })
  using x = unifiedBuffer(f32, 4)
  const states: string[] = [x.state]
  x.fill(1)
  states.push(x.state)
  await x.onDevice()
  states.push(x.state)
  x.set([2], 1)
  states.push(x.state)
  const actor = await runtime.spawn(writer, { buffers: { x } })
  await actor.ask({ v: 7 }, within)
  states.push(x.state)
  expect(Array.from(await x.onHost())).toEqual([7, 2, 1, 1])
  await actor.terminate()
  return states
}

const fromPyDotCompute: Record<string, Row> = {
  '`@message class Request`': async () => {
    await spawnedSum()
    const Note = message<{ text: string }>('Note')
    const shout = ringKernel('shout', { input: Note, output: Note, device: 'host' }, { onMessage({ text }, ctx) { ctx.send({ text: text.toUpperCase() }) } })
    expect(await (await runtime.spawn(shout)).ask({ text: 'hé' }, within)).toEqual({ text: 'HÉ' })
  },
  '`@ring_kernel(kernel_id="sum", input_type=…, output_type=…)`': async () => {
    const [a, b] = [await runtime.spawn(sum, { id: 'a' }), await runtime.spawn(sum, { id: 'b', device: 'host' })]
    expect([await a.ask(asked, within), await b.ask(asked, within)]).toEqual([answered, answered])
  },
  '`while not ctx.should_terminate`': async () => {
    const endless = ringKernel('endless', { input: Value, output: Value }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })
    for (const definition of [endless, echo]) {
      const actor = await runtime.spawn(definition)
      await actor.terminate()
      expect(actor.state).toBe('TERMINATED')
    }
  },
  '`await ctx.receive(timeout)`': async () => {
    const pairs = ringKernel('pairs', { input: Value, output: Value }, async (ctx) => { for (;;) { const { v } = await ctx.receive(); const next = ctx.tryReceive(); await ctx.send({ v: next === undefined ? v : v + next.v }) } })
    const actor = await runtime.launch(pairs)
    await actor.sendBatch([{ v: 1 }, { v: 20 }])
    await actor.activate()
    expect(await actor.receive(within)).toEqual({ v: 21 })
  },
  '`await ctx.send(message)`': spawnedSum,
  '`async with RingKernelRuntime() as runtime`': async () => {
    const own = new RingKernelRuntime({ device: 'cpu' })
    const actor = await own.spawn(sum)
    await own[Symbol.asyncDispose]()
    expect(actor.state).toBe('TERMINATED')
  },
  '`runtime.launch("sum")`, `activate`, `deactivate`, `reactivate`, `terminate`': async () => {
    expect(await lifeOf(await runtime.launch(sum))).toEqual(['LAUNCHED', 'ACTIVE', 'DEACTIVATED', 'ACTIVE', 'TERMINATED'])
    expect((await runtime.spawn(sum)).state).toBe('ACTIVE')
  },
  '`KernelState.ACTIVE`': async () => {
    const actor = await runtime.launch(sum)
    await expect(actor.reactivate()).rejects.toThrow(RingKernelStateError)
    await actor.activate()
    expect(actor.state).toBe('ACTIVE')
  },
  '`runtime.send("sum", message)`, `runtime.receive("sum")`': async () => {
    await runtime.spawn(sum)
    await runtime.send('sum', asked)
    expect(await runtime.receive('sum', within)).toEqual(answered)
  },
  '`runtime.send_and_receive("sum", message)`': async () => {
    const actor = await runtime.spawn(sum)
    await actor.send({ id: 9, values: ones })
    expect(await Promise.all([actor.ask({ id: 2, values: ones }, within), actor.ask({ id: 3, values: ones }, within)])).toEqual([{ id: 2, sum: 8 }, { id: 3, sum: 8 }])
    expect(await actor.receive(within)).toEqual({ id: 9, sum: 8 })
  },
  '`put_batch`, `get_batch`': async () => {
    const actor = await runtime.spawn(echo)
    await actor.sendBatch([{ v: 1 }, { v: 2 }])
    await actor.sendColumns({ v: new Uint32Array([3, 4]) })
    expect(await actor.receiveColumns(4, within)).toEqual({ v: new Uint32Array([1, 2, 3, 4]) })
  },
  '`queue_size=1000`': async () => {
    expect(() => ringKernel('odd', { input: Value, output: Value, capacity: 1000 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })).toThrow(/power of two/)
    const actor = await runtime.spawn(sum)
    expect([...actor.telemetry().inputs, ...actor.telemetry().outputs].map(({ capacity }) => capacity)).toEqual([64, 64])
  },
  '`backpressure="drop_oldest"`': async () => {
    const actor = await policy('dropOldest')
    for (let v = 0; v < 20; v++) await actor.send({ v })
    expect(actor.telemetry()).toMatchObject({ dropped: 4, depth: 16 })
    await actor.activate()
    expect((await actor.receiveColumns(16, within)).v.at(-1)).toBe(19)
  },
  '`grid_size=1, block_size=256`': () => {
    // How many threads a block has decides what a GPU runs; here only that the number is read and checked.
    const threads = (count: number): unknown => ringKernel('wide', { input: Value, output: Value, threads: count }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
    expect(threads(256)).toBeDefined()
    expect(() => threads(100)).toThrow(/multiple of 32/)
    return Promise.resolve()
  },
  '`message.message_id`': async () => { expect(messageUuid((await envelopeOf()).id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) },
  '`message.priority`': async () => { expect((await seenBy({ priority: 200 })).priority).toBe(200) },
  '`message.correlation_id`': async () => { expect((await envelopeOf({ correlationId: 7n })).correlationId).toBe(7n) },
  '`message.reply(…)`': async () => {
    const swapped = ringKernel('swapped', { input: Value, output: Value }, async (ctx) => {
      for (;;) { const { v } = await ctx.receive(); const first = ctx.envelope; const second = await ctx.receive(); await ctx.send(second); await ctx.reply(first, { v: v * 10 }) }
    })
    const actor = await runtime.spawn(swapped)
    expect(await Promise.all([actor.ask({ v: 1 }, within), actor.ask({ v: 2 }, within)])).toEqual([{ v: 10 }, { v: 2 }])
  },
  '`UnifiedBuffer((1000,), dtype=np.float32)`': async () => {
    const data = new Float32Array([1, 2])
    using kept = unifiedBuffer(f32, data)
    using made = unifiedBuffer(f32, 1000)
    expect([kept.keepsData, await kept.onHost() === data, made.shape, made.bytes]).toEqual([true, true, [1000], 4000])
  },
  '`buffer.host`, `buffer.device`': async () => { await sixStates() },
  '`buffer.mark_host_dirty()`': async () => {
    using buffer = unifiedBuffer(f32, new Float32Array(4))
    await runtime.spawn(ringKernel('reader', { input: Value, output: Response, buffers: { x: f32 } }, { onMessage({ v }, ctx) { ctx.send({ id: v, sum: ctx.buffers.x[0] ?? 0 }) } }), { buffers: { x: buffer } })
    const live = await buffer.onHost()
    live[0] = 5
    buffer.markHostDirty()
    await buffer.onDevice()
    expect(await runtime.ask('reader', { v: 1 }, within)).toEqual({ id: 1, sum: 5 })
    await runtime.terminate('reader')
  },
  '`BufferState.HOST_DIRTY`': async () => { expect(await sixStates()).toEqual(['UNINITIALIZED', 'HOST_ONLY', 'SYNCHRONIZED', 'HOST_DIRTY', 'DEVICE_DIRTY']) },
  '`UnifiedBuffer(…, pinned=True)`': async () => {
    using buffer = unifiedBuffer(f32, 8, { pinned: true })
    buffer.fill(1)
    await buffer.onDevice()
    expect([buffer.pinned, buffer.state]).toEqual([false, 'SYNCHRONIZED'])
  },
  '`buffer.free()`': () => {
    const buffer = unifiedBuffer(f32, 8)
    buffer[Symbol.dispose]()
    expect(() => { buffer.fill(1) }).toThrow(/disposed/)
    return Promise.resolve()
  },
  '`MemoryPool().set_limit(64)`': async () => {
    await using bounded = new RingKernelRuntime({ device: 'cpu', memory: { limitBytes: 4096 } })
    const reader = ringKernel('reader', { input: Value, output: Value, buffers: { x: f32 } }, { onMessage({ v }, ctx) { ctx.send({ v: v + ctx.buffers.x.length }) } })
    using fits = unifiedBuffer(f32, 256)
    using large = unifiedBuffer(f32, 4096)
    await bounded.spawn(reader, { buffers: { x: fits } })
    await expect(bounded.launch(reader, { id: 'second', buffers: { x: large } })).rejects.toThrow(/limit/)
    expect(bounded.memory.get('cpu')?.statistics).toMatchObject({ limitBytes: 4096, inUseBytes: 1024, refused: 1 })
  },
  '`runtime.get_telemetry("sum")`': async () => {
    const actor = await runtime.spawn(sum)
    await actor.ask(asked, within)
    const { processed, sent, latencyNs } = actor.telemetry()
    expect([processed, sent, latencyNs.count, latencyNs.p999 > 0, latencyNs.p50 <= latencyNs.p999]).toEqual([1, 1, 1, true, true])
  },
  '`runtime.kernel_ids`': async () => {
    await runtime.launch(sum)
    await runtime.launch(sum, { id: 'other' })
    expect([...runtime.ringKernels.keys()]).toEqual(['sum', 'other'])
  },
  '`@kernel`, `ComputeOrchestrator.launch_kernel`': scaled,
  '`ThreadedRingKernel`': async () => { expect((await runtime.spawn(sum, { device: 'cpu' })).device).toBe('cpu') },
}

const fromDotCompute: Record<string, Row> = {
  '`[RingKernel(KernelId = "sum", Capacity = 1024)]`': async () => { expect(await (await runtime.spawn(echo)).ask({ v: 4 }, within)).toEqual({ v: 4 }) },
  '`LaunchAsync("sum", gridSize, blockSize, options)`': async () => {
    const actor = await runtime.launch(sum, { id: 'sum', device: 'cpu' })
    expect([actor.id, actor.device, actor.state]).toEqual(['sum', 'cpu', 'LAUNCHED'])
  },
  '`ActivateAsync`, `DeactivateAsync`, `TerminateAsync`': async () => {
    const drained = await runtime.launch(echo, { id: 'drained' })
    await drained.sendBatch([{ v: 1 }, { v: 2 }])
    await drained.activate()
    await drained.terminate({ pending: 'drain', ...within })
    const discarded = await runtime.launch(echo, { id: 'discarded' })
    await discarded.sendBatch([{ v: 1 }, { v: 2 }])
    await discarded.terminate()
    expect([drained.telemetry(), discarded.telemetry()]).toMatchObject([{ processed: 2, dropped: 0 }, { processed: 0, dropped: 2 }])
  },
  '`SendMessageAsync`, `ReceiveMessageAsync`': async () => {
    const actor = await runtime.spawn(echo)
    await actor.send({ v: 3 })
    expect(await actor.receive(within)).toEqual({ v: 3 })
    await expect(actor.receive({ timeoutMs: 20 })).rejects.toThrow(TimeoutError)
  },
  '`KernelMessage<T>`': async () => { expect((await envelopeOf({ correlationId: 5n })).correlationId).toBe(5n) },
  '`GetStatusAsync`, `GetMetricsAsync`, `GetTelemetryAsync`': async () => {
    const actor = await runtime.spawn(echo)
    await actor.ask({ v: 1 }, within)
    expect([actor.state, actor.telemetry().processed, (await actor.measure()).processed]).toEqual(['ACTIVE', 1, 1])
  },
  '`SetTelemetryEnabledAsync`': async () => {
    const actor = await runtime.spawn(echo)
    await actor.ask({ v: 1 }, within)
    expect(actor.telemetry().latencyNs.count).toBe(1)
  },
  '`CreateNamedMessageQueueAsync`': async () => {
    const orders = topic('guide/queue', Value)
    const subscription = runtime.messages(orders)
    await subscription.ready
    await runtime.publish(orders, { v: 8 }, within)
    expect((await subscription.next()).value).toEqual({ v: 8 })
    await subscription.return?.()
  },
  '`PublishToTopic`, `SubscribesToTopics`': async () => {
    const orders = topic('guide/orders', Value, { retained: true })
    const [publisher, subscriber] = [await runtime.spawn(echo, { id: 'publisher' }), await runtime.spawn(echo, { id: 'subscriber' })]
    await runtime.connect(publisher, orders)
    await runtime.connect(orders, subscriber)
    await publisher.send({ v: 6 })
    expect(await subscriber.receive(within)).toEqual({ v: 6 })
    const heard = runtime.messages('guide/+')
    await heard.ready
    expect((await heard.next()).value).toMatchObject({ topic: 'guide/orders', message: { v: 6 } })
    await heard.return?.()
  },
  '`ctx.SendToKernel("b", message)`': async () => {
    const [a, b] = [await runtime.spawn(echo, { id: 'a' }), await runtime.spawn(echo, { id: 'b' })]
    await runtime.connect(a, b)
    await a.send({ v: 2 })
    expect(await b.receive(within)).toEqual({ v: 2 })
  },
  '`ctx.EnqueueOutput(message)`': async () => {
    // 40 answers through an output ring of 16 that nobody empties at first: none is lost.
    const many = ringKernel('many', { input: Value, output: Value, capacity: 16 }, async (ctx) => { for (;;) { const { v } = await ctx.receive(); for (let i = 0; i < v; i++) await ctx.send({ v: i }) } })
    const actor = await runtime.spawn(many)
    await actor.send({ v: 40 })
    expect(Array.from((await actor.receiveColumns(40, within)).v)).toEqual(Array.from({ length: 40 }, (_, i) => i))
  },
  '`ctx.IsTerminationRequested`': async () => {
    const actor = await runtime.spawn(sum)
    await actor.terminate()
    expect(actor.state).toBe('TERMINATED')
  },
  '`ctx.Now()`, `ctx.Tick()`, `ctx.UpdateClock(t)`': async () => {
    const actor = await runtime.spawn(echo)
    await actor.sendBatch([{ v: 1 }, { v: 2 }, { v: 3 }])
    const stamps: bigint[] = []
    for await (const { envelope } of actor.envelopes(within)) { stamps.push(envelope.sentAtNs); if (stamps.length === 3) break }
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => (a < b ? -1 : 1)))
  },
  '`ctx.ThreadId`, `ctx.SyncThreads()`': async () => {
    const doubled = ringKernel('doubled', { input: Value, output: Value, buffers: { x: f32 } }, { onMessage({ v }, ctx) { ctx.each(ctx.buffers.x.length, (i) => { ctx.buffers.x[i] = v * i }); ctx.send({ v }) } })
    using x = unifiedBuffer(f32, 5)
    const actor = await runtime.spawn(doubled, { buffers: { x } })
    await actor.ask({ v: 3 }, within)
    expect(Array.from(await x.onHost())).toEqual([0, 3, 6, 9, 12])
    await actor.terminate()
  },
  '`ctx.WarpReduce(value)`': async () => {
    const summed = ringKernel('summed', { input: Value, output: Response }, { onMessage({ v }, ctx) { ctx.send({ id: v, sum: ctx.reduce(v, (i) => i, (a, b) => a + b, 0) }) } })
    expect(await (await runtime.spawn(summed)).ask({ v: 100 }, within)).toEqual({ id: 100, sum: 4950 })
  },
  '`MessageQueueOptions.BackpressureStrategy`': async () => {
    const actor = await policy('reject')
    for (let v = 0; v < 16; v++) await actor.send({ v })
    await expect(actor.send({ v: 16 })).rejects.toThrow(QueueFullError)
  },
  '`RingProcessingMode.Batch`': async () => {
    const many = ringKernel('many', { input: Value, output: Value, parallel: 'messages' }, { onMessage({ v }, ctx) { ctx.send({ v: v * v }) } })
    const actor = await runtime.spawn(many)
    await actor.sendColumns({ v: Uint32Array.from({ length: 100 }, (_, i) => i) })
    expect(Array.from((await actor.receiveColumns(100, within)).v)).toEqual(Array.from({ length: 100 }, (_, i) => i * i))
  },
  '`KernelBackends.CUDA`': async () => { await expect(runtime.launch(echo, { device: 'tpu' as never })).rejects.toThrow(/cuda/) },
  '`RingKernelWatchdog`, `RestartCallback`': async () => {
    const failing = ringKernel('failing', { input: Value, output: Value }, { onMessage({ v }, ctx) { if (v === 13) throw new RangeError('thirteen'); ctx.send({ v }) } })
    const actor = await runtime.spawn(failing, { supervisor: new Supervisor({ maxRestarts: 5, backoff: { initialMs: 1 } }) })
    await actor.sendBatch([{ v: 1 }, { v: 13 }, { v: 2 }])
    expect([await actor.receive(within), await actor.receive(within), actor.telemetry().restarts]).toEqual([{ v: 1 }, { v: 2 }, 1])
  },
  '`ICheckpointManager`': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringlab-guide-'))
    try {
      const counting = ringKernel('counting', { input: Value, output: Value, state: { total: u32 } }, { onMessage({ v }, ctx) { ctx.state.total += v; ctx.send({ v: ctx.state.total }) } })
      const actor = await runtime.spawn(counting)
      await actor.ask({ v: 5 }, within)
      await actor.checkpoint(join(folder, 'counting'))
      await actor.terminate()
      const again = await runtime.restore(join(folder, 'counting'), { device: 'host' })
      await again.activate()
      expect([again.device, await again.ask({ v: 2 }, within)]).toEqual(['host', { v: 7 }])
    } finally { rmSync(folder, { recursive: true }) }
  },
  '`IUnifiedMemoryBuffer<float>`': async () => { await sixStates() },
  '`[Kernel]`': scaled,
  '`RingKernelMetricsExporter`': async () => {
    const seen: string[] = []
    const instrument = (name: string): string => { seen.push(name); return name }
    using exporting = await exportTelemetry(runtime, { tracer: false, meter: { createObservableCounter: instrument, createObservableGauge: instrument, addBatchObservableCallback: () => undefined, removeBatchObservableCallback: () => undefined } })
    expect([exporting, seen]).toEqual([expect.anything(), expect.arrayContaining(['ringlab.messages.processed', 'ringlab.queue.depth'])])
  },
}

/** The envelope of an answer. */
async function envelopeOf(options: { correlationId?: bigint } = {}): Promise<Envelope> {
  const actor = await runtime.spawn(echo)
  await actor.send({ v: 1 }, options)
  for await (const { envelope } of actor.envelopes(within)) return envelope
  throw new Error('no answer')
}

/** What a body sees of a message's envelope. */
async function seenBy(options: { priority: number }): Promise<{ priority: number }> {
  const seeing = ringKernel('seeing', { input: Value, output: Value }, { onMessage(_message, ctx) { ctx.send({ v: ctx.envelope.priority }) } })
  return { priority: (await (await runtime.spawn(seeing)).ask({ v: 0 }, { ...options, ...within })).v }
}

test('the comparison names tests that are there', () => {
  const named = [...readFileSync(join(root, 'src/COMPARISON.md'), 'utf8').matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1] ?? '')
  expect(named.length).toBeGreaterThan(15)
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

describe.each([['From PyDotCompute', fromPyDotCompute], ['From DotCompute', fromDotCompute]] as const)('the guide, %s', (heading, rows) => {
  test('every row has its test, and every test its row', () => { expect(rowsOf(heading)).toEqual(Object.keys(rows)) })
  test.each(Object.entries(rows))('%s', async (_name, row) => { await row() })
})
