// The corpus on the CUDA device, through the public API and the simulated driver, with parks at random moments: what the device adds to a
// compiled body (its memory, its tables, its relaunches) must not show in a single bit.
import { afterAll, expect, test } from 'vitest'
import { RingKernelRuntime } from 'ringlab'
import type { Definition } from '#ringlab/runtime/definition.js'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import type { Fields, Struct } from '#ringlab/schema/index.js'
import type { CorpusKernel } from '../corpus/corpus.js'
import { corpus } from '../corpus/index.js'
import { randomInputs } from '../corpus/inputs.js'
import { differenceOf, runOnDevice } from '../corpus/on-device.js'
import { Random } from '../corpus/random.js'
import { runSpecification } from '../corpus/specification.js'
import { expectNothingLeft } from './simulated.js'

setBodyLog(() => undefined)
const runtime = new RingKernelRuntime({ device: 'cuda' })
afterAll(async () => {
  await runtime.shutdown()
  expectNothingLeft()
})

test.each(corpus.map((kernel, i) => [kernel.definition.name, kernel, i] as const))('%s', async (_name, kernel: CorpusKernel, i) => {
  const definition = kernel.definition as unknown as Definition
  const inputs = randomInputs(kernel, i * 7919 + 5, 40)
  const expected = await runSpecification(definition, inputs)
  const random = new Random(i)
  const run = await runOnDevice(runtime, kernel, inputs, expected, 'cuda', async (actor, message) => {
    if (random.bits() % 10 !== 0 || message < 5) return
    await actor.deactivate()
    await actor.reactivate()
  })
  expect(differenceOf(run, expected, definition.output as Struct<Fields>)).toBe(undefined)
})
