// && || ?? and ?:, whose second operands run only sometimes, and conditions made of them.
import type typescript from 'typescript'
import type { Expr, Statement } from '../../ir.js'
import { bits, isBigInt, sameRepr, toCondition, bigint } from '../coerce.js'
import { knownBoolean, logical, not, select } from '../expr.js'
import { ResultHolder } from '../functions/result.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { poison, type Value } from '../value.js'

type Node = typescript.Node

/** Is the expression truthy? The operands of && and || may be of different types here. */
export function conditionOf(t: Lowering, node: typescript.Expression): Expr {
  if (ts.isParenthesizedExpression(node)) return conditionOf(t, node.expression)
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) return not(conditionOf(t, node.operand))
  const operator = ts.isBinaryExpression(node) ? node.operatorToken.getText() : ''
  if (ts.isBinaryExpression(node) && (operator === '&&' || operator === '||')) {
    const name = operator === '&&' ? 'and' : 'or'
    const left = conditionOf(t, node.left)
    const known = knownBoolean(left)
    if (known !== undefined && known !== (name === 'and')) return left
    let right: Expr = left
    const running = t.builder.block(() => { right = conditionOf(t, node.right) })
    if (running.length === 0) return logical(name, left, right)
    const held = t.builder.fresh('bool')
    const then: readonly Statement[] = [...running, { kind: 'set', local: held, value: right, at: t.builder.at }]
    t.builder.set(held, left)
    const read = t.builder.read(held)
    t.builder.emit({ kind: 'if', condition: name === 'and' ? read : not(read), then, otherwise: [] })
    return read
  }
  return toCondition(t, t.expression(node), node)
}

export function logicalExpression(node: typescript.BinaryExpression, t: Lowering): Value {
  const operator = node.operatorToken.getText()
  const left = t.expression(node.left)
  if (left.kind === 'poison') { t.expression(node.right); return poison }
  if (operator === '??') return coalesced(t, left, node)
  const test = toCondition(t, left, node.left)
  const known = knownBoolean(test)
  if (known !== undefined) return known === (operator === '&&') ? t.expression(node.right) : left
  // `message && message.x` is undefined or the field: of what is absent, only undefined is left.
  if (operator === '&&' && left.kind === 'optional') return overOptional(t, left, () => t.expression(node.right))
  if (operator === '||' && left.kind === 'optional') return join(t, node, test, (give) => { give(left.value) }, (give) => { give(t.expression(node.right)) })
  const held = left
  const isAnd = operator === '&&'
  return join(t, node, isAnd ? test : not(test), (give) => { give(t.expression(node.right)) }, (give) => { give(held) })
}

function coalesced(t: Lowering, left: Value, node: typescript.BinaryExpression): Value {
  if (left.kind === 'undefined' || left.kind === 'null') return t.expression(node.right)
  if (left.kind !== 'optional') return left
  return join(t, node, left.present, (give) => { give(left.value) }, (give) => { give(t.expression(node.right)) })
}

export function conditionalExpression(node: typescript.ConditionalExpression, t: Lowering): Value {
  const test = conditionOf(t, node.condition)
  const known = knownBoolean(test)
  if (known !== undefined) return t.expression(known ? node.whenTrue : node.whenFalse)
  return join(t, node, test, (give) => { give(t.expression(node.whenTrue)) }, (give) => { give(t.expression(node.whenFalse)) })
}

type Branch = (give: (value: Value) => void) => void

/** One of two values. Without statements it is a selection, else a variable that both branches set. */
function join(t: Lowering, node: Node, test: Expr, whenTrue: Branch, whenFalse: Branch): Value {
  const { builder } = t
  let [a, b]: [Value, Value] = [poison, poison]
  const first = builder.block(() => { whenTrue((value) => { a = value }) })
  const second = builder.block(() => { whenFalse((value) => { b = value }) })
  if (first.length === 0 && second.length === 0) {
    const selected = selection(test, a, b)
    if (selected) return selected
  }
  if (a.kind === 'poison' || b.kind === 'poison') return poison
  if (a.kind === 'undefined' && b.kind === 'undefined') { builder.emit({ kind: 'if', condition: test, then: first, otherwise: second }); return a }
  const holder = new ResultHolder(t, node)
  const then = builder.block(() => { builder.statements.push(...first); holder.give(a, node) })
  const otherwise = builder.block(() => { builder.statements.push(...second); holder.give(b, node) })
  return holder.closeBranches(test, then, otherwise)
}

function selection(test: Expr, a: Value, b: Value): Value | undefined {
  if (a.kind === 'number' && b.kind === 'number') return { kind: 'number', expr: select(test, a.expr, b.expr) }
  if (a.kind === 'boolean' && b.kind === 'boolean') return { kind: 'boolean', expr: select(test, a.expr, b.expr) }
  if (!isBigInt(a) || !isBigInt(b)) return undefined
  const repr = sameRepr(a, b)
  if (repr) return bigint(select(test, bits(a, repr), bits(b, repr)))
  const isWide = [a, b].some((value) => value.kind === 'bigint' && value.wide)
  return isWide ? bigint(select(test, bits(a, 'u64'), bits(b, 'u64')), true) : undefined
}

/** What `f` makes of a value that may be undefined: run only when it is there. */
export function overOptional(t: Lowering, value: Extract<Value, { kind: 'optional' }>, f: (inner: Value) => Value): Value {
  const { builder } = t
  let result: Value = poison
  const present = builder.temporary(value.present)
  const running = builder.block(() => {
    result = t.keep(f(value.value))
    if (result.kind === 'optional') result = { ...result, present: builder.temporary(result.present) }
  })
  if (running.length > 0) builder.emit({ kind: 'if', condition: present, then: running, otherwise: [] })
  if (result.kind === 'undefined' || result.kind === 'poison') return result
  if (result.kind === 'optional') return { ...result, present: logical('and', present, result.present) }
  return { kind: 'optional', present, value: result, text: value.text }
}
