// The life of ring kernels on a CUDA device, with kernels written by hand and the simulated driver: real rings, real threads, the real driver calls.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelRuntime, cudaRingKernel, f32, struct, u32 } from 'ringlab'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { KernelCompiler } from '#ringlab/devices/cuda/kernel-compiler.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import { handWritten } from './kernels.js'
import { expectNothingLeft, gpu } from './simulated.js'

const Value = struct('Value', { v: f32, n: u32 })
const strides = { inStride: 48, outStride: 48 }
/** Answers twice the value, and the number of messages since its launch, which it keeps in its state. */
const doubling = { start: 'u32* count = (u32*)a.state;', step: '((float*)(to + 32))[0] = ((const float*)(from + 32))[0] * 2.0f; ((u32*)(to + 32))[1] = ++*count;', ...strides }
const doubler = cudaRingKernel('doubler', { input: Value, output: Value, state: { count: u32 }, capacity: 64, source: handWritten({ name: 'doubler', ...doubling }) })

const lines: string[] = []
setBodyLog((line) => { lines.push(line) })

let runtime = new RingKernelRuntime({ device: 'cuda' })
afterEach(async () => {
  await runtime.shutdown()
  expectNothingLeft()
  runtime = new RingKernelRuntime({ device: 'cuda' })
  lines.length = 0
})

test('a ring kernel is compiled, loaded, made resident, and answers', async () => {
  const actor = await runtime.launch(doubler)
  expect(actor.state).toBe('LAUNCHED')
  expect(actor.device).toBe('cuda:0')
  expect(lines).toEqual([])
  await actor.send({ v: 1.5, n: 0 })
  await actor.activate()
  expect(await actor.receive({ timeoutMs: 5000 })).toEqual({ v: 3, n: 1 })
  expect(await actor.ask({ v: 21, n: 0 })).toEqual({ v: 42, n: 2 })
  expect(lines).toEqual([expect.stringMatching(/^doubler: resident on cuda:0 \(compiled \d+ ms\)$/)])
})

test('what was compiled once comes from the cache', async () => {
  await (await runtime.spawn(doubler)).ask({ v: 1, n: 0 })
  await runtime.spawn(doubler, { id: 'again' })
  expect(lines.at(-1)).toBe('again: resident on cuda:0 (cached)')
})

test('a thousand messages come back in order, as objects and as columns', async () => {
  const actor = await runtime.spawn(doubler)
  const count = 1000
  const sent = actor.sendBatch(Array.from({ length: count }, (_, i) => ({ v: i, n: 0 })))
  for (let i = 0; i < count; i++) expect(await actor.receive({ timeoutMs: 5000 })).toEqual({ v: 2 * i, n: i + 1 })
  await sent
  const columns = actor.sendColumns({ v: Float32Array.from({ length: count }, (_, i) => i), n: new Uint32Array(count) })
  const back = await actor.receiveColumns(count, { timeoutMs: 10_000 })
  await columns
  expect([...back.v]).toEqual(Array.from({ length: count }, (_, i) => 2 * i))
  expect(actor.telemetry()).toMatchObject({ processed: 2 * count, errors: 0, depth: 0 })
})

test('deactivate parks it and brings its state to the host; reactivate goes on where it was', async () => {
  const actor = await runtime.spawn(doubler)
  for (let i = 0; i < 5; i++) await actor.ask({ v: i, n: 0 })
  await actor.deactivate()
  expect(gpu.counts().runningGrids).toBe(0)
  expect(stateOf(actor)).toBe(5)
  await actor.send({ v: 4, n: 0 })
  expect(actor.telemetry().depth).toBe(1)
  await actor.reactivate()
  expect(await actor.receive({ timeoutMs: 5000 })).toEqual({ v: 8, n: 6 })
  await actor.terminate()
  expect(actor.state).toBe('TERMINATED')
})

test('terminate drains what is queued when asked to', async () => {
  const actor = await runtime.launch(doubler)
  for (let i = 0; i < 10; i++) await actor.send({ v: i, n: 0 })
  await actor.activate()
  await actor.terminate({ pending: 'drain' })
  const received: number[] = []
  for await (const { v } of actor.outputs({ timeoutMs: 1000 })) received.push(v)
  expect(received).toEqual(Array.from({ length: 10 }, (_, i) => 2 * i))
})

