// Unified buffers and connections on a CUDA device, with kernels written by hand and the simulated driver.
import { afterEach, describe, expect, test } from 'vitest'
import { DeviceError, RingKernelRuntime, cudaRingKernel, f32, ringKernel, struct, u32, unifiedBuffer } from 'ringlab'
import { handWritten } from './kernels.js'
import { expectNothingLeft, gpu } from './simulated.js'

const Value = struct('Value', { v: f32, n: u32 })
const strides = { inStride: 48, outStride: 48 }
const plain = 'const float* request = (const float*)(from + 32); float* response = (float*)(to + 32); u32 n = ((const u32*)request)[1]; ((u32*)response)[1] = n;'
/** Adds one of its own elements to each value, and writes the sum back. */
const adding = cudaRingKernel('adding', {
  input: Value, output: Value, buffers: { weights: f32 },
  source: handWritten({ name: 'adding', ...strides, step: `${plain} float* weights = (float*)a.buffers[0].data; response[0] = n < a.buffers[0].count ? (weights[n] += request[0]) : -1.0f;` }),
})
const plus = (name: string, amount: number) => cudaRingKernel(name, { input: Value, output: Value, capacity: 16, source: handWritten({ name, ...strides, step: `${plain} response[0] = request[0] + ${amount}.0f;` }) })

let runtime = new RingKernelRuntime({ device: 'cuda' })
afterEach(async () => {
  await runtime.shutdown()
  expectNothingLeft()
  runtime = new RingKernelRuntime({ device: 'cuda' })
})

describe('unified buffers', () => {
  test('go to the GPU with the launch, are read and written there, and come back beside the running ring kernel', async () => {
    using weights = unifiedBuffer(f32, Float32Array.from([10, 20, 30]))
    const actor = await runtime.spawn(adding, { buffers: { weights } })
    expect(await actor.ask({ v: 1, n: 2 })).toEqual({ v: 31, n: 2 })
    expect(weights.state).toBe('DEVICE_DIRTY')
    expect([...await weights.onHost()]).toEqual([10, 20, 31])
    expect(gpu.counts().runningGrids).toBe(1)
    weights.set([100], 1)
    await weights.onDevice()
    expect(await actor.ask({ v: 1, n: 1 })).toEqual({ v: 101, n: 1 })
    expect(await actor.ask({ v: 1, n: 3 })).toEqual({ v: -1, n: 3 })
    expect(weights.devicePointer).toBeTypeOf('bigint')
    await actor.terminate()
  })

  test('longer than what copies pass through at once', async () => {
    const count = 3 << 20
    using weights = unifiedBuffer(f32, Float32Array.from({ length: count }, (_, i) => i))
    const actor = await runtime.spawn(adding, { buffers: { weights } })
    expect(await actor.ask({ v: 1, n: count - 1 })).toEqual({ v: count, n: count - 1 })
    const back = await weights.onHost()
    expect(back.every((value, i) => value === (i === count - 1 ? count : i))).toBe(true)
    await actor.terminate()
  })

  test('that find no memory on the GPU are refused, and the GPU goes on', async () => {
    using weights = unifiedBuffer(f32, 16)
    gpu.inject('cuMemAlloc_v2', 2)
    const launch = runtime.launch(adding, { buffers: { weights } })
    await expect(launch).rejects.toBeInstanceOf(DeviceError)
    await expect(launch).rejects.toThrow(/cannot allocate 64 bytes on cuda:0: the GPU has no memory left/)
    const actor = await runtime.spawn(adding, { buffers: { weights } })
    expect(await actor.ask({ v: 2, n: 5 })).toEqual({ v: 2, n: 5 })
    await actor.terminate()
  })
})

describe('connections', () => {
  test('three ring kernels in a row on one GPU: their rings lie in its memory', async () => {
    const [first, second, third] = [await runtime.spawn(plus('plus1', 1)), await runtime.spawn(plus('plus10', 10)), await runtime.spawn(plus('plus100', 100))]
    await runtime.connect(first, second)
    await runtime.connect(second, third)
    const count = 100
    const sent = first.sendBatch(Array.from({ length: count }, (_, n) => ({ v: n, n })))
    for (let n = 0; n < count; n++) expect(await third.receive({ timeoutMs: 5000 })).toEqual({ v: n + 111, n })
    await sent
  })

  test('taking a connection off delivers what lies in it, and sends to the host again', async () => {
    const [first, second] = [await runtime.spawn(plus('source', 1)), await runtime.launch(plus('target', 10))]
    const connection = await runtime.connect(first, second)
    for (let n = 0; n < 5; n++) await first.send({ v: n, n })
    await expect.poll(() => first.telemetry().processed, { timeout: 5000 }).toBe(5)
    await connection[Symbol.asyncDispose]()
    await second.activate()
    for (let n = 0; n < 5; n++) expect(await second.receive({ timeoutMs: 5000 })).toEqual({ v: n + 11, n })
    expect(await first.ask({ v: 1, n: 9 })).toEqual({ v: 2, n: 9 })
  })

  test('between the CPU device and the GPU, in both directions', async () => {
    const twice = ringKernel('twice', { input: Value, output: Value, device: 'cpu' }, { onMessage(message, ctx) { ctx.send({ v: message.v * 2, n: message.n }) } })
    const [before, onGpu, after] = [await runtime.spawn(twice, { id: 'before' }), await runtime.spawn(plus('between', 5)), await runtime.spawn(twice, { id: 'after' })]
    await runtime.connect(before, onGpu)
    await runtime.connect(onGpu, after)
    for (let n = 0; n < 50; n++) {
      await before.send({ v: n, n })
      expect(await after.receive({ timeoutMs: 5000 })).toEqual({ v: (n * 2 + 5) * 2, n })
    }
  })
})
