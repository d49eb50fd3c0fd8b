// Shift-Tab and `?name`: the type and the doc comment of what is at the cursor.
import type ts from 'typescript'
import type { Inspection } from '../front-end.js'
import { ask, type Question } from './complete.js'
import type { CellCompiler } from './compile.js'
import { cellFile } from './service.js'

/** The longest doc comment worth looking for, in characters before a declaration. */
const commentReach = 8000

export function inspect(compiler: CellCompiler, code: string, offset: number, detail: 0 | 1): Inspection {
  const question = ask(compiler, code, offset)
  const at = [question.position, question.position - 1].find((position) => position >= question.shift && question.service.getQuickInfoAtPosition(question.file, position))
    ?? calleeOf(question)
  const info = at === undefined ? undefined : question.service.getQuickInfoAtPosition(question.file, at)
  if (!info || at === undefined) return { found: false, bundle: {} }
  const type = compiler.ts.displayPartsToString(info.displayParts).replace(/^\(alias\) /, '').replace(/\nimport [\w$]+$/, '')
  // What the checker could not find is `any`.
  if (type === 'any') return { found: false, bundle: {} }
  const { doc, source } = definition(compiler, question, at, code.slice(info.textSpan.start - question.shift, info.textSpan.start - question.shift + info.textSpan.length))
  const shown = detail === 1 ? source : undefined
  const plain = [type, doc, shown].filter((part) => part !== undefined && part !== '').join('\n\n')
  const markdown = [fence(type), doc, shown === undefined ? undefined : fence(shown)].filter((part) => part !== undefined && part !== '').join('\n\n')
  return { found: true, bundle: { 'text/plain': plain, 'text/markdown': markdown } }
}

function fence(code: string): string { return `\`\`\`typescript\n${code}\n\`\`\`` }

/** Inside the brackets of a call, the function that is called. */
function calleeOf(question: Question): number | undefined {
  const help = question.service.getSignatureHelpItems(question.file, question.position, undefined)
  if (!help) return undefined
  const text = question.prepared.text.slice(0, help.applicableSpan.start - question.shift)
  const name = /([\w$]+)\s*(?:<[^()]*>)?\s*\(\s*$/.exec(text)
  return name ? question.shift + name.index : undefined
}

function definition(compiler: CellCompiler, question: Question, at: number, word: string): { doc: string | undefined; source: string | undefined } {
  const [found] = question.service.getDefinitionAtPosition(question.file, at) ?? []
  const program = question.service.getProgram()
  const session = compiler.names.get(word)
  const isOurs = !found || found.fileName === question.file && found.textSpan.start < question.shift
  if (isOurs && session) {
    const file = program?.getSourceFile(cellFile(session.cell))
    const statement = file && declaring(compiler.ts, file, word)
    return file && statement ? { doc: docBefore(file.text, statement.getStart(file)), source: statement.getText(file) } : { doc: undefined, source: undefined }
  }
  const file = found && program?.getSourceFile(found.fileName)
  const span = found?.contextSpan ?? found?.textSpan
  if (!file || !span) return { doc: undefined, source: undefined }
  return { doc: docBefore(file.text, span.start), source: file.text.slice(span.start, span.start + span.length) }
}

function declaring(ts: CellCompiler['ts'], file: ts.SourceFile, name: string): ts.Statement | undefined {
  return file.statements.find((statement) => ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.some((d) => new RegExp(`(^|[^\\w$])${name.replace(/\$/g, '\\$')}([^\\w$]|$)`).test(d.name.getText(file)))
    : (statement as ts.Statement & { name?: ts.Node }).name?.getText(file) === name)
}

/** The doc comment that ends right before a declaration, without its stars. Doc comments are not parsed, so that checking stays fast. */
function docBefore(text: string, start: number): string | undefined {
  const comment = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*$/.exec(text.slice(Math.max(0, start - commentReach), start))?.[1]
  return comment?.split('\n').map((line) => line.replace(/^\s*\*? ?/, '')).join('\n').replace(/\{@link\s+([^}|]+)[^}]*\}/g, '$1').trim()
}
