// The figures: ringlab's round trips and throughput beside a bare ping-pong kernel, launch + synchronise and CUDA Graph replay, on the same GPU in the same run.
// A round trip is acknowledged: the answer of the ring kernel was read.
import { RingKernelRuntime, array, f32, ringKernel, struct, u32, type RingKernel } from 'ringlab'
import { Bare } from './bare.js'
import type { Check, Report } from './check.js'
import { percentile } from './percentile.js'
import { withRuntime } from './with-runtime.js'

/** 64 bytes of payload. */
const Block = struct('Block64', { id: u32, values: array(f32, 15) })
const echo = ringKernel('figure-echo', { input: Block, output: Block, capacity: 1024 }, async (ctx) => { for (;;) { const m = await ctx.receive(); await ctx.send(m) } })
const parallelEcho = ringKernel('figure-parallel-echo', { input: Block, output: Block, capacity: 4096, parallel: 'messages', threads: 256 }, { onMessage(m, ctx) { ctx.send(m) } })
const Order = struct('Order', { count: u32 })
const source = ringKernel('figure-source', { input: Order, output: Block, capacity: 1024 }, async (ctx) => {
  for (;;) {
    const { count } = await ctx.receive()
    for (let i = 0; i < count; i++) await ctx.send({ id: i, values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] })
  }
})
const Total = struct('Total', { count: u32, sum: u32 })
const sink = ringKernel('figure-sink', { input: Block, output: Total, capacity: 1024 }, async (ctx) => {
  let count = 0
  let sum = 0
  for (;;) {
    const m = await ctx.receive()
    count++
    sum = (sum + m.id) >>> 0
    if (m.id === 0xffffffff || count % 100000 === 0) await ctx.send({ count, sum })
  }
})

const message = { id: 1, values: Array.from({ length: 15 }, (_, i) => i) }
const wait = { timeoutMs: 20_000 }
const ROUND_TRIPS = 20_000

export const figures: readonly Check[] = [
  { name: 'figures: floors (bare ping-pong, launch + synchronise, graph replay)', secondsMax: 60, run: (report) => Promise.resolve(floors(report)) },
  { name: 'figures: round trips', secondsMax: 60, run: (report) => withRuntime((runtime) => roundTrips(runtime, report)) },
  { name: 'figures: messages a second, host to GPU to host', secondsMax: 60, run: (report) => withRuntime((runtime) => throughput(runtime, report)) },
  { name: 'figures: ring kernel to ring kernel', secondsMax: 60, run: (report) => withRuntime((runtime) => kernelToKernel(runtime, report)) },
  { name: 'figures: from TypeScript to resident', secondsMax: 60, run: (report) => firstLaunches(report) },
]

const floorName = 'bare ping-pong: round trip p50'

function floors(report: Report): string {
  const bare = new Bare()
  const { cuda } = bare
  const stream = cuda.streamCreate()
  bare.launch('pingpong', stream)
  const samples: number[] = []
  for (let i = 1; i <= ROUND_TRIPS + 2000; i++) {
    const started = process.hrtime.bigint()
    bare.pingpong(i, i)
    if (i > 2000) samples.push(Number(process.hrtime.bigint() - started) / 1000)
  }
  bare.stop(stream)
  const floorUs = percentile(samples, 0.5)
  report.figure(floorName, floorUs, 'µs')
  report.figure('bare ping-pong: round trip p99', percentile(samples, 0.99), 'µs')
  const timed = (act: () => void): number => {
    const all: number[] = []
    for (let i = 0; i < 2200; i++) { const started = process.hrtime.bigint(); act(); if (i >= 200) all.push(Number(process.hrtime.bigint() - started) / 1000) }
    return percentile(all, 0.5)
  }
  report.figure('launch + synchronise: p50', timed(() => { bare.launch('empty', stream); cuda.streamSynchronize(stream) }), 'µs')
  cuda.captureBegin(stream)
  bare.launch('empty', stream)
  const graph = cuda.captureEnd(stream)
  const executable = cuda.graphInstantiate(graph)
  report.figure('CUDA Graph replay + synchronise: p50', timed(() => { cuda.graphLaunch(executable, stream); cuda.streamSynchronize(stream) }), 'µs')
  cuda.graphExecutableDestroy(executable)
  cuda.graphDestroy(graph)
  cuda.streamDestroy(stream)
  bare.close()
  return `bare ping-pong ${floorUs.toFixed(2)} µs`
}

