// The corpus on the GPU: every output bit equal to plain JavaScript, parks at random moments included.
import { RingKernelRuntime } from 'ringlab'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { Fields, Struct } from '#ringlab/schema/index.js'
import { corpus } from '../../corpus/index.js'
import { generatedKernel } from '../../corpus/fuzz/program.js'
import type { CorpusKernel } from '../../corpus/corpus.js'
import { randomInputs } from '../../corpus/inputs.js'
import { differenceOf, runOnDevice } from '../../corpus/on-device.js'
import { Random } from '../../corpus/random.js'
import { runSpecification } from '../../corpus/specification.js'
import type { Check } from './check.js'

/** Generated programs on top of the corpus: each costs a compilation. */
const GENERATED = 200

export const conformance: readonly Check[] = [
  { name: 'corpus: every bit equals plain JavaScript', secondsMax: 240, run: () => compare(corpus, 200) },
  { name: 'generated programs: every bit equals plain JavaScript', secondsMax: 240, run: () => compare(Array.from({ length: GENERATED }, (_, seed) => generatedKernel(seed + 1).kernel), 30) },
]

async function compare(kernels: readonly CorpusKernel[], messages: number): Promise<string> {
  const runtime = new RingKernelRuntime({ device: 'cuda' })
  const wrong: string[] = []
  let outputs = 0
  try {
    for (const [i, kernel] of kernels.entries()) {
      const definition = kernel.definition as unknown as Definition
      const inputs = randomInputs(kernel, i * 7907 + 11, messages)
      const expected = await runSpecification(definition, inputs)
      const random = new Random(i)
      try {
        const run = await runOnDevice(runtime, kernel, inputs, expected, 'cuda', async (actor) => {
          if (random.bits() % 40 !== 0) return
          await actor.deactivate()
          await actor.reactivate()
        })
        outputs += run.outputs.length
        const difference = differenceOf(run, expected, definition.output as Struct<Fields>)
        if (difference !== undefined) wrong.push(`${definition.name}: ${difference}`)
      } catch (error) { wrong.push(`${definition.name}: ${(error as Error).message}`) }
    }
  } finally { await runtime.shutdown() }
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${kernels.length} ring kernels differ: ${wrong.slice(0, 10).join(' | ')}`)
  return `${kernels.length} ring kernels, ${outputs} outputs, 0 different`
}
