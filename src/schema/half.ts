// The two 16-bit floating-point formats: f64 to their bits, rounded once (to nearest, ties to even), and back.
// Written out because Node 20 has no Float16Array, and because going through f32 first would round twice.

const scratch = new Float64Array(1)
const words = new Uint32Array(scratch.buffer)
const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const high = littleEndian ? 1 : 0
const low = 1 - high

/** The bits of `value` as IEEE binary16: 5 exponent bits, 10 fraction bits. */
export function f16Bits(value: number): number {
  return narrowBits(value, 10, 15)
}

/** The bits of `value` as bfloat16: 8 exponent bits, 7 fraction bits. */
export function bf16Bits(value: number): number {
  return narrowBits(value, 7, 127)
}

/** The number that binary16 `bits` stand for; exact. */
export function f16Value(bits: number): number {
  return widen(bits, 10, 15)
}

/** The number that bfloat16 `bits` stand for; exact. */
export function bf16Value(bits: number): number {
  return widen(bits, 7, 127)
}

function narrowBits(value: number, fractionBits: number, bias: number): number {
  scratch[0] = value
  const top = words[high] ?? 0
  const sign = (top >>> 16) & 0x8000
  const exponent = ((top >>> 20) & 0x7ff) - 1023
  const infinity = (2 * bias + 1) << fractionBits
  if (exponent === 1024 && value !== value) return infinity | (1 << (fractionBits - 1))
  if (exponent > bias) return sign | infinity
  // Bits of the 21-bit significand (its top word) that fall off: more of them below the smallest normal number.
  const belowNormal = Math.max(0, 1 - bias - exponent)
  const dropped = 20 - fractionBits + belowNormal
  if (dropped > 21) return sign
  const significand = 0x100000 | (top & 0xfffff)
  const kept = significand >>> dropped
  const bits = belowNormal > 0 ? kept : ((exponent + bias - 1) << fractionBits) + kept
  const rest = significand & ((1 << dropped) - 1)
  const half = 1 << (dropped - 1)
  const roundUp = rest > half || (rest === half && (words[low] !== 0 || (bits & 1) === 1))
  return sign | (bits + (roundUp ? 1 : 0))
}

function widen(bits: number, fractionBits: number, bias: number): number {
  const exponent = (bits & 0x7fff) >>> fractionBits
  const fraction = bits & ((1 << fractionBits) - 1)
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 2 * bias + 1) return fraction ? NaN : sign * Infinity
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - fractionBits)
  return sign * (1 + fraction / (1 << fractionBits)) * 2 ** (exponent - bias)
}
