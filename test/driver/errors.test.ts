// Every call of the driver is checked, and what a status means for the caller is in the error.
import { afterEach, describe, expect, test } from 'vitest'
import { CudaError, type CudaDriver } from '#ringlab/driver/index.js'
import { entryPoints, type EntryPoint } from '#ringlab/driver/entry-points.js'
import { oneBlock, simulatedGpu, simulation, words } from './gpu.js'

afterEach(() => { simulation.reset() })

const classes: [number, string, CudaError['class']][] = [
  [2, 'CUDA_ERROR_OUT_OF_MEMORY', 'out-of-memory'], [1, 'CUDA_ERROR_INVALID_VALUE', 'invalid'], [400, 'CUDA_ERROR_INVALID_HANDLE', 'invalid'], [201, 'CUDA_ERROR_INVALID_CONTEXT', 'invalid'],
  [700, 'CUDA_ERROR_ILLEGAL_ADDRESS', 'device-lost'], [702, 'CUDA_ERROR_LAUNCH_TIMEOUT', 'device-lost'], [714, 'CUDA_ERROR_HARDWARE_STACK_ERROR', 'device-lost'], [715, 'CUDA_ERROR_ILLEGAL_INSTRUCTION', 'device-lost'],
  [716, 'CUDA_ERROR_MISALIGNED_ADDRESS', 'device-lost'], [717, 'CUDA_ERROR_INVALID_ADDRESS_SPACE', 'device-lost'], [718, 'CUDA_ERROR_INVALID_PC', 'device-lost'], [719, 'CUDA_ERROR_LAUNCH_FAILED', 'device-lost'],
  [214, 'CUDA_ERROR_ECC_UNCORRECTABLE', 'device-lost'], [200, 'CUDA_ERROR_INVALID_IMAGE', 'image'], [218, 'CUDA_ERROR_INVALID_PTX', 'image'], [209, 'CUDA_ERROR_NO_BINARY_FOR_GPU', 'image'],
  [500, 'CUDA_ERROR_NOT_FOUND', 'missing'], [999, 'CUDA_ERROR_UNKNOWN', 'other'], [123456, 'an unknown CUDA error', 'other'],
]

test.each(classes)('status %i is %s, of the class %s', (code, status, kind) => {
  using gpu = simulatedGpu()
  simulation.inject('cuMemAlloc_v2', code)
  const error = errorOf(() => gpu.cuda.allocate(64))
  expect(error).toMatchObject({ code, status, class: kind, call: 'cuMemAlloc_v2' })
  // One sentence of what happened and, after a colon, what to do; then the driver's own words.
  expect(error.message).toMatch(/^[^\n]+: [^\n]+ \[[^\n]+ from cuMemAlloc_v2\]$/)
})

function errorOf(act: () => unknown): CudaError {
  try { act() } catch (error) {
    if (error instanceof CudaError) return error
    throw error
  }
  return expect.fail('nothing was thrown')
}

