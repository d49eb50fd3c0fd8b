// Statements as C++: one entry for each kind, in a table that is complete by its type.
import type { Statement } from '../../ir.js'
import type { Context } from '../context.js'
import { block, breakOut, continueLoop, ifElse, loop } from './control.js'
import { fault, guard } from './faults.js'
import { atomic, clear, copy, set, store } from './memory.js'
import { emit, log, receive, reserve, tryReceive } from './messages.js'
import { each, reduce } from './parallel.js'

type Emit<Kind extends Statement['kind']> = (s: Extract<Statement, { kind: Kind }>, context: Context, list: (statements: readonly Statement[]) => void) => void

const table: { readonly [Kind in Statement['kind']]: Emit<Kind> } = {
  set, store, copy, clear, atomic,
  if: ifElse, loop, block, break: breakOut, continue: continueLoop,
  guard, fault, log,
  receive, tryReceive, reserve, emit, each, reduce,
}

export function statements(list: readonly Statement[], context: Context): void {
  const nested = (inner: readonly Statement[]): void => { statements(inner, context) }
  for (const s of list) {
    if (s.at) context.writer.from(s.at)
    ;(table[s.kind] as (s: Statement, context: Context, list: (inner: readonly Statement[]) => void) => void)(s, context, nested)
  }
}
