// The catalogue's own examples: the wrong one of every code yields that code, the right one compiles, and both can be read in a terminal.
import { describe, expect, test } from 'vitest'
import * as ringlab from 'ringlab'
import { catalogue } from '#ringlab/compiler/diagnostics/catalogue/index.js'
import { exampleSchemas } from '#ringlab/compiler/diagnostics/entry.js'
import { explanationOf } from '#ringlab/compiler/diagnostics/explain.js'
import { compileBody } from '#ringlab/compiler/index.js'
import { requestOf } from '#ringlab/cli/compile/request.js'
import { isDefinition } from '#ringlab/runtime/definition.js'
import { stripModule } from '#ringlab/source/strip-module.js'

/** Codes found in an example, run as a cell would run it. */
async function codesOf(example: string): Promise<string[]> {
  const text = stripModule(`${exampleSchemas}\nlet definition\n${example.replace(/^(?=ringKernel\()/m, 'definition = ')}`, 'example.ts')
  const run = Reflect.construct(Function, [...Object.keys(ringlab), `${text}\nreturn definition`]) as (...values: unknown[]) => unknown
  const definition = run(...Object.values(ringlab))
  if (!isDefinition(definition)) throw new Error('the example defines no ring kernel')
  const outcome = compileBody(await requestOf(definition))
  return (outcome.ok ? outcome.body.notes : outcome.diagnostics).map(({ code }) => code)
}

describe.each([...catalogue])('%s', (code, entry) => {
  test('is what its wrong example yields, and its right one does not', async () => {
    expect(await codesOf(entry.wrong), `${entry.title}, wrong`).toContain(code)
    const right = await codesOf(entry.right)
    expect(right.filter((found) => catalogue.get(found)?.category === 'error' || found === code), `${entry.title}, right`).toEqual([])
  })

  test('is explained in 80 columns, in whole sentences', () => {
    const text = explanationOf(code) ?? ''
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(entry.why).toMatch(/^[A-Za-z`'].*[.!]$/s)
    expect(entry.message).toMatch(/[.?]$/)
  })
})
