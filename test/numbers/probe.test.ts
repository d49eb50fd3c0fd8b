// The probe that tells engines apart: this Node is the expected one, the CUDA texts are too, and a difference in one function is named.
import { describe, expect, test } from 'vitest'
import { expectedHashes, mathDifference, mathProbe, type ProbedMath } from '#ringlab/compiler/numeric/probe.js'
import { compileLibrary, gxx, signature } from './library.js'

const names = Object.keys(expectedHashes) as (keyof ProbedMath)[]
const math = Math as unknown as Readonly<Record<string, (...values: number[]) => number>>
/** This engine's functions, as values of their own. */
const functions: Readonly<Record<string, (...values: number[]) => number>> = Object.fromEntries(names.map((name) => [name, (...values: number[]) => math[name]?.(...values) ?? 0]))
const own = functions as unknown as ProbedMath

test('this engine computes Math as the devices do', () => {
  expect(mathDifference()).toBeUndefined()
  expect(mathProbe()).toBe(mathProbe(own))
})

test.each(names)('an engine whose %s is wrong in the last bit of large results is told by that name', (name) => {
  const wrong = { ...own, [name]: (...values: number[]) => { const value = functions[name]?.(...values) ?? 0; return Math.abs(value) > 0.7 ? value * (1 + 2 ** -52) : value } }
  expect(mathDifference(wrong)).toMatch(new RegExp(`computes Math\\.${name} differently`))
  expect(mathProbe(wrong)).not.toBe(mathProbe())
})

describe.skipIf(gxx === undefined)('the CUDA texts', () => {
  const of1 = signature('f64', 'f64'), of2 = signature('f64', 'f64', 'f64')
  const library = compileLibrary({
    rl_sin: of1, rl_cos: of1, rl_tan: of1, rl_asin: of1, rl_acos: of1, rl_atan: of1, rl_sinh: of1, rl_cosh: of1, rl_tanh: of1, rl_asinh: of1, rl_acosh: of1, rl_atanh: of1,
    rl_exp: of1, rl_expm1: of1, rl_log: of1, rl_log1p: of1, rl_log2: of1, rl_log10: of1, rl_cbrt: of1, rl_atan2: of2, rl_hypot2: of2,
  })

  test('are the engine that is expected', () => {
    const device = Object.fromEntries(names.map((name) => {
      const each: (x: Float64Array, y: Float64Array) => Float64Array = library[name === 'hypot' ? 'rl_hypot2' : `rl_${name}` as const]
      return [name, (x: number, y = 0) => each(Float64Array.of(x), Float64Array.of(y))[0]]
    })) as unknown as ProbedMath
    expect(mathDifference(device)).toBeUndefined()
  })
})
