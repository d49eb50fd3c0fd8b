// Generated programs, run by plain JavaScript and by everything the compiler makes of them: 0 different bits. A fixed set of seeds runs in CI; RINGLAB_FUZZ_PROGRAMS
// and RINGLAB_FUZZ_FROM choose others (npm run fuzz:compiler -- --programs 100000).
import { expect, test } from 'vitest'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { Fields, Struct } from '#ringlab/schema/index.js'
import { randomInputs } from '../inputs.js'
import { differenceOf } from '../on-device.js'
import { Random } from '../random.js'
import { runSpecification } from '../specification.js'
import { runEmitted } from './emitted.js'
import { generatedKernel } from './program.js'

const programs = Number(process.env.RINGLAB_FUZZ_PROGRAMS ?? 500)
const first = Number(process.env.RINGLAB_FUZZ_FROM ?? 1)
const MESSAGES = 24
/** Differing programs shown; more say nothing new. */
const SHOWN = 5

loadTypeScript()

test(`${programs} generated programs from seed ${first}: emitted JavaScript gives every bit of plain JavaScript`, { timeout: 3_600_000 }, async () => {
  const wrong: string[] = []
  let [ran, outputs, parks] = [0, 0, 0]
  for (let seed = first; seed < first + programs && wrong.length < SHOWN; seed++) {
    ran++
    const { kernel, program: generated, request } = generatedKernel(seed)
    const definition = kernel.definition as unknown as Definition
    const inputs = randomInputs(kernel, seed, MESSAGES)
    const expected = await runSpecification(definition, inputs)
    try {
      const { program, findings } = translate(request)
      if (findings.length > 0) { wrong.push(`seed ${seed}: ${JSON.stringify(findings[0])}\n${generated.body}`); continue }
      const run = runEmitted(runPasses(program, () => undefined), definition, inputs, new Random(seed))
      outputs += run.outputs.length
      parks += run.parks
      const difference = run.fault ?? differenceOf({ outputs: run.outputs, extra: run.outputs.length - expected.outputs.length }, expected, definition.output as Struct<Fields>)
      if (difference !== undefined) wrong.push(`seed ${seed}: ${difference}\n${generated.body}`)
    } catch (error) { wrong.push(`seed ${seed}: ${(error as Error).stack ?? ''}\n${generated.body}`) }
  }
  console.log(`${ran} programs from seed ${first}: ${outputs} outputs compared, ${parks} parks, ${wrong.length} different`)
  expect(wrong.join('\n\n')).toBe('')
})
