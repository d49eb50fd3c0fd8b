// Names, member access, unary operators, templates: expressions of one step.
import type typescript from 'typescript'
import { element, member, strings } from '../access.js'
import { bigint, bits, booleanValue, condition, demand, isBigInt, numberValue, toNumber } from '../coerce.js'
import { convert, negate, not } from '../expr.js'
import { insteadOf } from '../globals/table.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { poison, type Value } from '../value.js'
import { readBinding } from '../variables/assign.js'
import { prefixUpdate } from './assignment.js'
import { overOptional } from './logical.js'

export function identifier(node: typescript.Identifier, t: Lowering): Value {
  const binding = t.scope.find(node.text)
  if (!binding) return t.report('RL1015', node, { name: node.text })
  const value = readBinding(t, binding, node)
  const instead = value.kind === 'global' ? insteadOf(value.name) : undefined
  return instead === undefined ? value : t.refuse(node, `\`${node.text}\``, instead)
}

const isChained = (node: typescript.Node): boolean => (node.flags & ts.NodeFlags.OptionalChain) !== 0

export function propertyAccess(node: typescript.PropertyAccessExpression, t: Lowering): Value {
  const object = t.expression(node.expression)
  if (ts.isPrivateIdentifier(node.name)) return t.refuse(node, 'a private name', 'Use object literals and functions.')
  const { text } = node.name
  if (!isChained(node)) return member(t, object, text, node)
  if (object.kind === 'undefined' || object.kind === 'null') return { kind: 'undefined' }
  return object.kind === 'optional' ? overOptional(t, object, (inner) => member(t, inner, text, node)) : member(t, object, text, node)
}

export function elementAccess(node: typescript.ElementAccessExpression, t: Lowering): Value {
  if (isChained(node)) {
    const object = t.expression(node.expression)
    if (object.kind === 'undefined' || object.kind === 'null') return { kind: 'undefined' }
    const of = (inner: Value): Value => element(t, inner, t.expression(node.argumentExpression), node)
    return object.kind === 'optional' ? overOptional(t, object, of) : of(object)
  }
  const [object, index] = t.pair(node.expression, node.argumentExpression)
  return element(t, object, index, node)
}

export function prefixUnary(node: typescript.PrefixUnaryExpression, t: Lowering): Value {
  const { operand } = node
  switch (node.operator) {
    case ts.SyntaxKind.PlusPlusToken: case ts.SyntaxKind.MinusMinusToken: return prefixUpdate(node, t, true)
    case ts.SyntaxKind.ExclamationToken: return booleanValue(not(condition(t, operand)))
    case ts.SyntaxKind.PlusToken: return numberValue(toNumber(t, t.expression(operand), operand))
    case ts.SyntaxKind.MinusToken: return negated(t, operand)
    case ts.SyntaxKind.TildeToken: return complemented(t, operand)
  }
}

function negated(t: Lowering, operand: typescript.Expression): Value {
  const value = demand(t, t.expression(operand), operand)
  if (value.kind === 'bigint-constant') return { kind: 'bigint-constant', value: -value.value }
  if (isBigInt(value)) return bigint({ op: 'negate', repr: 'u64', value: bits(value, 'u64') }, true)
  return value.kind === 'poison' ? poison : numberValue(negate(toNumber(t, value, operand)))
}

function complemented(t: Lowering, operand: typescript.Expression): Value {
  const value = demand(t, t.expression(operand), operand)
  if (value.kind === 'bigint-constant') return { kind: 'bigint-constant', value: ~value.value }
  // Of an unsigned bigint it is negative: within 64 bits only once wrapped.
  if (isBigInt(value)) return bigint({ op: 'complement', repr: value.expr.repr, value: value.expr }, value.wide || value.expr.repr === 'u64')
  return value.kind === 'poison' ? poison : numberValue(convert({ op: 'complement', repr: 'i32', value: convert(toNumber(t, value, operand), 'i32') }, 'f64'))
}

/** What typeof says is known when compiling, but for what may be undefined. */
export function typeOf(node: typescript.TypeOfExpression, t: Lowering): Value {
  const { expression } = node
  if (ts.isIdentifier(expression) && !t.scope.find(expression.text)) return { kind: 'string', text: 'undefined' }
  const value = t.expression(expression)
  switch (value.kind) {
    case 'number': case 'boolean': case 'string': case 'undefined': return { kind: 'string', text: value.kind }
    case 'bigint': case 'bigint-constant': return { kind: 'string', text: 'bigint' }
    case 'function': case 'method': case 'ringlab': return { kind: 'string', text: 'function' }
    case 'aggregate': case 'record': case 'list': case 'raw': case 'captured': case 'null': return { kind: 'string', text: 'object' }
    case 'poison': return poison
    case 'optional': return t.refuse(node, '`typeof` of what may be undefined', 'Compare with undefined: `x === undefined`.')
    default: return t.refuse(node, '`typeof` of this', 'Its type is known when the ring kernel is defined.')
  }
}

/** A template of constants is a string; others belong into console.log and new Error. */
export function template(node: typescript.TemplateExpression, t: Lowering): Value {
  let { text } = node.head
  for (const span of node.templateSpans) {
    const value = t.expression(span.expression)
    if (value.kind === 'poison') return poison
    const part = value.kind === 'string' ? value.text : value.kind === 'bigint-constant' ? String(value.value) : (value.kind === 'number' || value.kind === 'boolean') && value.expr.op === 'constant' ? String(value.expr.value) : undefined
    if (part === undefined) return strings(t, node)
    text += part + span.literal.text
  }
  return { kind: 'string', text }
}
