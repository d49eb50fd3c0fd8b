// The shapes of src/driver: what a caller may ask of the CUDA driver and of a compiler for it. Handles and addresses are bigints, so
// nobody outside this room sees koffi. All calls are synchronous and belong into one worker a GPU. No code lives here.

/** A CUDA version, as the driver or the compiler says it: 13.0 is { major: 13, minor: 0 }. */
export interface CudaVersion { readonly major: number; readonly minor: number }

/** An opaque handle of the driver: a context, stream, event, module, function or graph. 0n is none (for streams: the default stream). */
export type Handle = bigint
/** An address that kernels use. */
export type DeviceAddress = bigint
/** An address in this process's memory. */
export type HostAddress = bigint

/** What one GPU is and can do; read once. */
export interface DeviceFacts {
  readonly ordinal: number
  readonly name: string
  /** As in sm_90: { major: 9, minor: 0 }. */
  readonly computeCapability: CudaVersion
  readonly memoryBytes: number
  readonly multiprocessors: number
  readonly threadsPerBlockMax: number
  readonly threadsPerMultiprocessorMax: number
  readonly sharedBytesPerBlockMax: number
  readonly sharedBytesPerMultiprocessorMax: number
  readonly registersPerMultiprocessorMax: number
  readonly warpThreads: number
  readonly clockKilohertz: number
  /** The system ends kernels that run for seconds (a display is attached, or WDDM). */
  readonly hasKernelTimeout: boolean
  readonly canMapHostMemory: boolean
  readonly canRegisterHostMemory: boolean
  readonly isIntegrated: boolean
  readonly hasConcurrentKernels: boolean
  /** Such as 0000:65:00.0; NVML knows GPUs by it. */
  readonly pciBusId: string
}

/** How many bytes a GPU's memory has, and how many of them are free now. */
export interface MemoryAmounts { readonly freeBytes: number; readonly totalBytes: number }

/** What a loaded function takes; read after loading. */
export interface FunctionFacts {
  readonly registers: number
  /** Local memory a thread; more than the frame of its arrays means spilled registers. */
  readonly localBytes: number
  readonly sharedBytes: number
  readonly constantBytes: number
  readonly threadsPerBlockMax: number
}

/** Blocks in x, y, z, or threads in x, y, z. */
export type Dimensions = readonly [x: number, y: number, z: number]

/** One launch. The parameters lie in `parameterBytes` one right after the other; `parameterSizes` says how long each is. */
export interface Launch {
  readonly function: Handle
  readonly grid: Dimensions
  readonly block: Dimensions
  readonly sharedBytes: number
  readonly stream: Handle
  readonly parameterBytes: Uint8Array
  readonly parameterSizes: readonly number[]
}

export interface DeviceCalls {
  deviceCount(): number
  deviceFacts(ordinal: number): DeviceFacts
}

export interface ContextCalls {
  /** The primary context of a GPU; every retain wants one release. */
  primaryContextRetain(ordinal: number): Handle
  primaryContextRelease(ordinal: number): void
  /** Ends everything in the context, also what a fault left behind; the context must then be retained again. */
  primaryContextReset(ordinal: number): void
  /** Makes the context the one of this thread's next calls. */
  contextSetCurrent(context: Handle): void
  /** The amounts of the current context's GPU. */
  memoryAmounts(): MemoryAmounts
}

export interface MemoryCalls {
  allocate(bytes: number): DeviceAddress
  free(address: DeviceAddress): void
  /** Pinned memory that kernels can reach at `hostDeviceAddress`. */
  hostAllocate(bytes: number): HostAddress
  hostFree(address: HostAddress): void
  /** Pins and maps memory of this process, such as a SharedArrayBuffer's; it must stay alive until it is unregistered. */
  hostRegister(address: HostAddress, bytes: number): void
  hostUnregister(address: HostAddress): void
  hostDeviceAddress(address: HostAddress): DeviceAddress
  /** Where a typed array's first element lies. Of memory of V8 that never moves: SharedArrayBuffers, and ArrayBuffers that are kept alive. */
  addressOf(view: ArrayBufferView): HostAddress
  /** Memory of `hostAllocate` as an ArrayBuffer; it must not be used after `hostFree`. */
  viewOf(address: HostAddress, bytes: number): ArrayBuffer
  /** These two wait until the copy is done. */
  copyToDevice(to: DeviceAddress, from: Uint8Array): void
  copyToHost(to: Uint8Array, from: DeviceAddress): void
  copyToDeviceAsync(to: DeviceAddress, from: HostAddress, bytes: number, stream: Handle): void
  copyToHostAsync(to: HostAddress, from: DeviceAddress, bytes: number, stream: Handle): void
  copyOnDeviceAsync(to: DeviceAddress, from: DeviceAddress, bytes: number, stream: Handle): void
  fillAsync(address: DeviceAddress, byte: number, bytes: number, stream: Handle): void
}

