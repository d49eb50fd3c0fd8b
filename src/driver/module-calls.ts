// Modules: loading compiled programs, what their functions take, and launching them.
import type { Caller } from './check.js'
import { koffi, textIn } from './koffi.js'
import type { FunctionFacts, Handle, Launch, ModuleCalls } from './types.js'

/** CU_JIT_ERROR_LOG_BUFFER and CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES of enum CUjit_option. */
const errorLog = 5, errorLogBytes = 6
const logBytes = 16 * 1024

/** cuda.h, enum CUfunction_attribute. */
const attribute = { threadsPerBlockMax: 0, sharedBytes: 1, constantBytes: 2, localBytes: 3, registers: 4 } as const

export function moduleCalls(cuda: Caller): ModuleCalls {
  const pointers = new LaunchPointers()
  return {
    moduleLoad: (image) => loadModule(cuda, image),
    moduleUnload: (module) => cuda.call('cuModuleUnload', module),
    moduleFunction: (module, name) => cuda.word('cuModuleGetFunction', module, name),
    moduleGlobal: (module, name) => {
      const [address, bytes] = cuda.words('cuModuleGetGlobal_v2', module, name)
      return { address, bytes: Number(bytes) }
    },
    functionFacts: (function_) => factsOf(cuda, function_),
    blocksPerMultiprocessor: (function_, blockThreads, sharedBytes) => cuda.integer('cuOccupancyMaxActiveBlocksPerMultiprocessor', function_, blockThreads, sharedBytes),
    launch: (launch) => cuda.call('cuLaunchKernel', launch.function, ...launch.grid, ...launch.block, launch.sharedBytes, launch.stream, pointers.to(launch), null),
  }
}

function loadModule(cuda: Caller, image: Uint8Array | string): Handle {
  // The driver reads PTX up to its NUL, and a CUBIN by the sizes in its header.
  const bytes = typeof image === 'string' ? Buffer.from(`${image}\0`) : image
  const log = new Uint8Array(logBytes)
  const module = new BigUint64Array(1)
  const status = cuda.status('cuModuleLoadDataEx', module, bytes, 2, new Int32Array([errorLog, errorLogBytes]), new BigUint64Array([koffi().address(log), BigInt(logBytes)]))
  cuda.check(status, 'cuModuleLoadDataEx', textIn(log).trim())
  return module[0] ?? 0n
}

function factsOf(cuda: Caller, function_: Handle): FunctionFacts {
  const read = (name: keyof typeof attribute): number => cuda.integer('cuFuncGetAttribute', attribute[name], function_)
  return { registers: read('registers'), localBytes: read('localBytes'), sharedBytes: read('sharedBytes'), constantBytes: read('constantBytes'), threadsPerBlockMax: read('threadsPerBlockMax') }
}

/** The array of pointers that a launch takes, one to each parameter. The driver copies the parameters before the call returns. */
class LaunchPointers {
  /** CUDA C++ Programming Guide: a kernel has at most 32,764 bytes of parameters; nothing here comes near this many of them. */
  static readonly #parametersMax = 256
  readonly #pointers = new BigUint64Array(LaunchPointers.#parametersMax)

  to({ parameterBytes, parameterSizes }: Launch): BigUint64Array {
    if (parameterSizes.length > this.#pointers.length) throw new RangeError(`a launch with ${parameterSizes.length} parameters; at most ${this.#pointers.length} are possible`)
    const total = parameterSizes.reduce((sum, size) => sum + size, 0)
    if (total !== parameterBytes.byteLength) throw new RangeError(`the sizes of a launch's parameters sum up to ${total} bytes, but ${parameterBytes.byteLength} bytes were given`)
    let next = total === 0 ? 0n : koffi().address(parameterBytes)
    parameterSizes.forEach((size, i) => {
      this.#pointers[i] = next
      next += BigInt(size)
    })
    return this.#pointers
  }
}
