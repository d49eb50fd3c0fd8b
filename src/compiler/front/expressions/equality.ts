// == and ===, and the orders < <= > >=.
import type typescript from 'typescript'
import type { Expr } from '../../ir.js'
import { bits, isBigInt, mixedLess, sameRepr, toNumber, wrapFirst } from '../coerce.js'
import { compare, constant, convert, logical, no, not, yes, type CompareName } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { wordsOf, type BigIntConstant, type BigIntValue, type Value } from '../value.js'

type Node = typescript.Node
type BigIntLike = BigIntValue | BigIntConstant

const isNothing = (value: Value): boolean => value.kind === 'undefined' || value.kind === 'null'

/** `a === b`; with `loose`, `a == b`. */
export function equality(t: Lowering, a: Value, b: Value, node: Node, loose = false): Expr {
  if (a.kind === 'poison' || b.kind === 'poison') return no
  if (isNothing(b) || isNothing(a)) return nothingness(isNothing(b) ? a : b, isNothing(b) ? b : a, loose)
  if (a.kind === 'optional') return logical('and', a.present, equality(t, a.value, b, node, loose))
  if (b.kind === 'optional') return logical('and', b.present, equality(t, a, b.value, node, loose))
  if (isBigInt(a) && isBigInt(b)) return bigintEquality(t, a, b, node)
  if (a.kind === 'number' && b.kind === 'number') return compare('eq', a.expr, b.expr)
  if (a.kind === 'boolean' && b.kind === 'boolean') return a.expr === yes ? b.expr : b.expr === yes ? a.expr : compare('eq', a.expr, b.expr)
  if (a.kind === 'string' && b.kind === 'string') return a.text === b.text ? yes : no
  const scalars = [a, b].every((value) => value.kind === 'number' || value.kind === 'boolean' || isBigInt(value) || value.kind === 'string')
  if (scalars && !loose) return no
  if (scalars && a.kind !== 'string' && b.kind !== 'string') return compare('eq', toNumber(t, a, node), toNumber(t, b, node))
  if (scalars || (loose && [a, b].some((value) => value.kind === 'string'))) t.refuse(node, `comparing ${wordsOf(a)} with ${wordsOf(b)}`, 'Compare two numbers.')
  else t.report('RL1024', node, { left: wordsOf(a), right: wordsOf(b) })
  return no
}

/** Something compared with undefined or null. */
function nothingness(value: Value, nothing: Value, loose: boolean): Expr {
  if (value.kind === 'optional') return loose || nothing.kind === 'undefined' ? not(value.present) : no
  return isNothing(value) && (loose || value.kind === nothing.kind) ? yes : no
}

function bigintEquality(t: Lowering, a: BigIntLike, b: BigIntLike, node: Node): Expr {
  if (a.kind === 'bigint-constant' && b.kind === 'bigint-constant') return a.value === b.value ? yes : no
  if ([a, b].some((value) => value.kind === 'bigint' && value.wide)) { wrapFirst(t, node); return no }
  const repr = sameRepr(a, b)
  if (repr) return compare('eq', bits(a, repr), bits(b, repr))
  // Of different signedness, or a constant that the other cannot be: equal only where both are the same number.
  if (a.kind === 'bigint-constant' || b.kind === 'bigint-constant') return no
  const [signed, unsigned] = a.expr.repr === 'i64' ? [a.expr, b.expr] : [b.expr, a.expr]
  return logical('and', compare('ge', signed, constant('i64', 0n)), compare('eq', convert(signed, 'u64'), unsigned))
}

/** `a < b` and its like. */
export function order(t: Lowering, name: Exclude<CompareName, 'eq' | 'ne'>, a: Value, b: Value, left: Node, right: Node): Expr {
  if (isBigInt(a) && isBigInt(b)) return bigintOrder(t, name, a, b, left)
  if (isBigInt(a) !== isBigInt(b) && a.kind !== 'poison' && b.kind !== 'poison') { t.report('RL1010', isBigInt(a) ? left : right, { what: `\`${(isBigInt(a) ? left : right).getText()}\`` }); return no }
  const x = toNumber(t, a, left)
  return compare(name, x, toNumber(t, b, right))
}

function bigintOrder(t: Lowering, name: 'lt' | 'le' | 'gt' | 'ge', a: BigIntLike, b: BigIntLike, node: Node): Expr {
  if (name === 'gt' || name === 'ge') return bigintOrder(t, name === 'gt' ? 'lt' : 'le', b, a, node)
  if (a.kind === 'bigint-constant' && b.kind === 'bigint-constant') return (name === 'lt' ? a.value < b.value : a.value <= b.value) ? yes : no
  if ([a, b].some((value) => value.kind === 'bigint' && value.wide)) { wrapFirst(t, node); return no }
  const repr = sameRepr(a, b)
  if (repr) return compare(name, bits(a, repr), bits(b, repr))
  // A constant beyond the other's range lies on one side of all its values.
  if (a.kind === 'bigint-constant') return a.value < 0n ? yes : no
  if (b.kind === 'bigint-constant') return b.value < 0n ? no : yes
  return a.expr.repr === 'i64' ? mixedLess(a.expr, b.expr, name === 'le') : not(mixedLess(b.expr, a.expr, name === 'lt'))
}
