// The promise of the front end: what it makes of every ring kernel of the corpus gives the specification's bits, before any pass and after all of them.
import { expect, test } from 'vitest'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import type { Program } from '#ringlab/compiler/ir.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { CorpusKernel } from '../corpus/corpus.js'
import { corpus } from '../corpus/index.js'
import { randomInputs } from '../corpus/inputs.js'
import { runSpecification, type Output } from '../corpus/specification.js'
import { interpret, type Seen } from './interpreter.js'
import { comparable } from './nan.js'
import { requestFor } from './request.js'

const MESSAGES = 24

loadTypeScript()

test.each(corpus.map((kernel, i) => [kernel.definition.name, kernel, i] as const))('%s gives the bits of plain JavaScript', async (_name, kernel: CorpusKernel, i) => {
  const inputs = randomInputs(kernel, i * 7919 + 1, MESSAGES)
  const given = { inputs: inputs.map(({ bytes, ...input }) => ({ payload: bytes, ...input })) }
  const wanted = await runSpecification(kernel.definition as unknown as Definition, inputs)
  const { program, findings } = translate(await requestFor(kernel.definition))
  expect(findings).toEqual([])
  for (const seen of [interpret(copying(program), given), interpret(runPasses(program, () => undefined), { ...given, parks: (n) => n % 3 === 0 })]) {
    expect(outputsOf(program, seen)).toEqual(wanted.outputs.map((output) => line(program, 0, output.bytes, output)))
    expect(program.state && comparable(seen.state, program.state)).toBe(program.state && comparable(wanted.state, program.state))
    expect(seen.faults).toEqual([])
  }
})

/** The naive program with every message copied on receipt: which may be read in place is for the passes to say. */
function copying(program: Program): Program {
  const { input } = program
  if (!input) return program
  const regions = program.messages.map(({ name }) => ({ name, layout: input, offset: 0 }))
  return { ...program, regions: [...program.regions, ...regions], messages: program.messages.map((message, i) => ({ ...message, region: program.regions.length + i })) }
}

function outputsOf(program: Program, seen: Seen): string[] { return seen.outputs.map((output) => line(program, output.port, output.payload, output)) }

function line(program: Program, port: number, bytes: Uint8Array, { correlationId, priority }: Pick<Output, 'correlationId' | 'priority'>): string {
  const layout = program.ports[port]?.layout
  return `${layout ? comparable(bytes, layout) : ''} ${correlationId} ${priority}`
}
