// Calls of the methods of `ctx`: receive, tryReceive, send, reply, each, reduce.
import type typescript from 'typescript'
import type { Expr } from '../../ir.js'
import { wideLayout } from '../aggregates/layouts.js'
import { store } from '../aggregates/store.js'
import { bits, isBigInt, toNumber } from '../coerce.js'
import { convert } from '../expr.js'
import { baseKey } from '../effects.js'
import type { Call } from '../functions/inline.js'
import type { Lowering } from '../lowering.js'
import { poison, wordsOf, type AggregateValue, type Value } from '../value.js'
import { each, reduce } from './parallel.js'

type Node = typescript.Node

/** `ctx.name(...)`. */
export function contextCall(t: Lowering, name: string, node: typescript.CallExpression, call: Call): Value {
  if (t.parallelDepth > 0) return t.report('RL1040', node, { call: `ctx.${name}` })
  switch (name) {
    case 'receive': return receive(t, node, call)
    case 'tryReceive': return tryReceive(t, node)
    case 'send': return send(t, 0, node, call)
    case 'reply': return reply(t, node, call)
    case 'each': return each(t, node)
    default: return reduce(t, node)
  }
}

function receive(t: Lowering, node: typescript.CallExpression, call: Call): Value {
  if (t.form !== 'loop') return t.report('RL1041', node)
  if (!call.awaited) return t.report('RL1013', node, { call: node.getText() })
  const message = t.builder.message(`message${t.builder.messages.length}`)
  t.builder.emit({ kind: 'receive', point: t.builder.point(), message })
  return received(t, message, node)
}

/** A message that was just received; where the body writes to its fields, in memory that keeps what JavaScript would. */
export function received(t: Lowering, message: number, node: Node, text = 'the message'): Value {
  const { input } = t.builder
  if (!input) return poison
  const value: AggregateValue = { kind: 'aggregate', place: { base: { kind: 'message', message }, steps: [], layout: input }, fresh: true, text }
  if (!t.facts.widened.has(node)) { t.makers.set(baseKey(value.place.base), node); return value }
  const place = t.builder.region(`written${message}`, wideLayout(input))
  store(t, place, value, node, '')
  return { kind: 'aggregate', place, fresh: true, text }
}

function tryReceive(t: Lowering, node: typescript.CallExpression): Value {
  if (t.form !== 'loop') return t.report('RL1041', node)
  const { builder } = t
  const message = builder.message(`message${builder.messages.length}`)
  const present = builder.fresh('bool')
  builder.emit({ kind: 'tryReceive', point: builder.point(), message, present })
  let value: Value = poison
  const inside = builder.block(() => { value = received(t, message, node) })
  if (inside.length > 0) builder.emit({ kind: 'if', condition: builder.read(present), then: inside, otherwise: [] })
  return { kind: 'optional', present: builder.read(present), value, text: 'the message that tryReceive() looked for' }
}

/** `ctx.send(message, options)`, and `ctx.ports.name.send(…)`. */
export function send(t: Lowering, port: number, node: typescript.CallExpression, call: Call): Value {
  if (t.parallelDepth > 0) return t.report('RL1040', node, { call: 'send' })
  const [message, options] = t.expressions(node.arguments)
  return emit(t, port, message, optionsOf(t, options, node), node, call)
}

function reply(t: Lowering, node: typescript.CallExpression, call: Call): Value {
  const [to, message] = t.expressions(node.arguments)
  const id = to?.kind === 'record' ? to.fields.get('correlationId') : undefined
  if (!id || !isBigInt(id)) return to?.kind === 'poison' ? poison : t.refuse(node, '`ctx.reply` to what is no envelope', 'Keep the envelope: `const to = ctx.envelope` after the receive, and `ctx.reply(to, …)`.')
  return emit(t, 0, message, { correlationId: bits(id, 'u64') }, node, call)
}

interface SendOptions { readonly correlationId?: Expr | undefined; readonly priority?: Expr | undefined; readonly timeToLiveMs?: Expr | undefined }

function optionsOf(t: Lowering, options: Value | undefined, node: typescript.CallExpression): SendOptions {
  if (options === undefined || options.kind === 'undefined' || options.kind === 'poison') return {}
  if (options.kind !== 'record') { t.refuse(node, 'options that are no object literal', 'Write them at the call: { priority: 200 }.'); return {} }
  let [correlationId, priority, timeToLiveMs]: (Expr | undefined)[] = []
  for (const [name, value] of options.fields) {
    if (name === 'correlationId' && isBigInt(value)) correlationId = bits(value, 'u64')
    else if (name === 'priority') priority = wholeOf(t, value, 256, 'priority {} is no integer from 0 to 255', node)
    else if (name === 'timeToLiveMs') timeToLiveMs = wholeOf(t, value, 0xffffffff, 'timeToLiveMs {} is no integer from 0 to 4294967294', node)
    else if (value.kind !== 'undefined' && value.kind !== 'poison') t.refuse(node, `the option \`${name}\` in a body, given ${wordsOf(value)},`, 'Use priority (a number from 0 to 255), timeToLiveMs (a whole number of milliseconds) and correlationId (a bigint).')
  }
  return { correlationId, priority, timeToLiveMs }
}

/** An option that is a whole number below `end`. */
function wholeOf(t: Lowering, value: Value, end: number, fault: string, node: Node): Expr {
  const given = t.builder.reused(toNumber(t, value, node))
  t.guard({ op: 'isIndex', repr: 'bool', value: given, length: { op: 'constant', repr: 'u32', value: end } }, fault, node, given)
  return convert(given, 'u32')
}

function emit(t: Lowering, port: number, message: Value | undefined, options: SendOptions, node: typescript.CallExpression, call: Call): Value {
  const { builder } = t
  const layout = builder.ports[port]?.layout
  if (!layout) return t.report('RL1033', node, { what: 'ctx.send', declare: 'output: …' })
  if (t.form === 'loop' && !call.awaited) return t.report('RL1013', node, { call: node.getText().slice(0, 60) })
  if (message === undefined) return t.refuse(node, 'a send without a message', `Send an object with { ${layout.fields.map((field) => field.name).join(', ')} }.`)
  builder.usedPorts.add(port)
  const stores = builder.block(() => { store(t, { base: { kind: 'out' }, steps: [], layout }, message, node.arguments.at(-1) ?? node, '') })
  // Guards and faults come before the room is waited for; what is left only writes.
  const [before, inside] = [stores.filter((s) => s.kind === 'guard'), stores.filter((s) => s.kind !== 'guard')]
  builder.statements.push(...before)
  if (t.form === 'loop') builder.emit({ kind: 'reserve', point: builder.point(), port, count: 1 })
  builder.emit({ kind: 'emit', port, stores: inside, correlationId: options.correlationId, priority: options.priority, timeToLiveMs: options.timeToLiveMs })
  return { kind: 'undefined' }
}

/** Is this the count of an iteration? */
export function countOf(t: Lowering, value: Value, node: Node, call: string): Expr {
  const given = t.builder.reused(toNumber(t, value, node))
  t.guard({ op: 'isIndex', repr: 'bool', value: given, length: { op: 'constant', repr: 'u32', value: 0xffffffff } }, `ctx.${call}() needs a count that is an integer, 0 or more, but was given {}`, node, given)
  return convert(given, 'u32')
}

