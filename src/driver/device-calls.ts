// GPUs and their contexts: what each is, and the primary context that everything else lives in.
import type { Caller } from './check.js'
import { textIn } from './koffi.js'
import type { ContextCalls, DeviceCalls, DeviceFacts, MemoryAmounts } from './types.js'

/** cuda.h, enum CUdevice_attribute. */
const attribute = {
  threadsPerBlockMax: 1, sharedBytesPerBlockMax: 8, warpThreads: 10, clockKilohertz: 13, multiprocessors: 16, kernelTimeout: 17, integrated: 18,
  canMapHostMemory: 19, concurrentKernels: 31, threadsPerMultiprocessorMax: 39, capabilityMajor: 75, capabilityMinor: 76,
  sharedBytesPerMultiprocessorMax: 81, registersPerMultiprocessorMax: 82, canRegisterHostMemory: 99,
} as const

const nameBytes = 256

export function deviceCalls(cuda: Caller): DeviceCalls {
  return {
    deviceCount: () => cuda.integer('cuDeviceGetCount'),
    deviceFacts: (ordinal) => factsOf(cuda, ordinal),
  }
}

function factsOf(cuda: Caller, ordinal: number): DeviceFacts {
  const device = cuda.integer('cuDeviceGet', ordinal)
  const read = (name: keyof typeof attribute): number => cuda.integer('cuDeviceGetAttribute', attribute[name], device)
  return {
    ordinal,
    name: textOf(cuda, 'cuDeviceGetName', device),
    computeCapability: { major: read('capabilityMajor'), minor: read('capabilityMinor') },
    memoryBytes: Number(cuda.word('cuDeviceTotalMem_v2', device)),
    multiprocessors: read('multiprocessors'),
    threadsPerBlockMax: read('threadsPerBlockMax'),
    threadsPerMultiprocessorMax: read('threadsPerMultiprocessorMax'),
    sharedBytesPerBlockMax: read('sharedBytesPerBlockMax'),
    sharedBytesPerMultiprocessorMax: read('sharedBytesPerMultiprocessorMax'),
    registersPerMultiprocessorMax: read('registersPerMultiprocessorMax'),
    warpThreads: read('warpThreads'),
    clockKilohertz: read('clockKilohertz'),
    hasKernelTimeout: read('kernelTimeout') !== 0,
    canMapHostMemory: read('canMapHostMemory') !== 0,
    canRegisterHostMemory: read('canRegisterHostMemory') !== 0,
    isIntegrated: read('integrated') !== 0,
    hasConcurrentKernels: read('concurrentKernels') !== 0,
    pciBusId: textOf(cuda, 'cuDeviceGetPCIBusId', device),
  }
}

function textOf(cuda: Caller, name: 'cuDeviceGetName' | 'cuDeviceGetPCIBusId', device: number): string {
  const bytes = new Uint8Array(nameBytes)
  cuda.call(name, bytes, nameBytes, device)
  return textIn(bytes)
}

export function contextCalls(cuda: Caller): ContextCalls {
  return {
    primaryContextRetain: (ordinal) => cuda.word('cuDevicePrimaryCtxRetain', ordinal),
    primaryContextRelease: (ordinal) => cuda.call('cuDevicePrimaryCtxRelease_v2', ordinal),
    primaryContextReset: (ordinal) => cuda.call('cuDevicePrimaryCtxReset_v2', ordinal),
    contextSetCurrent: (context) => cuda.call('cuCtxSetCurrent', context),
    memoryAmounts: (): MemoryAmounts => {
      const [free, total] = cuda.words('cuMemGetInfo_v2')
      return { freeBytes: Number(free), totalBytes: Number(total) }
    },
  }
}
