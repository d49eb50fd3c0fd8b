// The corpus itself: every ring kernel of it runs as plain JavaScript over random messages and answers, so that comparing with it means something.
import { expect, test } from 'vitest'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { CorpusKernel } from './corpus.js'
import { corpus } from './index.js'
import { randomInputs } from './inputs.js'
import { runSpecification } from './specification.js'

test.each(corpus.map((kernel, i) => [kernel.definition.name, kernel, i] as const))('%s runs as plain JavaScript and gives different answers', async (name, kernel: CorpusKernel, i) => {
  const run = await runSpecification(kernel.definition as unknown as Definition, randomInputs(kernel, i * 7919 + 1, 40))
  expect(run.fault).toBe(undefined)
  const different = new Set(run.outputs.map((output) => Buffer.from(output.bytes).toString('hex'))).size
  expect(different).toBeGreaterThan(name === 'no-output' ? -1 : run.returned ? 0 : 1)
})
