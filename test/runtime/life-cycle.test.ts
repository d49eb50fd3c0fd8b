// What becomes of messages and waits when the state of a ring kernel changes. Which call is legal in which state is in test/alike/life-cycle.test.ts.
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelRuntime, RingKernelStateError, TimeoutError, QueueFullError, array, f32, ringKernel, struct, u32, type RingKernel } from 'ringlab'

const Value = struct('Value', { v: u32 })
const echo = ringKernel('life-echo', { input: Value, output: Value, capacity: 16 }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })
const sink = ringKernel('life-sink', { input: Value, output: Value, capacity: 16 }, async (ctx) => { for (;;) await ctx.receive() })

let runtime = new RingKernelRuntime()
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime() })

describe.each(['cpu', 'host'] as const)('on %s', (device) => {
  test('a step processes exactly its messages, keeps the others and those sent meanwhile in order, and stops before a full output ring', async () => {
    const actor = await runtime.launch(echo, { device })
    for (let v = 0; v < 10; v++) await actor.send({ v })
    expect(await actor.step(3)).toBe(3)
    expect(actor.telemetry()).toMatchObject({ processed: 3, depth: 7 })
    const stepping = actor.step(4)
    const sent = Array.from({ length: 8 }, (_, i) => actor.send({ v: 10 + i }))
    expect(await stepping).toBe(4)
    expect(actor.state).toBe('DEACTIVATED')
    await Promise.all(sent)
    expect(await actor.step(100)).toBe(9)
    await actor.reactivate()
    for (let v = 0; v < 18; v++) expect((await actor.receive({ timeoutMs: 5000 })).v).toBe(v)
    await actor.deactivate()
    expect(await actor.step()).toBe(0)
  })

  test('messages sent before activation and while deactivated are processed in order afterwards', async () => {
    const actor = await runtime.launch(echo, { device })
    await actor.send({ v: 1 })
    await actor.activate()
    expect(await actor.receive({ timeoutMs: 2000 })).toEqual({ v: 1 })
    await actor.deactivate()
    await actor.send({ v: 2 })
    await actor.send({ v: 3 })
    await expect(actor.receive({ timeoutMs: 20 })).rejects.toBeInstanceOf(TimeoutError)
    expect(actor.telemetry().depth).toBe(2)
    await actor.reactivate()
    expect(await actor.receive({ timeoutMs: 2000 })).toEqual({ v: 2 })
    expect(await actor.receive({ timeoutMs: 2000 })).toEqual({ v: 3 })
  })

  test('terminate ends a body that waits in receive, and everyone who waits for it', async () => {
    const actor = await runtime.spawn(sink, { device })
    const waiting = [actor.receive(), actor.ask({ v: 1 }), actor.receiveColumns(3)]
    const ended = Promise.allSettled(waiting)
    await actor.terminate()
    for (const result of await ended) expect(result).toMatchObject({ status: 'rejected', reason: { name: 'RingKernelStateError', state: 'TERMINATED' } })
    await actor.closed
  })

  test('drain processes what is queued first, also when nobody receives meanwhile', async () => {
    const actor = await runtime.launch(echo, { device })
    for (let v = 0; v < 16; v++) await actor.send({ v })
    const more = Array.from({ length: 30 }, (_, i) => actor.send({ v: 16 + i }))
    await actor.activate()
    await actor.terminate({ pending: 'drain', timeoutMs: 5000 })
    await Promise.all(more)
    const received: number[] = []
    for await (const { v } of actor.outputs()) received.push(v)
    expect(received).toEqual(Array.from({ length: 46 }, (_, v) => v))
    expect(actor.telemetry()).toMatchObject({ processed: 46, dropped: 0 })
  })

  test('discard counts what was queued', async () => {
    const actor = await runtime.launch(sink, { device })
    for (let v = 0; v < 7; v++) await actor.send({ v })
    await actor.terminate({ pending: 'discard' })
    expect(actor.telemetry()).toMatchObject({ processed: 0, dropped: 7 })
  })

  test('a body that returns ends its ring kernel; what it sent can still be received', async () => {
    const once = ringKernel('life-once', { input: Value, output: Value }, async (ctx) => { await ctx.send(await ctx.receive()) })
    const actor = await runtime.spawn(once, { device })
    await actor.send({ v: 9 })
    await actor.closed
    expect(actor.state).toBe('TERMINATED')
    expect(await actor.receive()).toEqual({ v: 9 })
    await expect(actor.receive()).rejects.toBeInstanceOf(RingKernelStateError)
  })

  test('one definition runs many times under different ids; a taken id and an unknown id are refused by name', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => runtime.spawn(echo, { id, device })))
    expect(await Promise.all(['a', 'b', 'c'].map((id, v) => runtime.ask(id, { v })))).toEqual([{ v: 0 }, { v: 1 }, { v: 2 }])
    await expect(runtime.launch(echo, { id: 'b', device })).rejects.toThrow(/'b' is already launched/)
    await expect(runtime.send('summerr', { v: 1 })).rejects.toThrow(/no ring kernel with the id 'summerr'.*a, b, c/)
    await expect(runtime.launch('life-ecko')).rejects.toThrow(/no ring kernel definition named 'life-ecko'.*Did you mean 'life-echo'/)
    await runtime.terminate('b')
    await runtime.spawn(echo, { id: 'b', device })
    expect(await runtime.ask('b', { v: 5 })).toEqual({ v: 5 })
  })

  test('a signal ends a wait and takes nothing: the output goes to the next receiver', async () => {
    const actor = await runtime.spawn(echo, { device })
    const stop = new AbortController()
    const wait = actor.receive({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(wait).rejects.toThrow('enough')
    await actor.send({ v: 4 })
    expect(await actor.receive({ timeoutMs: 2000 })).toEqual({ v: 4 })
  })

  test('backpressure: reject refuses, dropNewest and dropOldest drop and count, block waits', async () => {
    const held = (backpressure: 'reject' | 'dropNewest' | 'dropOldest' | 'block') => runtime.launch(
      ringKernel(`held-${backpressure}`, { input: Value, output: Value, capacity: 16, backpressure }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) }), { device })
    const [reject, newest, oldest, block] = [await held('reject'), await held('dropNewest'), await held('dropOldest'), await held('block')] as const
    for (let v = 0; v < 16; v++) for (const actor of [reject, newest, oldest, block]) await actor.send({ v })
    const full: unknown = await reject.send({ v: 99 }).catch((error: unknown) => error)
    expect(full).toBeInstanceOf(QueueFullError)
    expect(full).toMatchObject({ id: 'held-reject', capacity: 16 })
    expect(reject.trySend({ v: 99 })).toBe(false)
    for (let v = 16; v < 20; v++) { await newest.send({ v }); await oldest.send({ v }) }
    await expect(block.send({ v: 16 }, { timeoutMs: 10 })).rejects.toBeInstanceOf(TimeoutError)
    expect(newest.telemetry()).toMatchObject({ dropped: 4, depth: 16 })
    expect(oldest.telemetry()).toMatchObject({ dropped: 4, depth: 16 })
    const all = async (actor: RingKernel): Promise<number[]> => {
      await actor.activate()
      return Promise.all(Array.from({ length: 16 }, async () => (await actor.receive({ timeoutMs: 2000 }) as { v: number }).v))
    }
    const first16 = Array.from({ length: 16 }, (_, v) => v)
    expect(await all(newest)).toEqual(first16)
    expect(await all(block)).toEqual(first16)
    // What lies in the ring belongs to the device; of what waits on this side, the oldest went.
    expect(await all(oldest)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19])
  })

  test('an ask whose message is dropped is told so', async () => {
    for (const backpressure of ['dropNewest', 'dropOldest'] as const) {
      const actor = await runtime.launch(ringKernel(`asked-${backpressure}`, { input: Value, output: Value, capacity: 16, backpressure }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) }), { device })
      for (let v = 0; v < 15; v++) await actor.send({ v })
      const [asked, refused] = [actor.ask({ v: 15 }), Promise.allSettled(Array.from({ length: 16 }, (_, i) => actor.ask({ v: 16 + i })))]
      if (backpressure === 'dropOldest') await expect(asked).rejects.toThrow(/dropped the message of this ask.*'dropOldest'/)
      else for (const result of await refused) expect(result).toMatchObject({ status: 'rejected', reason: { name: 'QueueFullError' } })
      await actor.activate()
      if (backpressure === 'dropNewest') expect(await asked).toEqual({ v: 15 })
      else expect((await refused).filter(({ status }) => status === 'fulfilled')).toHaveLength(8)
    }
  })

  test('answers to asks that gave up do not pile up for whoever only asks', async () => {
    const actor = await runtime.launch(echo, { device })
    for (let round = 0; round < 5; round++) {
      const late = Promise.allSettled(Array.from({ length: 12 }, (_, v) => actor.ask({ v }, { timeoutMs: 1 })))
      for (const result of await late) expect(result).toMatchObject({ status: 'rejected', reason: { name: 'TimeoutError' } })
      await (round === 0 ? actor.activate() : actor.reactivate())
      expect(await actor.ask({ v: 100 + round }, { timeoutMs: 5000 })).toEqual({ v: 100 + round })
      await actor.deactivate()
    }
    expect(actor.tryReceive()).toBeUndefined()
    expect(actor.telemetry().dropped).toBe(60)
  })

  test('a wrong message in a batch is refused; those before it were sent', async () => {
    const actor = await runtime.spawn(echo, { device })
    await expect(actor.sendBatch([{ v: 1 }, { v: 2 }, { w: 3 } as never, { v: 4 }])).rejects.toThrow(/Value/)
    expect([await actor.receive({ timeoutMs: 2000 }), await actor.receive({ timeoutMs: 2000 })]).toEqual([{ v: 1 }, { v: 2 }])
    // A message counts as processed once the body asks for the next, which is after its output could be received.
    await expect.poll(() => actor.telemetry(), { timeout: 2000 }).toMatchObject({ processed: 2, depth: 0 })
  })

  test('columns carry a batch both ways, and what a timeout cut short is received in order afterwards', async () => {
    const actor = await runtime.spawn(echo, { device })
    const v = Uint32Array.from({ length: 1000 }, (_, i) => i * 3)
    const [, columns] = await Promise.all([actor.sendColumns({ v }), actor.receiveColumns(1000, { timeoutMs: 5000 })])
    expect(columns.v).toEqual(v)
    await actor.sendColumns({ v: Uint32Array.of(7, 8, 9) })
    await expect(actor.receiveColumns(5, { timeoutMs: 300 })).rejects.toBeInstanceOf(TimeoutError)
    expect([await actor.receive(), await actor.receive(), await actor.receive()]).toEqual([{ v: 7 }, { v: 8 }, { v: 9 }])
  })

  test('envelopes carry priority, correlation id and the sender; ask takes the first answer, later ones join the stream', async () => {
    const twice = ringKernel('life-twice', { input: Value, output: Value }, { onMessage(m, ctx) { ctx.send({ v: m.v }, { priority: 7 }); ctx.send({ v: m.v + 1 }) } })
    const actor = await runtime.spawn(twice, { device })
    expect(await Promise.all([actor.ask({ v: 10 }), actor.ask({ v: 20 })])).toEqual([{ v: 10 }, { v: 20 }])
    expect([await actor.receive({ timeoutMs: 2000 }), await actor.receive({ timeoutMs: 2000 })]).toEqual([{ v: 11 }, { v: 21 }])
    await actor.send({ v: 1 }, { correlationId: 99n })
    for await (const { message, envelope } of actor.envelopes({ timeoutMs: 2000 })) {
      expect(message).toEqual({ v: 1 })
      expect(envelope).toMatchObject({ correlationId: 99n, priority: 7 })
      break
    }
    await expect(actor.send({ v: 1 }, { priority: 256 })).rejects.toThrow(/priority/)
    await expect(actor.send({ v: 1 }, { timeToLiveMs: -1 })).rejects.toThrow("timeToLiveMs must be an integer from 0 (for ever) to 4294967294, but is -1")
  })
})

