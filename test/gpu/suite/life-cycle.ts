// Life cycles on the GPU: many residents with copies running, parks and relaunches, endless loops, rings under load, faults.
import { RingKernelRuntime, array, f32, ringKernel, struct, u32, unifiedBuffer, type RingKernel } from 'ringlab'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { Check, Report } from './check.js'
import { percentile } from './percentile.js'
import { withRuntime } from './with-runtime.js'

const Value = struct('Value', { id: u32, values: array(f32, 7) })
const echo = ringKernel('gpu-echo', { input: Value, output: Value, capacity: 64 }, async (ctx) => { for (;;) { const m = await ctx.receive(); await ctx.send(m) } })
const counting = ringKernel('gpu-counting', { input: Value, output: Value, capacity: 64, state: { n: u32 } }, async (ctx) => {
  let local = 0
  for (;;) {
    const m = await ctx.receive()
    local++
    ctx.state.n++
    await ctx.send({ id: local, values: [ctx.state.n, m.id, 0, 0, 0, 0, 0] })
  }
})
const endless = ringKernel('gpu-endless', { input: Value, output: Value }, async (ctx) => {
  const { id } = await ctx.receive()
  let n = id
  while (n !== -1) n = (n + 1) % 1000
  await ctx.send({ id: n, values: [0, 0, 0, 0, 0, 0, 0] })
})
const faulty = ringKernel('gpu-faulty', { input: Value, output: Value }, { onMessage(m, ctx) {
  if (m.id === 3) throw new Error('three is not allowed')
  ctx.send({ id: m.id, values: m.values })
} })

const message = (id: number): { id: number; values: number[] } => ({ id, values: [id, 1, 2, 3, 4, 5, 6] })
const wait = { timeoutMs: 10_000 }

export const lifeCycle: readonly Check[] = [
  { name: 'parks and relaunches keep locals, state and queued messages', watchesLoop: true, definitions: [counting as unknown as Definition], run: () => withRuntime(parks) },
  { name: 'rings under load lose, repeat and reorder nothing', secondsMax: 60, watchesLoop: true, definitions: [echo as unknown as Definition], run: () => withRuntime(load) },
  ...[1, 8, 32, 100].map((count): Check => ({ name: `${count} residents answer while copies run`, secondsMax: 60, watchesLoop: true, definitions: [echo as unknown as Definition], run: (report) => withRuntime((runtime) => residents(runtime, count, report)) })),
  { name: 'an endless loop is terminated within its deadline', run: (report) => withRuntime(async (runtime) => {
    const actor = await runtime.spawn(endless)
    await actor.send(message(1))
    const started = performance.now()
    await actor.terminate({ timeoutMs: 1000 })
    const ms = performance.now() - started
    report.figure('endless loop: terminate', ms, 'ms')
    const other = await runtime.spawn(echo)
    const answer = await other.ask(message(7), wait)
    if (answer.id !== 7) throw new Error(`another ring kernel answered ${answer.id} afterwards`)
    return `terminated after ${ms.toFixed(1)} ms; the GPU goes on`
  }) },
  { name: 'a fault says what and where, and spares the others', run: () => withRuntime(async (runtime) => {
    const [bad, good] = [await runtime.spawn(faulty), await runtime.spawn(echo)]
    await bad.send(message(3))
    const error = await bad.closed.then(() => undefined, (failure: unknown) => failure as Error)
    if (error === undefined || !error.message.includes('three is not allowed')) throw new Error(`it ended with ${String(error)}`)
    await good.ask(message(1), wait)
    return error.message
  }) },
  { name: 'shutdown with residents ends within 2 s', run: async () => {
    const runtime = new RingKernelRuntime({ device: 'cuda' })
    for (let i = 0; i < 4; i++) await runtime.spawn(echo, { id: `stay-${i}` })
    const started = performance.now()
    await runtime.shutdown()
    const ms = performance.now() - started
    if (ms > 2000) throw new Error(`it took ${ms.toFixed(0)} ms`)
    return `${ms.toFixed(0)} ms`
  } },
]

async function parks(runtime: RingKernelRuntime): Promise<string> {
  const actor = await runtime.spawn(counting)
  const rounds = 100
  for (let i = 1; i <= rounds; i++) {
    await actor.deactivate()
    await actor.send(message(i))
    await actor.reactivate()
    const answer = await actor.receive(wait)
    if (answer.id !== i || answer.values[0] !== i || answer.values[1] !== i) throw new Error(`after ${i} parks it answered ${JSON.stringify(answer)}`)
  }
  return `${rounds} parks and relaunches`
}

async function load(runtime: RingKernelRuntime): Promise<string> {
  const actor = await runtime.spawn(echo)
  const count = 500_000
  const sending = (async () => { for (let i = 0; i < count; i++) if (!actor.trySend(message(i))) await actor.send(message(i), wait) })()
  // Should the other half fail first, this one's failure follows from it.
  sending.catch(() => undefined)
  for (let i = 0; i < count; i++) {
    const answer = actor.tryReceive() ?? await actor.receive(wait)
    if (answer.id !== i || answer.values[0] !== Math.fround(i)) throw new Error(`output ${i} was ${JSON.stringify(answer)}`)
    await breath(i)
  }
  await sending
  return `${count} messages in order`
}

/** On a fast device a program that only awaits answers may never give the event loop its turn; then nobody but this program holds it. */
async function breath(i: number): Promise<void> { if (i % 256 === 255) await new Promise((resolve) => setImmediate(resolve)) }

async function residents(runtime: RingKernelRuntime, count: number, report: Report): Promise<string> {
  const actors: RingKernel<typeof Value, typeof Value>[] = []
  for (let i = 0; i < count; i++) {
    report.at(`spawning resident ${i + 1} of ${count}`)
    actors.push(await runtime.spawn(echo, { id: `resident-${i}` }))
  }
  const copied = unifiedBuffer(f32, 1 << 20)
  copied.set(new Float32Array(1 << 20))
  const end = new AbortController()
  const copies = (async () => { let done = 0; while (!end.signal.aborted) { copied.markHostDirty(); await copied.onDevice(); done++ } return done })()
  // It is awaited at the end, and may fail long before.
  copies.catch(() => undefined)
  const samples: number[] = []
  try {
    for (let round = 0; round < Math.max(20, 400 / count); round++) for (const [i, actor] of actors.entries()) {
      report.at(`asking resident ${i} of ${count} in round ${round}`)
      const started = performance.now()
      const answer = await actor.ask(message(i), wait)
      samples.push((performance.now() - started) * 1000)
      if (answer.id !== i) throw new Error(`resident ${i} answered ${answer.id}`)
      await breath(samples.length)
    }
  } finally { end.abort() }
  report.at('waiting for the last copy')
  const done = await copies
  report.figure(`${count} residents, copies running: ask p50`, percentile(samples, 0.5), 'µs')
  report.figure(`${count} residents, copies running: ask p99`, percentile(samples, 0.99), 'µs')
  return `${count} residents, ${samples.length} asks, ${done} copies of 4 MiB beside them`
}
