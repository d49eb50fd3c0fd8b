// The question "which names does this function read from around it", and who answers it: TypeScript in this thread, or a session's language worker.

import { createRequire } from 'node:module'
import type typescript from 'typescript'

/** Plain data, so that it can be asked in another thread. */
export type ParseRequest =
  /** What `Function.prototype.toString` gave: JavaScript. */
  | { readonly kind: 'function'; readonly text: string }
  /** A function somewhere in a cell's TypeScript, near `offset`; `arrow` says which of two that start together. */
  | { readonly kind: 'cell'; readonly text: string; readonly offset: number; readonly arrow: boolean }

/** One name read from around the function. */
export interface FreeName {
  readonly name: string
  /** Declared in a function or block around it, in the same cell; false for the cell's and the session's names. */
  readonly local: boolean
  /** The member chains it is read by: `a.b.c` is ['b', 'c'], plain `a` is []. */
  readonly chains: readonly (readonly string[])[]
  /** Only asked for its `typeof`, which is legal for a name that does not exist. */
  readonly onlyTypeof: boolean
  /** Where it is first read, an offset in `ParsedBody.text`. */
  readonly offset: number
}

/** What stands in the way of leaving the thread, found by reading alone. */
export interface Refusal { readonly variable: string; readonly why: string }

export interface ParsedBody {
  /** JavaScript, types blanked, every character that stays at its place. */
  readonly text: string
  readonly form: 'expression' | 'method'
  /** Offset of `text` in the request's text. */
  readonly start: number
  /** Offset in `text` of the place that V8 gives as the function's location. */
  readonly locationOffset: number
  readonly free: readonly FreeName[]
  readonly refusals: readonly Refusal[]
}

export type BodyParser = (request: ParseRequest) => Promise<ParsedBody>

let parser: BodyParser | undefined

/** Hands parsing to someone else: a session's language worker has TypeScript loaded already. */
export function setBodyParser(parse: BodyParser | undefined): void {
  parser = parse
}

/** Answers with the parser set, else with TypeScript loaded into this thread on first use. */
export async function parseWith(request: ParseRequest): Promise<ParsedBody> {
  if (parser) return parser(request)
  const { parseBody } = await import('./parse.js')
  const ts = createRequire(import.meta.url)('typescript') as typeof typescript
  return parseBody(ts, request)
}
