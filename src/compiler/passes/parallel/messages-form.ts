// What a handler may do of which many messages run at once: it keeps nothing, and takes no further message. Reports what breaks this.
import { report, type Finding } from '../../diagnostics/report.js'
import type { Program, Statement } from '../../ir.js'
import { statementsIn, writesOf } from '../walk.js'

const beginning = { file: 0, line: 1, column: 1, length: 1 } as const

export function messagesForm(program: Program, tell: (finding: Finding) => void): void {
  let received = false
  for (const s of statementsIn(program.body)) {
    const where = s.at ?? beginning
    for (const { base } of writesOf(s)) {
      if (base.kind === 'state' || (base.kind === 'buffer' && !isOrderFree(s))) tell(report('RL1520', where, { what: base.kind === 'state' ? 'ctx.state' : `ctx.buffers.${program.buffers[base.buffer]?.name ?? ''}` }))
    }
    const what = s.kind === 'each' || s.kind === 'reduce' ? `ctx.${s.kind}` : s.kind === 'tryReceive' || (s.kind === 'receive' && received) ? `ctx.${s.kind}` : undefined
    if (s.kind === 'receive') received = true
    if (what !== undefined) tell(report('RL1521', where, { what }))
  }
}

/** An atomic operation whose order cannot be seen. */
function isOrderFree(s: Statement): boolean {
  return s.kind === 'atomic' && s.old === undefined && s.name !== 'exchange' && s.name !== 'compareExchange'
}
