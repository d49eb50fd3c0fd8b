// Every public option has a test that fails when it is ignored: the table of them names each option of the built API once, and tests that are there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { missing, rows, type Row } from '../runtime/options/table.js'
import { publicOptions } from './options.js'
import { root } from './sources.js'

const options = publicOptions()
const listed = [...rows.map(({ option }) => option), ...missing]

test('the reader of the API finds options of functions, constructors, methods, inside other options and in what a call gives', () => {
  expect(options).toEqual(expect.arrayContaining(['ringKernel capacity', 'RingKernelRuntime cpu.workers', 'RingKernel.send priority', 'RingKernelRuntime.launch supervisor.backoff.jitter', 'Kernel.launch threads', 'Barrier.passed timeoutMs', 'lab.trace capacity']))
})

test('every option of the API has its test', () => { expect(options.filter((option) => !listed.includes(option)), 'add a row for each to test/runtime/options/table.ts').toEqual([]) })

test('every option that has a test is one of the API', () => { expect(listed.filter((option) => !options.includes(option))).toEqual([]) })

test('no option stands twice', () => { expect(listed.filter((option, i) => listed.indexOf(option) !== i)).toEqual([]) })

test('every test that is named is there', () => {
  const texts = new Map(rows.map(({ file }) => [file, literalsOf(file)]))
  const isThere = ({ file, names }: Row): boolean => names.every((name) => texts.get(file)?.has(name) === true)
  expect(rows.filter((row) => !isThere(row))).toEqual([])
})

/** Every text that stands in a test file, the end of one with values in it, and every key of an object. */
function literalsOf(file: string): ReadonlySet<string> {
  const tree = ts.createSourceFile(file, readFileSync(join(root, 'test', file), 'utf8'), ts.ScriptTarget.Latest, true)
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateTail(node)) found.add(node.text)
    else if ((ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) && ts.isIdentifier(node.name)) found.add(node.name.text)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}
