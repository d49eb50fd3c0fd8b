// Math.pow and ** as compiled bodies compute them, the same on every device: Node 20 has V8's own older algorithm, later ones call the C
// library's pow, whose last bit depends on the processor (with fused multiply-add or without). The twin of cuda/math/pow.cuh, step for step.
import { inverses, logarithms, logarithmTails, powers, powerTails } from './pow-tables.js'

const scratch = new Float64Array(1)
const words = new Int32Array(scratch.buffer)
const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const high = littleEndian ? 1 : 0
const low = 1 - high

/** The upper halves of the bits of `powers`; their lower halves. */
const powerHighs = Int32Array.from(powers, highOf)
const powerLows = Int32Array.from(powers, (power) => { highOf(power); return words[low] as number })

/**
 * x to the power y, with JavaScript's special cases, to within 0.55 ulp. The algorithm is that of Arm's optimized routines (math/pow.c by
 * Szabolcs Nagy, MIT licence; the pow of glibc from 2.28 on and of musl) in its form without fused multiply-add.
 * @example pow(2, 0.5) // 1.4142135623730951
 */
export function pow(x: number, y: number): number {
  // As V8 in every version: a square and a square root are rounded once.
  if (y === 2) return x * x
  if (y === 0.5) return x === -Infinity ? Infinity : Math.sqrt(x + 0)
  const magnitude = Math.abs(x), size = Math.abs(y)
  if (!(magnitude > 0 && magnitude < Infinity && size > 0 && size < Infinity)) return special(x, y)
  let negative = false
  if (x < 0) {
    if (Math.trunc(y) !== y) return NaN
    negative = isOdd(y)
  }
  // |y| from 2⁶³ on is no odd integer and decides by itself, unless |x| is 1; below 2⁻⁶⁵ the result rounds to 1.
  if (size < 2 ** -65) return 1
  if (size >= 2 ** 63) return magnitude === 1 ? 1 : (magnitude > 1) === (y > 0) ? Infinity : 0

  // x = 2ᵏ·z, z within 0.71 … 1.41, and ln z = ln c + ln(1 + r) with c from the table. Of a subnormal x, a normal multiple.
  const subnormal = magnitude < 2 ** -1022
  const top = highOf(subnormal ? magnitude * 2 ** 52 : magnitude) - (subnormal ? 52 << 20 : 0)
  const bottom = words[low] as number
  const offset = (top - 0x3fe69555) | 0
  const i = (offset >>> 13) & 127
  const k = offset >> 20
  const zTop = top - (offset & 0xfff00000)
  const z = fromWords(zTop, bottom)
  const inverse = inverses[i] as number
  const zHigh = fromWords(zTop + (bottom >>> 31), 0)
  const rHigh = zHigh * inverse - 1
  const rLow = (z - zHigh) * inverse
  const r = rHigh + rLow
  const t1 = k * 0.6931471805598903 + (logarithms[i] as number)
  const t2 = t1 + r
  const low1 = k * 5.497923018708371e-14 + (logarithmTails[i] as number)
  const low2 = t1 - t2 + r
  const half = -0.5 * r, square = r * half, cube = r * square
  const halfHigh = -0.5 * rHigh, squareHigh = rHigh * halfHigh
  const sum = t2 + squareHigh
  const low3 = rLow * (half + halfHigh)
  const low4 = t2 - sum + squareHigh
  const p = cube * (-0.6666666666666679 + r * 0.5000000000000007 + square * (0.7999999995323976 + r * -0.6666666663487739
    + square * (-1.142909628459501 + r * 1.0000415263675542)))
  const rest = low1 + low2 + low3 + low4 + p
  const log = sum + rest
  const logTail = sum - log + rest

  // y times the logarithm, both cut in two so that the product of the upper parts is exact.
  const yHigh = withoutLow27(y), logHigh = withoutLow27(log)
  const logLow = log - logHigh + logTail
  return exponential(yHigh * logHigh, (y - yHigh) * logHigh + y * logLow, negative)
}

/** ± exp(x + tail), by a table of 2^(i/128). */
function exponential(x: number, tail: number, negative: boolean): number {
  const size = Math.abs(x)
  if (size < 2 ** -54) return negative ? -(1 + x) : 1 + x
  if (size >= 1024) return x < 0 ? (negative ? -0 : 0) : negative ? -Infinity : Infinity
  const shifted = x * 184.6649652337873 + 6755399441055744
  scratch[0] = shifted
  const k = words[low] as number
  const whole = shifted - 6755399441055744
  const r = x + whole * -0.005415212348111709 + whole * -1.2864023111638346e-14 + tail
  const i = k & 127
  // The sign is a bit above the exponent.
  const scaleTop = ((powerHighs[i] as number) - (i << 13) + ((k + (negative ? 0x40000 : 0)) << 13)) | 0
  const scaleBottom = powerLows[i] as number
  const square = r * r
  const tmp = (powerTails[i] as number) + r + square * (0.49999999999996786 + r * 0.16666666666665886) + square * square * (0.0416666808410674 + r * 0.008333335853059549)
  if (size >= 512) return scaledFar(tmp, scaleTop, scaleBottom, k)
  const scale = fromWords(scaleTop, scaleBottom)
  return scale + scale * tmp
}

/** scale + scale·tmp where the scale's exponent may lie outside that of normal numbers: computed 1009 or 1022 exponents away. */
function scaledFar(tmp: number, scaleTop: number, scaleBottom: number, k: number): number {
  if (k >= 0) {
    const scale = fromWords(scaleTop - (1009 << 20), scaleBottom)
    return 2 ** 1009 * (scale + scale * tmp)
  }
  const scale = fromWords(scaleTop + (1022 << 20), scaleBottom)
  let y = scale + scale * tmp
  if (Math.abs(y) < 1) {
    // The result is subnormal: rounded here, to its last bit, since scaling would round once more.
    const one = y < 0 ? -1 : 1
    const lost = scale - y + scale * tmp
    const upper = one + y
    y = upper + (one - upper + y + lost) - one
    if (y === 0) y = scale < 0 ? -0 : 0
  }
  return 2 ** -1022 * y
}

/** Where x is 0, infinite or NaN, or y is 0, infinite or NaN: ECMA-262's Number::exponentiate. */
function special(x: number, y: number): number {
  if (y === 0) return 1
  if (x !== x || y !== y) return NaN
  const magnitude = Math.abs(x)
  if (Math.abs(y) === Infinity) {
    if (magnitude === 1) return NaN
    return (magnitude > 1) === (y > 0) ? Infinity : 0
  }
  const result = (magnitude === 0) === (y > 0) ? 0 : Infinity
  return (highOf(x) < 0) && isOdd(y) ? -result : result
}

function isOdd(y: number): boolean {
  return Math.abs(y) < 2 ** 53 && Math.trunc(y) === y && Math.trunc(y * 0.5) !== y * 0.5
}

function highOf(value: number): number {
  scratch[0] = value
  return words[high] as number
}

function fromWords(top: number, bottom: number): number {
  words[high] = top
  words[low] = bottom
  return scratch[0] as number
}

function withoutLow27(value: number): number {
  scratch[0] = value
  words[low] = (words[low] as number) & 0xf8000000
  return scratch[0]
}
