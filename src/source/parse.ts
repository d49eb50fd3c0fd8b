// Reads one function's text: where it is, what it reads from around it, and its JavaScript. Pure; the only file here that drives the TypeScript parser.

import type typescript from 'typescript'
import { analyse } from './free-names.js'
import type { ParsedBody, ParseRequest } from './parse-request.js'
import { stripTypes } from './strip-types.js'

type TS = typeof typescript

/** Answers a parse request with the TypeScript given. @throws Error when no function can be found in the text. */
export function parseBody(ts: TS, request: ParseRequest): ParsedBody {
  return request.kind === 'function' ? parseFunction(ts, request.text) : parseCell(ts, request)
}

/** A method's text stands alone only inside an object literal, a function's only as an expression. */
function parseFunction(ts: TS, text: string): ParsedBody {
  for (const [before, after] of [['(', ')'], ['({', '})']] as const) {
    const file = ts.createSourceFile('body.js', before + text + after, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
    const statement = file.statements[0]
    if (syntaxErrors(file) > 0 || file.statements.length !== 1 || !statement || !ts.isExpressionStatement(statement)) continue
    const inner = (statement.expression as typescript.ParenthesizedExpression).expression
    const root = ts.isObjectLiteralExpression(inner) && before === '({' ? inner.properties[0] : inner
    if (root && isFunction(ts, root)) return described(ts, file, root, before.length)
  }
  throw new Error(`Its text cannot be read as a function: ${text.slice(0, 60)}`)
}

function parseCell(ts: TS, request: Extract<ParseRequest, { kind: 'cell' }>): ParsedBody {
  const file = ts.createSourceFile('cell.ts', request.text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  let best: { node: typescript.FunctionLikeDeclaration; distance: number } | undefined
  const visit = (node: typescript.Node): void => {
    if (isFunction(ts, node) && ts.isArrowFunction(node) === request.arrow) {
      const places = [locationOf(ts, file, node), node.getStart(file), ...(node.name ? [node.name.getStart(file)] : [])]
      const distance = Math.min(...places.map((place) => Math.abs(place - request.offset)))
      if (!best || distance < best.distance) best = { node, distance }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  if (!best) throw new Error('Its cell holds no such function.')
  return described(ts, file, best.node, 0)
}

function described(ts: TS, file: typescript.SourceFile, root: typescript.FunctionLikeDeclaration, removed: number): ParsedBody {
  const start = root.getStart(file)
  const method = ts.isMethodDeclaration(root)
  const { free, refusals } = analyse(ts, file, root)
  const computed = root.name && (ts.isComputedPropertyName(root.name) || ts.isPrivateIdentifier(root.name))
  return {
    text: stripTypes(ts, file, root),
    form: method ? 'method' : 'expression',
    start: start - removed,
    locationOffset: locationOf(ts, file, root) - start,
    free,
    refusals: computed ? [...refusals, { variable: root.name.getText(file), why: 'its name is computed; give the method a plain name.' }] : refusals,
  }
}

function isFunction(ts: TS, node: typescript.Node): node is typescript.FunctionLikeDeclaration {
  return (ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.body !== undefined
}

/** V8 locates an arrow function at its start, any other at the parenthesis of its parameters (seen on Node 20, 24 and 26). */
function locationOf(ts: TS, file: typescript.SourceFile, node: typescript.FunctionLikeDeclaration): number {
  return ts.isArrowFunction(node) ? node.getStart(file) : node.parameters.pos - 1
}

function syntaxErrors(file: typescript.SourceFile): number {
  return (file as unknown as { parseDiagnostics: readonly unknown[] }).parseDiagnostics.length
}