export interface StreamCalls {
  /** A stream that does not wait for the default stream. */
  streamCreate(): Handle
  streamDestroy(stream: Handle): void
  /** Whether everything given to the stream is done; an error of what ran in it is thrown. */
  streamIsDone(stream: Handle): boolean
  /** Blocks this thread. Never call it while a ring kernel is resident in the stream. */
  streamSynchronize(stream: Handle): void
  /** What comes next in the stream waits for the event. */
  streamWaitEvent(stream: Handle, event: Handle): void
  eventCreate(options?: { readonly timing: boolean }): Handle
  eventRecord(event: Handle, stream: Handle): void
  eventIsDone(event: Handle): boolean
  eventDestroy(event: Handle): void
  eventElapsedMs(from: Handle, to: Handle): number
}

export interface ModuleCalls {
  /** Loads a CUBIN, or PTX that the driver compiles; its error's message ends with the driver's log. */
  moduleLoad(image: Uint8Array | string): Handle
  moduleUnload(module: Handle): void
  moduleFunction(module: Handle, name: string): Handle
  moduleGlobal(module: Handle, name: string): { readonly address: DeviceAddress; readonly bytes: number }
  functionFacts(function_: Handle): FunctionFacts
  /** Blocks of the function that one multiprocessor holds at once. */
  blocksPerMultiprocessor(function_: Handle, blockThreads: number, sharedBytes: number): number
  launch(launch: Launch): void
}

/** A CUBIN with calls to what is defined elsewhere, or with what others call; `name` stands for it in messages. */
export interface LinkPart { readonly name: string; readonly cubin: Uint8Array }

export interface LinkCalls {
  /** The CUBIN of all parts, for the current context's GPU. Its error's message ends with the linker's log. */
  link(parts: readonly LinkPart[]): Uint8Array
}

export interface GraphCalls {
  /** From here on, what is given to the stream is recorded instead of run. */
  captureBegin(stream: Handle): void
  captureEnd(stream: Handle): Handle
  graphInstantiate(graph: Handle): Handle
  graphLaunch(executable: Handle, stream: Handle): void
  graphDestroy(graph: Handle): void
  graphExecutableDestroy(executable: Handle): void
}

/** The CUDA driver of this machine. Every method throws CudaError when the driver answers anything but success. */
export interface CudaDriver extends DeviceCalls, ContextCalls, MemoryCalls, StreamCalls, ModuleCalls, LinkCalls, GraphCalls {
  /** The library's file, or the name under which the system knows it. */
  readonly path: string
  /** The newest CUDA version that this driver runs. */
  readonly version: CudaVersion
  /** Whether it is the simulated driver of ringlab's tests: every figure from it says so. */
  readonly isSimulated: boolean
}

/** A compiler for CUDA C++ that was found by its file; `from` says how, such as 'CUDA_HOME'. Nothing is loaded yet. */
export interface NvrtcCandidate {
  readonly kind: 'nvrtc' | 'nvcc'
  readonly path: string
  readonly from: string
  /** As far as the file's name tells it. */
  readonly version?: CudaVersion | undefined
}

/** What to compile. `architecture` is sm_90 for a CUBIN, compute_90 for PTX. */
export interface CompileRequest {
  readonly source: string
  /** Stands for the file's name in messages. */
  readonly name: string
  readonly architecture: `sm_${number}` | `compute_${number}`
  readonly options?: readonly string[]
}

/** What came out; `log` holds warnings. A CUBIN comes with its PTX where the compiler gives both. */
export interface Compiled { readonly cubin?: Uint8Array; readonly ptx?: string; readonly log: string }

/** A compiler for CUDA C++ that is loaded, or at hand as a program. */
export interface Nvrtc {
  readonly kind: 'nvrtc' | 'nvcc'
  readonly path: string
  readonly version: CudaVersion
  /** Compute capabilities it knows, as in sm_90: 90. Ascending. */
  readonly supported: readonly number[]
  /** Throws NvrtcError with the compiler's log. */
  compile(request: CompileRequest): Compiled
}
