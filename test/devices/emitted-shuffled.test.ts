// The iterations of ctx.each have no order: emitted code that runs them shuffled gives what plain JavaScript gives, in order, to the bit.
import { describe, expect, test } from 'vitest'
import type { Definition } from '#ringlab/runtime/definition.js'
import { isError } from '#ringlab/compiler/diagnostics/report.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import { translate } from '#ringlab/compiler/front/index.js'
import { emitJavaScript } from '#ringlab/compiler/javascript/emit.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import { layoutOf, type Fields, type Struct } from '#ringlab/schema/index.js'
import { comparable } from '../compiler/nan.js'
import { requestFor } from '../compiler/request.js'
import { randomInputs } from '../corpus/inputs.js'
import { parallel } from '../corpus/kernels/parallel.js'
import { runSpecification } from '../corpus/specification.js'
import { Bench } from './bench.js'

describe('shuffled', () => {
  const kernels = parallel.filter(({ definition }) => Object.keys(definition.buffers as object).length === 0)
  let shuffled = 0
  test.each(kernels.map((kernel) => [kernel.definition.name, kernel] as const))('%s', async (_name, kernel) => {
    const definition = kernel.definition as unknown as Definition
    const inputs = randomInputs(kernel, 17, 12)
    const expected = await runSpecification(definition, inputs)
    loadTypeScript()
    const { program: naive, findings } = translate(await requestFor(kernel.definition))
    expect(findings.filter(isError)).toEqual([])
    const program = runPasses(naive, () => undefined)
    if (emitJavaScript(program, { eachOrder: 'shuffled' }).text.includes('numeric.shuffled')) shuffled++
    const bench = new Bench(program, definition.input as Struct<Fields>, definition.output as Struct<Fields>, { capacity: 64, javascript: { eachOrder: 'shuffled' } })
    for (const { bytes } of inputs) bench.sendBytes(bytes)
    bench.tell('run')
    while (bench.runner.step() !== 'idle');
    const layout = layoutOf(definition.output as Struct<Fields>)
    const outputs: string[] = []
    for (let output = bench.receiveBytes(); output !== undefined; output = bench.receiveBytes()) outputs.push(comparable(output, layout))
    expect(outputs).toEqual(expected.outputs.map(({ bytes }) => comparable(bytes, layout)))
  })

  test('most of them have iterations to shuffle', () => { expect(shuffled).toBeGreaterThan(3) })
})
