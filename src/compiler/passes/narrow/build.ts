// Small expressions that rewriting makes.
import type { BinaryName, Expr, Repr } from '../../ir.js'

export type Whole = 'i32' | 'u32'
type CompareName = Extract<Expr, { op: 'compare' }>['name']

export function constantOf(repr: Repr, value: number | boolean): Expr { return { op: 'constant', repr, value } }

/** An integer, modulo 2³², in a representation. */
export function wholeConstant(repr: Whole, value: number): Expr {
  const wrapped = Number(BigInt.asIntN(32, BigInt(value)))
  return constantOf(repr, repr === 'u32' ? wrapped >>> 0 : wrapped)
}

/** A conversion, where one is needed; between 32-bit integers only the last one counts. */
export function convertTo(repr: Repr, value: Expr): Expr {
  if (value.repr === repr) return value
  if (isWhole(repr) && isWhole(value.repr)) {
    if (value.op === 'constant') return wholeConstant(repr, Number(value.value))
    if (value.op === 'convert' && isWhole(value.value.repr)) return convertTo(repr, value.value)
  }
  return { op: 'convert', repr, value }
}

export function isWhole(repr: Repr): repr is Whole { return repr === 'i32' || repr === 'u32' }

export function binaryOf(name: BinaryName, left: Expr, right: Expr): Expr { return { op: 'binary', repr: left.repr, name, left, right } }

export function compareOf(name: CompareName, left: Expr, right: Expr): Expr { return { op: 'compare', repr: 'bool', name, left, right } }

export function selectOf(condition: Expr, then: Expr, otherwise: Expr): Expr { return { op: 'select', repr: then.repr, condition, then, otherwise } }
