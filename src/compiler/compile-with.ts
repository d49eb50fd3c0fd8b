// Who compiles: the compiler in this thread, or a session's language worker, which has TypeScript loaded already.
import type { CompileOutcome } from './compiled.js'
import type { CompileRequest } from './request.js'

export type BodyCompiler = (request: CompileRequest) => Promise<CompileOutcome>

let compiler: BodyCompiler | undefined

/** Hands compiling to someone else. */
export function setBodyCompiler(compile: BodyCompiler | undefined): void { compiler = compile }

export function bodyCompiler(): BodyCompiler | undefined { return compiler }
