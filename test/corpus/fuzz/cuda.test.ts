// Generated programs as CUDA C++, compiled by g++ and run on the simulated GPU: 0 different bits from plain JavaScript. A fixed set of seeds runs in CI;
// RINGLAB_FUZZ_PROGRAMS and RINGLAB_FUZZ_FROM choose others (npm run fuzz:compiler -- --cuda).
import { afterAll, expect, test } from 'vitest'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import { comparable } from '../../compiler/nan.js'
import { simulatedGpu } from '../../driver/gpu.js'
import { randomInputs } from '../inputs.js'
import { Random } from '../random.js'
import { runSpecification, type Input, type Run } from '../specification.js'
import { emitted, loadUnit, type UnitProgram } from './cuda-unit.js'
import { runOnSimulatedGpu, type SimulatedRun } from './on-simulated-gpu.js'
import { generatedKernel } from './program.js'

const programs = Number(process.env.RINGLAB_FUZZ_PROGRAMS ?? 150)
const first = Number(process.env.RINGLAB_FUZZ_FROM ?? 1)
const MESSAGES = 24
/** Programs of a translation unit: enough that the prelude is a small part of what g++ reads. */
const UNIT = 25
/** Differing programs shown; more say nothing new. */
const SHOWN = 5

interface Case { readonly seed: number; readonly text: string; readonly unit: UnitProgram; readonly inputs: readonly Input[]; readonly expected: Run }

loadTypeScript()
const gpu = simulatedGpu()
afterAll(() => { gpu[Symbol.dispose]() })

test(`${programs} generated programs from seed ${first}: emitted CUDA gives every bit of plain JavaScript`, { timeout: 3_600_000 }, async () => {
  const wrong: string[] = []
  let [outputs, parks, ran] = [0, 0, 0]
  for (let from = first; from < first + programs && wrong.length < SHOWN; from += UNIT) {
    const cases: Case[] = []
    // One after the other: the specification borrows console.log and Math.pow.
    for (let seed = from; seed < Math.min(from + UNIT, first + programs); seed++) cases.push(await caseOf(seed))
    const unit = loadUnit(gpu, cases.map((each) => each.unit))
    for (const { seed, text, unit: program, inputs, expected } of cases) {
      try {
        const run = await runOnSimulatedGpu(gpu, program, unit.functionOf(program), inputs, new Random(seed))
        outputs += run.outputs.length
        parks += run.parks
        const difference = differenceOf(run, expected, program)
        if (difference !== undefined) wrong.push(`seed ${seed}: ${difference}\n${text}`)
      } catch (error) { wrong.push(`seed ${seed}: ${(error as Error).message}\n${text}`) }
      ran++
    }
    unit[Symbol.dispose]()
  }
  console.log(`${ran} programs from seed ${first}: ${outputs} outputs compared, ${parks} parks, ${wrong.length} different`)
  expect(wrong.join('\n\n')).toBe('')
})

async function caseOf(seed: number): Promise<Case> {
  const { kernel, program: generated, request } = generatedKernel(seed)
  const inputs = randomInputs(kernel, seed, MESSAGES)
  const expected = await runSpecification(kernel.definition as unknown as Definition, inputs)
  const { program, findings } = translate(request)
  if (findings.length > 0) throw new Error(`seed ${seed}: ${JSON.stringify(findings[0])}\n${generated.body}`)
  return { seed, text: generated.body, unit: emitted(runPasses(program, () => undefined)), inputs, expected }
}

function differenceOf(run: SimulatedRun, expected: Run, { program }: UnitProgram): string | undefined {
  if (run.fault !== undefined) return `it failed: ${run.fault}`
  const layout = program.ports[0]?.layout
  const line = ({ bytes, correlationId, priority }: Run['outputs'][number]): string => `${layout ? comparable(bytes, layout) : ''} ${correlationId} ${priority}`
  for (let i = 0; i < Math.max(run.outputs.length, expected.outputs.length); i++) {
    const [got, wanted] = [run.outputs[i], expected.outputs[i]].map((output) => (output === undefined ? 'nothing' : line(output)))
    if (got !== wanted) return `output ${i} of ${expected.outputs.length} is ${got ?? ''} instead of ${wanted ?? ''}`
  }
  if (program.state === undefined) return undefined
  const [state, wanted] = [comparable(run.state, program.state), comparable(expected.state, program.state)]
  return state === wanted ? undefined : `the state is ${state} instead of ${wanted}`
}
