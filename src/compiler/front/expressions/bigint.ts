// Operators of bigints. What may leave 64 bits is known modulo 2⁶⁴ only (`wide`) and has to be wrapped before anything looks at its size.
import type typescript from 'typescript'
import type { BinaryName, Expr } from '../../ir.js'
import { bigint, bits, sameRepr, wrapFirst } from '../coerce.js'
import { compare, constant, select } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { poison, type BigIntConstant, type BigIntValue, type Value } from '../value.js'
import type { Operator } from './arithmetic.js'

type Node = typescript.Node
type BigIntLike = BigIntValue | BigIntConstant

const wideNames: Partial<Record<Operator, BinaryName>> = { '+': 'add', '-': 'sub', '*': 'mul', '&': 'and', '|': 'or', '^': 'xor' }
/** A shift that reaches further leaves nothing, or the sign. */
const shiftMax = 64n

export function bigintArithmetic(t: Lowering, operator: Operator, a: BigIntLike, b: BigIntLike, node: Node): Value {
  if (a.kind === 'bigint-constant' && b.kind === 'bigint-constant') return folded(t, operator, a.value, b.value, node)
  const wide = wideNames[operator]
  if (wide) return closed(wide, a, b)
  switch (operator) {
    case '/': case '%': return divided(t, operator, a, b, node)
    case '<<': return leftShift(t, a, b, node)
    case '>>': return rightShift(t, a, b, node)
    case '>>>': return t.refuse(node, '`>>>` of bigints', 'Write `>>` of an unsigned one: `BigInt.asUintN(64, x) >> n`.')
    default: return t.refuse(node, '`**` of bigints', 'Multiply in a loop, wrapping each product: `BigInt.asUintN(64, x * y)`.')
  }
}

/** Bitwise operators of equal signedness stay within 64 bits. */
function closed(name: BinaryName, a: BigIntLike, b: BigIntLike): Value {
  const repr = name === 'and' || name === 'or' || name === 'xor' ? sameRepr(a, b) : undefined
  const held = repr ?? 'u64'
  return bigint({ op: 'binary', repr: held, name, left: bits(a, held), right: bits(b, held) }, repr === undefined)
}

function divided(t: Lowering, operator: '/' | '%', a: BigIntLike, b: BigIntLike, node: Node): Value {
  const repr = sameRepr(a, b)
  if (repr === undefined) {
    if ([a, b].some((value) => value.kind === 'bigint' && value.wide)) wrapFirst(t, node)
    else t.report('RL1016', node, { name: node.getText() })
    return poison
  }
  const left = t.builder.reused(bits(a, repr))
  const right = t.builder.reused(bits(b, repr))
  if (right.op !== 'constant') t.guard(compare('ne', right, constant(repr, 0n)), 'Division by zero', node, undefined, 'RangeError')
  else if (right.value === 0n) { t.fault('Division by zero', node, undefined, 'RangeError'); return poison }
  const result: Expr = { op: 'binary', repr, name: operator === '/' ? 'div' : 'rem', left, right }
  // −2⁶³ / −1 is the one quotient beyond 64 bits.
  const overflows = operator === '/' && repr === 'i64' && !(right.op === 'constant' && right.value !== -1n)
  return bigint(result, overflows && !(left.op === 'constant'))
}

/** The count of a shift as u32; undefined, and a finding, where it might be negative. */
function shiftCount(t: Lowering, by: BigIntLike, node: Node): Expr | undefined {
  if (by.kind === 'bigint-constant' && by.value >= 0n) return constant('u32', Number(by.value < shiftMax ? by.value : shiftMax))
  if (by.kind === 'bigint' && !by.wide && by.expr.repr === 'u64') {
    const count = t.builder.reused(by.expr)
    return { op: 'convert', repr: 'u32', value: select(compare('lt', count, constant('u64', shiftMax)), count, constant('u64', shiftMax)) }
  }
  t.refuse(node, 'a shift of a bigint by what may be negative', 'Shift by a constant, or by `BigInt.asUintN(64, n)`.')
  return undefined
}

function leftShift(t: Lowering, a: BigIntLike, b: BigIntLike, node: Node): Value {
  const count = shiftCount(t, b, node)
  return count ? bigint({ op: 'binary', repr: 'u64', name: 'shl', left: bits(a, 'u64'), right: count }, true) : poison
}

function rightShift(t: Lowering, a: BigIntLike, b: BigIntLike, node: Node): Value {
  const count = shiftCount(t, b, node)
  if (!count) return poison
  if (a.kind === 'bigint-constant') return t.refuse(node, 'a constant shifted by a variable', 'Keep the constant in a variable of 64 bits: `BigInt.asUintN(64, …)`.')
  if (a.wide) { wrapFirst(t, node); return poison }
  return bigint({ op: 'binary', repr: a.expr.repr, name: 'shr', left: a.expr, right: count })
}

/** Bits of constants stay few enough to compute at once. */
const foldedBitsMax = 4096n

function folded(t: Lowering, operator: Operator, a: bigint, b: bigint, node: Node): Value {
  if ((operator === '/' || operator === '%') && b === 0n) { t.fault('Division by zero', node, undefined, 'RangeError'); return poison }
  if ((operator === '**' || operator === '<<') && (b < 0n || b > foldedBitsMax)) return t.refuse(node, 'a constant of that size', 'Use constants of 64 bits.')
  const results: Readonly<Record<Operator, () => bigint | undefined>> = {
    '+': () => a + b, '-': () => a - b, '*': () => a * b, '/': () => a / b, '%': () => a % b, '**': () => a ** b,
    '&': () => a & b, '|': () => a | b, '^': () => a ^ b, '<<': () => a << b, '>>': () => a >> b, '>>>': () => undefined,
  }
  const value = results[operator]()
  return value === undefined ? t.refuse(node, '`>>>` of bigints', 'Write `>>`.') : { kind: 'bigint-constant', value }
}
