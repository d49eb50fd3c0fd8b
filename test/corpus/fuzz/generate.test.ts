// What the generator promises: its programs run as plain JavaScript without a fault, end, and answer differently to different messages.
import { expect, test } from 'vitest'
import type { Definition } from '#ringlab/runtime/definition.js'
import { randomInputs } from '../inputs.js'
import { runSpecification } from '../specification.js'
import { generatedKernel } from './program.js'

test('generated programs run, end and answer', async () => {
  let differing = 0
  for (let seed = 1; seed <= 300; seed++) {
    const { kernel, program } = generatedKernel(seed)
    const run = await runSpecification(kernel.definition as unknown as Definition, randomInputs(kernel, seed, 12))
    expect(run.fault, program.body).toBe(undefined)
    expect(run.outputs.length, program.body).toBeGreaterThan(0)
    if (new Set(run.outputs.map((output) => Buffer.from(output.bytes).toString('hex'))).size > 1) differing++
  }
  expect(differing).toBeGreaterThan(200)
})
