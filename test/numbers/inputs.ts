// Inputs that numeric code goes wrong on, in fixed order: special values, neighbours of powers of two, random bit patterns, and useful ranges.

/** How many random inputs a function gets; RINGLAB_NUMBERS_COUNT raises it. */
export const count = Number(process.env.RINGLAB_NUMBERS_COUNT ?? 60_000)

/** Random 32-bit words, the same in every run: sfc32 (PractRand's small fast counter generator). */
export function randomWords(seed: number): () => number {
  let a = seed | 0, b = 0x9e3779b9 | 0, c = 0x243f6a88, counter = 1
  const next = (): number => {
    const word = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + word | 0
    return word >>> 0
  }
  for (let i = 0; i < 20; i++) next()
  return next
}

const scratch = new Float64Array(1)
const words = new BigUint64Array(scratch.buffer)

function withNeighbours(value: number): number[] {
  scratch[0] = value
  const bits = words[0] ?? 0n
  return [bits - 1n, bits, bits + 1n].map((pattern) => { words[0] = pattern; return scratch[0] ?? 0 })
}

/** ±0, ±∞, NaN, subnormals, the edges of the integer types and of exactness, ties, and each power of two with its neighbours. */
export const specials: readonly number[] = (() => {
  const found = new Set<number>([0, Infinity, NaN, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -1022, 2 ** -1022 - Number.MIN_VALUE, Math.PI, Math.E, Math.PI / 2, Math.PI / 4, Math.LN2, 1 / 3, 0.1, 10, 22, 709.782712893384, 745.1332191019411, 710.4758600739439])
  for (let exponent = -1074; exponent < 1024; exponent += exponent > -70 && exponent < 70 ? 1 : 17) for (const value of withNeighbours(2 ** exponent)) found.add(value)
  for (const bits of [7, 8, 15, 16, 31, 32, 53, 63, 64]) for (const step of [-1.5, -1, -0.5, 0, 0.5, 1, 1.5]) found.add(2 ** bits + step)
  for (let i = 0; i < 40; i++) for (const value of [i, i + 0.5, i + 0.25]) found.add(value)
  return [...found].flatMap((value) => [value, -value])
})()

/** Special values, then `random` numbers: a third any bits, a third of any size from 2⁻⁶⁰ to 2⁶⁰, a third within ±`range`. */
export function numbers(random: number, seed = 1, range = 1000): Float64Array {
  const word = randomWords(seed)
  const values = new Float64Array(specials.length + random)
  const bits = new Uint32Array(values.buffer)
  values.set(specials)
  for (let i = specials.length; i < values.length; i++) {
    if (i % 3 === 0) {
      bits[2 * i] = word()
      bits[2 * i + 1] = word()
    } else {
      const unit = (word() / 2 ** 32 + word() / 2 ** 64) * (word() & 1 ? 1 : -1)
      values[i] = i % 3 === 1 ? unit * 2 ** ((word() % 121) - 60) : unit * range
    }
  }
  return values
}

/** All pairs of a part of the special values, then random pairs. */
export function pairs(random: number, seed = 2, range = 1000): readonly [Float64Array, Float64Array] {
  const few = specials.filter((_, i) => i % 12 < 2 || i < 60)
  const a = numbers(random, seed, range), b = numbers(random, seed + 1, range)
  const left = new Float64Array(few.length ** 2 + random), right = new Float64Array(left.length)
  few.forEach((x, i) => { few.forEach((y, j) => { left[i * few.length + j] = x; right[i * few.length + j] = y }) })
  left.set(a.subarray(specials.length), few.length ** 2)
  right.set(b.subarray(specials.length), few.length ** 2)
  return [left, right]
}

/** Random 64-bit integers of all lengths, and the edges. */
export function bigints(random: number, seed = 3): BigInt64Array {
  const word = randomWords(seed)
  const edges = [0n, 1n, -1n, 2n, -2n, 2n ** 31n, -(2n ** 31n), 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n + 2n ** 9n, 2n ** 62n + 2n ** 9n + 1n]
  const values = new BigInt64Array(edges.length + random)
  values.set(edges)
  for (let i = edges.length; i < values.length; i++) values[i] = BigInt.asIntN(64, (BigInt(word()) << 32n) | BigInt(word())) >> BigInt(word() % 64)
  return values
}

/** The first place where two arrays differ in bits, NaNs being one class; undefined where they agree. */
export function firstDifference(got: ArrayLike<number>, wanted: ArrayLike<number>): number | undefined {
  for (let i = 0; i < wanted.length; i++) if (!Object.is(got[i], wanted[i])) return i
  return got.length === wanted.length ? undefined : Math.min(got.length, wanted.length)
}
