// What ring kernels of one GPU have to do with each other: rings between them, one-shot kernels beside them, circles that stand still, and a fault of the GPU.
import { RingKernelRuntime, cudaRingKernel, f32, kernel, ringKernel, struct, u32, unifiedBuffer } from 'ringlab'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import type { Check, Report } from './check.js'
import { withRuntime } from './with-runtime.js'

const Order = struct('Order', { from: u32, count: u32 })
const Item = struct('Item', { from: u32, n: u32, value: f32 })
const Verdict = struct('Verdict', { count: u32, wrong: u32 })
const source = ringKernel('gpu-source', { input: Order, output: Item, capacity: 16 }, async (ctx) => {
  for (;;) {
    const { from, count } = await ctx.receive()
    for (let n = 0; n < count; n++) await ctx.send({ from, n, value: n * 0.5 })
  }
})
const middle = ringKernel('gpu-middle', { input: Item, output: Item, capacity: 16 }, async (ctx) => {
  for (;;) {
    const { from, n, value } = await ctx.receive()
    await ctx.send({ from, n, value: value + 1 })
  }
})
/** Counts, for up to eight sources, what did not come in their order, and what came with another value than theirs. */
const judge = ringKernel('gpu-judge', { input: Item, output: Verdict, capacity: 16 }, async (ctx) => {
  const next = new Uint32Array(8)
  let count = 0
  let wrong = 0
  for (;;) {
    const { from, n, value } = await ctx.receive()
    if (next[from & 7] !== n || value !== f32(n * 0.5) + 1) wrong++
    next[from & 7] = n + 1
    count++
    if (count % 1000 === 0) await ctx.send({ count, wrong })
  }
})
const doubling = ringKernel('gpu-doubling', { input: Item, output: Item, capacity: 16 }, async (ctx) => {
  for (;;) {
    const { from, n, value } = await ctx.receive()
    await ctx.send({ from, n, value })
    await ctx.send({ from, n, value })
  }
})
const echo = ringKernel('gpu-together-echo', { input: Item, output: Item }, async (ctx) => { for (;;) { const m = await ctx.receive(); await ctx.send(m) } })
/** Writes to an address that is nobody's. */
const astray = cudaRingKernel('astray', {
  input: Item, output: Item,
  source: `struct Item { unsigned int from, n; float value; };
RL_ACTOR(astray, Item, Item) {
  while (const Item* request = rl_next<Item>(s)) {
    if (request->n == 13) *(volatile unsigned int*)8 = 1;
    Item* response = rl_output<Item>(s);
    response->from = request->from; response->n = request->n; response->value = request->value;
  }
}`,
})
const scale = kernel('gpu-scale', { factor: f32, x: [f32] }, ({ factor, x }, i) => { x[i] = f32((x[i] ?? 0) * factor) })
const picky = kernel('gpu-picky', { x: [f32] }, ({ x }, i) => {
  if (i === 777) throw new Error('seven is enough')
  x[i] = 1
})

const wait = { timeoutMs: 20_000 }

export const together: readonly Check[] = [
  { name: 'rings between ring kernels lose, repeat and reorder nothing: three sources, six parts, one sink', secondsMax: 60, run: (report) => withRuntime((runtime) => fanIn(runtime, report)) },
  { name: 'one-shot kernels run beside ring kernels that answer', run: (report) => withRuntime((runtime) => oneShots(runtime, report)) },
  { name: 'two ring kernels in a circle with full rings are reported by name', run: () => withRuntime(circle) },
  { name: 'a GPU that is lost fails its ring kernels with the cause, and works again or says how', run: lost },
]

