// What goes wrong on a GPU: no memory, wrong use, kernels that fault, that never start and that never end; and what is left after each.
import { expect, test } from 'vitest'
import { CudaError } from '#ringlab/driver/index.js'
import { alive, nothing, oneBlock, simulatedGpu, simulation, until, words } from './gpu.js'

const storeSource = 'extern "C" __global__ void store(unsigned *to, unsigned long long index) { to[index] = 7; }'
/** Ends when the word is not 0; `polite` looks with a sleep in between, which is where a kernel can be ended. */
const waitSource = (polite: boolean): string => `extern "C" __global__ void waits(unsigned *word, unsigned long long) {
  while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == 0) { ${polite ? '__nanosleep(1000);' : ''} }
}`

function statusOf(act: () => unknown): number {
  try { act() } catch (error) {
    if (error instanceof CudaError) return error.code
    throw error
  }
  return 0
}

test('the memory of the GPU has an end, and freed memory is there again', () => {
  using gpu = simulatedGpu({ RINGLAB_SIM_MEMORY: '1000000' })
  const { cuda } = gpu
  const first = cuda.allocate(900_000)
  expect(cuda.memoryAmounts()).toEqual({ freeBytes: 100_000, totalBytes: 1_000_000 })
  expect(() => cuda.allocate(200_000)).toThrow('the GPU has no memory left for this: terminate ring kernels, free buffers')
  cuda.free(first)
  cuda.free(cuda.allocate(200_000))
  expect(cuda.memoryAmounts().freeBytes).toBe(1_000_000)
})

test('fresh memory of the GPU is no zeros, and ranges outside of it are refused', () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const device = cuda.allocate(100)
  const bytes = new Uint8Array(100)
  cuda.copyToHost(bytes, device)
  expect(new Set(bytes)).toEqual(new Set([0xCD]))
  expect(statusOf(() => cuda.copyToHost(new Uint8Array(101), device))).toBe(1)
  expect(statusOf(() => cuda.fillAsync(device, 0, 101, 0n))).toBe(1)
  cuda.free(device)
  expect(statusOf(() => cuda.free(device))).toBe(1)
  expect(statusOf(() => cuda.copyToHost(bytes, device))).toBe(1)
})

test('memory is registered once, and unregistered once', () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const address = cuda.addressOf(new Uint8Array(new SharedArrayBuffer(8192)))
  cuda.hostRegister(address, 8192)
  expect(statusOf(() => cuda.hostRegister(address + 4096n, 8192))).toBe(712)
  cuda.hostUnregister(address)
  expect(statusOf(() => cuda.hostUnregister(address))).toBe(713)
  expect(statusOf(() => cuda.hostDeviceAddress(address))).toBe(1)
})

test('handles are refused after their end', () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const { module, function: store } = gpu.load(storeSource, 'store')
  const [stream, event] = [cuda.streamCreate(), cuda.eventCreate()]
  cuda.streamDestroy(stream)
  cuda.eventDestroy(event)
  cuda.moduleUnload(module)
  for (const act of [() => cuda.streamIsDone(stream), () => cuda.streamDestroy(stream), () => cuda.eventIsDone(event), () => cuda.moduleUnload(module), () => cuda.functionFacts(store)]) expect(statusOf(act)).toBe(400)
})

test('the n-th call fails, once', () => {
  using gpu = simulatedGpu({ RINGLAB_SIM_FAULTS: 'cuMemAlloc_v2:2@3,cuStreamCreate:304' })
  const { cuda } = gpu
  expect([1, 2, 3, 4].map(() => statusOf(() => cuda.allocate(64)))).toEqual([0, 0, 2, 0])
  expect([1, 2].map(() => statusOf(() => cuda.streamCreate()))).toEqual([304, 0])
  simulation.inject('cuEventCreate', 2, 1)
  expect([1, 2, 3].map(() => statusOf(() => cuda.eventCreate()))).toEqual([0, 2, 0])
})

