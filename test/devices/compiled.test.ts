// Compiled bodies on the cpu device, through the whole runtime. The programs are written by hand, in place of the front end.
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RingKernelRuntime, ringKernel, type RingKernel } from 'ringlab'
import { setBodyCompiler } from '#ringlab/compiler/compile-with.js'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { compiledByHand } from './bench.js'
import { Pair, Value, computing, counting, handling, looking } from './programs.js'

const programs = { counting, handling, looking, computing }
let lines: string[] = []
let runtime = new RingKernelRuntime()
beforeAll(() => { setBodyCompiler((request) => Promise.resolve({ ok: true, body: compiledByHand(programs[request.name as keyof typeof programs]) })) })
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime(); lines = [] })
setBodyLog((line) => lines.push(line))

/** The body's own text is not looked at: the compiler above answers by name. */
function definition(name: keyof typeof programs): ReturnType<typeof ringKernel<typeof Value, typeof Pair>> {
  return ringKernel(name, { input: Value, output: Pair, device: 'cpu', capacity: 64, ...(name === 'handling' ? { state: Pair.fields } : {}) } as never, async () => { /* see above */ }) as never
}

async function within<T>(ms: number, what: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms) })
  try { return await Promise.race([what, late]) } finally { clearTimeout(timer) }
}

test('asks, streams and columns go through a compiled body, and its counters are told', async () => {
  const actor = await runtime.spawn(definition('counting'))
  expect(await actor.ask({ v: 7 })).toEqual({ v: 7, served: 1 })
  const v = Uint32Array.from({ length: 5000 }, (_, i) => i)
  const [, columns] = await Promise.all([actor.sendColumns({ v }), actor.receiveColumns(5000, { timeoutMs: 5000 })])
  expect(columns.v).toEqual(v)
  expect(columns.served[4999]).toBe(5001)
  const { processed, sent, depth, depthMax, latencyNs } = actor.telemetry()
  expect({ processed, sent, depth }).toEqual({ processed: 5001, sent: 5001, depth: 0 })
  expect(depthMax).toBeGreaterThan(1)
  expect(latencyNs.p50).toBeGreaterThan(0)
  expect(latencyNs.max).toBeGreaterThanOrEqual(latencyNs.p50)
})

test('locals outlive deactivation', async () => {
  const actor = await runtime.spawn(definition('counting'))
  for (let round = 1; round <= 20; round++) {
    expect(await actor.ask({ v: round })).toEqual({ v: round, served: round })
    await actor.deactivate()
    await actor.reactivate()
  }
})

test('a fault says its sentence, its place and what came before', async () => {
  const actor = await runtime.launch(definition('handling'))
  for (const v of [1, 2, 13, 4]) await actor.send({ v })
  await actor.activate()
  await expect(actor.closed).rejects.toMatchObject({ name: 'RingKernelFault', place: 'hand.ts:1:1', message: expect.stringContaining('thirteen is no 13') as string })
  expect([await actor.receive(), await actor.receive()]).toEqual([{ v: 1, served: 1 }, { v: 2, served: 2 }])
  expect(actor.telemetry()).toMatchObject({ processed: 2, errors: 1, dropped: 1 })
})

describe('an endless loop', () => {
  test('is terminated within its deadline, and its worker and neighbours do not notice', async () => {
    const neighbour = await runtime.spawn(definition('counting'))
    await neighbour.ask({ v: 1 })
    const endless = await runtime.spawn(definition('handling'))
    await endless.send({ v: 99 })
    const answer = neighbour.ask({ v: 2 })
    await within(900, endless.terminate({ timeoutMs: 800 }))
    expect(endless.state).toBe('TERMINATED')
    expect(await within(2000, answer)).toEqual({ v: 2, served: 2 })
    expect(lines).toEqual([])
  })

  test('that nobody stops loses its worker; its neighbours keep their locals, and so does it', async () => {
    const neighbours = await Promise.all(['n1', 'n2', 'n3'].map((id) => runtime.spawn(definition('counting'), { id }))) as RingKernel<typeof Value, typeof Pair>[]
    for (const neighbour of neighbours) await neighbour.ask({ v: 1 })
    const endless = await runtime.spawn(definition('handling'))
    expect(await endless.ask({ v: 5 })).toEqual({ v: 5, served: 1 })
    await endless.send({ v: 99 })
    for (const neighbour of neighbours) expect(await within(8000, neighbour.ask({ v: 2 }))).toEqual({ v: 2, served: 2 })
    expect(lines).toContain('ring kernel \'handling\' held its worker: it goes on in a worker of its own, with its queue, its state and its locals kept')
    expect(endless.state).toBe('ACTIVE')
    await within(3000, endless.terminate({ timeoutMs: 500 }))
    for (const neighbour of neighbours) expect(await within(8000, neighbour.ask({ v: 3 }))).toEqual({ v: 3, served: 3 })
  })
})

test('a body that only looks leaves its neighbours their turns', async () => {
  const [looker, neighbour] = [await runtime.spawn(definition('looking')), await runtime.spawn(definition('counting'))]
  for (let v = 1; v < 200; v++) expect(await within(2000, neighbour.ask({ v }))).toEqual({ v, served: v })
  expect((await within(2000, looker.ask({ v: 8 }))).v).toBe(8)
  await looker.send({ v: 0 })
  await within(2000, looker.closed)
  expect(looker.state).toBe('TERMINATED')
})

test('compiled bodies are connected to each other, and every message arrives once and in order', async () => {
  const first = await runtime.spawn(definition('counting'), { id: 'first' })
  const relay = ringKernel('counting', { input: Pair, output: Pair, device: 'cpu', capacity: 16 }, async () => { /* answered by name: it reads the first field of any struct */ })
  const second = await runtime.spawn(relay, { id: 'second' }) as unknown as RingKernel<typeof Pair, typeof Pair>
  const connection = await runtime.connect(first, second)
  for (let v = 0; v < 40; v++) await first.send({ v })
  for (let v = 0; v < 40; v++) expect(await second.receive({ timeoutMs: 5000 })).toEqual({ v, served: v + 1 })
  await connection[Symbol.asyncDispose]()
  await first.send({ v: 40 })
  expect(await first.receive({ timeoutMs: 5000 })).toEqual({ v: 40, served: 41 })
})
