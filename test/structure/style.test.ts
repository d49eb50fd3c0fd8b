// How the code is written, as far as it can be counted: sizes, names, first lines, leftovers and exports nobody uses.
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { sourcesOf } from './sources.js'
import type { SourceFile } from './sources.js'

const src = sourcesOf('src')
const tests = sourcesOf('test')
const all = [...src, ...tests]

const fileLinesMax = 400
const functionLinesMax = 69

function lineOf(source: SourceFile, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line + 1
}

describe('sizes', () => {
  test(`no file has more than ${fileLinesMax} lines`, () => {
    const long = all.filter((source) => source.text.split('\n').length - 1 > fileLinesMax).map((source) => `${source.path}: ${source.text.split('\n').length - 1} lines; split it by meaning`)
    expect(long).toEqual([])
  })

  test(`no function of src has more than ${functionLinesMax} lines`, () => {
    const long: string[] = []
    for (const source of src) {
      const visit = (node: ts.Node): void => {
        if (ts.isFunctionLike(node)) {
          const lines = lineOf(source, node.end) - lineOf(source, node.getStart(source.tree)) + 1
          if (lines > functionLinesMax) long.push(`${source.path}:${lineOf(source, node.getStart(source.tree))}: ${lines} lines`)
        }
        ts.forEachChild(node, visit)
      }
      visit(source.tree)
    }
    expect(long).toEqual([])
  })
})

describe('names and first lines', () => {
  test('no file is named by what says nothing', () => {
    expect(all.filter((source) => /(^|[/.-])(utils?|helpers?|common|managers?|misc)([/.-]|$)/i.test(source.path)).map((source) => source.path)).toEqual([])
  })

  test('every file begins by saying what lives in it', () => {
    const silent = all.filter((source) => !/^(#![^\n]*\n)?(\/\/ .{20}|\/\*\*? .{10})/.test(source.text)).map((source) => source.path)
    expect(silent).toEqual([])
  })
})

test('nothing is left over in comments, and no rule is switched off', () => {
  // In parts, so that this file does not find itself.
  const leftovers = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X\\b', 'eslint-' + 'disable', '@ts-' + 'ignore', '@ts-' + 'nocheck'].join('|'))
  const found = all.flatMap((source) => commentsOf(source).filter((comment) => leftovers.test(comment.text)).map((comment) => `${source.path}:${comment.line}: ${comment.text}`))
  expect(found).toEqual([])
})

/** Comments of the code itself, not those in the cells that strings hold. */
function commentsOf(source: SourceFile): { line: number; text: string }[] {
  const ranges = new Map<number, ts.CommentRange>()
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.JsxText) return
    const found = [...(ts.getLeadingCommentRanges(source.text, node.pos) ?? []), ...(ts.getTrailingCommentRanges(source.text, node.end) ?? [])]
    for (const range of found) ranges.set(range.pos, range)
    for (const child of node.getChildren(source.tree)) visit(child)
  }
  visit(source.tree)
  return [...ranges.values()].map((range) => ({ line: lineOf(source, range.pos), text: source.text.slice(range.pos, range.end) }))
}

test('no test is switched off', () => {
  const found = tests.filter((source) => source.path.endsWith('.test.ts')).flatMap((source) => source.text.split('\n').flatMap((line, i) => (
    /\b(test|it|describe)\.(skip|only|todo|fails)\b/.test(line) ? [`${source.path}:${i + 1}: ${line.trim()}`] : [])))
  expect(found).toEqual([])
})

test('no export is unused', () => {
  const used = new Set<string>()
  for (const source of all) for (const { target, names } of source.imports) for (const name of names ?? ['*']) used.add(`${target}#${name}`)
  const unused = src.filter((source) => source.path !== 'src/index.ts' && !used.has(`${source.path}#*`)).flatMap((source) => exportsOf(source)
    .filter(({ name, isType }) => !used.has(`${source.path}#${name}`) && !(isType && occurrences(source, name) > 1))
    .map(({ name }) => `${source.path} exports ${name}, which nobody imports`))
  expect(unused).toEqual([])
})

function exportsOf(source: SourceFile): { name: string; isType: boolean }[] {
  return source.tree.statements.flatMap((statement): { name: string; isType: boolean }[] => {
    if (ts.isExportDeclaration(statement)) {
      if (!statement.exportClause || !ts.isNamedExports(statement.exportClause)) return []
      return statement.exportClause.elements.map((element) => ({ name: element.name.text, isType: false }))
    }
    if (!ts.canHaveModifiers(statement) || !ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return []
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap((declaration) => (ts.isIdentifier(declaration.name) ? [{ name: declaration.name.text, isType: false }] : []))
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
    return (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement) || isType) && statement.name ? [{ name: statement.name.text, isType }] : []
  })
}

/** A type may be exported for those who name what an exported function gives, when this file uses it so. */
function occurrences(source: SourceFile, name: string): number {
  return source.text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0
}
