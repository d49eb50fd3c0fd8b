// What is known of a result, from what is known of the operands: f64 as IEEE 754 computes, 32-bit integers as they wrap.
import type { BinaryName, MathName } from '../../ir.js'
import { exactly, hasZero, integers, isWithin, mayBeInfinite, mayBeNegative, mayBePositive, rangeOfRepr, type Range } from './range.js'

const largestExact = 2 ** 53

/** Of f64 operands; also of f32 ones, whose result is rounded after. */
export function floatResult(name: BinaryName, a: Range, b: Range): Range {
  switch (name) {
    case 'add': return sum(a, b)
    case 'sub': return sum(a, negated(b))
    case 'mul': return product(a, b)
    case 'div': return quotient(a, b)
    case 'rem': return remainder(a, b)
    default: return rangeOfRepr('f64')
  }
}

export function negated(a: Range): Range {
  return { min: 0 - a.max, max: 0 - a.min, integer: a.integer, nan: a.nan, negativeZero: hasZero(a), below: 0 }
}

/** −0 only as the sum of two. */
function sum(a: Range, b: Range): Range {
  const nan = a.nan || b.nan || (a.max === Infinity && b.min === -Infinity) || (a.min === -Infinity && b.max === Infinity)
  const min = a.min + b.min
  const max = a.max + b.max
  return { min: Number.isNaN(min) ? -Infinity : min, max: Number.isNaN(max) ? Infinity : max, integer: a.integer && b.integer, nan, negativeZero: a.negativeZero && b.negativeZero, below: 0 }
}

function product(a: Range, b: Range): Range {
  const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max].map((corner) => (Number.isNaN(corner) ? 0 : corner))
  const nan = a.nan || b.nan || (hasZero(a) && mayBeInfinite(b)) || (hasZero(b) && mayBeInfinite(a))
  const integer = a.integer && b.integer
  const opposite = (mayBeNegative(a) && mayBePositive(b)) || (mayBePositive(a) && mayBeNegative(b))
  // A fraction's product may underflow to zero; of integers a zero has to be there.
  const zeros = (hasZero(a) && mayBeNegative(b)) || (a.negativeZero && mayBePositive(b)) || (hasZero(b) && mayBeNegative(a)) || (b.negativeZero && mayBePositive(a))
  return { min: Math.min(...corners), max: Math.max(...corners), integer, nan, negativeZero: integer ? zeros : opposite, below: 0 }
}

function quotient(a: Range, b: Range): Range {
  const negativeZero = (mayBeNegative(a) && mayBePositive(b)) || (mayBePositive(a) && mayBeNegative(b))
  const nan = a.nan || b.nan || (hasZero(a) && hasZero(b)) || (mayBeInfinite(a) && mayBeInfinite(b))
  if (hasZero(b)) return { ...rangeOfRepr('f64'), nan, negativeZero }
  const corners = [a.min / b.min, a.min / b.max, a.max / b.min, a.max / b.max].map((corner) => (Number.isNaN(corner) ? 0 : corner))
  return { min: Math.min(...corners), max: Math.max(...corners), integer: false, nan, negativeZero, below: 0 }
}

/** The dividend's sign, smaller than both. */
function remainder(a: Range, b: Range): Range {
  const integer = a.integer && b.integer
  const divisor = Math.max(Math.abs(b.min), Math.abs(b.max))
  const most = Math.min(Math.max(Math.abs(a.min), Math.abs(a.max)), integer ? Math.max(0, divisor - 1) : divisor)
  return { min: a.min < 0 ? -most : 0, max: a.max > 0 ? most : 0, integer, nan: a.nan || b.nan || hasZero(b) || mayBeInfinite(a), negativeZero: mayBeNegative(a), below: 0 }
}

