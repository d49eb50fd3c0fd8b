// Memory: of the GPU, of this process as the GPU sees it, and the copies between the two.
import type { Caller } from './check.js'
import { koffi } from './koffi.js'
import type { HostAddress, MemoryCalls } from './types.js'

/** CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP; the flags of cuMemHostRegister have the same values. */
const portableAndMapped = 1 | 2

/** Where a typed array's first element lies; opens no driver. */
export function addressOf(view: ArrayBufferView): HostAddress { return koffi().address(view) }

export function memoryCalls(cuda: Caller): MemoryCalls {
  return {
    allocate: (bytes) => cuda.word('cuMemAlloc_v2', bytes),
    free: (address) => cuda.call('cuMemFree_v2', address),
    hostAllocate: (bytes) => cuda.word('cuMemHostAlloc', bytes, portableAndMapped),
    hostFree: (address) => cuda.call('cuMemFreeHost', address),
    hostRegister: (address, bytes) => cuda.call('cuMemHostRegister_v2', address, bytes, portableAndMapped),
    hostUnregister: (address) => cuda.call('cuMemHostUnregister', address),
    hostDeviceAddress: (address) => cuda.word('cuMemHostGetDevicePointer_v2', address, 0),
    addressOf,
    viewOf: (address, bytes) => koffi().view(address, bytes),
    copyToDevice: (to, from) => cuda.call('cuMemcpyHtoD_v2', to, from, from.byteLength),
    copyToHost: (to, from) => cuda.call('cuMemcpyDtoH_v2', to, from, to.byteLength),
    copyToDeviceAsync: (to, from, bytes, stream) => cuda.call('cuMemcpyHtoDAsync_v2', to, from, bytes, stream),
    copyToHostAsync: (to, from, bytes, stream) => cuda.call('cuMemcpyDtoHAsync_v2', to, from, bytes, stream),
    copyOnDeviceAsync: (to, from, bytes, stream) => cuda.call('cuMemcpyDtoDAsync_v2', to, from, bytes, stream),
    fillAsync: (address, byte, bytes, stream) => cuda.call('cuMemsetD8Async', address, byte, bytes, stream),
  }
}
