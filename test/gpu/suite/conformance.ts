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
import type { Check, Report } from './check.js'

/** Generated programs on top of the corpus, as many of them as its time allows: each costs a compilation. */
const GENERATED = 200
/** What of a check's time it uses, so that it can still say what it saw. */
const TIME_USED = 0.85

export const conformance: readonly Check[] = [
  { name: 'corpus: every bit equals plain JavaScript', secondsMax: 150, run: (report) => compare(corpus.entries(), 200, report, corpus.length) },
  { name: 'generated programs: every bit equals plain JavaScript', secondsMax: 240, run: (report) => compare(generated(), 30, report, 1) },
]

function* generated(): Generator<[number, CorpusKernel]> { for (let seed = 1; seed <= GENERATED; seed++) yield [seed, generatedKernel(seed).kernel] }

/** Compares as many as fit its time; fewer than `least` are a failure. */
async function compare(kernels: Iterable<readonly [number, CorpusKernel]>, messages: number, report: Report, least: number): Promise<string> {
  const runtime = new RingKernelRuntime({ device: 'cuda' })
  const until = performance.now() + report.secondsMax * TIME_USED * 1000
  const wrong: string[] = []
  let outputs = 0
  let count = 0
  let isCut = false
  try {
    for (const [i, kernel] of kernels) {
      if (performance.now() > until) { isCut = true; break }
      const { name } = kernel.definition as unknown as Definition
      report.at(`${name}, after ${count} others${wrong.length > 0 ? `, of which ${wrong.length} differ: ${wrong.slice(0, 3).join(' | ')}` : ''}`)
      count++
      try {
        const run = await compared(runtime, kernel, i, messages)
        outputs += run.outputs
        if (run.difference !== undefined) wrong.push(`${name}: ${run.difference}`)
      } catch (error) { wrong.push(`${name}: ${(error as Error).message}`) }
    }
  } finally { await runtime.shutdown() }
  const seen = `${count} ring kernels${isCut ? ` (its time was over after ${report.secondsMax.toFixed(0)} s)` : ''}, ${outputs} outputs, ${wrong.length} different`
  report.figure(`${messages} messages each: ring kernels compared`, count, 'ring kernels', `${wrong.length} different, ${outputs} outputs`)
  if (wrong.length > 0) throw new Error(`${seen}: ${wrong.slice(0, 10).join(' | ')}`)
  if (count < least) throw new Error(`${seen}, of ${least}`)
  return seen
}

async function compared(runtime: RingKernelRuntime, kernel: CorpusKernel, i: number, messages: number): Promise<{ outputs: number; difference: string | undefined }> {
  const definition = kernel.definition as unknown as Definition
  const inputs = randomInputs(kernel, i * 7907 + 11, messages)
  const expected = await runSpecification(definition, inputs)
  const random = new Random(i)
  const run = await runOnDevice(runtime, kernel, inputs, expected, 'cuda', async (actor) => {
    if (random.bits() % 40 !== 0) return
    await actor.deactivate()
    await actor.reactivate()
  })
  return { outputs: run.outputs.length, difference: differenceOf(run, expected, definition.output as Struct<Fields>) }
}
