// Random inputs for ring kernels of the corpus and of the fuzzer: equal for equal seeds.
import { structCodec, type Fields, type Struct } from '#ringlab/schema/index.js'
import type { CorpusKernel } from './corpus.js'
import { Random, randomMessage } from './random.js'
import { encode, type Input } from './specification.js'

/** `count` random messages of the entry's input schema. */
export function randomInputs(kernel: CorpusKernel, seed: number, count: number): Input[] {
  const random = new Random(seed)
  const schema = kernel.definition.input as Struct<Fields>
  const codec = structCodec(schema)
  return Array.from({ length: count }, (_, i) => {
    const message = randomMessage(schema, random)
    kernel.shape?.(message as never, random, i)
    return { bytes: encode(codec, message), correlationId: BigInt(i) + 1n, priority: 128 }
  })
}
