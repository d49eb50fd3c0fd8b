// An error as a front end prints it: the message, the stack, the line of the cell with a caret under the place, in ANSI colours. One text for
// type errors, one for everything thrown.
import { inspect } from 'node:util'
import { CompileError } from '../../compiler/diagnostics/compile-error.js'
import type { CellError } from '../front-end.js'
import type { Problem } from '../language/protocol.js'
import type { Sources } from './sources.js'

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`
const cyan = (text: string): string => `\u001b[36m${text}\u001b[39m`
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`
const yellow = (text: string): string => `\u001b[33m${text}\u001b[39m`

/** Lines shown around the place of an error. */
const around = 1
/** How many type errors are shown in full. */
const shownProblems = 10

function problemError(problems: readonly Problem[], label: string, code: string): CellError {
  const lines: string[] = []
  for (const problem of problems.slice(0, shownProblems)) {
    lines.push(`${cyan(`${label}:${problem.line}:${problem.column}`)} - ${red('error')} ${dim(`TS${problem.code}:`)} ${problem.message}`)
    lines.push(...excerpt(code, problem.line, problem.column, problem.length), ...(problem.hint === undefined ? [] : [`  ${yellow('hint:')} ${problem.hint}`]), '')
  }
  if (problems.length > shownProblems) lines.push(`and ${problems.length - shownProblems} more`)
  const first = problems[0]
  const isSyntax = first !== undefined && first.code < 2000
  const message = first ? `${label}:${first.line}:${first.column} - ${first.message}${first.hint === undefined ? '' : ` (${first.hint})`}` : 'the cell could not be checked'
  return { name: isSyntax ? 'SyntaxError' : 'TypeScriptError', message, traceback: lines.join('\n').trimEnd().split('\n') }
}

/** A cell, or a file it imports, that was refused before it ran. */
export class CheckError extends Error {
  override readonly name = 'TypeScriptError'
  readonly cellError: CellError
  constructor(problems: readonly Problem[], label: string, code: string) {
    const cellError = problemError(problems, label, code)
    super(cellError.message)
    this.cellError = cellError
  }
}

/** Whatever ended a cell, ready to print. */
export function errorOf(thrown: unknown, sources: Sources): CellError {
  if (thrown instanceof CheckError) return thrown.cellError
  return thrown instanceof CompileError ? compileError(thrown) : thrownError(thrown, sources)
}

/** A body outside the compiled language: its places and codes stand out, and no stack follows, for nothing ran. */
function compileError({ name, message }: CompileError): CellError {
  const coloured = message.replace(/^(\S.*:\d+:\d+) - error (RL\d+:)/gm, (_, place: string, code: string) => `${cyan(place)} - ${red('error')} ${dim(code)}`)
    .replace(/^( +)(~+)$/gm, (_, before: string, under: string) => before + red(under))
  return { name, message, traceback: `${red(name)}: ${coloured}`.split('\n') }
}

/** A warning as a line of stderr. */
export function warningText(problem: Problem, label: string): string { return `${label}:${problem.line}:${problem.column} - warning TS${problem.code}: ${problem.message}\n` }

/** What a cell threw; it need not be an Error. */
export function thrownError(thrown: unknown, sources: Sources): CellError {
  if (!isError(thrown)) {
    const text = inspect(thrown)
    return { name: 'Error', message: `Uncaught ${text}`, traceback: [`${red('Uncaught')} ${text}`] }
  }
  const name = typeof thrown.name === 'string' && thrown.name !== '' ? thrown.name : 'Error'
  const { message } = thrown
  // An error whose frames were all ours is inspected as `[Name: message]`, whatever the lines of its message.
  const inspected = errorText(thrown)
  const bare = `[${name}: ${message}]`
  const text = inspected.startsWith(bare) ? bare.slice(1, -1) + inspected.slice(bare.length) : inspected.replace(/^\[([^\n]*?)\](?=$| \{)/, '$1')
  const place = firstPlace(text, sources)
  const head = text.startsWith(name) ? red(name) + text.slice(name.length) : text
  return { name, message, traceback: [...head.split('\n'), ...(place ? ['', ...place] : [])] }
}

/** The error with its stack, causes, inner errors and further properties. */
function errorText(error: unknown): string {
  try { return inspect(error, { colors: false, depth: 4 }) } catch { return String(error) }
}

function isError(value: unknown): value is Error {
  return value instanceof Error || typeof value === 'object' && value !== null && typeof (value as { stack?: unknown }).stack === 'string' && 'message' in value
}

/** The excerpt at the first stack line that is in a cell or a file of the user's. */
function firstPlace(text: string, sources: Sources): string[] | undefined {
  const found = /^ +at (?:.*\()?(.+):(\d+):(\d+)\)?$/m.exec(text)
  const source = found?.[1] === undefined ? undefined : sources.labelled(found[1].replace(/^async /, ''))
  if (!source || !found) return undefined
  return [cyan(source.label), ...excerpt(source.text, Number(found[2]), Number(found[3]), 1)]
}

function excerpt(code: string, line: number, column: number, length: number): string[] {
  const lines = code.split('\n')
  const from = Math.max(1, line - around)
  const to = Math.min(lines.length, line + around)
  const width = String(to).length
  const out: string[] = []
  for (let n = from; n <= to; n++) {
    const text = (lines[n - 1] ?? '').replace(/\r$/, '')
    out.push(`${n === line ? red('>') : ' '} ${dim(`${String(n).padStart(width)} |`)} ${text}`)
    if (n !== line) continue
    const marks = '^'.repeat(Math.max(1, Math.min(length, text.length - column + 1)))
    out.push(`  ${dim(`${' '.repeat(width)} |`)} ${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}${red(marks)}`)
  }
  return out
}
