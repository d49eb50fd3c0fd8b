// Launching: a resident kernel that answers through mapped memory, streams beside each other, room on the multiprocessors, events and graphs.
import { expect, test } from 'vitest'
import { alive, nothing, oneBlock, simulatedGpu, simulation, until, words, type Gpu } from './gpu.js'

/** Word 0 counts messages, word 32 asks to stop, word 64 counts answers; input at word 256, output at word 512. */
const echoSource = `
extern "C" __global__ void __launch_bounds__(128, 1) echo(unsigned *words, unsigned lanes) {
  __shared__ unsigned tail, stop;
  unsigned head = 0;
  if (threadIdx.x == 0) stop = 0;
  __syncthreads();
  for (;;) {
    if (threadIdx.x == 0) {
      while ((tail = __atomic_load_n(words, __ATOMIC_ACQUIRE)) == head) {
        if (__atomic_load_n(words + 32, __ATOMIC_ACQUIRE)) { stop = 1; break; }
        __nanosleep(100);
      }
    }
    __syncthreads();
    if (stop) break;
    head = tail;
    if (threadIdx.x < lanes) words[512 + threadIdx.x] = words[256 + threadIdx.x] * 2 + threadIdx.x;
    __syncthreads();
    if (threadIdx.x == 0) __atomic_store_n(words + 64, head, __ATOMIC_RELEASE);
  }
}`

/** Lanes that answer: fewer than threads, and within the 4,096 bytes. */
const lanes = 4

interface Echo { readonly memory: Uint32Array; readonly stream: bigint; stop(): Promise<void> }

/** A resident echo kernel in a stream of its own, over pages of a SharedArrayBuffer that are registered with the driver. */
function startEcho({ cuda }: Gpu, function_: bigint, threads = 128): Echo {
  const memory = new Uint32Array(new SharedArrayBuffer(4096))
  const host = cuda.addressOf(memory)
  cuda.hostRegister(host, memory.byteLength)
  const stream = cuda.streamCreate()
  const parameters = new DataView(new ArrayBuffer(12))
  parameters.setBigUint64(0, cuda.hostDeviceAddress(host), true)
  parameters.setUint32(8, lanes, true)
  cuda.launch({ ...oneBlock, block: [threads, 1, 1], function: function_, stream, parameterBytes: new Uint8Array(parameters.buffer), parameterSizes: [8, 4] })
  return {
    memory,
    stream,
    stop: async () => {
      Atomics.store(memory, 32, 1)
      await until(() => cuda.streamIsDone(stream), 'the echo kernel to stop')
      cuda.streamDestroy(stream)
      cuda.hostUnregister(host)
    },
  }
}

async function roundTrip({ memory }: Echo, number: number): Promise<void> {
  for (let i = 0; i < lanes; i++) memory[256 + i] = number + i
  Atomics.store(memory, 0, number)
  await until(() => Atomics.load(memory, 64) === number, `the answer to message ${number}`)
  expect([...memory.subarray(512, 512 + lanes)]).toEqual(Array.from({ length: lanes }, (_, i) => (number + i) * 2 + i))
}

test('a resident kernel of one lane or of many answers through memory of JavaScript, and leaves nothing behind', async () => {
  using gpu = simulatedGpu()
  const { module, function: echo } = gpu.load(echoSource, 'echo')
  for (const threads of [4, 33, 256]) {
    const resident = startEcho(gpu, echo, threads)
    for (let i = 1; i <= 200; i++) await roundTrip(resident, i)
    expect(gpu.cuda.streamIsDone(resident.stream)).toBe(false)
    expect(alive()).toMatchObject({ runningGrids: 1, registeredHosts: 1, streams: 1, modules: 1 })
    await resident.stop()
  }
  gpu.cuda.moduleUnload(module)
  gpu.cuda.primaryContextRelease(0)
  expect(alive()).toEqual(nothing)
})

test('copies run beside a resident kernel, and streams beside each other', async () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const residents = [1, 2, 3].map(() => startEcho(gpu, gpu.load(echoSource, 'echo').function))
  const bytes = 1 << 16
  const [device, copyOfIt] = [cuda.allocate(bytes), cuda.allocate(bytes)]
  const [source, target] = [new Uint8Array(new SharedArrayBuffer(bytes)), new Uint8Array(new SharedArrayBuffer(bytes))]
  crypto.getRandomValues(new Uint8Array(bytes)).forEach((value, i) => { source[i] = value })
  const stream = cuda.streamCreate()
  cuda.copyToDeviceAsync(device, cuda.addressOf(source), bytes, stream)
  cuda.copyOnDeviceAsync(copyOfIt, device, bytes, stream)
  cuda.copyToHostAsync(cuda.addressOf(target), copyOfIt, bytes, stream)
  await until(() => cuda.streamIsDone(stream), 'the copies')
  expect(target).toEqual(source)
  for (const each of residents) await roundTrip(each, 1)
  cuda.fillAsync(device, 7, bytes, stream)
  await until(() => cuda.streamIsDone(stream), 'the fill')
  const back = new Uint8Array(3)
  cuda.copyToHost(back, device + BigInt(bytes - 3))
  expect([...back]).toEqual([7, 7, 7])
  for (const each of residents) await each.stop()
  cuda.free(device)
  cuda.free(copyOfIt)
  cuda.streamDestroy(stream)
  expect(alive()).toMatchObject({ deviceAllocations: 0, streams: 0, registeredHosts: 0, runningGrids: 0 })
  expect(simulation.counts().deviceBytes).toBe(0)
})

