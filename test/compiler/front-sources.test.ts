// What TypeScript's parser mends by leaving out must not pass unseen.
import { expect, test } from 'vitest'
import { compileBody } from '#ringlab/compiler/index.js'
import { describeSchema, struct, u32 } from '#ringlab/schema/index.js'

const Word = describeSchema(struct('Word', { w: u32 }))
const text = 'async (ctx) => {\n  for (;;) {\n    const m = await ctx.receive()\n    let x = (Infinity)\n    {\n      x = m.w\n    }\n    await ctx.send({ w: x })\n  }\n}'

function compile(body: string): unknown {
  const place = { captures: [], file: 'cell [1]', line: 1, column: 1 }
  const nodes = [{ kind: 'function' as const, text: body, form: 'expression' as const, method: '', ...place }]
  return compileBody({ name: 'mended', body: { text: body, root: 0, nodes, ...place }, input: Word, output: Word, ports: {}, state: undefined, buffers: {}, form: 'ring-kernel', parallel: undefined, math: 'exact' })
}

test('a body that TypeScript reads otherwise than JavaScript is refused with its line, and runs with a ;', () => {
  expect(() => compile(text)).toThrow(/cell \[1\]:\d+: TypeScript does not read this line as JavaScript does .* Write a ; before the \{/)
  expect(compile(text.replace('    {\n', '    ;{\n'))).toMatchObject({ ok: true })
})
