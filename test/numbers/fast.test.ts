// The functions of `math: 'fast'`: near the exact ones, with JavaScript's special cases. Here the C library stands for CUDA's, so this holds the
// names, the argument order and the special cases; how far CUDA's own are off is for a GPU to tell.
import { describe, expect, test } from 'vitest'
import { count, pairs, specials } from './inputs.js'
import { compileLibrary, gxx, signature } from './library.js'

const of1 = signature('f64', 'f64'), of2 = signature('f64', 'f64', 'f64')
const one = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'cbrt'] as const

describe.skipIf(gxx === undefined)('fast', () => {
  const library = compileLibrary({
    rl_fast_sin: of1, rl_fast_cos: of1, rl_fast_tan: of1, rl_fast_asin: of1, rl_fast_acos: of1, rl_fast_atan: of1, rl_fast_sinh: of1, rl_fast_cosh: of1, rl_fast_tanh: of1, rl_fast_asinh: of1, rl_fast_acosh: of1,
    rl_fast_atanh: of1, rl_fast_exp: of1, rl_fast_expm1: of1, rl_fast_log: of1, rl_fast_log1p: of1, rl_fast_log2: of1, rl_fast_log10: of1, rl_fast_cbrt: of1, rl_fast_atan2: of2, rl_fast_pow: of2,
    rl_fast_hypot2: of2, rl_fast_hypot3: signature('f64', 'f64', 'f64', 'f64'), test_hypot4: signature('f64', 'f64', 'f64', 'f64', 'f64'),
  }, 'RL_FN f64 test_hypot4(f64 a, f64 b, f64 c, f64 d) { const f64 values[4] = { a, b, c, d }; return rl_fast_hypot_n(values, 4); }')

  test.each(one)('%s', (name) => {
    const inputs = Float64Array.from(specials)
    library[`rl_fast_${name}`](inputs).forEach((got, i) => { expectNear(got, Math[name](inputs[i] ?? 0), `Math.${name}(${inputs[i] ?? ''})`) })
  })

  test('functions of several numbers', () => {
    const [x, y] = pairs(Math.min(count, 1000), 61, 20)
    const far = [...x.keys()].filter((i) => i % 7 === 0)
    const [a, b] = [Float64Array.from(far, (i) => x[i] ?? 0), Float64Array.from(far, (i) => y[i] ?? 0)]
    const [atan2, pow, two, three, four] = [library.rl_fast_atan2(a, b), library.rl_fast_pow(a, b), library.rl_fast_hypot2(a, b), library.rl_fast_hypot3(a, b, a), library.test_hypot4(a, b, a, b)]
    far.forEach((_, i) => {
      const [p, q] = [a[i] ?? 0, b[i] ?? 0]
      expectNear(atan2[i] ?? 0, Math.atan2(p, q), `atan2(${p}, ${q})`)
      // Node 20's pow is up to some hundred units off.
      expectNear(pow[i] ?? 0, Math.pow(p, q), `${p} ** ${q}`, 2 ** -42)
      expectNear(two[i] ?? 0, Math.hypot(p, q), `hypot(${p}, ${q})`)
      expectNear(three[i] ?? 0, Math.hypot(p, q, p), `hypot(${p}, ${q}, ${p})`)
      expectNear(four[i] ?? 0, Math.hypot(p, q, p, q), `hypot(${p}, ${q}, ${p}, ${q})`)
    })
  })
})

/** Within a few units in the last place; zeros, infinities and NaN the same. */
function expectNear(got: number, wanted: number, what: string, relative = 2 ** -50): void {
  const same = Object.is(got, wanted) || (Number.isFinite(got) && Math.abs(got - wanted) <= Math.max(Math.abs(wanted) * relative, 2 ** -1070))
  if (!same) expect.fail(`${what}: ${got}, not ${wanted}`)
}