async function fanIn(runtime: RingKernelRuntime, report: Report): Promise<string> {
  const sink = await runtime.spawn(judge)
  const sources = []
  for (let from = 0; from < 3; from++) {
    const [first, second] = [await runtime.spawn(source, { id: `source-${from}` }), await runtime.spawn(middle, { id: `middle-${from}` })]
    await runtime.connect(first, second)
    await runtime.connect(second, sink)
    sources.push(first)
  }
  const each = 50_000
  const total = each * sources.length
  const started = performance.now()
  for (const [from, first] of sources.entries()) await first.send({ from, count: each })
  let last = { count: 0, wrong: 0 }
  while (last.count < total) {
    last = await sink.receive(wait)
    report.at(`${last.count} of ${total}, ${last.wrong} wrong`)
    if (last.count === 30_000) await runtime.deactivate('middle-1')
    if (last.count === 60_000) await runtime.reactivate('middle-1')
  }
  if (last.wrong > 0) throw new Error(`${last.wrong} of ${last.count} messages were not the next of their source`)
  report.figure('rings between ring kernels: three sources to one sink', total / (performance.now() - started) / 1000, 'M msg/s', 'capacity 16, one of seven parked meanwhile')
  return `${total} messages, 0 wrong`
}

async function oneShots(runtime: RingKernelRuntime, report: Report): Promise<string> {
  const actors = [await runtime.spawn(echo, { id: 'beside-1' }), await runtime.spawn(echo, { id: 'beside-2' })]
  const count = 1 << 20
  using x = unifiedBuffer(f32, Float32Array.from({ length: count }, (_, i) => i))
  const options = { device: 'cuda', runtime, ...wait } as const
  await scale.launch({ factor: 2, x }, options)
  const rounds = 50
  const started = performance.now()
  for (let round = 1; round < rounds; round++) {
    const launched = scale.launch({ factor: round % 2 === 1 ? 0.5 : 2, x }, options)
    launched.catch(() => undefined)
    for (const [from, actor] of actors.entries()) {
      const answer = await actor.ask({ from, n: round, value: 1 }, wait)
      if (answer.n !== round || answer.from !== from) throw new Error(`beside a one-shot kernel, ring kernel ${from} answered ${JSON.stringify(answer)}`)
    }
    await launched
  }
  report.figure('one-shot kernel over 1 Mi f32 beside two ring kernels, launch to end', (performance.now() - started) / (rounds - 1), 'ms')
  const values = await x.onHost()
  const at = values.findIndex((value, i) => value !== i)
  if (at >= 0) throw new Error(`element ${at} is ${String(values[at])}`)
  const failure = await picky.launch({ x }, options).then(() => undefined, (error: unknown) => error as Error)
  if (failure === undefined || !/seven is enough/.test(failure.message) || !/777/.test(failure.message)) throw new Error(`a kernel that throws ended with ${String(failure)}`)
  return `${rounds} launches of ${count} elements beside two ring kernels, 0 wrong; ${failure.message}`
}

async function circle(runtime: RingKernelRuntime): Promise<string> {
  let heard: (line: string) => void = () => undefined
  const reported = new Promise<string>((resolve) => { heard = resolve })
  setBodyLog((line) => { if (line.startsWith('deadlock')) heard(line); else console.log(line) })
  const [a, b] = [await runtime.spawn(doubling, { id: 'a' }), await runtime.spawn(doubling, { id: 'b' })]
  await runtime.connect(a, b)
  await runtime.connect(b, a)
  await a.send({ from: 0, n: 0, value: 0 })
  const line = await reported
  if (!/^deadlock: (a → b → a|b → a → b), both rings full \(16\)$/.test(line)) throw new Error(line)
  return line
}

async function lost(): Promise<string> {
  const runtime = new RingKernelRuntime({ device: 'cuda' })
  try {
    const [bad, good] = [await runtime.spawn(astray), await runtime.spawn(echo)]
    await bad.ask({ from: 0, n: 1, value: 1 }, wait)
    await bad.send({ from: 0, n: 13, value: 1 })
    const [first, second] = await Promise.all([bad, good].map((actor) => actor.closed.then(() => 'it ended without an error', (error: unknown) => (error as Error).message)))
    for (const said of [first, second]) if (!/is lost/.test(said ?? '')) throw new Error(`a ring kernel of a lost GPU ended with: ${String(said)}`)
    const again = await runtime.spawn(echo, { id: 'again' }).then(async (actor) => `and works again: it answered ${(await actor.ask({ from: 0, n: 7, value: 1 }, wait)).n}`, (error: unknown) => (error as Error).message)
    if (!/works again: it answered 7|restart the Jupyter kernel/.test(again)) throw new Error(`${first ?? ''}; afterwards: ${again}`)
    return `${first ?? ''}; ${again}`
  } finally { await runtime.shutdown() }
}
