// Math.*, except pow: each function's CUDA text, compiled for this machine, against the running Node's, bit for bit.
import { describe, expect, test } from 'vitest'
import { count, firstDifference, numbers, pairs } from './inputs.js'
import { compileLibrary, gxx, signature } from './library.js'

const of1 = signature('f64', 'f64'), of2 = signature('f64', 'f64', 'f64')

/** Ranges in which a function does something; the inputs come in equal parts from each. */
const ranges = {
  sin: [1, 100, 1e6, 1e18], cos: [1, 100, 1e6, 1e18], tan: [1, 100, 1e6, 1e18], asin: [1], acos: [1], atan: [1, 5, 100], exp: [1, 40, 750], expm1: [1, 40, 750],
  log: [1, 3, 1e9], log1p: [1, 3, 1e9], log2: [1, 3, 1e9], log10: [1, 3, 1e9], cbrt: [1, 1e9], sinh: [1, 25, 720], cosh: [1, 25, 720], tanh: [1, 25], asinh: [1, 5, 1e10], acosh: [3, 1e10], atanh: [1],
} as const
type Name = keyof typeof ranges
const names = Object.keys(ranges) as Name[]

describe.skipIf(gxx === undefined)('Math', () => {
  const library = compileLibrary({
    rl_sin: of1, rl_cos: of1, rl_tan: of1, rl_asin: of1, rl_acos: of1, rl_atan: of1, rl_exp: of1, rl_expm1: of1, rl_log: of1, rl_log1p: of1, rl_log2: of1, rl_log10: of1, rl_cbrt: of1,
    rl_sinh: of1, rl_cosh: of1, rl_tanh: of1, rl_asinh: of1, rl_acosh: of1, rl_atanh: of1, rl_atan2: of2, rl_hypot2: of2, rl_hypot3: signature('f64', 'f64', 'f64', 'f64'), test_hypot1: of1, test_hypot5: signature('f64', 'f64', 'f64', 'f64', 'f64', 'f64'),
  }, `RL_FN f64 test_hypot1(f64 a) { return rl_hypot_n(&a, 1); }
RL_FN f64 test_hypot5(f64 a, f64 b, f64 c, f64 d, f64 e) { const f64 values[5] = { a, b, c, d, e }; return rl_hypot_n(values, 5); }`)

  test.each(names)('%s', (name) => {
    ranges[name].forEach((range, i) => {
      const inputs = numbers(Math.ceil(count / ranges[name].length), 21 + i, range)
      const got = library[`rl_${name}`](inputs), wanted = inputs.map((value) => Math[name](value))
      const at = firstDifference(got, wanted)
      expect(at === undefined ? undefined : `Math.${name}(${inputs[at] ?? ''}): ${got[at] ?? ''}, not ${wanted[at] ?? ''}`).toBeUndefined()
    })
  })

  test('the trigonometric functions next to multiples of π/2, where nearly everything cancels', () => {
    const near = Float64Array.from({ length: Math.min(count, 400_000) }, (_, i) => (i + 1) * (Math.PI / 2))
    const farther = Float64Array.from({ length: 970 }, (_, i) => Math.PI * 2 ** i)
    // 6381956970095103 · 2⁷⁹⁷ is the f64 nearest to a multiple of π/2 (Kahan; Muller, "Elementary Functions", ch. 11).
    for (const inputs of [near, farther, Float64Array.of(6381956970095103 * 2 ** 797, -(6381956970095103 * 2 ** 797))]) {
      for (const name of ['sin', 'cos', 'tan'] as const) expect(firstDifference(library[`rl_${name}`](inputs), inputs.map((value) => Math[name](value)))).toBeUndefined()
    }
  })

  test.each(['atan2', 'hypot2'] as const)('%s', (name) => {
    for (const range of [2, 1e6]) {
      const [x, y] = pairs(count, 31, range)
      const wanted = name === 'atan2' ? x.map((value, i) => Math.atan2(value, y[i] ?? 0)) : x.map((value, i) => Math.hypot(value, y[i] ?? 0))
      const got = library[`rl_${name}`](x, y)
      const at = firstDifference(got, wanted)
      expect(at === undefined ? undefined : `${name}(${x[at] ?? ''}, ${y[at] ?? ''}): ${got[at] ?? ''}, not ${wanted[at] ?? ''}`).toBeUndefined()
    }
  })

  test('hypot of one, three and five numbers', () => {
    const [a, b] = pairs(count, 41, 10)
    const [c, d, e] = [43, 44, 45].map((seed) => numbers(a.length, seed, 10).subarray(0, a.length).reverse()) as [Float64Array, Float64Array, Float64Array]
    expect(firstDifference(library.test_hypot1(a), a.map((x) => Math.hypot(x)))).toBeUndefined()
    expect(firstDifference(library.rl_hypot3(a, b, c), a.map((x, i) => Math.hypot(x, b[i] ?? 0, c[i] ?? 0)))).toBeUndefined()
    const five = a.map((x, i) => Math.hypot(x, b[i] ?? 0, c[i] ?? 0, d[i] ?? 0, e[i] ?? 0))
    expect(firstDifference(library.test_hypot5(a, b, c, d, e), five)).toBeUndefined()
  })
})
