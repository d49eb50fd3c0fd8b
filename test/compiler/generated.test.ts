// Random programs: whatever the generator writes, the front end and the passes keep the bits of plain JavaScript.
import { expect, test } from 'vitest'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import { generatedKernel } from '../corpus/fuzz/program.js'
import { randomInputs } from '../corpus/inputs.js'
import { runSpecification } from '../corpus/specification.js'
import { interpret } from './interpreter.js'
import { comparable } from './nan.js'
import { requestFor } from './request.js'

const FIRST = 1
const PROGRAMS = Number(process.env.RINGLAB_TEST_PROGRAMS ?? 80)

loadTypeScript()

test(`${PROGRAMS} generated programs`, async () => {
  for (let seed = FIRST; seed < FIRST + PROGRAMS; seed++) {
    const { kernel, program: { body } } = generatedKernel(seed)
    const inputs = randomInputs(kernel, seed, 8)
    const wanted = await runSpecification(kernel.definition as unknown as Definition, inputs)
    const { program, findings } = translate(await requestFor(kernel.definition))
    expect(findings, body).toEqual([])
    const seen = interpret(runPasses(program, () => undefined), { inputs: inputs.map(({ bytes, ...input }) => ({ payload: bytes, ...input })), parks: (n) => (n + seed) % 3 === 0 })
    const output = program.ports[0]?.layout
    const state = program.state
    if (!output) throw new Error('a generated program sends')
    expect(seen.outputs.map(({ payload }) => comparable(payload, output)), `seed ${seed}: ${body}`).toEqual(wanted.outputs.map(({ bytes }) => comparable(bytes, output)))
    expect(state && comparable(seen.state, state), `seed ${seed}: ${body}`).toBe(state && comparable(wanted.state, state))
  }
})
