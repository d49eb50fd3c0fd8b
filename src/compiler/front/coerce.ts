// What JavaScript makes of a value where it wants a number, a condition or a bigint.
import type typescript from 'typescript'
import type { Expr, Repr } from '../ir.js'
import { compare, constant, convert, f64, logical, no, yes } from './expr.js'
import { conditionOf } from './expressions/logical.js'
import type { Lowering } from './lowering.js'
import { wordsOf, type BigIntValue, type ScalarValue, type Value } from './value.js'

type Node = typescript.Node

export function numberValue(expr: Expr): Value { return { kind: 'number', expr: convert(expr, 'f64') } }
export function booleanValue(expr: Expr): Value { return { kind: 'boolean', expr } }

/** The value itself where it may be undefined: its use faults when it is absent. */
export function demand(t: Lowering, value: Value, node: Node): Value {
  if (value.kind !== 'optional') return value
  t.guard(value.present, `${value.text} is undefined here`, node, undefined, 'TypeError')
  return value.value
}

/** An f64, as `Number(value)` of numbers and booleans. */
export function toNumber(t: Lowering, given: Value, node: Node): Expr {
  const value = demand(t, given, node)
  if (value.kind === 'number') return value.expr
  if (value.kind === 'boolean') return convert(value.expr, 'f64')
  if (value.kind === 'undefined') return f64(NaN)
  if (value.kind === 'bigint' || value.kind === 'bigint-constant') t.report('RL1010', node, { what: `\`${node.getText()}\`` })
  else if (value.kind !== 'poison') t.report('RL1011', node, { what: `\`${node.getText()}\``, is: wordsOf(value), wanted: 'a number' })
  return f64(0)
}

/** Is the value truthy? */
export function toCondition(t: Lowering, value: Value, node: Node): Expr {
  switch (value.kind) {
    case 'boolean': return value.expr
    case 'number': return convert(value.expr, 'bool')
    case 'bigint': {
      if (value.wide) { wrapFirst(t, node); return no }
      return compare('ne', value.expr, constant(value.expr.repr, 0n))
    }
    case 'bigint-constant': return value.value === 0n ? no : yes
    case 'undefined': case 'null': return no
    case 'string': return value.text === '' ? no : yes
    case 'optional': {
      const inner = value.value
      return inner.kind === 'number' || inner.kind === 'boolean' || inner.kind === 'bigint' ? logical('and', value.present, toCondition(t, inner, node)) : value.present
    }
    case 'poison': return no
    default: return yes
  }
}

export function condition(t: Lowering, node: typescript.Expression): Expr { return conditionOf(t, node) }

export function wrapFirst(t: Lowering, node: Node): void { t.report('RL1012', node, { what: node.getText() }) }

export function isBigInt(value: Value): value is Extract<ScalarValue, { kind: 'bigint' | 'bigint-constant' }> {
  return value.kind === 'bigint' || value.kind === 'bigint-constant'
}

/** A bigint's 64 bits, held as `repr`. */
export function bits(value: Extract<ScalarValue, { kind: 'bigint' | 'bigint-constant' }>, repr: 'i64' | 'u64'): Expr {
  if (value.kind === 'bigint-constant') return constant(repr, repr === 'i64' ? BigInt.asIntN(64, value.value) : BigInt.asUintN(64, value.value))
  return convert(value.expr, repr)
}

export function bigint(expr: Expr, wide = false): BigIntValue { return { kind: 'bigint', expr, wide } }

/** The signedness a constant can be held with, the signed one where both can. */
export function fittingRepr(value: bigint): 'i64' | 'u64' | undefined {
  if (BigInt.asIntN(64, value) === value) return 'i64'
  return BigInt.asUintN(64, value) === value ? 'u64' : undefined
}

function fits(value: bigint, repr: Repr): boolean {
  return (repr === 'i64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value
}

/** A wrapped bigint as it is stored in a variable or compared; undefined (and a finding) when it is not wrapped. */
export function wrapped(t: Lowering, given: Value, node: Node, wanted?: 'i64' | 'u64'): Expr | undefined {
  const value = demand(t, given, node)
  if (value.kind === 'bigint-constant') {
    const repr = wanted !== undefined && fits(value.value, wanted) ? wanted : fittingRepr(value.value)
    if (repr === undefined) { wrapFirst(t, node); return undefined }
    return bits(value, repr)
  }
  if (value.kind === 'bigint') {
    if (!value.wide) return value.expr
    wrapFirst(t, node)
    return undefined
  }
  if (value.kind !== 'poison') t.report('RL1011', node, { what: `\`${node.getText()}\``, is: wordsOf(value), wanted: 'a bigint' })
  return undefined
}

/** `left` and `right` held alike, for an operation of two bigints; undefined when their signedness differs. */
export function sameRepr(left: Value, right: Value): 'i64' | 'u64' | undefined {
  const of = (value: Value): 'i64' | 'u64' | undefined => (value.kind === 'bigint' && !value.wide ? value.expr.repr as 'i64' | 'u64' : undefined)
  const [a, b] = [of(left), of(right)]
  if (a !== undefined && b !== undefined) return a === b ? a : undefined
  const repr = a ?? b
  const other = a === undefined ? left : right
  return repr !== undefined && other.kind === 'bigint-constant' && fits(other.value, repr) ? repr : undefined
}

/** Whether a signed bigint is below an unsigned one. */
export function mixedLess(signed: Expr, unsigned: Expr, orEqual: boolean): Expr {
  return logical('or', compare('lt', signed, constant('i64', 0n)), compare(orEqual ? 'le' : 'lt', convert(signed, 'u64'), unsigned))
}
