// The leader: the body of a loop or a handler, run by one thread, which can leave at every suspension point and go on from it in the next launch.
import { at, Context } from './context.js'
import { pointLabel } from './statements/messages.js'
import { statements } from './statements/index.js'
import { burnsFuel, declareBlock, declareLocals, declareMessages, declarePointers, inPlace, localsIn, usesOf, type Uses } from './variables.js'

export function writeLeader(base: Context): void {
  const context = new Context(base.program, base.writer, 'leader', base)
  const { program, writer } = context
  const uses = usesOf([program.body])
  const locals = localsIn(uses)
  // What is framed is kept, used here or not.
  program.locals.forEach((local, i) => { if (local.frame !== undefined) locals.add(i) })
  const sorted = [...locals].sort((a, b) => a - b)
  writer.line(`/** The body of ${program.name}: thread 0 runs it, the others serve it. */`)
  writer.block('RL_FN void leader()', () => {
    declareBlock(context)
    writer.line('RlFrame* const frame = (RlFrame*)s.actor.frame;')
    declarePointers(uses, context)
    declareMessages(uses, context, '0')
    declareLocals(sorted, context)
    if (burnsFuel(uses)) writer.line('u32 fuel = RL_FUEL;')
    resume(uses, context)
    writeBody(context)
    ending(sorted, context)
  })
  writer.line('')
}

/** Goes on where the frame says: the message that was in hand is in hand again. */
function resume(uses: Uses, context: Context): void {
  const { writer } = context
  writer.line('u32 pc = frame->head.pc;')
  writer.line('rl_resume(frame->head.hand);')
  for (const i of inPlace(uses, context)) writer.line(`if (s.holds) ${at(context.names.messages, i)} = (const ${context.inputType}*)(s.hand + RL_ENVELOPE);`)
  const points = uses.statements.flatMap((s) => (s.kind === 'receive' || s.kind === 'tryReceive' || s.kind === 'reserve' ? [s.point] : [])).sort((a, b) => a - b)
  writer.block('switch (pc)', () => {
    writer.line('case 0: break;')
    for (const point of points) writer.line(`case ${point}: goto ${pointLabel(point)};`)
    writer.line('default: goto returned;')
  })
}

function writeBody(context: Context): void {
  const { program, writer } = context
  if (program.form !== 'handler') { statements(program.body, context); writer.from(undefined); return }
  writer.block('for (;;)', () => {
    statements(program.body, context)
    writer.from(undefined)
    writer.line('rl_finish();')
  })
}

function ending(locals: readonly number[], context: Context): void {
  const { program, writer } = context
  const framed = locals.filter((i) => program.locals[i]?.frame !== undefined)
  writer.label('returned')
  writer.line('rl_return();')
  writer.line('return;')
  if (context.gone.has('interrupted')) {
    writer.label('interrupted')
    writer.line('if (s.faultSite) goto failed;')
    writer.line('rl_look();')
  }
  writer.label('park')
  for (const i of framed) writer.line(`frame->${at(context.names.locals, i)} = ${context.local(i)};`)
  writer.line('rl_leave(pc);')
  writer.line('return;')
  writer.label('failed')
  writer.line('rl_fail();')
}
