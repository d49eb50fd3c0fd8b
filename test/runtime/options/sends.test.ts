// Options of sends, one test for each way to send and each option: what is given there is what the receiver reads in its envelope, and what bounds the wait ends it.
import { afterEach, describe, expect, test } from 'vitest'
import { ringKernel, RingKernelRuntime, struct, topic, u32, u64, type DeadLetter, type MessageOptions, type RingKernel, type SendOptions } from 'ringlab'

const Value = struct('Value', { v: u32 })
const Seen = struct('Seen', { v: u32, priority: u32, correlationId: u64, timeToLiveMs: u32, id: u64 })
const witness = ringKernel('witness', { input: Value, output: Seen, capacity: 16 }, {
  onMessage({ v }, ctx) {
    const { priority, correlationId, timeToLiveMs, id } = ctx.envelope
    ctx.send({ v, priority, correlationId, timeToLiveMs, id })
  },
})
const news = topic('options/news', Value)
const within = { timeoutMs: 10_000 }

let runtime = new RingKernelRuntime({ device: 'cpu' })
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime({ device: 'cpu' }) })

type Witness = RingKernel<typeof Value, typeof Seen>
interface Stage { readonly actor: Witness; readonly letter: DeadLetter | undefined }

/** Each way to send message 7; what resolves with an answer resolves with what the witness saw. */
const ways: readonly { readonly name: string; readonly send: (stage: Stage, options: SendOptions) => Promise<unknown> }[] = [
  { name: 'RingKernel.send', send: ({ actor }, options) => actor.send({ v: 7 }, options) },
  { name: 'RingKernel.ask', send: ({ actor }, options) => actor.ask({ v: 7 }, options) },
  { name: 'RingKernel.sendBatch', send: ({ actor }, options) => actor.sendBatch([{ v: 7 }], options) },
  { name: 'RingKernel.sendColumns', send: ({ actor }, options) => actor.sendColumns({ v: Uint32Array.of(7) }, options) },
  { name: 'RingKernelRuntime.send', send: (_, options) => runtime.send('witness', { v: 7 }, options) },
  { name: 'RingKernelRuntime.ask', send: (_, options) => runtime.ask('witness', { v: 7 }, options) },
  { name: 'RingKernelRuntime.publish', send: (_, options) => runtime.publish(news, { v: 7 }, options) },
  { name: 'RingKernelRuntime.redeliver', send: ({ letter }, options) => runtime.redeliver(letter as DeadLetter, options) },
]
const many = ['RingKernel.sendBatch', 'RingKernel.sendColumns']

/** None of them is what a message has by itself. */
const given = { priority: 201, correlationId: 77n, timeToLiveMs: 60_000, id: 0x9000_0000_0005n } as const

describe.each(ways)('$name', ({ name, send }) => {
  test.each(Object.entries(given).filter(([option]) => option !== 'id' || !many.includes(name)))('%s', async (option, value) => {
    const stage = await staged(name)
    const answer = await send(stage, { [option]: value, ...(name.endsWith('ask') ? within : {}) }) ?? await stage.actor.receive(within)
    expect(answer).toMatchObject({ v: 7, [option]: value })
  })

  test.runIf(many.includes(name))('id', async () => {
    const stage = await staged(name)
    await expect(send(stage, { id: given.id })).rejects.toThrow("an id is one message's")
  })

  test('timeoutMs', async () => {
    const stage = await staged(name)
    await filled(stage.actor)
    expect(await soon(send(stage, { timeoutMs: 20 }))).toMatchObject({ name: 'TimeoutError', timeoutMs: 20 })
  })

  test('signal', async () => {
    const stage = await staged(name)
    await filled(stage.actor)
    const stop = new AbortController()
    const ended = soon(send(stage, { signal: stop.signal }))
    stop.abort(new Error('enough'))
    expect(await ended).toMatchObject({ message: 'enough' })
  })
})

async function staged(name: string): Promise<Stage> {
  if (name === 'RingKernelRuntime.redeliver') {
    // Parked, so that a message lies there until it is given up.
    const before = await runtime.launch(witness)
    await before.send({ v: 7 })
    await before.terminate()
  }
  const actor = await runtime.spawn(witness)
  if (name === 'RingKernelRuntime.publish') await runtime.connect(news, actor)
  return { actor, letter: runtime.deadLetters.peek(1)[0] }
}

/** Until no further message finds room. */
async function filled(actor: Witness): Promise<void> {
  await actor.deactivate()
  while (actor.trySend({ v: 0 })) { /* one more */ }
}

/** What a promise is rejected with, or why it was not, well before the test's own end. */
function soon(promise: Promise<unknown>): Promise<unknown> {
  const late = new Promise((resolve) => { setTimeout(() => { resolve('it still waits') }, within.timeoutMs).unref() })
  return Promise.race([promise.then(() => 'it was sent', (error: unknown) => error), late])
}

describe('what a body sends', () => {
  const bodies = {
    'HandlerContext.send': ringKernel('handler-sends', { input: Seen, output: Value }, {
      onMessage({ v, priority, correlationId, timeToLiveMs }, ctx) { ctx.send({ v }, { priority, correlationId, timeToLiveMs }) },
    }),
    'LoopContext.send': ringKernel('loop-sends', { input: Seen, output: Value }, async (ctx) => {
      while (!ctx.shouldTerminate) {
        const { v, priority, correlationId, timeToLiveMs } = await ctx.receive()
        await ctx.send({ v }, { priority, correlationId, timeToLiveMs })
      }
    }),
    'Context.ports.send': ringKernel('port-sends', { input: Seen, ports: { out: Value } }, {
      onMessage({ v, priority, correlationId, timeToLiveMs }, ctx) { ctx.ports.out.send({ v }, { priority, correlationId, timeToLiveMs }) },
    }),
  } as const

  describe.each(Object.entries(bodies))('%s', (name, definition) => {
    test.each(['priority', 'correlationId', 'timeToLiveMs'] as const)('%s', async (option) => {
      const wanted = { priority: 201, correlationId: 77n, timeToLiveMs: 60_000 }
      const sender = await runtime.spawn(definition) as unknown as RingKernel<typeof Seen, typeof Value, { out: typeof Value }>
      const receiver = await runtime.spawn(witness)
      await runtime.connect(name === 'Context.ports.send' ? sender.ports.out : sender, receiver)
      await sender.send({ v: 7, ...wanted, id: 0n })
      expect(await receiver.receive(within)).toMatchObject({ v: 7, [option]: wanted[option] })
    })
  })

  const withId: MessageOptions = { id: 5n }
  test.each([
    ['HandlerContext.send', ringKernel('handler-id', { input: Value, output: Value }, { onMessage(m, ctx) { ctx.send(m, { id: 5n }) } })],
    ['LoopContext.send', ringKernel('loop-id', { input: Value, output: Value }, async (ctx) => { await ctx.send(await ctx.receive(), { id: 5n }) })],
    ['Context.ports.send', ringKernel('port-id', { input: Value, ports: { out: Value } }, { onMessage(m, ctx) { ctx.ports.out.send(m, { id: 5n }) } })],
    ['HandlerContext.send, not compiled', ringKernel('handler-id-host', { input: Value, output: Value, device: 'host' }, { onMessage(m, ctx) { ctx.send(m, withId) } })],
  ] as const)('%s id is refused', async (_, definition) => {
    const refused = await runtime.spawn(definition as never).then(async (actor: RingKernel) => { await actor.send({ v: 1 }); return soon(actor.closed) }, (error: unknown) => error)
    expect((refused as Error).message).toMatch(/\bid\b/)
  })
})
