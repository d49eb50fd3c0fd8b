// each and reduce, as the leader sees them: hand over what the bodies read, have the block run them, and go on.
import type { Expr, Statement } from '../../ir.js'
import { at, type Context } from '../context.js'
import { expression, operand } from '../expressions.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

export function each(s: Of<'each'>, context: Context): void { run(s.parallel, s.count, context) }

export function reduce(s: Of<'reduce'>, context: Context): void {
  const { writer } = context
  const target = context.local(s.target)
  writer.block(`if (${operand(s.count, context)} == 0)`, () => { writer.line(`${target} = ${expression(s.initial, context)};`) }, ' else {')
  writer.rest(() => {
    run(s.parallel, s.count, context)
    writer.line(`${target} = s.lanes[0];`)
  })
}

function run(parallel: number, count: Expr, context: Context): void {
  const { captures } = at(context.program.parallels, parallel)
  if (captures.length > 0) context.writer.line(`rl_capture<RlUse_${parallel}>() = RlUse_${parallel}{ ${captures.map((local) => context.local(local)).join(', ')} };`)
  context.gone.add('interrupted')
  context.writer.line(`rl_start(RL_FIRST + ${parallel}, ${expression(count, context)});`)
  context.writer.line(`parallel(RL_FIRST + ${parallel});`)
  context.writer.line('if (!rl_done()) goto interrupted;')
}
