// The CUDA runtime compiler (NVRTC): which of those found serves a GPU, and compiling with it. nvcc stands in where there is no NVRTC.
import { dirname } from 'node:path'
import { NvrtcError } from './errors.js'
import { filesIn, realPath } from './folders.js'
import { bind, loadLibrary, textIn, type Call, type Library, type Values } from './koffi.js'
import { openNvcc } from './nvcc.js'
import type { Compiled, CompileRequest, CudaVersion, Nvrtc, NvrtcCandidate } from './types.js'

export { nvrtcCandidates } from './nvrtc-files.js'

/** What a GPU and its driver ask of a compiler. */
export interface NvrtcWish { readonly driver: CudaVersion; readonly computeCapability: CudaVersion }

/** A compiler that was passed over, and why. */
export interface Refusal { readonly candidate: NvrtcCandidate; readonly reason: string }

export type NvrtcChoice = { readonly chosen: NvrtcCandidate; readonly refused: readonly Refusal[] } | { readonly chosen: undefined; readonly refused: readonly Refusal[]; readonly advice: string }

/** ringlab's lower bound: what it emits needs the memory model and the independent thread scheduling of sm_70. */
const oldestCapability: CudaVersion = { major: 7, minor: 0 }

/**
 * The first compiler whose major version the driver runs and which still knows the GPU. A candidate whose file name says no version is taken at
 * its word: opening it tells.
 */
export function chooseNvrtc(candidates: Iterable<NvrtcCandidate>, wish: NvrtcWish): NvrtcChoice {
  const refused: Refusal[] = []
  const { driver, computeCapability } = wish
  if (before(computeCapability, oldestCapability)) {
    return { chosen: undefined, refused, advice: `the GPU has compute capability ${text(computeCapability)}, but ringlab needs 7.0 (Volta) or later: use the CPU device` }
  }
  for (const candidate of candidates) {
    const reason = candidate.version === undefined ? undefined : refusalOf(candidate.version, wish)
    if (reason === undefined) return { chosen: candidate, refused }
    refused.push({ candidate, reason })
  }
  const major = before(computeCapability, oldestOf(driver.major)) ? 12 : driver.major
  return { chosen: undefined, refused, advice: `no CUDA compiler for this GPU: pip install nvidia-cuda-nvrtc${major >= 13 ? '' : `-cu${major}`}, or name an NVRTC ${major} library in RINGLAB_NVRTC` }
}

function refusalOf(version: CudaVersion, { driver, computeCapability }: NvrtcWish): string | undefined {
  if (version.major > driver.major) return `CUDA ${version.major} is newer than the driver, which runs CUDA ${text(driver)}`
  const oldest = oldestOf(version.major)
  if (before(computeCapability, oldest)) return `CUDA ${version.major} compiles for compute capability ${text(oldest)} or later, and the GPU has ${text(computeCapability)}`
  return undefined
}

/** The oldest compute capability that a CUDA release compiles for (release notes: 11 dropped 3.0, 12 dropped 3.x, 13 dropped 5.x to 7.0). */
function oldestOf(major: number): CudaVersion {
  return major >= 13 ? { major: 7, minor: 5 } : major === 12 ? { major: 5, minor: 0 } : { major: 3, minor: 5 }
}

function before(a: CudaVersion, b: CudaVersion): boolean { return a.major < b.major || (a.major === b.major && a.minor < b.minor) }
function text({ major, minor }: CudaVersion): string { return `${major}.${minor}` }

/** Loads the compiler. Throws NvrtcError when it cannot be loaded. */
export function openNvrtc(candidate: NvrtcCandidate): Nvrtc {
  if (candidate.kind === 'nvcc') return openNvcc(candidate)
  try {
    // NVRTC asks the system for its built-ins by their bare name and finds them only if they are loaded already.
    for (const file of builtinsBeside(candidate.path)) loadLibrary(file)
    return new LoadedNvrtc(candidate.path, loadLibrary(candidate.path))
  } catch (error) {
    if (error instanceof NvrtcError) throw error
    throw new NvrtcError(`NVRTC ${candidate.path} cannot be loaded (${error instanceof Error ? error.message : String(error)}): install it again, or name another in RINGLAB_NVRTC`, 'not loaded', '')
  }
}

function builtinsBeside(path: string): string[] {
  return filesIn(dirname(realPath(path)), process.platform === 'win32' ? /^nvrtc-builtins64_\d+\.dll$/i : /^libnvrtc-builtins\.so\.\d+\.\d+$/)
}

