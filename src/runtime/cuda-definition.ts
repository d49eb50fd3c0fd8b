// cudaRingKernel(): a ring kernel written in CUDA C++ by hand, or compiled to PTX or a CUBIN elsewhere. Everything around it is a ring kernel like any other.
import { isUint8Array } from 'node:util/types'
import type { Elements, Fields, Schema, Schemas } from '../schema/index.js'
import { checkName, checkOptions, define } from './definition.js'
import type { NoOutput, RingKernelDefinition, RingKernelOptions } from './types.js'

export interface CudaRingKernelOptions<I, O, S, B, P> extends RingKernelOptions<I, O, S, B, P> {
  /** CUDA C++; the device prelude (cuda/ring.cuh) stands in front of it. */
  source?: string
  /** In place of `source`: PTX as text, or the bytes of PTX or of a CUBIN. */
  image?: string | Uint8Array
  /** The kernel's name in the code, declared `extern "C"`; default: the ring kernel's name. */
  entry?: string
  /** Further flags for the compiler, such as `-DCOUNT=4`. */
  compilerOptions?: readonly string[]
  /** What compiler messages call the source, and the number of its first line; default: the ring kernel's name, 1. */
  file?: string
  line?: number
}

/**
 * Defines a ring kernel in CUDA C++ that follows the device prelude. It is compiled at launch, and only CUDA devices run it.
 *
 * @throws TypeError when an option is unknown or malformed.
 * @example
 * const echo = cudaRingKernel('echo', { input: Value, output: Value, source: text })
 */
export function cudaRingKernel<I extends Schema, O extends Schema = NoOutput, S extends Fields = {}, B extends Elements = {}, P extends Schemas = {}>(
  name: string, declared: CudaRingKernelOptions<I, O, S, B, P>,
): RingKernelDefinition<I, O, B, P> {
  checkName('cudaRingKernel', name)
  const declaredAsGiven: unknown = declared
  if (typeof declaredAsGiven !== 'object' || declaredAsGiven === null) throw new TypeError(`ring kernel '${name}' needs options with at least its input schema and its code: { input: Request, source }`)
  const { source, image, entry, compilerOptions, file, line, ...options } = declared
  checkOptions(name, options)
  const given = { source, image, entry, compilerOptions, file, line } as Readonly<Record<string, unknown>>
  const isText = typeof given['source'] === 'string'
  const isImage = typeof given['image'] === 'string' || isUint8Array(given['image'])
  if (isText === isImage) throw new TypeError(`ring kernel '${name}' needs its code once: CUDA C++ as source, or PTX or a CUBIN as image`)
  if (entry !== undefined && !/^[A-Za-z_]\w*$/.test(entry)) throw new TypeError(`ring kernel '${name}': entry must be the name of a kernel that is declared extern "C", but is '${entry}'`)
  if (entry === undefined && !/^[A-Za-z_]\w*$/.test(name)) throw new TypeError(`ring kernel '${name}': no kernel in CUDA C++ can have this name: say which one it is with the option 'entry'`)
  if (compilerOptions !== undefined && !compilerOptions.every((option) => typeof option === 'string')) throw new TypeError(`ring kernel '${name}': compilerOptions must be a list of texts, such as ['-DCOUNT=4']`)
  const notJavaScript = { onMessage: () => { throw new Error(`ring kernel '${name}' is CUDA C++: only a cuda device runs it`) } }
  return define(name, options as RingKernelOptions<I, O, S, B, P>, notJavaScript, { source, image, entry: entry ?? name, options: compilerOptions ?? [], file: file ?? `${name}.cu`, line: line ?? 1 })
}
