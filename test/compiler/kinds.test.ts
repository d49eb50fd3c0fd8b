// Nothing of the language is passed over in silence: every kind of syntax is translated, refused with a sentence, or known not to occur in a body.
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { compileBody } from '#ringlab/compiler/index.js'
import { CaptureError } from '#ringlab/source/index.js'
import { elsewhere, refused, translated, type KindName } from './kinds.js'
import { requestFor } from './request.js'
import { definitionOf } from './snippet.js'

const names = new Map<number, KindName>()
for (const [name, number] of Object.entries(ts.SyntaxKind)) if (typeof number === 'number' && !names.has(number)) names.set(number, name as KindName)

test('every kind has a sample, or a reason not to', () => {
  const unknown = [...names.values()].filter((name) => !(name in translated) && !(name in refused) && !elsewhere.some((pattern) => pattern.test(name)))
  expect(unknown).toEqual([])
})

test('no kind with a sample is also said not to occur', () => {
  expect([...Object.keys(translated), ...Object.keys(refused)].filter((name) => elsewhere.some((pattern) => pattern.test(name)))).toEqual([])
})

describe('translated', () => {
  test.each(Object.entries(translated) as [KindName, string][])('%s: %s', async (kind, lines) => {
    expect(kindsIn(lines)).toContain(kind)
    const outcome = compileBody(await requestFor(definitionOf({ lines })))
    expect(outcome.ok ? [] : outcome.diagnostics).toEqual([])
  })
})

describe('refused', () => {
  test.each(Object.entries(refused) as [KindName, string][])('%s: %s', async (kind, lines) => {
    expect(kindsIn(lines)).toContain(kind)
    try {
      const outcome = compileBody(await requestFor(definitionOf({ lines })))
      expect(outcome.ok).toBe(false)
      if (!outcome.ok) expect(outcome.diagnostics[0]?.fix).toMatch(/\.$/)
    } catch (error) {
      // What a body may not take with it is refused before it is compiled; what this Node cannot parse is no body.
      if (!(error instanceof SyntaxError)) expect(error).toBeInstanceOf(CaptureError)
    }
  })
})

/** Kinds of the nodes and tokens of some lines. */
function kindsIn(lines: string): Set<KindName> {
  const found = new Set<KindName>()
  const tree = ts.createSourceFile('lines.js', `async function f() { ${lines} }`, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
  const visit = (node: ts.Node): void => {
    found.add(names.get(node.kind) ?? 'Unknown')
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) !== 0) found.add('UsingKeyword')
    for (const child of node.getChildren(tree)) visit(child)
  }
  visit(tree)
  return found
}
