// Ring kernels that wait for each other on the GPU, in rings that only the GPU knows: the host finds them from what they publish, and says who they are.
import { afterEach, expect, test, vi } from 'vitest'
import { RingKernelRuntime, ringKernel, struct, u32 } from 'ringlab'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { expectNothingLeft } from './simulated.js'

const lines: { line: string; atMs: number }[] = []
setBodyLog((line) => { lines.push({ line, atMs: performance.now() }) })
const Value = struct('Value', { n: u32 })
/** Two for one: the circle's rings fill up by themselves. */
const doubling = ringKernel('doubling', { input: Value, output: Value, capacity: 16 }, async (ctx) => {
  for (;;) {
    const { n } = await ctx.receive()
    await ctx.send({ n })
    await ctx.send({ n })
  }
})

const runtime = new RingKernelRuntime({ device: 'cuda' })
afterEach(async () => {
  await runtime.shutdown()
  expectNothingLeft()
})

test('two ring kernels in a circle with full rings are reported by name, soon after neither can go on', async () => {
  const [a, b] = [await runtime.spawn(doubling, { id: 'a' }), await runtime.spawn(doubling, { id: 'b' })]
  await runtime.connect(a, b)
  await runtime.connect(b, a)
  lines.length = 0
  await a.send({ n: 1 })
  // The circle stands when neither counts on: seen from outside, within a look of this loop.
  let processed = -1
  let standsMs = performance.now()
  await vi.waitFor(() => {
    const now = a.telemetry().processed + b.telemetry().processed
    if (now !== processed) standsMs = performance.now()
    processed = now
    expect(lines.some(({ line }) => line.startsWith('deadlock'))).toBe(true)
  }, { timeout: 20_000, interval: 2 })
  expect(lines.map(({ line }) => line).find((line) => line.startsWith('deadlock'))).toMatch(/^deadlock: (a → b → a|b → a → b), both rings full \(16\)$/)
  expect(a.telemetry().deadlock).toBe(b.telemetry().deadlock)
  const afterMs = (lines.find(({ line }) => line.startsWith('deadlock'))?.atMs ?? Infinity) - standsMs
  console.log(`reported ${afterMs.toFixed(0)} ms after the last message`)
  // 100 ms on a quiet machine.
  expect(afterMs).toBeLessThan(1500)
}, 60_000)