test('one multiprocessor holds two blocks of 1,024 threads: the third waits until one of them ends', async () => {
  using gpu = simulatedGpu({ RINGLAB_SIM_SMS: '1' })
  const { function: echo } = gpu.load(echoSource, 'echo')
  expect(gpu.cuda.blocksPerMultiprocessor(echo, 1024, 0)).toBe(2)
  const [first, second] = [startEcho(gpu, echo, 1024), startEcho(gpu, echo, 1024)]
  await roundTrip(first, 1)
  await roundTrip(second, 1)
  // Streams have no order among each other: the third is launched when the others are resident.
  const third = startEcho(gpu, echo, 1024)
  await until(() => alive().runningGrids === 3, 'the third launch to begin')
  third.memory[0] = 1
  expect(Atomics.load(third.memory, 64)).toBe(0)
  await first.stop()
  await roundTrip(third, 2)
  await second.stop()
  await third.stop()
})

const whereSource = `
struct Big { unsigned char low; double value; };
extern "C" __global__ void where(unsigned *out, Big big, unsigned short factor) {
  __shared__ unsigned seen;
  unsigned *mine = out + 8 * ((blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x);
  if (threadIdx.x + threadIdx.y + threadIdx.z == 0) { mine[5] = seen; seen = 0; }
  __syncthreads();
  atomicAdd(&seen, 1u);
  __syncthreads();
  if (threadIdx.x == blockDim.x - 1 && threadIdx.y == blockDim.y - 1 && threadIdx.z == blockDim.z - 1) {
    mine[0] = blockIdx.x; mine[1] = blockIdx.y; mine[2] = blockIdx.z; mine[3] = seen; mine[4] = big.low + unsigned(big.value) * factor;
  }
}`

test('a grid of three dimensions runs every block with its own shared memory, and parameters of any size arrive', async () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const { function: where } = gpu.load(whereSource, 'where')
  expect(cuda.functionFacts(where).sharedBytes).toBeGreaterThanOrEqual(4)
  const grid = [3, 2, 2] as const
  const device = cuda.allocate(12 * 32)
  const parameters = new DataView(new ArrayBuffer(8 + 16 + 2))
  parameters.setBigUint64(0, device, true)
  parameters.setUint8(8, 200)
  parameters.setFloat64(16, 21, true)
  parameters.setUint16(24, 1000, true)
  const stream = cuda.streamCreate()
  cuda.launch({ function: where, grid, block: [4, 3, 2], sharedBytes: 0, stream, parameterBytes: new Uint8Array(parameters.buffer), parameterSizes: [8, 16, 2] })
  await until(() => cuda.streamIsDone(stream), 'the grid')
  const out = new Uint32Array(12 * 8)
  cuda.copyToHost(new Uint8Array(out.buffer), device)
  const rows = Array.from({ length: 12 }, (_, i) => [...out.subarray(i * 8, i * 8 + 6)])
  // Fresh shared memory is poisoned: no kernel may count on zeros.
  expect(rows).toEqual(Array.from({ length: 12 }, (_, i) => [i % 3, Math.floor(i / 3) % 2, Math.floor(i / 6), 24, 200 + 21 * 1000, 0xCDCDCDCD]))
})

const addSource = `
__device__ unsigned total = 5;
extern "C" __global__ void add(unsigned *to, unsigned long long n) { for (unsigned long long i = 0; i < n; i++) *to += 1; atomicAdd(&total, 1u); }`