/** Something to call each entry point by; those that openCuda itself calls, and the name of a status, are looked at elsewhere. */
const calls: Record<Exclude<EntryPoint, 'cuInit' | 'cuDriverGetVersion' | 'cuGetErrorName'>, (cuda: CudaDriver) => unknown> = {
  cuDeviceGetCount: (cuda) => cuda.deviceCount(),
  cuDeviceGet: (cuda) => cuda.deviceFacts(0),
  cuDeviceGetName: (cuda) => cuda.deviceFacts(0),
  cuDeviceGetAttribute: (cuda) => cuda.deviceFacts(0),
  cuDeviceTotalMem_v2: (cuda) => cuda.deviceFacts(0),
  cuDeviceGetPCIBusId: (cuda) => cuda.deviceFacts(0),
  cuDevicePrimaryCtxRetain: (cuda) => cuda.primaryContextRetain(0),
  cuDevicePrimaryCtxRelease_v2: (cuda) => cuda.primaryContextRelease(0),
  cuDevicePrimaryCtxReset_v2: (cuda) => cuda.primaryContextReset(0),
  cuCtxSetCurrent: (cuda) => cuda.contextSetCurrent(0n),
  cuMemGetInfo_v2: (cuda) => cuda.memoryAmounts(),
  cuMemAlloc_v2: (cuda) => cuda.allocate(1),
  cuMemFree_v2: (cuda) => cuda.free(1n),
  cuMemHostAlloc: (cuda) => cuda.hostAllocate(1),
  cuMemFreeHost: (cuda) => cuda.hostFree(1n),
  cuMemHostRegister_v2: (cuda) => cuda.hostRegister(1n, 1),
  cuMemHostUnregister: (cuda) => cuda.hostUnregister(1n),
  cuMemHostGetDevicePointer_v2: (cuda) => cuda.hostDeviceAddress(1n),
  cuMemcpyHtoD_v2: (cuda) => cuda.copyToDevice(1n, new Uint8Array(1)),
  cuMemcpyDtoH_v2: (cuda) => cuda.copyToHost(new Uint8Array(1), 1n),
  cuMemcpyHtoDAsync_v2: (cuda) => cuda.copyToDeviceAsync(1n, 1n, 1, 0n),
  cuMemcpyDtoHAsync_v2: (cuda) => cuda.copyToHostAsync(1n, 1n, 1, 0n),
  cuMemcpyDtoDAsync_v2: (cuda) => cuda.copyOnDeviceAsync(1n, 1n, 1, 0n),
  cuMemsetD8Async: (cuda) => cuda.fillAsync(1n, 0, 1, 0n),
  cuStreamCreate: (cuda) => cuda.streamCreate(),
  cuStreamDestroy_v2: (cuda) => cuda.streamDestroy(1n),
  cuStreamQuery: (cuda) => cuda.streamIsDone(1n),
  cuStreamSynchronize: (cuda) => cuda.streamSynchronize(1n),
  cuStreamWaitEvent: (cuda) => cuda.streamWaitEvent(1n, 1n),
  cuStreamBeginCapture_v2: (cuda) => cuda.captureBegin(1n),
  cuStreamEndCapture: (cuda) => cuda.captureEnd(1n),
  cuEventCreate: (cuda) => cuda.eventCreate(),
  cuEventRecord: (cuda) => cuda.eventRecord(1n, 0n),
  cuEventQuery: (cuda) => cuda.eventIsDone(1n),
  cuEventDestroy_v2: (cuda) => cuda.eventDestroy(1n),
  cuEventElapsedTime: (cuda) => cuda.eventElapsedMs(1n, 1n),
  cuModuleLoadDataEx: (cuda) => cuda.moduleLoad('.version 8.0'),
  cuLinkCreate_v2: (cuda) => cuda.link([]),
  cuLinkAddData_v2: (cuda) => cuda.link([{ name: 'part', cubin: new Uint8Array(1) }]),
  cuLinkComplete: (cuda) => cuda.link([]),
  cuLinkDestroy: (cuda) => cuda.link([]),
  cuModuleUnload: (cuda) => cuda.moduleUnload(1n),
  cuModuleGetFunction: (cuda) => cuda.moduleFunction(1n, 'f'),
  cuModuleGetGlobal_v2: (cuda) => cuda.moduleGlobal(1n, 'g'),
  cuFuncGetAttribute: (cuda) => cuda.functionFacts(1n),
  cuOccupancyMaxActiveBlocksPerMultiprocessor: (cuda) => cuda.blocksPerMultiprocessor(1n, 1, 0),
  cuLaunchKernel: (cuda) => cuda.launch({ ...oneBlock, block: [1, 1, 1], function: 1n, stream: 0n, ...words() }),
  cuGraphInstantiateWithFlags: (cuda) => cuda.graphInstantiate(1n),
  cuGraphLaunch: (cuda) => cuda.graphLaunch(1n, 0n),
  cuGraphDestroy: (cuda) => cuda.graphDestroy(1n),
  cuGraphExecDestroy: (cuda) => cuda.graphExecutableDestroy(1n),
}

describe('every call says which function failed', () => {
  test.each(Object.keys(calls) as (keyof typeof calls)[])('%s', (name) => {
    using gpu = simulatedGpu()
    simulation.inject(name, 999)
    expect(errorOf(() => calls[name](gpu.cuda))).toMatchObject({ code: 999, call: name })
  })

  test('and none is left out', () => {
    expect(entryPoints.filter((name) => !(name in calls)).sort()).toEqual(['cuDriverGetVersion', 'cuGetErrorName', 'cuInit'])
  })
})

test('without a context, with a released one and with a wrong handle, the error says so', () => {
  using gpu = simulatedGpu()
  const { cuda } = gpu
  expect(errorOf(() => cuda.streamIsDone(12345n)).message).toContain('used after it was destroyed')
  cuda.contextSetCurrent(0n)
  expect(errorOf(() => cuda.allocate(64)).message).toContain('no CUDA context is current in this thread')
  expect(errorOf(() => cuda.contextSetCurrent(77n))).toMatchObject({ code: 201 })
})

test('an image that is no program is refused, with the log of the driver', () => {
  using gpu = simulatedGpu()
  const error = errorOf(() => gpu.cuda.moduleLoad('.version 8.0\n.target sm_90'))
  expect(error).toMatchObject({ code: 218, class: 'image' })
  expect(error.message).toContain('\nsimulated driver: this is no program of the simulated compiler')
})
