// The catalogue's examples are true: each wrong one is found with its code, and each right one compiles.
import * as ringlab from 'ringlab'
import { expect, test } from 'vitest'
import { catalogue } from '#ringlab/compiler/diagnostics/catalogue/index.js'
import { exampleSchemas } from '#ringlab/compiler/diagnostics/entry.js'
import { compileBody, type CompileRequest } from '#ringlab/compiler/index.js'
import { requestFor } from './request.js'

const names = Object.keys(ringlab).filter((name) => /^[a-z]\w*$/.test(name))
const entries = [...catalogue].filter(([code]) => code < 'RL1500')

/** The definition that an example makes: that of its last statement. */
async function requestOf(example: string): Promise<CompileRequest> {
  let made: ringlab.RingKernelDefinition | undefined
  const ringKernel = (...values: Parameters<typeof ringlab.ringKernel>): unknown => { made = ringlab.ringKernel(...values) as ringlab.RingKernelDefinition; return made }
  const run = new Function(...names, `'use strict'; ${exampleSchemas}\n${example}`) as (...values: unknown[]) => void
  run(...names.map((name) => (name === 'ringKernel' ? ringKernel : (ringlab as Record<string, unknown>)[name])))
  if (!made) throw new Error('the example defines nothing')
  return requestFor(made)
}

test.each(entries)('%s: its wrong example is found', async (code, { wrong }) => {
  const outcome = compileBody(await requestOf(wrong))
  expect(outcome.ok ? [] : outcome.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code])
})

test.each(entries)('%s: its right example compiles', async (_code, { right }) => {
  const outcome = compileBody(await requestOf(right))
  expect(outcome.ok ? [] : outcome.diagnostics).toEqual([])
})

test.each(entries)('%s: its sentences leave no fact unsaid, and point at the source', async (_code, { wrong }) => {
  const outcome = compileBody(await requestOf(wrong))
  const [first] = outcome.ok ? [] : outcome.diagnostics
  expect(`${first?.message ?? '{}'} ${first?.fix ?? ''}`).not.toMatch(/\{\w+\}/)
  expect(first?.excerpt.slice(first.column - 1, first.column)).toMatch(/\S/)
})
