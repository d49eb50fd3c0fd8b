// Who compiles bodies: a session's language worker, which has TypeScript loaded, or TypeScript loaded into this thread on first use. Equal requests are
// compiled once.
import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import type { CompiledBody, CompileOutcome } from './compiled.js'
import { CompileError } from './diagnostics/compile-error.js'
import { mathDifference } from './numeric/probe.js'
import type { CompileRequest } from './request.js'

export type BodyCompiler = (request: CompileRequest) => Promise<CompileOutcome>

/** Outcomes kept: a notebook defines tens of bodies, and each is compiled again whenever something it captures changes. */
const OUTCOMES_MAX = 200

let compiler: BodyCompiler | undefined
const outcomes = new Map<string, Promise<CompileOutcome>>()

/** Hands compiling to someone else. */
export function setBodyCompiler(compile: BodyCompiler | undefined): void { compiler = compile }

/** The compiled body. @throws CompileError with everything the compiler found. */
export async function compileWith(request: CompileRequest): Promise<CompiledBody> {
  tellOfMath()
  const key = createHash('sha256').update(serialize(request)).digest('base64')
  let outcome = outcomes.get(key)
  if (outcome === undefined) {
    outcome = compiler === undefined ? compileHere(request) : compiler(request)
    outcome.catch(() => outcomes.delete(key))
    outcomes.set(key, outcome)
    const [oldest] = outcomes.keys()
    if (oldest !== undefined && outcomes.size > OUTCOMES_MAX) outcomes.delete(oldest)
  }
  const compiled = await outcome
  if (!compiled.ok) throw new CompileError(request.name, compiled.diagnostics)
  return compiled.body
}

let isMathProbed = false

/** Once in a process: nothing is wrong with the body, and what is written does not change it, so this is Node's kind of warning and no diagnostic. */
function tellOfMath(): void {
  if (isMathProbed) return
  isMathProbed = true
  const difference = mathDifference()
  if (difference !== undefined) process.emitWarning(difference, { type: 'RinglabWarning', code: 'RINGLAB_MATH' })
}

async function compileHere(request: CompileRequest): Promise<CompileOutcome> {
  const { compileBody } = await import('./index.js')
  return compileBody(request)
}
