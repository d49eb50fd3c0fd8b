// Making expressions: constants, conversions and arithmetic, folded where everything is known. Nothing here knows TypeScript.
import type { Layout } from '../../schema/index.js'
import type { BinaryName, Expr, Place, Repr } from '../ir.js'

export function constant(repr: Repr, value: number | bigint | boolean): Expr { return { op: 'constant', repr, value } }
export function f64(value: number): Expr { return constant('f64', value) }
export const yes: Expr = constant('bool', true)
export const no: Expr = constant('bool', false)

/** The number an f64 expression is, when that is known. */
export function knownNumber(e: Expr): number | undefined {
  return e.op === 'constant' && typeof e.value === 'number' ? e.value : undefined
}

export function knownBoolean(e: Expr): boolean | undefined {
  return e.op === 'constant' && typeof e.value === 'boolean' ? e.value : undefined
}

/** How a scalar of a storage type is held once loaded. */
export function loadedRepr(dtype: Extract<Layout, { kind: 'scalar' }>['dtype']): Repr {
  switch (dtype) {
    case 'f16': case 'bf16': case 'f32': return 'f32'
    case 'i8': case 'i16': case 'i32': return 'i32'
    case 'u8': case 'u16': case 'u32': return 'u32'
    default: return dtype
  }
}

export function load(place: Place): Expr {
  if (place.layout.kind !== 'scalar') throw new Error('only scalars are loaded')
  return { op: 'load', repr: loadedRepr(place.layout.dtype), place }
}

/** `value` as `repr`; what went to f64 and comes back unchanged is left as it was. */
export function convert(value: Expr, repr: Repr): Expr {
  if (value.repr === repr) return value
  if (value.op === 'convert' && value.repr === 'f64' && value.value.repr === repr && repr !== 'i64' && repr !== 'u64' && repr !== 'bool') return value.value
  const number = knownNumber(value)
  if (number !== undefined) {
    if (repr === 'i32') return constant('i32', number | 0)
    if (repr === 'u32') return constant('u32', number >>> 0)
    if (repr === 'f32') return constant('f32', Math.fround(number))
    if (repr === 'f64') return f64(number)
    if (repr === 'bool') return constant('bool', number !== 0 && !Number.isNaN(number))
  }
  const boolean = knownBoolean(value)
  if (boolean !== undefined && repr === 'f64') return f64(boolean ? 1 : 0)
  return { op: 'convert', repr, value }
}

const folds: Partial<Record<BinaryName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b, rem: (a, b) => a % b,
}

export function binary(name: BinaryName, left: Expr, right: Expr): Expr {
  const fold = folds[name]
  if (fold && left.repr === 'f64' && left.op === 'constant' && right.op === 'constant') return f64(fold(left.value as number, right.value as number))
  return { op: 'binary', repr: left.repr, name, left, right }
}

export function negate(value: Expr): Expr {
  const number = knownNumber(value)
  return number !== undefined && value.repr === 'f64' ? f64(-number) : { op: 'negate', repr: value.repr, value }
}

export type CompareName = Extract<Expr, { op: 'compare' }>['name']

const relations: Readonly<Record<CompareName, (a: number, b: number) => boolean>> = {
  lt: (a, b) => a < b, le: (a, b) => a <= b, gt: (a, b) => a > b, ge: (a, b) => a >= b, eq: (a, b) => a === b, ne: (a, b) => a !== b,
}

export function compare(name: CompareName, left: Expr, right: Expr): Expr {
  if (left.op === 'constant' && right.op === 'constant') return constant('bool', relations[name](left.value as number, right.value as number))
  return { op: 'compare', repr: 'bool', name, left, right }
}

export function not(value: Expr): Expr {
  const known = knownBoolean(value)
  if (known !== undefined) return known ? no : yes
  return value.op === 'not' ? value.value : { op: 'not', repr: 'bool', value }
}

export function logical(name: 'and' | 'or', left: Expr, right: Expr): Expr {
  const known = knownBoolean(left)
  if (known !== undefined) return known === (name === 'and') ? right : left
  return { op: 'logical', repr: 'bool', name, left, right }
}

export function select(condition: Expr, then: Expr, otherwise: Expr): Expr {
  const known = knownBoolean(condition)
  if (known !== undefined) return known ? then : otherwise
  return { op: 'select', repr: then.repr, condition, then, otherwise }
}

/** A 32-bit operation of two f64, giving f64, as JavaScript's bitwise operators do. */
export function bitwise(name: BinaryName, repr: 'i32' | 'u32', left: Expr, right: Expr): Expr {
  const a = convert(left, repr)
  const b = name === 'shl' || name === 'shr' ? convert(right, 'u32') : convert(right, repr)
  return convert({ op: 'binary', repr, name, left: a, right: b }, 'f64')
}
