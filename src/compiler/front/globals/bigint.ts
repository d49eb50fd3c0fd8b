// BigInt: conversions, and asIntN and asUintN, which wrap what is only known modulo 2⁶⁴.
import type typescript from 'typescript'
import { bigint, bits, demand, isBigInt } from '../coerce.js'
import { compare, constant, convert, f64, knownNumber, logical } from '../expr.js'
import type { Expr } from '../../ir.js'
import type { Lowering } from '../lowering.js'
import { poison, wordsOf, type Value } from '../value.js'

/** Up to here every integer is an f64, and the conversion to 64 bits exact. */
const exactMax = 2 ** 53

/** `BigInt(x)`. */
export function toBigInt(t: Lowering, given: Value, node: typescript.Node): Value {
  const value = demand(t, given, node)
  if (isBigInt(value) || value.kind === 'poison') return value
  if (value.kind === 'boolean') return bigint(convert(convert(value.expr, 'u32'), 'i64'))
  if (value.kind !== 'number') return t.report('RL1011', node, { what: `\`${node.getText()}\``, is: wordsOf(value), wanted: 'a number' })
  const known = knownNumber(value.expr)
  if (known !== undefined && Number.isInteger(known)) return { kind: 'bigint-constant', value: BigInt(known) }
  if (value.expr.op === 'convert' && (value.expr.value.repr === 'u32' || value.expr.value.repr === 'i32')) return bigint(convert(value.expr.value, 'i64'))
  const x = t.builder.reused(value.expr)
  const whole = compare('eq', { op: 'binary', repr: 'f64', name: 'sub', left: x, right: { op: 'math', repr: 'f64', name: 'trunc', values: [x] } }, f64(0))
  t.guard(logical('and', whole, compare('le', { op: 'math', repr: 'f64', name: 'abs', values: [x] }, f64(exactMax))), '{} is no integer within ±2⁵³, so BigInt() cannot convert it', node, x)
  return bigint(convert(x, 'i64'))
}

/** `BigInt.asIntN(bits, x)` and `BigInt.asUintN(bits, x)`. */
export function bigintCall(t: Lowering, name: string, node: typescript.CallExpression): Value {
  const [width, given] = t.expressions(node.arguments)
  if ((name !== 'asIntN' && name !== 'asUintN') || !width || !given) return t.refuse(node, `\`BigInt.${name}\``, 'Use BigInt.asIntN(64, x) or BigInt.asUintN(64, x).')
  const count = width.kind === 'number' ? knownNumber(width.expr) : undefined
  const value = demand(t, given, node)
  if (value.kind === 'poison') return poison
  if (count === undefined || !Number.isInteger(count) || count < 0 || count > 64) return t.refuse(node, `\`BigInt.${name}\` of a width that is no constant from 0 to 64`, `Write \`BigInt.${name}(64, …)\`.`)
  if (!isBigInt(value)) return t.report('RL1011', node, { what: `\`${node.arguments[1]?.getText() ?? ''}\``, is: wordsOf(value), wanted: 'a bigint' })
  if (value.kind === 'bigint-constant') return { kind: 'bigint-constant', value: name === 'asIntN' ? BigInt.asIntN(count, value.value) : BigInt.asUintN(count, value.value) }
  if (count === 0) return { kind: 'bigint-constant', value: 0n }
  return bigint(name === 'asUintN' ? unsigned(bits(value, 'u64'), count) : signed(bits(value, 'i64'), count))
}

function unsigned(e: Expr, count: number): Expr {
  return count === 64 ? e : { op: 'binary', repr: 'u64', name: 'and', left: e, right: constant('u64', (1n << BigInt(count)) - 1n) }
}

function signed(e: Expr, count: number): Expr {
  if (count === 64) return e
  const by = constant('u32', 64 - count)
  return { op: 'binary', repr: 'i64', name: 'shr', left: { op: 'binary', repr: 'i64', name: 'shl', left: e, right: by }, right: by }
}

