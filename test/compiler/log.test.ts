// console.log in a body says what Node would print.
import { format } from 'node:util'
import { expect, test } from 'vitest'
import { translate } from '#ringlab/compiler/front/index.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import { interpret } from './interpreter.js'
import { requestFor } from './request.js'
import { codesOf, definitionOf } from './snippet.js'

test.each<[string, string]>([
  ["console.log('x', 1.5, true, 10n, -0)", format('x', 1.5, true, 10n, -0)],
  ["console.log('%d of %s', 3, 4, 'rest')", format('%d of %s', 3, 4, 'rest')],
  ['console.log(`a ${1 + ctx.state.n} b ${-0 * 1} 100%`, ctx.state.n > 5, 7n)', format('a 1 b 0 100%', false, 7n)],
  ['console.log("left", `${ctx.state.n}${true}`)', format('left', '0true')],
  ['console.log(settings.name, settings.scale, undefined, null)', format('fast', 3, undefined, null)],
  ['console.log(NaN, 1e21, 0.1 + 0.2, 2 ** 53)', format(NaN, 1e21, 0.1 + 0.2, 2 ** 53)],
])('%s', async (lines, wanted) => {
  const { program, findings } = translate(await requestFor(definitionOf({ lines })))
  expect(findings).toEqual([])
  const { logs } = interpret(runPasses(program, () => undefined), { inputs: [{ payload: new Uint8Array(program.input?.bytes ?? 0) }] })
  const said = logs.map(({ site, values }) => {
    const given = program.sites[site]
    let next = 0
    return given?.kind === 'log' ? format(...given.parts.map((part) => (typeof part === 'string' ? part : values[next++]))) : ''
  })
  expect(said).toEqual([wanted])
})

test('a bigint in a template is refused: its two texts differ', async () => {
  expect(await codesOf({ lines: 'console.log(`${m.s}`)' })).toEqual(['RL1001'])
})
