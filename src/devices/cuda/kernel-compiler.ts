// CUDA C++ to an image for one GPU: with the machine's own compiler, or from the cache of what it compiled before. The prelude's libraries are compiled
// once, and what a ring kernel adds to them is linked; where that fails, its whole text is compiled.
import { statSync } from 'node:fs'
import { exactFlags } from '../../compiler/cuda/exact-flags.js'
import { libraryText, type LibraryName, type LinkedUnit } from '../../compiler/cuda/units.js'
import { CudaError, NvrtcError, architectureFor, chooseNvrtc, nvrtcCandidates, openNvrtc, type CudaVersion, type LinkCalls, type Nvrtc, type NvrtcCandidate } from '../../driver/index.js'
import { KernelCache, kernelKey } from './kernel-cache.js'
import { Refusal } from './refusal.js'

/** `wasWhole`: why it took longer than it should. */
export interface KernelImage { readonly image: Uint8Array | string; readonly compiledMs: number; readonly isCached: boolean; readonly wasWhole?: string | undefined }

export interface KernelText {
  /** To be compiled whole. */
  readonly text: string
  readonly options: readonly string[]
  readonly linked: LinkedUnit | undefined
}

/** What is compiled apart. A kernel of 1,024 threads has 64 registers, and the linker refuses to let it call what was given more. */
export const unitFlags = ['--relocatable-device-code=true'] as const
export const libraryFlags = [...unitFlags, '--maxrregcount=64'] as const

export class KernelCompiler {
  readonly #driver: CudaVersion
  readonly #capability: CudaVersion
  readonly #linker: LinkCalls | undefined
  readonly #cache = new KernelCache()
  #candidate: NvrtcCandidate | undefined
  #compiler: Nvrtc | undefined

  /** Without a linker everything is compiled whole. */
  constructor(driver: CudaVersion, capability: CudaVersion, linker: LinkCalls | undefined) {
    this.#driver = driver
    this.#capability = capability
    this.#linker = linker
  }