/** Of f64 functions; nothing is known of most. */
export function mathResult(name: MathName, values: readonly Range[]): Range {
  const [a = rangeOfRepr('f64')] = values
  const fractionBelow = (limit: number): boolean => a.negativeZero || (!a.integer && a.min < 0 && a.max > limit)
  const rounded = (round: (x: number) => number, negativeZero: boolean): Range => ({ min: round(a.min) + 0, max: round(a.max) + 0, integer: true, nan: a.nan, negativeZero, below: 0 })
  switch (name) {
    case 'floor': return { ...rounded(Math.floor, a.negativeZero), below: a.below }
    case 'ceil': return rounded(Math.ceil, fractionBelow(-1))
    case 'trunc': return rounded(Math.trunc, fractionBelow(-1))
    case 'round': return rounded(Math.round, fractionBelow(-0.5000001))
    case 'abs': return { min: hasZero(a) ? 0 : Math.min(Math.abs(a.min), Math.abs(a.max)), max: Math.max(Math.abs(a.min), Math.abs(a.max)), integer: a.integer, nan: a.nan, negativeZero: false, below: 0 }
    case 'min': return extreme(values, Math.min, values.reduce((bits, { below }) => bits | below, 0))
    case 'max': return extreme(values, Math.max, 0)
    case 'sign': return { min: Math.sign(a.min), max: Math.sign(a.max), integer: true, nan: a.nan, negativeZero: a.negativeZero, below: 0 }
    case 'sqrt': return { min: Math.sqrt(Math.max(0, a.min)), max: Math.sqrt(Math.max(0, a.max)), integer: false, nan: a.nan || a.min < 0, negativeZero: a.negativeZero, below: 0 }
    default: return rangeOfRepr('f64')
  }
}

function extreme(values: readonly Range[], of: (...numbers: number[]) => number, below: number): Range {
  return {
    min: of(...values.map(({ min }) => min)), max: of(...values.map(({ max }) => max)), below,
    integer: values.every(({ integer }) => integer), nan: values.some(({ nan }) => nan), negativeZero: values.some(({ negativeZero }) => negativeZero),
  }
}

/** Of i32 or u32 operands. */
export function integerResult(repr: 'i32' | 'u32', name: BinaryName, a: Range, b: Range): Range {
  const whole = rangeOfRepr(repr)
  const kept = (range: Range): Range => (isWithin(range, whole.min, whole.max) && Math.max(Math.abs(range.min), Math.abs(range.max)) <= largestExact ? integers(range.min, range.max, range.below) : whole)
  switch (name) {
    case 'add': case 'sub': case 'mul': case 'rem': return name === 'rem' && hasZero(b) ? whole : kept(floatResult(name, a, b))
    case 'div': return hasZero(b) ? whole : kept(mathResult('trunc', [floatResult('div', a, b)]))
    case 'and': return masked(a, b, whole)
    case 'or': case 'xor': return a.min < 0 || b.min < 0 ? whole : integers(0, 2 ** (32 - Math.clz32(Math.max(a.max, b.max))) - 1)
    case 'shl': return b.min === b.max && b.max < 32 ? kept(product(a, exactly(2 ** b.max))) : whole
    case 'shr': {
      if (b.min !== b.max || b.max >= 32) return integers(Math.min(0, a.min), Math.max(0, a.max))
      return integers(Math.floor(a.min / 2 ** b.max), Math.floor(a.max / 2 ** b.max))
    }
  }
}

/** A mask without its sign bit bounds the result. */
function masked(a: Range, b: Range, whole: Range): Range {
  const most = Math.min(...[a, b].filter(({ min }) => min >= 0).map(({ max }) => max))
  return most === Infinity ? whole : integers(0, most, (a.min >= 0 ? a.below : 0) | (b.min >= 0 ? b.below : 0))
}

/** ToInt32 and ToUint32 of a float, or a 32-bit integer read as the other. */
export function wrappedTo(repr: 'i32' | 'u32', a: Range): Range {
  const whole = rangeOfRepr(repr)
  const min = Math.trunc(a.min) + 0
  const max = Math.trunc(a.max) + 0
  if (!(min >= whole.min && max <= whole.max)) return whole
  return a.nan ? integers(Math.min(0, min), Math.max(0, max)) : integers(min, max, a.below)
}

/** Rounded to f32. */
export function roundedTo32(a: Range): Range {
  return { min: Math.fround(a.min), max: Math.fround(a.max), integer: a.integer, nan: a.nan, negativeZero: a.negativeZero || (!a.integer && a.min < 0), below: 0 }
}
