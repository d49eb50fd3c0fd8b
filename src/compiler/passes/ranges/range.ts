// What is known of a number: an interval, and whether it may be a fraction, NaN or −0. Bounds are exact, because rounding keeps order.
import type { Repr } from '../../ir.js'

export interface Range {
  /** Bounds of every value that is no NaN; an infinite bound means that infinity may be a value. */
  readonly min: number
  readonly max: number
  /** Every value within the bounds is an integer, or infinite. */
  readonly integer: boolean
  readonly nan: boolean
  readonly negativeZero: boolean
  /** Bits of the buffers (the first 31) of which it is known to be below their length. */
  readonly below: number
}

const anything: Range = { min: -Infinity, max: Infinity, integer: false, nan: true, negativeZero: true, below: 0 }

/** Integers from `min` to `max`, never −0. */
export function integers(min: number, max: number, below = 0): Range {
  return { min, max, integer: true, nan: false, negativeZero: false, below }
}

const i32 = integers(-(2 ** 31), 2 ** 31 - 1)
const u32 = integers(0, 2 ** 32 - 1)
const ofRepr: Readonly<Record<Repr, Range>> = { f64: anything, f32: anything, i32, u32, i64: integers(-(2 ** 63), 2 ** 63), u64: integers(0, 2 ** 64), bool: integers(0, 1) }

/** All that a representation can hold. */
export function rangeOfRepr(repr: Repr): Range { return ofRepr[repr] }

export function exactly(value: number): Range {
  if (Number.isNaN(value)) return { min: Infinity, max: -Infinity, integer: true, nan: true, negativeZero: false, below: 0 }
  return { min: value + 0, max: value + 0, integer: Number.isInteger(value) || Math.abs(value) === Infinity, nan: false, negativeZero: Object.is(value, -0), below: 0 }
}

/** Is every value one of these integers (or −0, which reads as 0 there)? */
export function isWithin(range: Range, min: number, max: number): boolean {
  return range.integer && !range.nan && range.min >= min && range.max <= max
}

/** The 32-bit representation that holds every value, signed when both do. */
export function fittingRepr(range: Range): 'i32' | 'u32' | undefined {
  if (isWithin(range, i32.min, i32.max)) return 'i32'
  return isWithin(range, u32.min, u32.max) ? 'u32' : undefined
}

export function hasZero(range: Range): boolean { return range.min <= 0 && range.max >= 0 }
export function mayBeNegative(range: Range): boolean { return range.min < 0 || range.negativeZero }
export function mayBePositive(range: Range): boolean { return range.max > 0 || hasZero(range) }
export function mayBeInfinite(range: Range): boolean { return range.min === -Infinity || range.max === Infinity }

export function join(a: Range, b: Range): Range {
  return {
    min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), integer: a.integer && b.integer, nan: a.nan || b.nan, negativeZero: a.negativeZero || b.negativeZero, below: a.below & b.below,
  }
}

export function sameRange(a: Range, b: Range): boolean {
  return a.min === b.min && a.max === b.max && a.integer === b.integer && a.nan === b.nan && a.negativeZero === b.negativeZero && a.below === b.below
}

/** Bounds that a growing one stops at, so that fixpoints are near; the widths of representations. */
const stops = [0, 255, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53, Infinity]
const stopsBelow = [0, -1, -128, -32_768, -(2 ** 31), -(2 ** 53), -Infinity]

/** `next`, which holds `before`, with each bound that moved taken to the next stop. */
export function widened(before: Range, next: Range): Range {
  const min = next.min < before.min ? stopsBelow.find((stop) => stop <= next.min) ?? -Infinity : next.min
  const max = next.max > before.max ? stops.find((stop) => stop >= next.max) ?? Infinity : next.max
  return { ...next, min, max }
}