test('a malformed option is refused at definition, by name', () => {
  const define = (options: object) => () => ringKernel('refused', { input: Value, output: Value, ...options } as never, { onMessage() { /* nothing */ } })
  expect(define({ buffers: f32 })).toThrow(/buffers must be an object/)
  expect(define({ buffers: { weights: array(f32, 3) } })).toThrow(/buffers\.weights must be the type of one element/)
  expect(define({ ports: { 'a b': Value } })).toThrow(/ports cannot have the name 'a b'/)
  expect(define({ ports: { other: f32 } })).toThrow(/ports\.other must be a schema/)
  for (const threads of [0, 31, 48, 1056, '64', NaN]) expect(define({ threads })).toThrow(/threads must be a multiple of 32 from 32 to 1024/)
  expect(define({ threads: 1024, math: 'fast' })).not.toThrow()
  expect(define({ math: 'sloppy' })).toThrow(/math must be 'exact' or 'fast'/)
  expect(define({ parallel: true })).toThrow(/parallel must be 'messages'/)
  expect(define({ parallel: 'messages', state: { n: u32 } })).toThrow(/cannot have state/)
  expect(() => ringKernel('refused', { input: Value, parallel: 'messages' }, async () => { /* nothing */ })).toThrow(/needs the handler form/)
  for (const capacity of [15, 17, 8, 2 ** 21, '64', 64.5]) expect(define({ capacity })).toThrow(/capacity must be a power of two/)
  expect(define({ backpresure: 'block' })).toThrow(/did you mean 'backpressure'/)
  expect(define({ backpressure: 'drop' })).toThrow(/backpressure must be one of/)
  expect(define({ device: 'gpu' })).toThrow(/device must be/)
  expect(define({ input: { v: u32 } })).toThrow(/input must be a schema/)
})
