// The functions of libcuda that ringlab calls, as C declares them (cuda.h of CUDA 12). Handles and pointers to fill are 64-bit words: a
// pointer that the function writes through is `void *` and given as a typed array; everything opaque goes in as uint64_t.
import { bind, type Call, type Library } from './koffi.js'

const declarations = {
  cuInit: 'uint32_t flags',
  cuDriverGetVersion: 'void *version',
  cuGetErrorName: 'int status, void *name',
  cuDeviceGetCount: 'void *count',
  cuDeviceGet: 'void *device, int ordinal',
  cuDeviceGetName: 'void *name, int length, int device',
  cuDeviceGetAttribute: 'void *value, int attribute, int device',
  cuDeviceTotalMem_v2: 'void *bytes, int device',
  cuDeviceGetPCIBusId: 'void *id, int length, int device',
  cuDevicePrimaryCtxRetain: 'void *context, int device',
  cuDevicePrimaryCtxRelease_v2: 'int device',
  cuDevicePrimaryCtxReset_v2: 'int device',
  cuCtxSetCurrent: 'uint64_t context',
  cuMemGetInfo_v2: 'void *freeBytes, void *totalBytes',
  cuMemAlloc_v2: 'void *address, size_t bytes',
  cuMemFree_v2: 'uint64_t address',
  cuMemHostAlloc: 'void *address, size_t bytes, uint32_t flags',
  cuMemFreeHost: 'uint64_t address',
  cuMemHostRegister_v2: 'uint64_t address, size_t bytes, uint32_t flags',
  cuMemHostUnregister: 'uint64_t address',
  cuMemHostGetDevicePointer_v2: 'void *address, uint64_t host, uint32_t flags',
  cuMemcpyHtoD_v2: 'uint64_t to, void *from, size_t bytes',
  cuMemcpyDtoH_v2: 'void *to, uint64_t from, size_t bytes',
  cuMemcpyHtoDAsync_v2: 'uint64_t to, uint64_t from, size_t bytes, uint64_t stream',
  cuMemcpyDtoHAsync_v2: 'uint64_t to, uint64_t from, size_t bytes, uint64_t stream',
  cuMemcpyDtoDAsync_v2: 'uint64_t to, uint64_t from, size_t bytes, uint64_t stream',
  cuMemsetD8Async: 'uint64_t address, uint8_t byte, size_t bytes, uint64_t stream',
  cuStreamCreate: 'void *stream, uint32_t flags',
  cuStreamDestroy_v2: 'uint64_t stream',
  cuStreamQuery: 'uint64_t stream',
  cuStreamSynchronize: 'uint64_t stream',
  cuStreamWaitEvent: 'uint64_t stream, uint64_t event, uint32_t flags',
  cuStreamBeginCapture_v2: 'uint64_t stream, int mode',
  cuStreamEndCapture: 'uint64_t stream, void *graph',
  cuEventCreate: 'void *event, uint32_t flags',
  cuEventRecord: 'uint64_t event, uint64_t stream',
  cuEventQuery: 'uint64_t event',
  cuEventDestroy_v2: 'uint64_t event',
  cuEventElapsedTime: 'void *milliseconds, uint64_t from, uint64_t to',
  cuModuleLoadDataEx: 'void *module, void *image, uint32_t optionCount, void *options, void *values',
  cuLinkCreate_v2: 'uint32_t optionCount, void *options, void *values, void *state',
  cuLinkAddData_v2: 'uint64_t state, int type, void *data, size_t bytes, const char *name, uint32_t optionCount, void *options, void *values',
  cuLinkComplete: 'uint64_t state, void *cubin, void *bytes',
  cuLinkDestroy: 'uint64_t state',
  cuModuleUnload: 'uint64_t module',
  cuModuleGetFunction: 'void *function, uint64_t module, const char *name',
  cuModuleGetGlobal_v2: 'void *address, void *bytes, uint64_t module, const char *name',
  cuFuncGetAttribute: 'void *value, int attribute, uint64_t function',
  cuOccupancyMaxActiveBlocksPerMultiprocessor: 'void *blocks, uint64_t function, int blockThreads, size_t sharedBytes',
  cuLaunchKernel: 'uint64_t function, uint32_t gridX, uint32_t gridY, uint32_t gridZ, uint32_t blockX, uint32_t blockY, uint32_t blockZ, uint32_t sharedBytes, uint64_t stream, void *parameters, void *extra',
  cuGraphInstantiateWithFlags: 'void *executable, uint64_t graph, uint64_t flags',
  cuGraphLaunch: 'uint64_t executable, uint64_t stream',
  cuGraphDestroy: 'uint64_t graph',
  cuGraphExecDestroy: 'uint64_t executable',
} as const

export type EntryPoint = keyof typeof declarations

export const entryPoints = Object.keys(declarations) as readonly EntryPoint[]

/** The functions by name; each is looked up in the library on its first call. */
export type EntryPoints = (name: EntryPoint) => Call

export function entryPointsOf(library: Library): EntryPoints {
  const bound = new Map<EntryPoint, Call>()
  return (name) => {
    let call = bound.get(name)
    if (call === undefined) {
      call = bind(library, `int ${name}(${declarations[name]})`)
      bound.set(name, call)
    }
    return call
  }
}
