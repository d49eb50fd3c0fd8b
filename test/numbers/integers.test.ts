// Integers of 32 and 64 bits, remainders, rounding and comparison of numbers: against the running JavaScript.
import { describe, expect, test } from 'vitest'
import { bigints, count, firstDifference, numbers, pairs, randomWords } from './inputs.js'
import { compileLibrary, gxx, signature } from './library.js'

const of32 = signature('i32', 'i32', 'i32'), of32u = signature('u32', 'u32', 'u32'), of64 = signature('i64', 'i64', 'i64'), of64u = signature('u64', 'u64', 'u64')
const of1 = signature('f64', 'f64'), of2 = signature('f64', 'f64', 'f64'), single2 = signature('f32', 'f32', 'f32')

describe.skipIf(gxx === undefined)('integers and small functions', () => {
  const library = compileLibrary({
    rl_imul: of32, rl_add_i32: of32, rl_sub_i32: of32, rl_div_i32: of32, rl_rem_i32: of32, rl_div_u32: of32u, rl_rem_u32: of32u, rl_neg_i32: signature('i32', 'i32'), rl_clz32: signature('u32', 'u32'),
    rl_shl_i32: of32, rl_sar_i32: of32, rl_shl_u32: signature('u32', 'u32', 'i32'), rl_shr_u32: signature('u32', 'u32', 'i32'),
    rl_add_i64: of64, rl_sub_i64: of64, rl_mul_i64: of64, rl_div_i64: of64, rl_rem_i64: of64, rl_div_u64: of64u, rl_rem_u64: of64u, rl_neg_i64: signature('i64', 'i64'),
    rl_shl_i64: of64, rl_sar_i64: of64, rl_shl_u64: signature('u64', 'u64', 'i64'), rl_shr_u64: signature('u64', 'u64', 'i64'),
    rl_floor: of1, rl_ceil: of1, rl_trunc: of1, rl_abs: of1, rl_sqrt: of1, rl_sign: of1, rl_round: of1, rl_min: of2, rl_max: of2, rl_fmod: of2,
    rl_add_f32: single2, rl_sub_f32: single2, rl_mul_f32: single2, rl_div_f32: single2, rl_sqrt_f32: signature('f32', 'f32'),
  })
  const word = randomWords(11)
  const edges = [0, 1, -1, 2, -2, 31, 32, 33, 2 ** 31 - 1, -(2 ** 31), 2 ** 16]
  const left = Int32Array.from([...edges.flatMap((x) => edges.map(() => x)), ...Array.from({ length: count }, () => word() >> (word() % 32))])
  const right = Int32Array.from([...edges.flatMap(() => edges), ...Array.from({ length: count }, () => word() >> (word() % 32))])
  const divisors = right.map((value) => (value === 0 ? 7 : value))

  test.each([
    ['rl_imul', Math.imul], ['rl_add_i32', (x, y) => (x + y) | 0], ['rl_sub_i32', (x, y) => (x - y) | 0], ['rl_shl_i32', (x, y) => x << y], ['rl_sar_i32', (x, y) => x >> y],
  ] as const satisfies [string, (x: number, y: number) => number][])('%s', (name, wanted) => {
    same(library[name](left, right), left.map((x, i) => wanted(x, right[i] ?? 0)), left, right)
  })

  test('32-bit division truncates, MIN / −1 wraps', () => {
    same(library.rl_div_i32(left, divisors), left.map((x, i) => (x / (divisors[i] ?? 1)) | 0), left, divisors)
    same(library.rl_rem_i32(left, divisors), left.map((x, i) => x % (divisors[i] ?? 1)), left, divisors)
    const [x, y] = [Uint32Array.from(left), Uint32Array.from(divisors)]
    same(library.rl_div_u32(x, y), x.map((value, i) => value / (y[i] ?? 1)), x, y)
    same(library.rl_rem_u32(x, y), x.map((value, i) => value % (y[i] ?? 1)), x, y)
  })

  test('unsigned shifts, negation, leading zeros', () => {
    const x = Uint32Array.from(left)
    same(library.rl_shl_u32(x, right), x.map((value, i) => value << (right[i] ?? 0)), x, right)
    same(library.rl_shr_u32(x, right), x.map((value, i) => value >>> (right[i] ?? 0)), x, right)
    same(library.rl_neg_i32(left), left.map((value) => -value), left)
    same(library.rl_clz32(x), x.map(Math.clz32), x)
  })

  describe('64 bits', () => {
    const few = Math.min(count, 200_000)
    const x = bigints(few, 3), y = bigints(few, 4).reverse()
    const nonZero = y.map((value) => (value === 0n ? 3n : value))
    const counts = BigInt64Array.from(x, (_, i) => (i % 9 === 0 ? (y[i] ?? 0n) : BigInt((word() % 200) - 100)))
    const unsigned = (values: BigInt64Array): BigUint64Array => new BigUint64Array(values.buffer)
    const signed64 = (each: (a: bigint, b: bigint) => bigint, b = y): BigInt64Array => x.map((a, i) => BigInt.asIntN(64, each(a, b[i] ?? 0n)))
    const unsigned64 = (each: (a: bigint, b: bigint) => bigint, b: BigInt64Array | BigUint64Array): BigUint64Array => unsigned(x).map((a, i) => BigInt.asUintN(64, each(a, b[i] ?? 0n)))
    /** x << n for any n, without asking for a bigint of 2⁶³ bits. */
    const up = (a: bigint, n: bigint): bigint => (n > 64n ? 0n : n < -64n ? (a < 0n ? -1n : 0n) : a << n)

    test('add, subtract, multiply, negate wrap', () => {
      sameBigints(library.rl_add_i64(x, y), signed64((a, b) => a + b))
      sameBigints(library.rl_sub_i64(x, y), signed64((a, b) => a - b))
      sameBigints(library.rl_mul_i64(x, y), signed64((a, b) => a * b))
      sameBigints(library.rl_neg_i64(x), signed64((a) => -a))
    })

    test('divide and take remainders, MIN / −1 wraps', () => {
      sameBigints(library.rl_div_i64(x, nonZero), signed64((a, b) => a / b, nonZero))
      sameBigints(library.rl_rem_i64(x, nonZero), signed64((a, b) => a % b, nonZero))
      sameBigints(library.rl_div_u64(unsigned(x), unsigned(nonZero)), unsigned64((a, b) => a / b, unsigned(nonZero)))
      sameBigints(library.rl_rem_u64(unsigned(x), unsigned(nonZero)), unsigned64((a, b) => a % b, unsigned(nonZero)))
      sameBigints(library.rl_div_i64(BigInt64Array.of(-(2n ** 63n)), BigInt64Array.of(-1n)), [-(2n ** 63n)])
    })

    test('shift by any count, negative ones too', () => {
      sameBigints(library.rl_shl_i64(x, counts), signed64(up, counts))
      sameBigints(library.rl_sar_i64(x, counts), signed64((a, n) => up(a, -n), counts))
      sameBigints(library.rl_shl_u64(unsigned(x), counts), unsigned64(up, counts))
      sameBigints(library.rl_shr_u64(unsigned(x), counts), unsigned64((a, n) => up(a, -n), counts))
    })
  })

  const inputs = Float64Array.from([...numbers(count, 12, 100), ...numbers(count, 13, 2 ** 53)])
  test.each([
    ['rl_floor', Math.floor], ['rl_ceil', Math.ceil], ['rl_trunc', Math.trunc], ['rl_abs', Math.abs], ['rl_sqrt', Math.sqrt], ['rl_sign', Math.sign], ['rl_round', Math.round],
  ] as const)('%s', (name, wanted) => {
    same(library[name](inputs), inputs.map((value) => wanted(value)), inputs)
  })

  test.each([
    ['rl_min', Math.min], ['rl_max', Math.max], ['rl_fmod', (x, y) => x % y],
  ] as const satisfies [string, (x: number, y: number) => number][])('%s', (name, wanted) => {
    for (const range of [10, 2 ** 52]) {
      const [a, b] = pairs(count, 14, range)
      same(library[name](a, b), a.map((x, i) => wanted(x, b[i] ?? 0)), a, b)
    }
  })

  test.each([
    ['rl_add_f32', (x, y) => x + y], ['rl_sub_f32', (x, y) => x - y], ['rl_mul_f32', (x, y) => x * y], ['rl_div_f32', (x, y) => x / y],
  ] as const satisfies [string, (x: number, y: number) => number][])('%s rounds once to f32', (name, wanted) => {
    const [a, b] = pairs(count, 15).map((values) => Float32Array.from(values)) as [Float32Array, Float32Array]
    same(library[name](a, b), a.map((x, i) => Math.fround(wanted(x, b[i] ?? 0))), a, b)
  })

  test('rl_sqrt_f32 rounds once to f32', () => {
    const values = Float32Array.from(inputs)
    same(library.rl_sqrt_f32(values), values.map(Math.sqrt), values)
  })
})

function same(got: ArrayLike<number>, wanted: ArrayLike<number>, ...inputs: ArrayLike<number>[]): void {
  const at = firstDifference(got, wanted)
  expect(at === undefined ? undefined : `of ${inputs.map((values) => String(values[at])).join(' and ')}: ${got[at] ?? ''}, not ${wanted[at] ?? ''}`).toBeUndefined()
}

function sameBigints(got: ArrayLike<bigint>, wanted: ArrayLike<bigint>): void {
  expect(got.length).toBe(wanted.length)
  for (let i = 0; i < wanted.length; i++) if (got[i] !== wanted[i]) expect.fail(`at ${i}: ${got[i] ?? ''}, not ${wanted[i] ?? ''}`)
}
