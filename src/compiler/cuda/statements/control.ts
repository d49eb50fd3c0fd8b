// Branches, loops and blocks. Where C++'s own break and continue mean the same they are used; else a goto to a label at the right place.
import type { Statement } from '../../ir.js'
import { expressionsIn } from '../../passes/walk.js'
import type { Context } from '../context.js'
import { expression } from '../expressions.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>
type Nested = (list: readonly Statement[]) => void

export function ifElse(s: Of<'if'>, context: Context, nested: Nested): void {
  const { writer } = context
  const condition = expression(s.condition, context)
  if (s.then.length === 0 && s.otherwise.length > 0) { writer.block(`if (!(${condition}))`, () => { nested(s.otherwise) }); return }
  writer.block(`if (${condition})`, () => { nested(s.then) }, s.otherwise.length === 0 ? '' : ' else {')
  if (s.otherwise.length > 0) writer.rest(() => { nested(s.otherwise) })
}

export function loop(s: Of<'loop'>, context: Context, nested: Nested): void {
  const { writer, around } = context
  const condition = expression(s.condition, context)
  const update = s.update.length === 1 && s.update[0]?.kind === 'set' && s.test === 'before' ? `${context.local(s.update[0].local)} = ${expression(s.update[0].value, context)}` : undefined
  const isPlain = s.update.length === 0 || update !== undefined
  const body = (): void => {
    if (s.fuel) burn(s, context)
    around.push({ label: s.label, isLoop: true, continues: isPlain })
    nested(s.body)
    around.pop()
    if (context.gone.has(`continue_${s.label}`)) writer.label(`continue_${s.label}`, ';')
    if (!isPlain) nested(s.update)
  }
  if (s.test === 'after') writer.block('do', body, ` while (${condition});`)
  else if (update !== undefined) writer.block(`for (; ${condition}; ${update})`, body)
  else writer.block(`while (${condition})`, body)
  if (context.gone.has(`break_${s.label}`)) writer.label(`break_${s.label}`, ';')
}

/** A loop that may run long looks for a stop from time to time. One that asks `shouldTerminate` itself only has its answer renewed. */
function burn(s: Of<'loop'>, context: Context): void {
  const asks = [...expressionsIn(s.condition)].some((e) => e.op === 'shouldTerminate')
  switch (context.role) {
    case 'leader': context.writer.line(asks ? 'if (--fuel == 0) rl_stopped(fuel);' : 'if (--fuel == 0 && rl_stopped(fuel)) goto park;'); return
    case 'one-shot': context.writer.line('if (--fuel == 0 && rl_shot_stopped(a.stop, fuel)) return;'); return
    case 'each': case 'message': context.writer.line('if (--fuel == 0 && rl_aborted(fuel)) return;'); return
    case 'reduce': context.writer.line('if (--fuel == 0 && rl_aborted(fuel)) return 0;')
  }
}

export function block(s: Of<'block'>, context: Context, nested: Nested): void {
  context.around.push({ label: s.label, isLoop: false, continues: false })
  context.writer.block('', () => { nested(s.body) })
  context.around.pop()
  if (context.gone.has(`break_${s.label}`)) context.writer.label(`break_${s.label}`, ';')
}

export function breakOut(s: Of<'break'>, context: Context): void {
  const innermost = context.around.findLast((each) => each.isLoop)
  if (innermost?.label === s.label) { context.writer.line('break;'); return }
  context.gone.add(`break_${s.label}`)
  context.writer.line(`goto break_${s.label};`)
}

export function continueLoop(s: Of<'continue'>, context: Context): void {
  const innermost = context.around.findLast((each) => each.isLoop)
  if (innermost?.label === s.label && innermost.continues) { context.writer.line('continue;'); return }
  context.gone.add(`continue_${s.label}`)
  context.writer.line(`goto continue_${s.label};`)
}
