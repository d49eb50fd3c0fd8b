// The corpus: ring kernels that together use every construct of the compiled language. Each is run by plain JavaScript, which is the specification,
// and by everything the compiler emits; every output bit must be equal. Shapes only; the ring kernels are in kernels/.
import type { RingKernelDefinition } from 'ringlab'
import type { Random } from './random.js'

export interface CorpusKernel {
  readonly definition: RingKernelDefinition
  /** Brings a random message into the range the body needs, in place. */
  readonly shape: ((message: never, random: Random, index: number) => void) | undefined
  /** Elements of each declared buffer. */
  readonly buffers: Readonly<Record<string, number>>
}

/** One entry; `shape` changes random messages in place. */
export function entry(definition: RingKernelDefinition, shape?: (message: never, random: Random, index: number) => void, buffers: Readonly<Record<string, number>> = {}): CorpusKernel {
  return { definition, shape, buffers }
}
