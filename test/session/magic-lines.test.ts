// Which lines of a cell are magics, shell commands or help, and which are TypeScript that looks like them.
import { describe, expect, it } from 'vitest'
import { createRequire } from 'node:module'
import type ts from 'typescript'
import { findMagics, magicReplacements } from '#ringlab/session/language/magic-scanner.js'
import { applyReplacements, toChecked, toUser } from '#ringlab/session/language/positions.js'

const compiler = createRequire(import.meta.url)('typescript') as typeof ts
const bound = new Set(['count', 'done', 'ok'])
const found = (code: string): string[] => findMagics(compiler, code, (word) => bound.has(word)).map(({ kind, name, line, use, body }) => [kind, name, line, use, ...(body === undefined ? [] : [body])].join('|'))

describe('magics', () => {
  it.each([
    ['%queues --live 5', ['magic|queues|--live 5|statement']],
    ['  %queues', ['magic|queues||statement']],
    ['const x = 5\n%actors\nx', ['magic|actors||statement']],
    ['const x = %receive summer --timeout 1\nx', ['magic|receive|summer --timeout 1|value']],
    ['let files = !ls -la | wc', ['shell|!|ls -la | wc|value']],
    ['!npm install zod', ['shell|!|npm install zod|statement']],
    ['!./run.sh "it\'s"\n1 + 1', ['shell|!|./run.sh "it\'s"|statement']],
    ['// a note\n%%time slow\nlet a = 1\n%not a magic', ['magic|time|slow|statement|let a = 1\n%not a magic']],
    ['?count', ['help|count||statement']],
    ['count?', ['help|count||statement']],
    ['lab.display??', ['help|lab.display||statement']],
    ['?%queues', ['help|%queues||statement']],
    ['%queues?', ['help|%queues||statement']],
    ['%send summer { id: 1, text: "%x" }; // y', ['magic|send|summer { id: 1, text: "%x" }; // y|statement']],
    ['for (const i of [1]) {\n  %send a i\n}', ['magic|send|a i|statement']],
    ['%actors\n%queues', ['magic|actors||statement', 'magic|queues||statement']],
    ['%who\r\n1', ['magic|who||statement']],
  ])('%s', (code, expected) => { expect(found(code)).toEqual(expected) })
})

describe('TypeScript that looks like a magic', () => {
  it.each([
    'const a = 7\n  % count',
    'const a = 7\n%count',
    '`\n%queues\n`',
    '`${\n`\n%queues\n`}`',
    '/*\n%queues\n*/',
    '// %queues\n1',
    '"\\\n%queues"',
    'f(\n%queues\n)',
    '!done',
    'const b = !done',
    'const c = !isNaN(3)',
    'let flag = true\n!flag && f()',
    '!true',
    'const d = ok\n  ? 1\n  : 2',
    'const e = ok\n?count\n:2',
    'ok?\ncount : 2',
    'ok\n  && !done',
    'const r = /[/%]\\/%x/g\n',
    'x %= 2',
    '5 %count',
    'const f = a < b\nconst g = c > d',
  ])('%s', (code) => { expect(found(code)).toEqual([]) })
})

describe('positions', () => {
  it('map between the cell as typed and as checked, on both sides of each magic', () => {
    const code = 'const x = %receive summer\nx.length\n%queues\ny'
    const { text, edits } = applyReplacements(code, magicReplacements(findMagics(compiler, code, () => false)))
    for (const word of ['const', 'x.length', 'y']) {
      const at = word === 'y' ? code.length - 1 : code.indexOf(word)
      const checked = word === 'y' ? text.length - 1 : text.indexOf(word)
      expect(toChecked(edits, at)).toBe(checked)
      expect(toUser(edits, checked)).toBe(at)
    }
    expect(toUser(edits, text.indexOf('$magic'))).toBe(code.indexOf('%receive'))
  })
})
