// Where the CPU device puts ring kernels: how many workers, how many to a worker, and away from those that somebody holds.
import { execFileSync } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { message, ringKernel, RingKernelRuntime, type RuntimeOptions } from 'ringlab'
import { setBodyLog } from '#ringlab/runtime/registry.js'

const Work = message<{ ms: number }>('Work')
const Done = message<{ thread: number }>('Done')
/** Computes for so long, without giving its worker to anybody, and says which thread it was: each was started at a time of its own. */
const busy = ringKernel('busy', { input: Work, output: Done, device: 'cpu' }, {
  onMessage({ ms }, ctx) {
    const until = performance.now() + ms
    while (performance.now() < until) { /* hold on */ }
    ctx.send({ thread: (performance as unknown as { readonly nodeTiming: { readonly bootstrapComplete: number } }).nodeTiming.bootstrapComplete })
  },
})
const within = { timeoutMs: 10_000 }

let lines: string[] = []
let runtime: RingKernelRuntime | undefined
afterEach(async () => {
  await runtime?.shutdown()
  setBodyLog((line) => { process.stdout.write(`${line}\n`) })
})
function open(cpu: RuntimeOptions['cpu']): RingKernelRuntime {
  lines = []
  setBodyLog((line) => { lines.push(line) })
  return (runtime = new RingKernelRuntime({ device: 'cpu', ...(cpu === undefined ? {} : { cpu }) }))
}
const spawned = (of: RingKernelRuntime, ids: readonly string[]) => ids.reduce(async (made, id) => [...await made, await of.spawn(busy, { id })], Promise.resolve([] as Awaited<ReturnType<typeof of.spawn<typeof busy>>>[]))
const threadOf = async (actor: { ask(message: { ms: number }, options: object): Promise<{ thread: number }> }): Promise<number> => (await actor.ask({ ms: 0 }, within)).thread

test('as many workers as the option says, filled evenly', async () => {
  for (const workers of [1, 3]) {
    const actors = await spawned(open({ workers }), ['a', 'b', 'c', 'd', 'e', 'f'])
    const threads = await Promise.all(actors.map(threadOf))
    const counts = new Map<number, number>()
    for (const thread of threads) counts.set(thread, (counts.get(thread) ?? 0) + 1)
    expect([...counts.values()]).toEqual(Array.from({ length: workers }, () => 6 / workers))
    await runtime?.shutdown()
  }
})

test('a worker takes as many as it may; the next launch is refused with what to do, and has room once one has ended', async () => {
  const of = open({ workers: 2, actorsPerWorker: 2 })
  const [first] = await spawned(of, ['a', 'b', 'c', 'd'])
  await expect(of.launch(busy, { id: 'e' })).rejects.toThrow("the cpu device has no room for ring kernel 'e': each of its 2 workers has 2 ring kernels, the most that new RingKernelRuntime({ cpu: { actorsPerWorker } }) allows. Terminate one first, or raise actorsPerWorker or workers.")
  await first?.terminate()
  const [late] = await spawned(of, ['e'])
  expect(late === undefined ? 0 : await threadOf(late)).toBeGreaterThan(0)
})

test.each([[{ workers: 0 }, 'cpu.workers must be a whole number from 1 to 256, but is 0'], [{ actorsPerWorker: 1.5 }, 'cpu.actorsPerWorker must be a whole number from 1 to 65536, but is 1.5']])('%o is refused', (cpu, sentence) => {
  expect(() => new RingKernelRuntime({ cpu })).toThrow(`new RingKernelRuntime(): ${sentence}`)
})

test('one that holds its worker is told of once, by name and time, and new ones go elsewhere while it does', async () => {
  const of = open({ workers: 2 })
  const [a, b, c, d] = await spawned(of, ['a', 'b', 'c', 'd'])
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four were spawned')
  const [onA, onB] = [await threadOf(a), await threadOf(b)]
  expect([await threadOf(c), await threadOf(d)]).toEqual([onA, onB])
  // The other worker has more ring kernels now, so that the held one would be next.
  await c.terminate()
  const held = a.ask({ ms: 1200 }, within)
  await expect.poll(() => lines, { timeout: 5000, interval: 10 }).toHaveLength(1)
  const e = await of.spawn(busy, { id: 'e' })
  expect(await threadOf(e)).toBe(onB)
  await held
  expect(lines).toEqual([expect.stringMatching(/^ring kernel 'a' has held its worker for \d+ ms: new ring kernels go to other workers\./)])
  const heldMs = Number(/for (\d+) ms/.exec(lines[0] ?? '')?.[1])
  expect(heldMs).toBeGreaterThanOrEqual(50)
  expect(heldMs).toBeLessThan(1200)
  // Let go, it takes ring kernels again.
  expect(await threadOf(await of.spawn(busy, { id: 'f' }))).toBe(onA)
})

test('short turns are no holding; neighbours that wait are counted; further times soon after make no lines of their own', async () => {
  const of = open({ workers: 1 })
  const [a] = await spawned(of, ['a', 'b', 'c'])
  if (a === undefined) throw new Error('three were spawned')
  for (let i = 0; i < 10; i++) await a.ask({ ms: 5 }, within)
  expect(lines).toEqual([])
  for (let i = 0; i < 3; i++) await a.ask({ ms: 150 }, within)
  expect(lines).toEqual([expect.stringMatching(/^ring kernel 'a' has held its worker for \d+ ms: 2 others on it wait, and new ring kernels go to other workers\./)])
})

test('an idle CPU device costs less than one hundredth of a core', () => {
  const script = `
    import { ringKernel, RingKernelRuntime, struct, u32 } from 'ringlab'
    const V = struct('V', { v: u32 })
    const runtime = new RingKernelRuntime({ device: 'cpu' })
    const actor = await runtime.spawn(ringKernel('idle', { input: V, output: V }, { onMessage(m, ctx) { ctx.send(m) } }))
    for (let v = 0; v < 100; v++) await actor.ask({ v })
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    await wait(500)
    const before = process.cpuUsage()
    await wait(3000)
    const { user, system } = process.cpuUsage(before)
    console.log(((user + system) / 3e6).toFixed(5))
    await runtime.shutdown()`
  const share = Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' }, timeout: 30_000 }))
  expect(share).toBeLessThan(0.01)
})
