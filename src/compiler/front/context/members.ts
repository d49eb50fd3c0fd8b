// Members of `ctx`: what each is as a value. Calls of its methods are in calls.ts.
import type typescript from 'typescript'
import { bigint, booleanValue, numberValue } from '../coerce.js'
import type { EnvelopeField } from '../../ir.js'
import type { Lowering } from '../lowering.js'
import { poison, type ContextPart, type Value } from '../value.js'

type Node = typescript.Node

const envelopeFields: readonly EnvelopeField[] = ['id', 'correlationId', 'priority', 'sender', 'sentAtNs', 'timeToLiveMs']
const methods = ['receive', 'tryReceive', 'send', 'reply', 'each', 'reduce']

export function contextMember(t: Lowering, part: ContextPart, name: string, node: Node): Value {
  switch (part) {
    case 'context': return ofContext(t, name, node)
    case 'ports': {
      const port = t.builder.ports.findIndex((each, i) => i > 0 && each.name === name)
      return port > 0 ? { kind: 'port', port } : t.report('RL1033', node, { what: `ctx.ports.${name}`, declare: `ports: { ${name}: … }` })
    }
    case 'buffers': return buffer(t, name, node) ?? t.report('RL1033', node, { what: `ctx.buffers.${name}`, declare: `buffers: { ${name}: … }` })
    case 'arguments': return buffer(t, name, node) ?? argument(t, name, node)
  }
}

function ofContext(t: Lowering, name: string, node: Node): Value {
  switch (name) {
    case 'state': return t.stateLayout ? { kind: 'aggregate', place: { base: { kind: 'state' }, steps: [], layout: t.stateLayout }, fresh: false, text: 'ctx.state' } : t.report('RL1033', node, { what: 'ctx.state', declare: 'state: { … }' })
    case 'ports': case 'buffers': return { kind: 'part', part: name }
    case 'shouldTerminate': return booleanValue({ op: 'shouldTerminate', repr: 'bool' })
    case 'nowNs': return numberValue({ op: 'nowNs', repr: 'f64' })
    case 'envelope': return { kind: 'record', identity: undefined, fields: new Map(envelopeFields.map((field) => [field, envelopeField(field)])) }
    default: return methods.includes(name) ? { kind: 'method', of: { kind: 'part', part: 'context' }, name } : t.report('RL1032', node, { object: 'ctx', field: name, fields: [...methods, 'state', 'buffers', 'ports', 'envelope', 'nowNs', 'shouldTerminate'].join(', ') })
  }
}

function envelopeField(field: EnvelopeField): Value {
  return field === 'priority' || field === 'sender' || field === 'timeToLiveMs' ? numberValue({ op: 'envelope', repr: 'u32', field }) : bigint({ op: 'envelope', repr: 'u64', field })
}

function buffer(t: Lowering, name: string, _node: Node): Value | undefined {
  const index = t.buffers.findIndex((each) => each.name === name)
  const found = t.buffers[index]
  if (!found) return undefined
  const { element } = found
  return { kind: 'aggregate', place: { base: { kind: 'buffer', buffer: index }, steps: [], layout: { kind: 'array', element, length: 0, bytes: 0, align: element.align } }, fresh: false, text: name }
}

function argument(t: Lowering, name: string, node: Node): Value {
  const whole: Value | undefined = t.argumentsLayout && { kind: 'aggregate', place: { base: { kind: 'arguments' }, steps: [], layout: t.argumentsLayout }, fresh: false, text: 'the arguments' }
  const fields = whole ? t.fieldsOf(whole).fields : new Map<string, Value>()
  return fields.get(name) ?? (t.report('RL1033', node, { what: `the parameter ${name}`, declare: `${name}: … in its parameters` }), poison)
}
