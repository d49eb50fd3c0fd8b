// Code beside its source: every line of both is there, in order, harmless, and under the line it came from.
import { expect, test } from 'vitest'
import { codeBesideBundle, stretchesOf } from '#ringlab/view/code-beside.js'

const emitted = ['f64 sum;', 'sum = 0;', 'for (u32 i = 0; i < 8; i++)', '  sum = sum + values[i];', 'if (a < b && c > d) <script>alert(1)</script>', 'rl_flush();']
const source = ['let sum = 0', 'for (const v of values) sum += v', 'a < b']
const from = [undefined, 1, 2, 2, 3, undefined]
const stretches = stretchesOf(emitted, (i) => from[i], (line) => source[line - 1] ?? '')

test('lines of one source line stand together', () => {
  expect(stretches.map((stretch) => [stretch.source?.line, stretch.emitted.length])).toEqual([[undefined, 1], [1, 1], [2, 2], [3, 1], [undefined, 1]])
})

test('text and HTML hold every line, and no line of the user becomes markup', () => {
  const bundle = codeBesideBundle({ title: 'summer as CUDA C++', sourceTitle: 'cell [3]', emittedTitle: 'CUDA C++', stretches, notes: ['41 registers'] })
  const text = String(bundle['text/plain'])
  for (const line of [...emitted, ...source]) expect(text).toContain(line)
  expect(text.indexOf('let sum = 0')).toBeLessThan(text.indexOf('sum = 0;'))
  const html = String(bundle['text/html'])
  expect(html).not.toContain('<script')
  expect(html.match(/<tr/g)).toHaveLength(1 + stretches.length)
})