test.each([
  ['outside of any memory', (_device: bigint): [bigint, bigint] => [8n, 0n]],
  ['past the end of its memory', (device: bigint): [bigint, bigint] => [device, 64n]],
] as const)('a kernel that writes %s loses the GPU, not the process, until the context is reset', async (_where, parameters) => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const { function: store } = gpu.load(storeSource, 'store')
  const { function: waits } = gpu.load(waitSource(true), 'waits')
  const device = cuda.allocate(256)
  const [stream, other] = [cuda.streamCreate(), cuda.streamCreate()]
  const word = cuda.allocate(4)
  cuda.copyToDevice(word, new Uint8Array(4))
  cuda.launch({ ...oneBlock, block: [1, 1, 1], function: waits, stream: other, ...words(word, 0n) })
  await until(() => alive().runningGrids === 1, 'the resident kernel')
  const [to, index] = parameters(device)
  cuda.launch({ ...oneBlock, block: [64, 1, 1], function: store, stream, ...words(to, index) })
  await until(() => statusOf(() => cuda.streamIsDone(stream)) === 700, 'the fault')
  // It is sticky: everything of the context fails, the resident kernel in the other stream is gone.
  for (const act of [() => cuda.streamIsDone(other), () => cuda.allocate(4), () => cuda.memoryAmounts()]) expect(statusOf(act)).toBe(700)
  await until(() => alive().runningGrids === 0, 'the resident kernel to end with its context')
  cuda.primaryContextReset(0)
  expect(statusOf(() => cuda.allocate(4))).toBe(709)
  expect(alive()).toMatchObject({ deviceAllocations: 0, streams: 0, modules: 0 })
  expect(simulation.counts()).toMatchObject({ leakedAllocations: 0, leakedGrids: 0 })

  cuda.contextSetCurrent(cuda.primaryContextRetain(0))
  const fresh = cuda.allocate(256)
  const again = cuda.streamCreate()
  cuda.launch({ ...oneBlock, block: [1, 1, 1], function: gpu.load(storeSource, 'store').function, stream: again, ...words(fresh, 1n) })
  await until(() => cuda.streamIsDone(again), 'the kernel after the reset')
  const value = new Uint32Array(1)
  cuda.copyToHost(new Uint8Array(value.buffer), fresh + 4n)
  expect(value[0]).toBe(7)
})

test('signals of other threads go where they went before: WebAssembly still traps out of bounds', async () => {
  using gpu = simulatedGpu()
  expect(gpu.cuda.deviceCount()).toBe(1)
  // (module (memory 1) (func (export "load") (param i32) (result i32) local.get 0 i32.load))
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 8, 1, 4, 108, 111, 97, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11)
  const { instance } = await WebAssembly.instantiate(bytes)
  const load = instance.exports.load as (at: number) => number
  expect(load(0)).toBe(0)
  expect(() => load(70_000)).toThrow('memory access out of bounds')
})

test('an injected sticky status stays until the reset', () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  simulation.inject('cuLaunchKernel', 719)
  const { function: store } = gpu.load(storeSource, 'store')
  expect(statusOf(() => cuda.launch({ ...oneBlock, block: [1, 1, 1], function: store, stream: 0n, ...words(0n, 0n) }))).toBe(719)
  expect(statusOf(() => cuda.streamCreate())).toBe(719)
  cuda.primaryContextReset(0)
  cuda.contextSetCurrent(cuda.primaryContextRetain(0))
  expect(statusOf(() => cuda.streamCreate())).toBe(0)
})