  /** @throws Refusal with the compiler's log, at the lines of whoever wrote the text. */
  compile(id: string, { text, options, linked }: KernelText): KernelImage {
    if (linked === undefined || this.#linker === undefined) return this.#whole(id, text, options)
    const flags = [...exactFlags, ...unitFlags, ...options]
    const libraries = linked.libraries.map((name) => [name, libraryText(name)] as const)
    const key = this.#key([linked.text, flags.join('\n'), ...libraries.flat(), libraryFlags.join('\n')])
    const cached = this.#cache.find(key)
    if (cached !== undefined) return { image: cached, compiledMs: 0, isCached: true }
    const from = performance.now()
    const found = this.#linked(this.#linker, id, linked, flags)
    if (typeof found === 'string') {
      const whole = this.#whole(id, text, options)
      return { ...whole, compiledMs: whole.isCached ? 0 : performance.now() - from, wasWhole: found }
    }
    const compiledMs = performance.now() - from
    this.#cache.keep(key, found)
    return { image: found, compiledMs, isCached: false }
  }

  /** Compiles a library before anybody asks for it; what is wrong shows when somebody does. */
  prepare(name: LibraryName): void {
    if (this.#linker === undefined) return
    try { this.#library(name) } catch (error) { if (!(error instanceof Refusal) && !(error instanceof NvrtcError)) throw error }
  }

  #whole(id: string, text: string, options: readonly string[]): KernelImage {
    const flags = [...exactFlags, ...options]
    const key = this.#key([text, flags.join('\n')])
    const cached = this.#cache.find(key)
    if (cached !== undefined) return { image: cached, compiledMs: 0, isCached: true }
    const compiler = this.#open()
    const from = performance.now()
    const image = this.#compiled(compiler, id, text, flags)
    const compiledMs = performance.now() - from
    this.#cache.keep(key, image)
    return { image, compiledMs, isCached: false }
  }

  /** The linked image, or why there is none. */
  #linked(linker: LinkCalls, id: string, { text, libraries }: LinkedUnit, flags: readonly string[]): Uint8Array | string {
    const compiler = this.#open()
    if (!this.#architecture(compiler).startsWith('sm_')) return `${compiler.path} does not know this GPU and compiles for an older one, which cannot be linked`
    const unit = { name: id, cubin: this.#compiled(compiler, id, text, flags) }
    try {
      return linker.link([unit, ...libraries.map((name) => ({ name, cubin: this.#library(name) }))])
    } catch (error) {
      if (error instanceof CudaError || error instanceof NvrtcError) return firstLine(error.message)
      // A driver without these functions: koffi says so when they are looked up.
      if (error instanceof Error && /cuLink/.test(error.message)) return firstLine(error.message)
      throw error
    }
  }

  /** @throws NvrtcError, Refusal. */
  #library(name: LibraryName): Uint8Array {
    const text = libraryText(name), flags = [...exactFlags, ...libraryFlags]
    const key = this.#key([text, flags.join('\n')])
    const cached = this.#cache.find(key)
    if (cached !== undefined) return cached
    const compiler = this.#open()
    const architecture = this.#architecture(compiler)
    const { cubin } = compiler.compile({ source: text, name: `ringlab-library-${name}.cu`, architecture, options: flags })
    if (cubin === undefined) throw new Refusal(`${compiler.path} gave no CUBIN for ${architecture}`)
    this.#cache.keep(key, cubin)
    return cubin
  }

  /** The file stands for the compiler: so what is in the cache can be used without loading it. */
  #key(parts: readonly string[]): string {
    const { kind, path } = this.#chosen()
    const { major, minor } = this.#capability
    return kernelKey([...parts, kind, fileIdentity(path), `${major}.${minor}`])
  }

  #compiled(compiler: Nvrtc, id: string, text: string, flags: readonly string[]): Uint8Array {
    const architecture = this.#architecture(compiler)
    try {
      // Not the ring kernel's plain name: a program must never be named like something it could include.
      const { cubin, ptx } = compiler.compile({ source: text, name: `ringlab-${id}.cu`, architecture, options: flags })
      return cubin ?? new TextEncoder().encode(ptx)
    } catch (error) {
      if (error instanceof NvrtcError) throw new Refusal(`'${id}' does not compile: ${withoutWarnings(error.message)}`)
      throw error
    }
  }

  #architecture(compiler: Nvrtc): `sm_${number}` | `compute_${number}` {
    const architecture = architectureFor(this.#capability, compiler.supported)
    if (architecture === undefined) throw new Refusal(`the CUDA compiler ${compiler.path} compiles for nothing that this GPU runs: install a newer one, or name one in RINGLAB_NVRTC.`)
    return architecture
  }

  #open(): Nvrtc { return this.#compiler ??= openCompiler(this.#chosen()) }

  #chosen(): NvrtcCandidate {
    if (this.#candidate !== undefined) return this.#candidate
    const choice = chooseNvrtc(nvrtcCandidates(), { driver: this.#driver, computeCapability: this.#capability })
    if (choice.chosen !== undefined) return this.#candidate = choice.chosen
    const passed = choice.refused.map(({ candidate, reason }) => ` (${candidate.path}: ${reason})`).join('')
    throw new Refusal(`${choice.advice}${passed}`)
  }
}

/** Beside errors, warnings (such as of functions of the prelude that nobody calls) only hide what is wrong. */
export function withoutWarnings(text: string): string {
  const blocks = text.split(/^(?=\S.*\(\d+\): (?:error|warning))/m)
  return blocks.filter((block) => !/^\S.*\(\d+\): warning/.test(block)).join('').trim()
}

function openCompiler(candidate: NvrtcCandidate): Nvrtc {
  try { return openNvrtc(candidate) } catch (error) {
    if (error instanceof NvrtcError) throw new Refusal(error.message, error)
    throw error
  }
}

function firstLine(text: string): string { return text.split('\n', 1)[0] ?? text }

function fileIdentity(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path)
    return `${path}:${size}:${mtimeMs}`
  } catch { return path }
}
