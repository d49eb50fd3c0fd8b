// What a magic's behaviour is given. Types only.

import type { MagicContext, MagicUse } from './context.js'
import type { ParsedLine } from './parse-line.js'

export interface MagicCall {
  readonly context: MagicContext
  readonly line: ParsedLine
  /** The rest of the cell, for `%%name`. */
  readonly body: string | undefined
  readonly use: MagicUse | undefined
}

/** Runs one magic; what it resolves with is the magic's value. */
export type Behaviour = (call: MagicCall) => Promise<unknown>
