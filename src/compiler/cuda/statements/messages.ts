// Suspension points, outputs and the log.
import type { Statement } from '../../ir.js'
import { at, type Context } from '../context.js'
import { expression } from '../expressions.js'
import { region } from '../places.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

export function receive(s: Of<'receive'>, context: Context): void {
  const { writer } = context
  if (context.role === 'message') { takeUp(s.message, 'm.hand + RL_ENVELOPE', context); return }
  writer.label(pointLabel(s.point))
  keepFrame(s.point, context)
  if (at(context.program.messages, s.message).region === undefined) {
    const name = at(context.names.messages, s.message)
    writer.line(`${name} = (const ${context.inputType}*)rl_receive();`)
    writer.line(`if (!${name}) { pc = ${s.point}; goto park; }`)
    return
  }
  writer.line(`if (!rl_receive()) { pc = ${s.point}; goto park; }`)
  takeUp(s.message, 's.hand + RL_ENVELOPE', context)
}

export function tryReceive(s: Of<'tryReceive'>, context: Context): void {
  const { writer } = context
  const present = context.local(s.present)
  writer.label(pointLabel(s.point))
  keepFrame(s.point, context)
  if (at(context.program.messages, s.message).region === undefined) {
    const name = at(context.names.messages, s.message)
    writer.line(`${name} = (const ${context.inputType}*)rl_try_receive();`)
    writer.line(`if (s.unwinds) { pc = ${s.point}; goto park; }`)
    writer.line(`${present} = ${name} != 0;`)
    return
  }
  writer.line(`${present} = rl_try_receive() != 0;`)
  writer.line(`if (s.unwinds) { pc = ${s.point}; goto park; }`)
  writer.block(`if (${present})`, () => { takeUp(s.message, 's.hand + RL_ENVELOPE', context) })
}

/** Where it is kept what messages meet: the frame as it is before the message is taken. A handler has nothing but its place there. */
function keepFrame(point: number, context: Context): void {
  const { program, writer } = context
  if (program.form !== 'loop') return
  writer.block('if (s.letters.frameBytes)', () => {
    writer.line(`frame->head = RlFrameHead{ ${point}, 0 };`)
    program.locals.forEach((local, i) => { if (local.frame !== undefined) writer.line(`frame->${at(context.names.locals, i)} = ${context.local(i)};`) })
  })
}

/** The variable stands for the payload there, or for a copy of it. */
function takeUp(message: number, payload: string, context: Context): void {
  const copy = at(context.program.messages, message).region
  const type = context.inputType
  context.writer.line(copy === undefined ? `${at(context.names.messages, message)} = (const ${type}*)(${payload});` : `rl_copy(${region(copy, context)}, *(const ${type}*)(${payload}));`)
}

export function pointLabel(point: number): string { return `point_${point}` }

export function reserve(s: Of<'reserve'>, context: Context): void {
  // The leader of this form counts the room of a whole batch itself.
  if (context.role === 'message') return
  context.writer.label(pointLabel(s.point))
  context.writer.line(`if (!rl_room(${s.port}, ${s.count})) { pc = ${s.point}; goto park; }`)
}

export function emit(s: Of<'emit'>, context: Context, nested: (list: readonly Statement[]) => void): void {
  const type = context.pointerType(at(context.program.ports, s.port).layout)
  const correlation = s.correlationId === undefined ? `rl_correlation(${context.hand})` : expression(s.correlationId, context)
  const priority = s.priority === undefined ? '128' : expression(s.priority, context)
  context.writer.block('', () => {
    const call = context.role === 'message' ? `rl_place(m, ${s.port}, ${correlation}, ${priority})` : `rl_stage(${s.port}, ${correlation}, ${priority})`
    context.writer.line(`${type} out = (${type})${call};`)
    if (s.timeToLiveMs !== undefined) context.writer.line(`((RlEnvelope*)((u8*)out - RL_ENVELOPE))->timeToLiveMs = ${expression(s.timeToLiveMs, context)};`)
    nested(s.stores)
  })
  if (context.role === 'leader') context.writer.line('rl_sent();')
}

export function log(s: Of<'log'>, context: Context): void {
  const record = context.role === 'one-shot' ? `rl_log_shot<${context.shape.logStride}>(a.log, a.logMask, ${s.site}, ${context.index})` : `rl_log(${s.site})`
  if (s.values.length === 0) { context.writer.line(`${record};`); return }
  context.writer.block(`if (u64* line = ${record})`, () => {
    s.values.forEach((value, i) => { context.writer.line(`line[${i}] = rl_logged(${expression(value, context)});`) })
  })
}
