// CUDA C++ to an image for one GPU: with the machine's own compiler, or from the cache of what it compiled before.
import { statSync } from 'node:fs'
import { exactFlags } from '../../compiler/cuda/exact-flags.js'
import { NvrtcError, architectureFor, chooseNvrtc, nvrtcCandidates, openNvrtc, type CudaVersion, type Nvrtc, type NvrtcCandidate } from '../../driver/index.js'
import { KernelCache, kernelKey } from './kernel-cache.js'
import { Refusal } from './refusal.js'

export interface KernelImage { readonly image: Uint8Array | string; readonly compiledMs: number; readonly isCached: boolean }

export class KernelCompiler {
  readonly #driver: CudaVersion
  readonly #capability: CudaVersion
  readonly #cache = new KernelCache()
  #candidate: NvrtcCandidate | undefined
  #compiler: Nvrtc | undefined

  constructor(driver: CudaVersion, capability: CudaVersion) {
    this.#driver = driver
    this.#capability = capability
  }

  /** @throws Refusal with the compiler's log, at the lines of whoever wrote the text. */
  compile(id: string, text: string, options: readonly string[]): KernelImage {
    const candidate = this.#candidate ??= this.#choose()
    const flags = [...exactFlags, ...options]
    const { major, minor } = this.#capability
    // The file stands for the compiler: so what is in the cache can be used without loading it.
    const key = kernelKey([text, flags.join('\n'), candidate.kind, fileIdentity(candidate.path), `${major}.${minor}`])
    const cached = this.#cache.find(key)
    if (cached !== undefined) return { image: cached, compiledMs: 0, isCached: true }
    const compiler = this.#compiler ??= openCompiler(candidate)
    const from = performance.now()
    const image = this.#compiled(compiler, id, text, flags)
    const compiledMs = performance.now() - from
    this.#cache.keep(key, image)
    return { image, compiledMs, isCached: false }
  }

  #compiled(compiler: Nvrtc, id: string, text: string, flags: readonly string[]): Uint8Array {
    const architecture = architectureFor(this.#capability, compiler.supported)
    if (architecture === undefined) throw new Refusal(`the CUDA compiler ${compiler.path} compiles for nothing that this GPU runs: install a newer one, or name one in RINGLAB_NVRTC.`)
    try {
      // Not the ring kernel's plain name: a program must never be named like something it could include.
      const { cubin, ptx } = compiler.compile({ source: text, name: `ringlab-${id}.cu`, architecture, options: flags })
      return cubin ?? new TextEncoder().encode(ptx)
    } catch (error) {
      if (error instanceof NvrtcError) throw new Refusal(`'${id}' does not compile: ${withoutWarnings(error.message)}`)
      throw error
    }
  }

  #choose(): NvrtcCandidate {
    const choice = chooseNvrtc(nvrtcCandidates(), { driver: this.#driver, computeCapability: this.#capability })
    if (choice.chosen !== undefined) return choice.chosen
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

function fileIdentity(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path)
    return `${path}:${size}:${mtimeMs}`
  } catch { return path }
}