async function roundTrips(runtime: RingKernelRuntime, report: Report): Promise<string> {
  const actor = await runtime.spawn(echo)
  const ring: number[] = []
  for (let i = 0; i < ROUND_TRIPS + 2000; i++) {
    const started = process.hrtime.bigint()
    actor.trySend(message)
    const until = performance.now() + 5000
    for (let spins = 0; actor.tryReceive() === undefined; spins++) if ((spins & 0xfffff) === 0xfffff && performance.now() > until) throw new Error('no answer within 5 s')
    if (i >= 2000) ring.push(Number(process.hrtime.bigint() - started) / 1000)
  }
  const asks: number[] = []
  for (let i = 0; i < ROUND_TRIPS + 2000; i++) {
    const started = process.hrtime.bigint()
    await actor.ask(message, wait)
    if (i >= 2000) asks.push(Number(process.hrtime.bigint() - started) / 1000)
  }
  const p50 = percentile(ring, 0.5)
  const floorUs = report.earlier(floorName) ?? NaN
  report.figure('ring round trip, 64 B: p50', p50, 'µs', 'trySend, then tryReceive until it answers')
  report.figure('ring round trip, 64 B: p99', percentile(ring, 0.99), 'µs')
  report.figure('ring round trip against bare ping-pong', p50 / floorUs, '×', 'budget 1.5')
  report.figure('ask, 64 B: p50', percentile(asks, 0.5), 'µs', 'budget 5')
  report.figure('ask, 64 B: p99', percentile(asks, 0.99), 'µs')
  const { latencyNs } = actor.telemetry()
  report.figure('telemetry: latency p50', latencyNs.p50 / 1000, 'µs', 'as the device wrote it')
  return `ring ${p50.toFixed(2)} µs = ${(p50 / floorUs).toFixed(2)} × bare, ask ${percentile(asks, 0.5).toFixed(2)} µs`
}

async function throughput(runtime: RingKernelRuntime, report: Report): Promise<string> {
  const objects = await echoed(await runtime.spawn(echo), 400_000)
  report.figure('echo, objects', objects / 1e6, 'M msg/s', 'sendBatch and receive; budget 5')
  const serial = await echoedColumns(await runtime.spawn(echo, { id: 'columns' }), 1_000_000)
  report.figure('echo, columns, serial', serial / 1e6, 'M msg/s')
  const parallel = await echoedColumns(await runtime.spawn(parallelEcho), 4_000_000)
  report.figure("echo, columns, parallel: 'messages'", parallel / 1e6, 'M msg/s', 'budget 15')
  return `objects ${(objects / 1e6).toFixed(2)}, columns ${(serial / 1e6).toFixed(2)}, parallel columns ${(parallel / 1e6).toFixed(2)} M msg/s`
}

async function echoed(actor: RingKernel<typeof Block, typeof Block>, count: number): Promise<number> {
  const started = performance.now()
  const sending = actor.sendBatch(Array.from({ length: count }, () => message), wait)
  // Awaited at the end; should the other half fail first, its failure follows from that.
  sending.catch(() => undefined)
  for (let i = 0; i < count; i++) if (actor.tryReceive() === undefined) await actor.receive(wait)
  await sending
  return count / ((performance.now() - started) / 1000)
}

async function echoedColumns(actor: RingKernel<typeof Block, typeof Block>, count: number): Promise<number> {
  const columns = { id: Uint32Array.from({ length: count }, (_, i) => i), values: new Float32Array(count * 15).fill(0.5) }
  const started = performance.now()
  const sending = actor.sendColumns(columns, wait)
  sending.catch(() => undefined)
  const received = await actor.receiveColumns(count, wait)
  await sending
  const rate = count / ((performance.now() - started) / 1000)
  for (let i = 0; i < count; i++) if (received.id[i] !== i) throw new Error(`row ${i} came back as ${String(received.id[i])}`)
  return rate
}

async function kernelToKernel(runtime: RingKernelRuntime, report: Report): Promise<string> {
  const [from, to] = [await runtime.spawn(source), await runtime.spawn(sink)]
  await runtime.connect(from, to)
  const count = 1_000_000
  const started = performance.now()
  await from.send({ count })
  let last = { count: 0, sum: 0 }
  while (last.count < count) last = await to.receive(wait)
  const rate = count / ((performance.now() - started) / 1000)
  const expected = Number((BigInt(count) * BigInt(count - 1) / 2n) & 0xffffffffn)
  if (last.sum !== expected) throw new Error(`the sink added up ${last.sum} instead of ${expected}`)
  report.figure('ring kernel to ring kernel, serial', rate / 1e6, 'M msg/s', 'budget 10')
  return `${(rate / 1e6).toFixed(2)} M msg/s, sum right`
}

/** Bodies that no cache has seen: the process and the moment make a constant of each. */
async function firstLaunches(report: Report): Promise<string> {
  const runtime = new RingKernelRuntime({ device: 'cuda' })
  try {
    await runtime.spawn(echo, { id: 'warm' })
    const cold: number[] = []
    const again: number[] = []
    for (let i = 0; i < 5; i++) {
      const unseen = process.pid * 1000 + i + (Date.now() % 997)
      const fresh = ringKernel(`figure-fresh-${i}`, { input: Block, output: Block }, async (ctx) => {
        let served = unseen
        for (;;) { const m = await ctx.receive(); let sum = 0; for (const v of m.values) sum += v; served++; await ctx.send({ id: served + sum, values: m.values }) }
      })
      let started = performance.now()
      const first = await runtime.spawn(fresh, { id: `cold-${i}` })
      cold.push(performance.now() - started)
      await first.terminate()
      started = performance.now()
      await runtime.spawn(fresh, { id: `again-${i}` })
      again.push(performance.now() - started)
    }
    report.figure('TypeScript to resident, cold: p50', percentile(cold, 0.5), 'ms', 'budget 150')
    report.figure('TypeScript to resident, cached: p50', percentile(again, 0.5), 'ms', 'budget 20')
    return `cold ${cold.map((ms) => ms.toFixed(0)).join(' ')} ms, cached ${again.map((ms) => ms.toFixed(0)).join(' ')} ms`
  } finally { await runtime.shutdown() }
}