test('a launch that never starts leaves its stream not done, until the reset', async () => {
  using gpu = simulatedGpu({ RINGLAB_SIM_FAULTS: 'never-ready@2' })
  const { cuda } = gpu
  const { function: store } = gpu.load(storeSource, 'store')
  const device = cuda.allocate(64)
  const [first, second] = [cuda.streamCreate(), cuda.streamCreate()]
  for (const stream of [first, second]) cuda.launch({ ...oneBlock, block: [1, 1, 1], function: store, stream, ...words(device, 0n) })
  await until(() => cuda.streamIsDone(first), 'the launch that starts')
  await until(() => alive().runningGrids === 1, 'the launch that does not')
  expect(cuda.streamIsDone(second)).toBe(false)
  cuda.primaryContextReset(0)
  cuda.primaryContextRelease(0)
  expect(alive()).toEqual(nothing)
})

test('a reset ends kernels that wait; one that only spins keeps its memory, and both are counted', async () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const pinned = new Uint32Array(new SharedArrayBuffer(4096))
  const host = cuda.addressOf(pinned)
  cuda.hostRegister(host, 4096)
  const run = (polite: boolean): void => cuda.launch({ ...oneBlock, block: [1, 1, 1], function: gpu.load(waitSource(polite), 'waits').function, stream: cuda.streamCreate(), ...words(cuda.hostDeviceAddress(host), 0n) })
  run(true)
  run(false)
  await until(() => alive().runningGrids === 2, 'both kernels')
  cuda.primaryContextReset(0)
  expect(simulation.counts()).toMatchObject({ leakedGrids: 1, leakedAllocations: 1, registeredHosts: 0, streams: 0 })
  // The kernel that spins is let go here, so that the test leaves no busy thread.
  Atomics.store(pinned, 0, 1)
  await until(() => alive().runningGrids === 0, 'the spinning kernel')
})

test('a lane that overruns its stack, divides by zero or traps is a fault of the GPU', async () => {
  for (const [body, status] of [['if (index) { unsigned char hole[1 << 20]; for (unsigned i = 0; i < sizeof hole; i += 1024) *(volatile unsigned char *)&hole[i] = 1; }', 700], ['*to = 7 / (unsigned)(index - 1);', 719], ['__trap();', 719]] as const) {
    using gpu = simulatedGpu()
    const { cuda } = gpu
    const { function: store } = gpu.load(`extern "C" __global__ void store(unsigned *to, unsigned long long index) { ${body} }`, 'store')
    const stream = cuda.streamCreate()
    cuda.launch({ ...oneBlock, block: [1, 1, 1], function: store, stream, ...words(cuda.allocate(64), 1n) })
    await until(() => statusOf(() => cuda.streamIsDone(stream)) !== 600 && statusOf(() => cuda.streamIsDone(stream)) !== 0, 'the fault')
    expect(statusOf(() => cuda.streamIsDone(stream)), body).toBe(status)
  }
})

test('launches that no GPU takes are refused', () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const { function: store } = gpu.load(storeSource, 'store')
  const launch = (grid: [number, number, number], block: [number, number, number], sharedBytes = 0) => statusOf(() => cuda.launch({ grid, block, sharedBytes, function: store, stream: 0n, ...words(0n, 0n) }))
  expect(launch([0, 1, 1], [1, 1, 1])).toBe(1)
  expect(launch([1, 1, 1], [1025, 1, 1])).toBe(1)
  expect(launch([1, 1, 1], [1, 1, 1], 49 * 1024)).toBe(1)
})

test('calls that a real driver may hold up beside a resident kernel are counted', async () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const { function: waits } = gpu.load(waitSource(true), 'waits')
  const device = cuda.allocate(64)
  cuda.copyToDevice(device, new Uint8Array(64))
  const stream = cuda.streamCreate()
  expect(simulation.counts().callsBesideKernels).toBe(0)
  cuda.launch({ ...oneBlock, block: [1, 1, 1], function: waits, stream, ...words(device, 0n) })
  await until(() => alive().runningGrids === 1, 'the kernel')
  cuda.free(cuda.allocate(64))
  expect(simulation.counts().callsBesideKernels).toBe(2)
})
