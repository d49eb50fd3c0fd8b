// Conversions between numbers: the device's, compiled for this machine, against the running JavaScript, bit for bit.
import { describe, expect, test } from 'vitest'
import { bf16Bits, bf16Value, f16Bits, f16Value } from '#ringlab/schema/half.js'
import { bigints, count, firstDifference, numbers, randomWords } from './inputs.js'
import { compileLibrary, gxx, signature } from './library.js'

describe.skipIf(gxx === undefined)('conversions', () => {
  const library = compileLibrary({
    rl_f64_to_i8: signature('i8', 'f64'), rl_f64_to_u8: signature('u8', 'f64'), rl_f64_to_i16: signature('i16', 'f64'), rl_f64_to_u16: signature('u16', 'f64'),
    rl_f64_to_i32: signature('i32', 'f64'), rl_f64_to_u32: signature('u32', 'f64'), rl_f64_to_f32: signature('f32', 'f64'), rl_fround: signature('f64', 'f64'),
    rl_f64_to_i64: signature('i64', 'f64'), rl_f64_to_u64: signature('u64', 'f64'), rl_i64_to_f64: signature('f64', 'i64'), rl_u64_to_f64: signature('f64', 'u64'),
    rl_f64_to_f16_bits: signature('u16', 'f64'), rl_f64_to_bf16_bits: signature('u16', 'f64'), rl_f16_bits_to_f64: signature('f64', 'u16'), rl_bf16_bits_to_f64: signature('f64', 'u16'),
    rl_f64_is_integer: signature('bool', 'f64'), rl_f64_to_index: signature('u32', 'f64', 'u32'), rl_is_index: signature('bool', 'f64', 'u32'),
  })
  // Thrice: small ranges, the range of 32-bit integers, and around 2⁵³ and 2⁶⁴.
  const inputs = Float64Array.from([...numbers(count, 1, 70_000), ...numbers(count, 4, 2 ** 33), ...numbers(count, 5, 2 ** 65)])

  test.each([
    ['rl_f64_to_i8', Int8Array], ['rl_f64_to_u8', Uint8Array], ['rl_f64_to_i16', Int16Array], ['rl_f64_to_u16', Uint16Array],
    ['rl_f64_to_i32', Int32Array], ['rl_f64_to_u32', Uint32Array], ['rl_f64_to_f32', Float32Array],
  ] as const)('%s stores what a TypedArray stores', (name, TypedArray) => {
    expectSame(library[name](inputs), new TypedArray(inputs), inputs)
  })

  test('fround rounds once', () => {
    expectSame(library.rl_fround(inputs), inputs.map(Math.fround), inputs)
  })

  test.each([['rl_f64_to_f16_bits', f16Bits, 10, 15], ['rl_f64_to_bf16_bits', bf16Bits, 7, 127]] as const)('%s rounds as the schema does, at every tie too', (name, bits, fractionBits, bias) => {
    // All values halfway between two neighbours of the format, with the f64 neighbours of each.
    const value = name === 'rl_f64_to_f16_bits' ? f16Value : bf16Value
    const ties: number[] = []
    for (let pattern = 0; pattern < (2 * bias + 1) << fractionBits; pattern += 1) {
      const tie = (value(pattern) + value(pattern + 1)) / 2
      if (Number.isFinite(tie)) ties.push(tie, -tie, tie * (1 + 2 ** -52), tie * (1 - 2 ** -53))
    }
    const all = Float64Array.from([...inputs, ...ties])
    expectSame(library[name](all), Uint16Array.from(all, bits), all)
  })

  test.each([['rl_f16_bits_to_f64', f16Value], ['rl_bf16_bits_to_f64', bf16Value]] as const)('%s is exact for all 65,536 patterns', (name, value) => {
    const patterns = Uint16Array.from({ length: 65_536 }, (_, i) => i)
    expectSame(library[name](patterns), Float64Array.from(patterns, value), patterns)
  })

  test('an f64 becomes a 64-bit integer exactly within ±2⁵³', () => {
    const whole = Float64Array.from(inputs, Math.trunc).filter((value) => Math.abs(value) <= 2 ** 53)
    expect(firstDifferentBigint(library.rl_f64_to_i64(whole), BigInt64Array.from(whole, BigInt))).toBeUndefined()
    expect(firstDifferentBigint(library.rl_f64_to_u64(whole), BigUint64Array.from(whole, BigInt))).toBeUndefined()
  })

  test('Number(bigint) rounds to nearest, ties to even', () => {
    const values = bigints(count)
    expectSame(library.rl_i64_to_f64(values), Float64Array.from(values, Number), values)
    const unsigned = new BigUint64Array(values.buffer)
    expectSame(library.rl_u64_to_f64(unsigned), Float64Array.from(unsigned, Number), unsigned)
  })

  test('integers and indices are told from other numbers', () => {
    expectSame(library.rl_f64_is_integer(inputs), Uint8Array.from(inputs, (value) => Number(Number.isInteger(value))), inputs)
    const word = randomWords(9)
    const values = inputs.map((value, i) => (i % 2 === 0 ? value : Math.trunc(value)))
    const lengths = Uint32Array.from(values, (value, i) => (i % 3 === 0 ? word() : i % 3 === 1 ? Math.max(0, value) : Math.max(0, value) + 1))
    const wanted = Uint32Array.from(values, (value, i) => (Number.isInteger(value) && value >= 0 && value < (lengths[i] ?? 0) ? value : 0xffff_ffff))
    expectSame(library.rl_f64_to_index(values, lengths), wanted, values)
    expectSame(library.rl_is_index(values, lengths), Uint8Array.from(wanted, (index) => Number(index !== 0xffff_ffff)), values)
    expect(wanted.filter((index) => index !== 0xffff_ffff).length).toBeGreaterThan(count / 10)
  })
})

function expectSame(got: ArrayLike<number>, wanted: ArrayLike<number>, inputs: ArrayLike<number | bigint>): void {
  const at = firstDifference(got, wanted)
  expect(at === undefined ? undefined : `of ${inputs[at] ?? ''}: ${got[at] ?? ''}, not ${wanted[at] ?? ''}`).toBeUndefined()
}

function firstDifferentBigint(got: ArrayLike<bigint>, wanted: ArrayLike<bigint>): number | undefined {
  for (let i = 0; i < wanted.length; i++) if (got[i] !== wanted[i]) return i
  return undefined
}
