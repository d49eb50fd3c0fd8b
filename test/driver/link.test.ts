// Linking what was compiled apart, through the driver: what comes out runs, and what is wrong is told in the linker's words.
import { expect, test } from 'vitest'
import { alive, nothing, oneBlock, simulatedGpu, simulation, words, type Gpu } from './gpu.js'

const caller = `extern __device__ int tripled(int value);
extern __shared__ int shared[];
extern "C" __global__ void kernel(int* out) { shared[threadIdx.x] = (int)threadIdx.x; out[threadIdx.x] = tripled(1) + (int)gridDim.x; }`
const callee = `extern __shared__ int shared[];
__device__ int tripled(int value) { return value * 3 + shared[threadIdx.x] * 100; }`

function part({ compiler }: Gpu, name: string, source: string, options: readonly string[] = ['--relocatable-device-code=true']): { name: string; cubin: Uint8Array } {
  // g++ knows no `extern __shared__`: the simulator gives the address.
  const text = source.replace('extern __shared__ int shared[];', '#define shared ((int*)rl_sim_dynamic_shared())')
  const { cubin } = compiler.compile({ source: text, name: `${name}.cu`, architecture: 'sm_90', options })
  if (cubin === undefined) throw new Error('the simulated compiler gave no CUBIN')
  return { name, cubin }
}

test('two programs become one, whose functions call each other and share the block\'s memory', () => {
  {
    using gpu = simulatedGpu()
    const { cuda } = gpu
    const module = cuda.moduleLoad(cuda.link([part(gpu, 'caller', caller), part(gpu, 'callee', callee)]))
    const out = cuda.allocate(16), stream = cuda.streamCreate()
    cuda.launch({ ...oneBlock, block: [4, 1, 1], sharedBytes: 16, function: cuda.moduleFunction(module, 'kernel'), stream, ...words(out) })
    cuda.streamSynchronize(stream)
    const values = new Uint8Array(16)
    cuda.copyToHost(values, out)
    expect([...new Int32Array(values.buffer)]).toEqual([4, 104, 204, 304])
    cuda.streamDestroy(stream)
    cuda.free(out)
    cuda.moduleUnload(module)
    cuda.primaryContextRelease(0)
    expect(alive()).toEqual(nothing)
  }
})

test('what nobody defines is named', () => {
  using gpu = simulatedGpu()
  expect(() => gpu.cuda.link([part(gpu, 'caller', caller)])).toThrow(/cuLinkComplete[\s\S]*undefined reference to `tripled\(int\)'/)
})

test('a program that was compiled whole is not taken', () => {
  using gpu = simulatedGpu()
  expect(() => gpu.cuda.link([part(gpu, 'whole', callee, [])])).toThrow('simulated linker: whole was not compiled to be linked')
})

test('after a failure the next link is whole', () => {
  using gpu = simulatedGpu()
  const parts = [part(gpu, 'caller', caller), part(gpu, 'callee', callee)]
  simulation.inject('cuLinkComplete', 2)
  expect(() => gpu.cuda.link(parts)).toThrow('cuLinkComplete')
  expect(gpu.cuda.link(parts).length).toBeGreaterThan(0)
})
