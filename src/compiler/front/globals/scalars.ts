// ringlab's own exports called in a body: `f32(x)` and the like convert as a TypedArray store does.
import type typescript from 'typescript'
import { scalarLayout } from '../aggregates/layouts.js'
import { bigint, bits, demand, isBigInt, numberValue, toNumber } from '../coerce.js'
import type { Expr } from '../../ir.js'
import { constant, convert, load } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { poison, wordsOf, type Value } from '../value.js'

export function ringlabCall(t: Lowering, name: string, node: typescript.CallExpression): Value {
  const [given] = t.expressions(node.arguments)
  const at = node.arguments[0] ?? node
  if (!given) return t.refuse(node, `\`${name}()\` of nothing`, `Give it a value: ${name}(x).`)
  const value = demand(t, given, at)
  if (value.kind === 'poison') return poison
  if (name === 'i64' || name === 'u64') return isBigInt(value) ? wrap(value, name) : t.report('RL1011', at, { what: `\`${at.getText()}\``, is: wordsOf(value), wanted: 'a bigint' })
  if (name === 'f64' && value.kind === 'bigint-constant') return numberValue(constant('f64', Number(value.value)))
  if (name === 'f64' && value.kind === 'bigint' && !value.wide) return numberValue(convert(value.expr, 'f64'))
  const result = converted(t, name, () => toNumber(t, value, at))
  return result ? numberValue(result) : t.refuse(node, `\`${name}(…)\` inside a body`, 'Declare schemas and buffers around the body.')
}

function wrap(value: Parameters<typeof bits>[0], name: 'i64' | 'u64'): Value {
  if (value.kind === 'bigint-constant') return { kind: 'bigint-constant', value: name === 'i64' ? BigInt.asIntN(64, value.value) : BigInt.asUintN(64, value.value) }
  return bigint(bits(value, name))
}

function converted(t: Lowering, name: string, number: () => Expr): Expr | undefined {
  switch (name) {
    case 'f64': return number()
    case 'f32': return convert(convert(number(), 'f32'), 'f64')
    case 'i32': case 'u32': return convert(convert(number(), name), 'f64')
    case 'u8': return masked(number(), 0xff)
    case 'u16': return masked(number(), 0xffff)
    case 'i8': return extended(number(), 24)
    case 'i16': return extended(number(), 16)
    case 'f16': case 'bf16': return half(t, name, number())
    default: return undefined
  }
}

function masked(e: Expr, mask: number): Expr {
  return convert({ op: 'binary', repr: 'u32', name: 'and', left: convert(e, 'u32'), right: constant('u32', mask) }, 'f64')
}

function extended(e: Expr, by: number): Expr {
  const up: Expr = { op: 'binary', repr: 'i32', name: 'shl', left: convert(e, 'i32'), right: constant('u32', by) }
  return convert({ op: 'binary', repr: 'i32', name: 'shr', left: up, right: constant('u32', by) }, 'f64')
}

/** 16-bit floats are rounded by storing them: no register holds them. */
function half(t: Lowering, dtype: 'f16' | 'bf16', e: Expr): Expr {
  const place = t.builder.region(`rounded ${t.builder.regions.length}`, scalarLayout(dtype))
  t.builder.emit({ kind: 'store', place, dtype, value: e })
  return t.builder.temporary(convert(load(place), 'f64'))
}
