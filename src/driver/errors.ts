// The errors of the CUDA driver and of its compiler: classes, what each status means for the caller, and the sentence for people.

/** What a status means for whoever must go on: `device-lost` holds for every later call until the primary context is reset. */
export type CudaErrorClass = 'out-of-memory' | 'invalid' | 'device-lost' | 'not-ready' | 'image' | 'missing' | 'other'

/** A call that the CUDA driver refused, or the fault of a kernel that a later call reports. */
export class CudaError extends Error {
  override readonly name = 'CudaError'
  /** The driver's number, such as 2. */
  readonly code: number
  /** The driver's name for it, such as CUDA_ERROR_OUT_OF_MEMORY. */
  readonly status: string
  /** The function of the driver that said so, such as cuMemAlloc_v2. */
  readonly call: string
  readonly class: CudaErrorClass

  constructor(code: number, status: string, call: string, detail = '') {
    const kind = classOf(code)
    const seen = `${status} (${code}) from ${call}`
    super(`${sentences[code] ?? classSentences[kind]} [${seen}]${detail === '' ? '' : `\n${detail}`}`)
    this.code = code
    this.status = status
    this.call = call
    this.class = kind
  }
}

/** No GPU can be used on this machine as it is; the message says why and what to do. */
export class DriverUnavailableError extends Error {
  override readonly name = 'DriverUnavailableError'
  constructor(readonly reason: 'missing' | 'broken' | 'too-old' | 'no-device', message: string) { super(message) }
}

/** The compiler refused a program, or could not run; `log` is what it printed. */
export class NvrtcError extends Error {
  override readonly name = 'NvrtcError'
  constructor(message: string, readonly status: string, readonly log: string) { super(log === '' ? message : `${message}\n${log}`) }
}

/** cuda.h, enum CUresult. */
const classes: Readonly<Record<Exclude<CudaErrorClass, 'other'>, readonly number[]>> = {
  'out-of-memory': [2],
  // Values, handles, contexts, and launches that no GPU of this kind takes.
  invalid: [1, 3, 101, 201, 202, 205, 206, 208, 210, 211, 212, 400, 401, 402, 701, 703, 704, 705, 708, 709, 712, 713, 720, 801, 900, 901, 902, 903, 904, 905, 906, 907, 908],
  // ECC, NVLink, containment, illegal address, time-out, assert, stack, instruction, alignment, address space, program counter, launch failed, tensor memory.
  'device-lost': [46, 214, 220, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721],
  'not-ready': [600],
  image: [200, 209, 218, 221, 222, 223, 224, 225, 300],
  missing: [34, 100, 301, 302, 303, 500],
}

function classOf(code: number): CudaErrorClass {
  for (const [name, codes] of Object.entries(classes)) if (codes.includes(code)) return name as CudaErrorClass
  return 'other'
}

const classSentences: Readonly<Record<CudaErrorClass, string>> = {
  'out-of-memory': 'the GPU has no memory left for this: terminate ring kernels, free buffers, or end other programs that use the GPU (`nvidia-smi` lists them)',
  invalid: 'the CUDA driver refused a call of ringlab: please report it with this message',
  'device-lost': 'the GPU stopped after a fault and lost everything on it: restart the Jupyter kernel',
  'not-ready': 'the GPU is not done yet: ask again later',
  image: 'the CUDA driver cannot load the compiled program: update the NVIDIA driver, or choose another NVRTC with RINGLAB_NVRTC',
  missing: 'the CUDA driver does not have what was asked for: see `ringlab doctor`',
  other: 'the CUDA driver reports an error of its own: restart the Jupyter kernel, and see `ringlab doctor`',
}

/** Where a status says more than its class. */
const sentences: Readonly<Record<number, string>> = {
  1: 'the CUDA driver was given a value that it does not take: check sizes and grid dimensions of the launch',
  100: 'the CUDA driver sees no GPU: check `nvidia-smi`, and CUDA_VISIBLE_DEVICES if it is set',
  101: 'the CUDA driver knows no GPU of that number: `ringlab doctor` lists those there are',
  201: 'no CUDA context is current in this thread: retain the primary context and make it current first',
  209: 'the compiled program is not for this GPU: compile it for its compute capability',
  214: 'the GPU found memory errors that it cannot correct: restart the Jupyter kernel, and see `nvidia-smi -q -d ECC`',
  218: 'the CUDA driver refuses the PTX: see its log below',
  222: 'the PTX is newer than the NVIDIA driver: update the driver, or choose an older NVRTC with RINGLAB_NVRTC',
  400: 'a handle of the GPU was used after it was destroyed, or in the wrong place: please report it with this message',
  500: 'the loaded program has nothing of that name: declare it with extern "C"',
  700: 'a kernel read or wrote memory that is not its own, and the GPU lost everything on it: check the indices, then restart the Jupyter kernel',
  701: 'the launch asks for more registers, threads or shared memory than a block may have: use fewer threads a block',
  702: 'the system ended a kernel that ran too long beside a display, and the GPU lost everything on it: restart the Jupyter kernel, and use shorter kernels or a GPU without a display',
  709: 'the CUDA context was reset: launch the ring kernels again',
  710: 'an assertion failed in a kernel, and the GPU lost everything on it: restart the Jupyter kernel',
  712: 'this memory is already registered with the CUDA driver: register it once',
  713: 'this memory is not registered with the CUDA driver: register it first',
  716: 'a kernel used an address that is not aligned for its type, and the GPU lost everything on it: check the pointer arithmetic, then restart the Jupyter kernel',
  719: 'a kernel failed while it ran, and the GPU lost everything on it: restart the Jupyter kernel',
}
