// Texts of captured functions as trees, and where their nodes stand in the user's file. The only file here that parses.
import type typescript from 'typescript'
import type { CapturedFunction } from '../../source/captured.js'
import type { Where } from '../ir.js'
import { ts } from './typescript.js'
import type { FunctionNode } from './value.js'

interface Text { readonly file: number; readonly fn: CapturedFunction; readonly before: number }

export class Sources {
  readonly files: string[] = []
  private readonly texts = new Map<typescript.SourceFile, Text>()
  private readonly parsed = new Map<CapturedFunction, FunctionNode>()
  private readonly lines = new Map<number, Map<number, string>>()

  /** The tree of a captured function. */
  parse(fn: CapturedFunction): FunctionNode {
    const known = this.parsed.get(fn)
    if (known) return known
    const [before, after] = fn.form === 'method' ? ['({', '})'] : ['(', ')']
    const tree = ts.createSourceFile('body.js', before + fn.text + after, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
    requireWhole(tree, fn)
    const statement = tree.statements[0]
    const inner = statement && ts.isExpressionStatement(statement) && ts.isParenthesizedExpression(statement.expression) ? statement.expression.expression : undefined
    const node = inner && ts.isObjectLiteralExpression(inner) ? inner.properties[0] : inner
    if (!node || !(ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isMethodDeclaration(node))) throw new Error(`This is no function: ${fn.text.slice(0, 60)}`)
    this.texts.set(tree, { file: this.fileNumber(fn), fn, before: before.length })
    this.parsed.set(fn, node)
    return node
  }

  where(node: typescript.Node): Where {
    const tree = node.getSourceFile()
    const text = this.texts.get(tree)
    if (!text) throw new Error('a node of no captured function')
    const start = node.getStart(tree)
    const { line, character } = tree.getLineAndCharacterOfPosition(start)
    const column = line === 0 ? text.fn.column + character - text.before : character + 1
    const end = Math.min(node.end, tree.getLineEndOfPosition(start))
    return { file: text.file, line: text.fn.line + line, column, length: Math.max(1, end - start) }
  }

  /** A line of a file as far as captured functions hold it; their first line is preceded by spaces. */
  line(file: number, number: number): string { return this.lines.get(file)?.get(number) ?? '' }

  private fileNumber(fn: CapturedFunction): number {
    const name = fn.file === '' ? 'ring kernel body' : fn.file
    const known = this.files.indexOf(name)
    const file = known >= 0 ? known : this.files.push(name) - 1
    const lines = this.lines.get(file) ?? new Map<number, string>()
    this.lines.set(file, lines)
    fn.text.split('\n').forEach((line, i) => {
      const whole = i === 0 ? ' '.repeat(Math.max(0, fn.column - 1)) + line : line
      const other = lines.get(fn.line + i)
      // Two functions that share a line: each knows its own part.
      lines.set(fn.line + i, other === undefined ? whole : overlay(other, whole))
    })
    return file
  }
}

/** What TypeScript cannot read it mends by leaving out, which must not pass unseen: it takes `(x)` before a line with `{` for an arrow function that lost its arrow. */
function requireWhole(tree: typescript.SourceFile, fn: CapturedFunction): void {
  const [problem] = (tree as unknown as { parseDiagnostics: readonly { readonly start: number; readonly messageText: string | { readonly messageText: string } }[] }).parseDiagnostics
  if (problem === undefined) return
  const { line } = tree.getLineAndCharacterOfPosition(problem.start)
  const said = typeof problem.messageText === 'string' ? problem.messageText : problem.messageText.messageText
  throw new SyntaxError(`${fn.file}:${fn.line + line}: TypeScript does not read this line as JavaScript does (${said}) Write a ; before the { that begins a block.`)
}

function overlay(a: string, b: string): string {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] === undefined || a[i] === ' ' ? b[i] ?? a[i] ?? ' ' : a[i])).join('')
}
