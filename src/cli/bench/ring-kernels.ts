// The rows of ring kernels: an echo with 64-byte messages on the cpu and host devices, and what a hundred idle ones cost.
// Round trips are acknowledged asks of a running body; throughput counts messages that came back through both rings.
import { RingKernelRuntime, f32, ringKernel, struct, u32, type Columns, type Infer, type RingKernel } from '../../index.js'
import type { Measured } from './budgets.js'
import { percentile } from './percentile.js'

const Message = struct('Message64', {
  id: u32, a: f32, b: f32, c: f32, d: f32, e: f32, f: f32, g: f32, h: f32, i: f32, j: f32, k: f32, l: f32, m: f32, n: f32, o: f32,
})
type Echo = RingKernel<typeof Message, typeof Message>
const capacity = 4096
const loopEcho = ringKernel('bench-echo-loop', { input: Message, output: Message, capacity }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })
const handlerEcho = ringKernel('bench-echo-handler', { input: Message, output: Message, capacity }, { onMessage(message, ctx) { ctx.send(message) } })

const message: Infer<typeof Message> = { id: 1, a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: 12, m: 13, n: 14, o: 15 }
const warmAsks = 20_000
const asks = 50_000
const sleepyAsks = 200
/** Longer than a worker polls before it sleeps. */
const untilAsleepMs = 3
const burst = 500_000
const rounds = 5
const idleKernels = 100
const idleMs = 3_000

/** About 10 s. */
export async function measureCpu(): Promise<readonly Measured[]> {
  return onDevice('cpu', async (loop, handler) => {
    const awake = await timedAsks(loop, asks, 0)
    const asleep = await timedAsks(loop, sleepyAsks, untilAsleepMs)
    const objects = { loop: await objectsPerSecond(loop), handler: await objectsPerSecond(handler) }
    const columns = { loop: await columnsPerSecond(loop), handler: await columnsPerSecond(handler) }
    return [
      { row: 'cpu-ask-p50', value: percentile(awake, 0.5) },
      { row: 'cpu-ask-p99', value: percentile(awake, 0.99) },
      { row: 'cpu-ask-asleep-p50', value: percentile(asleep, 0.5) },
      { row: 'cpu-objects', value: objects.handler, note: `handler form; loop form ${objects.loop.toFixed(2)}` },
      { row: 'cpu-columns', value: columns.handler, note: `handler form; loop form ${columns.loop.toFixed(2)}, which two awaits a message bound` },
    ]
  })
}

/** About 5 s. */
export async function measureHost(): Promise<readonly Measured[]> {
  return onDevice('host', async (loop, handler) => {
    const times = await timedAsks(loop, asks, 0)
    const columns = await columnsPerSecond(handler)
    const objects = await objectsPerSecond(handler)
    return [
      { row: 'host-ask-p50', value: percentile(times, 0.5) },
      { row: 'host-throughput', value: columns, note: `columns, handler form; objects ${objects.toFixed(2)}` },
    ]
  })
}

/** About 4 s. */
export async function measureIdle(): Promise<readonly Measured[]> {
  const runtime = new RingKernelRuntime({ device: 'cpu' })
  try {
    for (let i = 0; i < idleKernels; i++) {
      const actor = await runtime.spawn(loopEcho, { id: `idle-${i}` })
      await actor.ask(message)
    }
    await pause(untilAsleepMs * 50)
    const [from, since] = [process.cpuUsage(), performance.now()]
    await pause(idleMs)
    const { user, system } = process.cpuUsage(from)
    return [{ row: 'idle-100', value: (user + system) / 1e3 / (performance.now() - since) * 100 }]
  } finally { await runtime.shutdown() }
}

async function onDevice(device: 'cpu' | 'host', measure: (loop: Echo, handler: Echo) => Promise<readonly Measured[]>): Promise<readonly Measured[]> {
  const runtime = new RingKernelRuntime({ device })
  try {
    return await measure(await runtime.spawn(loopEcho), await runtime.spawn(handlerEcho))
  } finally { await runtime.shutdown() }
}

/** Round trips in µs, with a pause before each when `pauseMs` is not 0. */
async function timedAsks(echo: Echo, count: number, pauseMs: number): Promise<number[]> {
  for (let i = 0; i < warmAsks; i++) await echo.ask(message)
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    if (pauseMs > 0) await pause(pauseMs)
    const from = performance.now()
    await echo.ask(message)
    times.push((performance.now() - from) * 1e3)
  }
  return times
}

/** Million messages a second, as objects: a batch in, an iteration over the outputs. */
async function objectsPerSecond(echo: Echo): Promise<number> {
  const batch = new Array<typeof message>(burst).fill(message)
  return median(async () => {
    const sent = echo.sendBatch(batch)
    let received = 0
    for await (const output of echo.outputs()) if (output.id === 1 && ++received === burst) break
    await sent
  })
}

async function columnsPerSecond(echo: Echo): Promise<number> {
  const columns = Object.fromEntries(Object.keys(Message.fields).map((name) => [name, name === 'id' ? new Uint32Array(burst) : new Float32Array(burst)])) as unknown as Columns<typeof Message>
  return median(async () => { await Promise.all([echo.sendColumns(columns), echo.receiveColumns(burst)]) })
}

async function median(once: () => Promise<void>): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const from = performance.now()
    await once()
    // The first round warms the compiler up.
    if (round > 0) rates.push(burst / (performance.now() - from) / 1e3)
  }
  return percentile(rates, 0.5)
}

function pause(ms: number): Promise<void> { return new Promise((resolve) => setTimeout(resolve, ms)) }
