// What emitted JavaScript cannot say in one expression: handed to the text as `numeric`. One object, so that V8 sees one shape.
import { pow } from '../numeric/pow.js'
import { bf16Bits, bf16Value, f16Bits, f16Value } from '../../schema/half.js'

/** Integers up to here are f64 exactly. */
const EXACT = 2n ** 53n

/** Is `value` an integer from 0 to below `length`? −0 is 0. */
function isIndex(value: number, length: number): boolean { return value >>> 0 === value && value < length }

/** From 64 on, all bits are shifted out. */
function shiftLeft64(value: bigint, count: number, signed: boolean): bigint {
  if (count > 63) return 0n
  return signed ? BigInt.asIntN(64, value << BigInt(count)) : BigInt.asUintN(64, value << BigInt(count))
}

/** Arithmetic of a negative value, else logical: bigints have a sign, not a width. */
function shiftRight64(value: bigint, count: number): bigint { return value >> BigInt(count > 63 ? 64 : count) }

/** A 64-bit integer rounded once: the bits below 2¹¹ that do not fit an f64 are folded into one that keeps the side of a tie. */
function f32Of64(value: bigint): number {
  if (value >= -EXACT && value <= EXACT) return Math.fround(Number(value))
  const top = (value >> 11n) | ((value & 0x7ffn) === 0n ? 0n : 1n)
  return Math.fround(Number(top)) * 2048
}

/** 0 … count − 1 in an order drawn anew: no iteration of `each` may depend on another, which tests hold bodies to. */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1))
    const held = order[i] as number
    order[i] = order[other] as number
    order[other] = held
  }
  return order
}

/** The functions, in a new object; `pow` is ringlab's own, equal on every device. */
export function numericFor(): object {
  return { pow, isIndex, shiftLeft64, shiftRight64, f32Of64, shuffled, f16Bits, f16Value, bf16Bits, bf16Value }
}
