// Routing between ring kernels, over random graphs that change under traffic: fan-in, fan-out, circles, on one device and between two. What an edge that blocks
// carries arrives once and in order, without a gap while it stands; what an edge that drops does not deliver is counted.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RingKernelRuntime, ringKernel, struct, u32, type Connection, type EdgeTelemetry, type RingKernel } from 'ringlab'

const HISTORIES = 1_000
/** Every wait's bound. */
const DEADLINE_MS = 20_000
const NODES = 4

const Hop = struct('RoutedHop', { from: u32, n: u32, hops: u32 })
interface Arrival { readonly at: number; readonly from: number; readonly n: number }
let arrivals: Arrival[] = []
const emitted = [0, 0, 0, 0]

/** On the host, so that each arrival can be looked at. `from` of a message by the test itself is NODES. */
const noting = [0, 1, 2].map((me) => ringKernel(`routing-${me}`, { input: Hop, ports: { out: Hop }, capacity: 256, device: 'host' }, {
  onMessage({ from, n, hops }, ctx) {
    arrivals.push({ at: me, from, n })
    if (hops > 0) ctx.ports.out.send({ from: me, n: (emitted[me] = (emitted[me] as number) + 1), hops: hops - 1 })
  },
}))
const relay = ringKernel('routing-relay', { input: Hop, ports: { out: Hop }, state: { n: u32 }, capacity: 256 }, {
  onMessage({ hops }, ctx) {
    if (hops > 0) { ctx.state.n = ctx.state.n + 1; ctx.ports.out.send({ from: 3, n: ctx.state.n, hops: hops - 1 }) }
  },
})

let runtime: RingKernelRuntime
let nodes: RingKernel[]
beforeAll(async () => {
  runtime = new RingKernelRuntime({ device: 'cpu' })
  nodes = await Promise.all([...noting, relay].map((definition) => runtime.spawn(definition)))
})
afterAll(async () => { await runtime.shutdown() })

const policies = ['block', 'block', 'dropNewest', 'dropOldest'] as const
type Move =
  | { readonly kind: 'toggle'; readonly from: number; readonly to: number; readonly backpressure: (typeof policies)[number] }
  | { readonly kind: 'send'; readonly to: number; readonly count: number; readonly hops: number }
const node = fc.nat(NODES - 1)
const moves: fc.Arbitrary<Move[]> = fc.array(fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('toggle' as const), from: node, to: node, backpressure: fc.constantFrom(...policies) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('send' as const), to: node, count: fc.integer({ min: 1, max: 6 }), hops: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('send' as const), to: node, count: fc.constant(48), hops: fc.constant(1) }) },
), { minLength: 3, maxLength: 10 })

interface Standing { readonly connection: Connection; readonly backpressure: (typeof policies)[number] }

test(`${HISTORIES} random graphs: each message arrives once and in order, or is counted`, async () => {
  await fc.assert(fc.asyncProperty(moves, async (history) => {
    arrivals = []
    const standing = new Map<string, Standing>()
    /** How often each pair was connected, and whether by edges that block only. */
    const periods = new Map<string, { count: number; blocks: boolean }>()
    const serials = [0, 0, 0, 0]
    const before = nodes.map((each) => each.telemetry().processed)
    try {
      for (const move of history) {
        if (move.kind === 'send') {
          await (nodes[move.to] as RingKernel).sendBatch(Array.from({ length: move.count }, () => ({ from: NODES, n: (serials[move.to] = (serials[move.to] as number) + 1), hops: move.hops })), { timeoutMs: DEADLINE_MS })
          continue
        }
        const key = `${move.from} ${move.to}`
        const found = standing.get(key)
        standing.delete(key)
        if (found !== undefined) { await found.connection[Symbol.asyncDispose](); continue }
        const period = periods.get(key) ?? { count: 0, blocks: true }
        periods.set(key, { count: period.count + 1, blocks: period.blocks && move.backpressure === 'block' })
        const [from, to] = [nodes[move.from] as RingKernel, nodes[move.to] as RingKernel]
        standing.set(key, { backpressure: move.backpressure, connection: await runtime.connect(from.ports.out as RingKernel, to, { backpressure: move.backpressure, capacity: move.backpressure === 'block' ? 1024 : 16 }) })
      }
      await quiet()
      for (const [key, { connection, backpressure }] of standing) {
        const [{ sent, taken, dropped, depth }] = await connection.telemetry() as [EdgeTelemetry]
        expect([key, depth, taken]).toEqual([key, 0, backpressure === 'dropOldest' ? sent - dropped : sent])
        if (backpressure === 'block') expect(dropped).toBe(0)
        const [from, to] = key.split(' ').map(Number) as [number, number]
        if (to < 3 && periods.get(key)?.count === 1) expect(arrivals.filter((each) => each.at === to && each.from === from)).toHaveLength(taken)
      }
      for (let to = 0; to < 3; to++) {
        expect(arrivals.filter((each) => each.at === to && each.from === NODES).map(({ n }) => n)).toEqual(Array.from({ length: serials[to] as number }, (_, i) => i + 1))
        for (let from = 0; from < NODES; from++) check(arrivals.filter((each) => each.at === to && each.from === from).map(({ n }) => n), periods.get(`${from} ${to}`))
      }
      // Nobody was given what nobody noted.
      const processed = nodes.map((each, i) => each.telemetry().processed - (before[i] as number))
      expect(processed.slice(0, 3)).toEqual([0, 1, 2].map((at) => arrivals.filter((each) => each.at === at).length))
    } finally { await Promise.all([...standing.values()].map(({ connection }) => connection[Symbol.asyncDispose]())) }
  }), { numRuns: HISTORIES })
}, 120_000)

/** Numbers of one sender as one receiver saw them: they rise, and over edges that block without a gap but where there was no edge. */
function check(numbers: readonly number[], period: { readonly count: number; readonly blocks: boolean } | undefined): void {
  let runs = numbers.length > 0 ? 1 : 0
  for (let i = 1; i < numbers.length; i++) {
    const step = (numbers[i] as number) - (numbers[i - 1] as number)
    expect(step).toBeGreaterThan(0)
    if (step > 1) runs++
  }
  if (period === undefined) expect(numbers).toEqual([])
  else if (period.blocks) expect(runs).toBeLessThanOrEqual(period.count)
}

/** Every message lies in some ring until what it led to does, so two looks that find all rings empty and nothing processed in between have found everything. */
async function quiet(): Promise<void> {
  const end = performance.now() + DEADLINE_MS
  for (let last = -1; ;) {
    const rings = await runtime.connections()
    const facts = nodes.map((each) => each.telemetry())
    const waiting = rings.reduce((sum, { depth }) => sum + depth, 0) + facts.reduce((sum, { depth }) => sum + depth, 0)
    const processed = facts.reduce((sum, each) => sum + each.processed, 0)
    if (waiting === 0 && processed === last) return
    last = waiting === 0 ? processed : -1
    if (performance.now() > end) throw new Error(`messages still wait: ${JSON.stringify({ rings, facts: facts.map(({ depth, deadlock }) => [depth, deadlock]) })}`)
    await new Promise((next) => { setImmediate(next) })
  }
}