const declarations = {
  nvrtcVersion: 'void *major, void *minor',
  nvrtcGetNumSupportedArchs: 'void *count',
  nvrtcGetSupportedArchs: 'void *architectures',
  nvrtcCreateProgram: 'void *program, const char *source, const char *name, int headers, void *texts, void *names',
  nvrtcDestroyProgram: 'void *program',
  nvrtcCompileProgram: 'uint64_t program, int count, const char **options',
  nvrtcGetProgramLogSize: 'uint64_t program, void *bytes',
  nvrtcGetProgramLog: 'uint64_t program, void *log',
  nvrtcGetPTXSize: 'uint64_t program, void *bytes',
  nvrtcGetPTX: 'uint64_t program, void *ptx',
  nvrtcGetCUBINSize: 'uint64_t program, void *bytes',
  nvrtcGetCUBIN: 'uint64_t program, void *cubin',
} as const
type EntryPoint = keyof typeof declarations

/** nvrtc.h, enum nvrtcResult. */
const statusNames = ['NVRTC_SUCCESS', 'NVRTC_ERROR_OUT_OF_MEMORY', 'NVRTC_ERROR_PROGRAM_CREATION_FAILURE', 'NVRTC_ERROR_INVALID_INPUT', 'NVRTC_ERROR_INVALID_PROGRAM', 'NVRTC_ERROR_INVALID_OPTION',
  'NVRTC_ERROR_COMPILATION', 'NVRTC_ERROR_BUILTIN_OPERATION_FAILURE'] as const

class LoadedNvrtc implements Nvrtc {
  readonly kind = 'nvrtc'
  readonly version: CudaVersion
  readonly supported: readonly number[]
  readonly #library: Library
  readonly #bound = new Map<EntryPoint, Call>()

  constructor(readonly path: string, library: Library) {
    this.#library = library
    const major = new Int32Array(1), minor = new Int32Array(1), count = new Int32Array(1)
    this.#must('nvrtcVersion', major, minor)
    this.#must('nvrtcGetNumSupportedArchs', count)
    const architectures = new Int32Array(count[0] ?? 0)
    this.#must('nvrtcGetSupportedArchs', architectures)
    this.version = { major: major[0] ?? 0, minor: minor[0] ?? 0 }
    this.supported = [...architectures].sort((a, b) => a - b)
  }

  compile(request: CompileRequest): Compiled {
    const handle = new BigUint64Array(1)
    this.#must('nvrtcCreateProgram', handle, request.source, request.name, 0, null, null)
    try {
      return this.#compiled(handle[0] ?? 0n, request)
    } finally {
      this.#must('nvrtcDestroyProgram', handle)
    }
  }

  #compiled(program: bigint, request: CompileRequest): Compiled {
    const options = [`--gpu-architecture=${request.architecture}`, ...(request.options ?? [])]
    const status = this.#call('nvrtcCompileProgram')(program, options.length, options)
    const log = textIn(this.#bytes(program, 'nvrtcGetProgramLogSize', 'nvrtcGetProgramLog')).trim()
    if (status !== 0) throw new NvrtcError(refusalSentence(status, request), statusName(status), log)
    const ptx = textIn(this.#bytes(program, 'nvrtcGetPTXSize', 'nvrtcGetPTX'))
    return request.architecture.startsWith('sm_') ? { cubin: this.#bytes(program, 'nvrtcGetCUBINSize', 'nvrtcGetCUBIN'), ptx, log } : { ptx, log }
  }

  #bytes(program: bigint, sizeOf: 'nvrtcGetProgramLogSize' | 'nvrtcGetPTXSize' | 'nvrtcGetCUBINSize', fill: 'nvrtcGetProgramLog' | 'nvrtcGetPTX' | 'nvrtcGetCUBIN'): Uint8Array {
    const size = new BigUint64Array(1)
    this.#must(sizeOf, program, size)
    const bytes = new Uint8Array(Number(size[0]))
    if (bytes.length > 0) this.#must(fill, program, bytes)
    return bytes
  }

  #must(name: EntryPoint, ...values: Values): void {
    const status = this.#call(name)(...values)
    if (status !== 0) throw new NvrtcError(`NVRTC ${this.path} failed in ${name}: install it again, or name another in RINGLAB_NVRTC`, statusName(status), '')
  }

  #call(name: EntryPoint): Call {
    const call = this.#bound.get(name) ?? bind(this.#library, `int ${name}(${declarations[name]})`)
    this.#bound.set(name, call)
    return call
  }
}

function statusName(status: number): string { return statusNames[status] ?? `NVRTC status ${status}` }

function refusalSentence(status: number, { name, architecture }: CompileRequest): string {
  const name_ = statusName(status)
  if (name_ === 'NVRTC_ERROR_COMPILATION') return `the CUDA compiler refuses ${name}:`
  if (name_ === 'NVRTC_ERROR_INVALID_OPTION') return `the CUDA compiler does not take an option given for ${name}, or does not know ${architecture}:`
  return `the CUDA compiler failed on ${name} (${name_}):`
}