test('work in one stream runs in order; events and a recorded graph say and repeat it', async () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const { module, function: add } = gpu.load(addSource, 'add')
  const device = cuda.allocate(4)
  const [stream, other] = [cuda.streamCreate(), cuda.streamCreate()]
  const [begin, end] = [cuda.eventCreate({ timing: true }), cuda.eventCreate({ timing: true })]
  const launchAdd = (n: bigint): void => cuda.launch({ ...oneBlock, block: [1, 1, 1], function: add, stream, ...words(device, n) })
  cuda.fillAsync(device, 0, 4, stream)
  cuda.eventRecord(begin, stream)
  launchAdd(10_000n)
  launchAdd(1n)
  cuda.eventRecord(end, stream)
  // The copy in the other stream waits for the kernels in the first.
  const result = new Uint32Array(new SharedArrayBuffer(4))
  cuda.streamWaitEvent(other, end)
  cuda.copyToHostAsync(cuda.addressOf(result), device, 4, other)
  await until(() => cuda.streamIsDone(other), 'the copy')
  expect(result[0]).toBe(10_001)
  expect(cuda.eventIsDone(end)).toBe(true)
  expect(cuda.eventElapsedMs(begin, end)).toBeGreaterThan(0)

  cuda.captureBegin(stream)
  launchAdd(100n)
  launchAdd(100n)
  const graph = cuda.captureEnd(stream)
  expect(cuda.streamIsDone(stream)).toBe(true)
  const executable = cuda.graphInstantiate(graph)
  cuda.graphDestroy(graph)
  for (let i = 0; i < 3; i++) cuda.graphLaunch(executable, stream)
  await until(() => cuda.streamIsDone(stream), 'the graph')
  cuda.copyToHost(new Uint8Array(result.buffer), device)
  expect(result[0]).toBe(10_601)

  const { address, bytes } = cuda.moduleGlobal(module, 'total')
  expect(bytes).toBe(4)
  cuda.copyToHost(new Uint8Array(result.buffer), address)
  expect(result[0]).toBe(5 + 8)
  expect(() => cuda.moduleGlobal(module, 'malloc')).toThrow('the loaded program has nothing of that name')
  expect(() => cuda.moduleFunction(module, 'sub')).toThrow('the loaded program has nothing of that name')

  cuda.graphExecutableDestroy(executable)
  for (const event of [begin, end]) cuda.eventDestroy(event)
  for (const each of [stream, other]) cuda.streamDestroy(each)
  cuda.free(device)
  cuda.moduleUnload(module)
  cuda.primaryContextRelease(0)
  expect(alive()).toEqual(nothing)
})

test('a module that is loaded twice has globals of its own', async () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const [one, two] = [gpu.load(addSource, 'add'), gpu.load(addSource, 'add')]
  const scratch = cuda.allocate(4)
  const stream = cuda.streamCreate()
  cuda.launch({ ...oneBlock, block: [1, 1, 1], function: one.function, stream, ...words(scratch, 0n) })
  await until(() => cuda.streamIsDone(stream), 'the kernel')
  const totals = [one, two].map(({ module }) => {
    const bytes = new Uint32Array(1)
    cuda.copyToHost(new Uint8Array(bytes.buffer), cuda.moduleGlobal(module, 'total').address)
    return bytes[0]
  })
  expect(totals).toEqual([6, 5])
})

test('sizes of parameters that do not sum up to their bytes are refused before the driver sees them', () => {
  using gpu = simulatedGpu()
  const { function: add } = gpu.load(addSource, 'add')
  expect(() => gpu.cuda.launch({ ...oneBlock, block: [1, 1, 1], function: add, stream: 0n, parameterBytes: new Uint8Array(16), parameterSizes: [8, 4] }))
    .toThrow("the sizes of a launch's parameters sum up to 12 bytes, but 16 bytes were given")
})

test('pinned memory of the driver is seen by both sides', async () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const { function: add } = gpu.load(addSource, 'add')
  const host = cuda.hostAllocate(4096)
  const view = new Uint32Array(cuda.viewOf(host, 4096))
  expect(view[0]).toBe(0xA5A5A5A5)
  view[0] = 1
  const stream = cuda.streamCreate()
  cuda.launch({ ...oneBlock, block: [1, 1, 1], function: add, stream, ...words(cuda.hostDeviceAddress(host), 41n) })
  await until(() => cuda.streamIsDone(stream), 'the kernel')
  expect(view[0]).toBe(42)
  cuda.hostFree(host)
  expect(() => cuda.hostDeviceAddress(host)).toThrow('CUDA_ERROR_INVALID_VALUE')
})

test('arithmetic is the one that was written: zero minus a zero from an integer is 0, which g++ 12 folds to -0 unless it is told not to', () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  const at = cuda.allocate(16)
  cuda.copyToDevice(at, new Uint8Array(16))
  const minus = gpu.load('extern "C" __global__ void minus(double *out, const int *from) { out[0] = 0.0 - (double)from[0]; }', 'minus')
  const stream = cuda.streamCreate()
  cuda.launch({ function: minus.function, ...oneBlock, block: [1, 1, 1], stream, ...words(at, at + 8n) })
  cuda.streamSynchronize(stream)
  const bytes = new Uint8Array(16)
  cuda.copyToHost(bytes, at)
  expect(new Float64Array(bytes.buffer)[0]).toBe(0)
  cuda.streamDestroy(stream)
  cuda.moduleUnload(minus.module)
  cuda.free(at)
})
