// One operation of the typed representation on values, as ir.ts words it, in JavaScript's own arithmetic.
import type { Expr, Repr } from '../../src/compiler/ir.js'

export type Value = number | bigint | boolean

/** The value of an operation whose parts have these values. */
export function evaluateNode(e: Expr, parts: readonly Value[]): Value {
  const [a = 0, b = 0] = parts
  switch (e.op) {
    case 'negate': return wrapped(e.repr, typeof a === 'bigint' ? -a : -(a as number))
    case 'complement': return wrapped(e.repr, typeof a === 'bigint' ? ~a : ~(a as number))
    case 'binary': return typeof a === 'boolean' ? booleans(e.name, a, b as boolean) : typeof a === 'bigint' ? bigints(e.repr, e.name, a, BigInt(b)) : numbers(e.repr, e.name, a, b as number)
    case 'compare': return compared(e.name, a, b)
    case 'not': return a !== true
    case 'convert': return converted(e.value.repr, e.repr, a)
    case 'math': return Math[e.name](...parts as [number, number])
    case 'sqrt32': return Math.fround(Math.sqrt(a as number))
    case 'clz32': return Math.clz32(a as number)
    case 'isIndex': return Number.isInteger(a) && (a as number) >= 0 && (a as number) < (b as number)
    default: throw new Error(`${e.op} is no operation on values`)
  }
}

function wrapped(repr: Repr, value: number | bigint): Value {
  switch (repr) {
    case 'i64': return BigInt.asIntN(64, BigInt(value))
    case 'u64': return BigInt.asUintN(64, BigInt(value))
    case 'i32': return Number(value) | 0
    case 'u32': return Number(value) >>> 0
    case 'f32': return Math.fround(Number(value))
    case 'f64': return Number(value)
    case 'bool': throw new Error('arithmetic of bool')
  }
}

type Name = Extract<Expr, { op: 'binary' }>['name']

function booleans(name: Name, a: boolean, b: boolean): boolean {
  if (name === 'and') return a && b
  if (name === 'or') return a || b
  if (name === 'xor') return a !== b
  throw new Error(`${name} of bool`)
}

function bigints(repr: Repr, name: Name, a: bigint, b: bigint): Value {
  const bits = b >= 64n ? 64n : b
  switch (name) {
    case 'add': return wrapped(repr, a + b)
    case 'sub': return wrapped(repr, a - b)
    case 'mul': return wrapped(repr, a * b)
    case 'div': return wrapped(repr, a / b)
    case 'rem': return wrapped(repr, a % b)
    case 'and': return wrapped(repr, a & b)
    case 'or': return wrapped(repr, a | b)
    case 'xor': return wrapped(repr, a ^ b)
    case 'shl': return wrapped(repr, a << bits)
    case 'shr': return wrapped(repr, a >> bits)
  }
}

function numbers(repr: Repr, name: Name, a: number, b: number): Value {
  const integer = repr === 'i32' || repr === 'u32'
  if (integer && (name === 'div' || name === 'rem') && b === 0) throw new Error('division of integers by 0')
  switch (name) {
    case 'add': return wrapped(repr, a + b)
    case 'sub': return wrapped(repr, a - b)
    case 'mul': return integer ? wrapped(repr, Math.imul(a, b)) : wrapped(repr, a * b)
    case 'div': return wrapped(repr, integer ? Math.trunc(a / b) : a / b)
    case 'rem': return wrapped(repr, a % b)
    case 'and': return wrapped(repr, a & b)
    case 'or': return wrapped(repr, a | b)
    case 'xor': return wrapped(repr, a ^ b)
    case 'shl': return wrapped(repr, a << b)
    case 'shr': return repr === 'u32' ? a >>> b : a >> b
  }
}

function compared(name: Extract<Expr, { op: 'compare' }>['name'], a: Value, b: Value): boolean {
  switch (name) {
    case 'lt': return a < b
    case 'le': return a <= b
    case 'gt': return a > b
    case 'ge': return a >= b
    case 'eq': return a === b
    case 'ne': return a !== b
  }
}

function converted(from: Repr, to: Repr, value: Value): Value {
  if (to === 'bool') return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : Boolean(value)
  if (typeof value === 'boolean') return wrapped(to, value ? 1 : 0)
  if (typeof value === 'bigint') return to === 'i32' ? Number(BigInt.asIntN(32, value)) : to === 'u32' ? Number(BigInt.asUintN(32, value)) : wrapped(to, value)
  if ((to === 'i64' || to === 'u64') && from === 'f64' && !(Number.isInteger(value) && Math.abs(value) <= 2 ** 53)) throw new Error(`${value} is converted to ${to}`)
  return wrapped(to, value)
}