test('eight are resident at once, and launching one more parks none of them for good', async () => {
  const many = await Promise.all(Array.from({ length: 8 }, (_, i) => runtime.spawn(doubler, { id: `doubler-${i}` })))
  expect(gpu.counts().runningGrids).toBe(8)
  const rounds = 20
  for (let round = 1; round <= rounds; round++) {
    expect(await Promise.all(many.map((actor, i) => actor.ask({ v: i, n: 0 })))).toEqual(many.map((_, i) => ({ v: 2 * i, n: round })))
  }
  await many[0]?.terminate()
  const late = await runtime.spawn(doubler, { id: 'late' })
  expect(await late.ask({ v: 1, n: 0 })).toEqual({ v: 2, n: 1 })
  expect(await Promise.all(many.slice(1).map((actor, i) => actor.ask({ v: i, n: 0 })))).toEqual(many.slice(1).map((_, i) => ({ v: 2 * i, n: rounds + 1 })))
})

test('nothing is loaded, allocated or freed while a ring kernel is resident', async () => {
  const before = gpu.counts().callsBesideKernels
  await Promise.all(Array.from({ length: 3 }, (_, i) => runtime.spawn(doubler, { id: `beside-${i}` })))
  await runtime.terminate('beside-1')
  await (await runtime.spawn(doubler, { id: 'beside-3' })).ask({ v: 1, n: 0 })
  expect(gpu.counts().callsBesideKernels).toBe(before)
})

test('two runtimes share the GPU, and one that ends leaves the other its ring kernels', async () => {
  await using other = new RingKernelRuntime({ device: 'cuda:0' })
  const [mine, theirs] = await Promise.all([runtime.spawn(doubler), other.spawn(doubler)])
  expect(await theirs.ask({ v: 2, n: 0 })).toEqual({ v: 4, n: 1 })
  await other.shutdown()
  expect(await mine.ask({ v: 3, n: 0 })).toEqual({ v: 6, n: 1 })
})

test('shutdown with residents takes less than two seconds', async () => {
  await Promise.all(Array.from({ length: 6 }, (_, i) => runtime.spawn(doubler, { id: `resident-${i}` })))
  const from = performance.now()
  await runtime.shutdown()
  expect(performance.now() - from).toBeLessThan(2000)
})

test('an image that was compiled elsewhere is loaded as it is', async () => {
  const { source } = (doubler as unknown as Definition).cuda ?? {}
  const text = `${readFileSync(new URL('../../cuda/ring.cuh', import.meta.url), 'utf8')}\n${source ?? ''}`
  const { image } = new KernelCompiler({ major: 13, minor: 0 }, { major: 9, minor: 0 }, undefined).compile('elsewhere', { text, options: [], linked: undefined })
  const loaded = cudaRingKernel('loaded', { input: Value, output: Value, state: { count: u32 }, image, entry: 'doubler' })
  const actor = await runtime.spawn(loaded)
  expect(await actor.ask({ v: 4, n: 0 })).toEqual({ v: 8, n: 1 })
  expect(lines).toEqual(['loaded: resident on cuda:0'])
})

describe('refusals', () => {
  test('a GPU that is not there', async () => {
    await expect(runtime.launch(doubler, { device: 'cuda:7' })).rejects.toThrow('there is no cuda:7: the NVIDIA driver sees one GPU, cuda:0.')
  })

  test('CUDA C++ on the CPU device', async () => {
    await expect(runtime.launch(doubler, { device: 'cpu' })).rejects.toThrow("ring kernel 'doubler' is written in CUDA C++, so it runs on a GPU only")
  })

  test('a kernel of another name', async () => {
    const misnamed = cudaRingKernel('misnamed', { input: Value, output: Value, source: handWritten({ name: 'other', ...doubling }) })
    await expect(runtime.launch(misnamed)).rejects.toThrow(/cannot launch 'misnamed' on cuda:0: the loaded program has nothing of that name/)
  })

  test('code that does not compile, at the lines of its author', async () => {
    const wrong = cudaRingKernel('wrong', { input: Value, output: Value, file: 'cell [3]', line: 10, source: 'extern "C" __global__ void wrong(RlActor a) {\n  u32 x = undeclared;\n}' })
    await expect(runtime.launch(wrong)).rejects.toThrow(/'wrong' does not compile: [^]*cell \[3\][:(]11[^]*undeclared/)
  })
})

function stateOf(actor: unknown): number {
  const { block } = actor as { block: { arena: { words: Int32Array }; offset: number } }
  const stateOffset = block.arena.words[(block.offset >>> 2) + 72] ?? 0
  return block.arena.words[stateOffset >>> 2] ?? 0
}
