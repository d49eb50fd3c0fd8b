// The corpus on the devices that are here: what each gives equals the specification in every bit, with parks at random moments.
import { afterAll, describe, expect, test } from 'vitest'
import { RingKernelRuntime } from 'ringlab'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { Fields, Struct } from '#ringlab/schema/index.js'
import type { CorpusKernel } from './corpus.js'
import { corpus } from './index.js'
import { randomInputs } from './inputs.js'
import { differenceOf, runOnDevice } from './on-device.js'
import { Random } from './random.js'
import { runSpecification } from './specification.js'

const runtime = new RingKernelRuntime()
afterAll(() => runtime.shutdown())

describe.each(['cpu'] as const)('on %s', (device) => {
  test.each(corpus.map((kernel, i) => [kernel.definition.name, kernel, i] as const))('%s', async (_name, kernel: CorpusKernel, i) => {
    const definition = kernel.definition as unknown as Definition
    const inputs = randomInputs(kernel, i * 104729 + 3, 60)
    const expected = await runSpecification(definition, inputs)
    const random = new Random(i)
    const run = await runOnDevice(runtime, kernel, inputs, expected, device, async (actor, message) => {
      if (random.bits() % 20 !== 0 || message < 5) return
      await actor.deactivate()
      await actor.reactivate()
    })
    expect(differenceOf(run, expected, definition.output as Struct<Fields>)).toBe(undefined)
  })
})
