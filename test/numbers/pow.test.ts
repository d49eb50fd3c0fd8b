// pow: one result on every device. JavaScript's twin against the CUDA text, both against an independent pow, and the tables against their definitions.
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { pow } from '#ringlab/compiler/numeric/pow.js'
import { inverses, logarithms, logarithmTails, powers, powerTails } from '#ringlab/compiler/numeric/pow-tables.js'
import { part } from '../environment/read.js'
import { count, firstDifference, pairs, randomWords } from './inputs.js'
import { compileLibrary, gxx, signature } from './library.js'

const [x, y] = inputs()
const answers = x.map((value, i) => pow(value, y[i] ?? 0))

describe('pow of JavaScript', () => {
  test('follows the language where it is exact: zeros, infinities, NaN, signs, small integers', () => {
    const exact = [0, -0, 1, -1, 2, -2, 3, -3, Infinity, -Infinity, NaN, 0.5, 2 ** 53, -(2 ** 53), 2 ** 64]
    for (const base of exact) for (const exponent of [0, -0, 1, 2, 3, -3, Infinity, -Infinity, NaN, 2 ** 53, 2 ** 53 - 1, 2 ** 64, 1e300, -1e300]) {
      const wanted = Math.pow(base, exponent)
      if (Object.is(Math.abs(base), 3) && Math.abs(exponent) === 3 && exponent < 0) continue
      expect(pow(base, exponent), `${base} ** ${exponent}`).toBe(wanted)
    }
  })

  test('is the nearest number to integer powers, but for the rare one next to a tie', () => {
    const word = randomWords(53)
    let [powersTried, farther] = [0, 0]
    for (let i = 0; i < 4000; i++) {
      const base = word() >>> (word() % 30)
      const exponent = 3 + (word() % 60)
      const wanted = Number(BigInt(base) ** BigInt(exponent))
      const got = pow(base, exponent)
      if (wanted === Infinity) continue
      powersTried++
      // One unit in the last place of the result is at most 2⁻⁵² of it.
      expect(Math.abs(got - wanted), `${base} ** ${exponent}`).toBeLessThanOrEqual(wanted * 2 ** -52)
      if (got !== wanted) farther++
    }
    expect(powersTried).toBeGreaterThan(2000)
    expect(farther / powersTried).toBeLessThan(0.03)
  })
})

test.skipIf(gxx === undefined)('the CUDA text and JavaScript agree in every bit', () => {
  const { rl_pow } = compileLibrary({ rl_pow: signature('f64', 'f64', 'f64') })
  const got = rl_pow(x, y)
  const at = firstDifference(got, answers)
  expect(at === undefined ? undefined : `${x[at] ?? ''} ** ${y[at] ?? ''}: ${got[at] ?? ''}, not ${answers[at] ?? ''}`).toBeUndefined()
})

describe.each(['node24', 'node26'] as const)('Math.pow of %s, which is the C library\'s', (name) => {
  const node = part(name)
  // The C library has a second form for processors with fused multiply-add; this variable of glibc asks for the first (names before and after 2.33).
  const withoutFma = { ...process.env, GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-FMA_Usable,-AVX2_Usable,-FMA4_Usable', NODE_OPTIONS: '' }
  const glibc = (process.report.getReport() as { header?: { glibcVersionRuntime?: string } }).header?.glibcVersionRuntime

  test.skipIf(node === undefined || process.platform !== 'linux' || process.arch !== 'x64' || glibc === undefined)('agrees in every bit', () => {
    const script = `const chunks = []; process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const bytes = Buffer.concat(chunks), values = new Float64Array(new Uint8Array(bytes).buffer), half = values.length / 2
      process.stdout.write(new Uint8Array(Float64Array.from({ length: half }, (_, i) => Math.pow(values[i], values[half + i])).buffer)) })`
    const input = Buffer.concat([Buffer.from(x.buffer), Buffer.from(y.buffer)])
    const output = execFileSync(node ?? '', ['-e', script], { input, env: withoutFma, maxBuffer: 8 * x.length + 1024, timeout: 60_000 })
    const wanted = new Float64Array(new Uint8Array(output).buffer)
    const at = firstDifference(answers, wanted)
    expect(at === undefined ? undefined : `${x[at] ?? ''} ** ${y[at] ?? ''}: ${answers[at] ?? ''}, not ${wanted[at] ?? ''}`).toBeUndefined()
  })
})

describe('the tables, in exact arithmetic of 300 bits', () => {
  const precision = 300n
  const one = 1n << precision
  const fixed = (value: number): bigint => BigInt(value * 2 ** 60) << (precision - 60n)
  /** Rounded to nearest even, as converting a bigint is. */
  const nearest = (value: bigint): number => Number(value) / 2 ** 300

  test('inverses are 1/z in the middle of each step, rounded to 1/128 or 1/256', () => {
    const words = new BigUint64Array(1), edge = new Float64Array(words.buffer)
    const edgeOf = (i: number): number => { words[0] = 0x3fe6955500000000n + (BigInt(i) << 45n); return edge[0] ?? 0 }
    inverses.forEach((inverse, i) => {
      const middle = 2 / (edgeOf(i) + edgeOf(i + 1)), grid = middle > 1 ? 128 : 256
      expect(inverse).toBe(Math.round(middle * grid) / grid)
    })
  })

  test('logarithms are −ln of them to 43 bits behind the point, with what is left', () => {
    inverses.forEach((inverse, i) => {
      const exact = -naturalLogarithm(fixed(inverse))
      const rounded = (exact + (1n << (precision - 44n))) >> (precision - 43n)
      expect(logarithms[i]).toBe(Number(rounded) / 2 ** 43)
      expect(logarithmTails[i]).toBe(nearest(exact - (rounded << (precision - 43n))))
    })
  })

  test('powers are 2^(i/128), with their relative error', () => {
    powers.forEach((power, i) => {
      let exact = one << BigInt(i)
      for (let root = 0; root < 7; root++) exact = squareRoot(exact << precision)
      expect(power).toBe(nearest(exact))
      expect(powerTails[i]).toBe(nearest((exact << precision) / fixed(power) - one))
    })
  })

  /** ln v = 2·atanh((v − 1)/(v + 1)), by its series. */
  function naturalLogarithm(value: bigint): bigint {
    const t = ((value - one) << precision) / (value + one)
    let [term, sum] = [t, 0n]
    for (let n = 1n; term !== 0n && n < 1000n; n += 2n) {
      sum += term / n
      term = (term * t / one) * t / one
    }
    return 2n * sum
  }

  /** The integer square root, by Newton's method from above. */
  function squareRoot(value: bigint): bigint {
    let root = 1n << (BigInt(value.toString(2).length) / 2n + 1n)
    for (;;) {
      const next = (root + value / root) >> 1n
      if (next >= root) return root
      root = next
    }
  }
})

/** Pairs of all kinds: any bits, ordinary, near 1 to a high power, next to overflow and underflow, integers and halves, subnormal. */
function inputs(): readonly [Float64Array, Float64Array] {
  const word = randomWords(51)
  const unit = (): number => (word() / 2 ** 32 + word() / 2 ** 64) * (word() & 1 ? 1 : -1)
  const kinds: readonly (() => readonly [number, number])[] = [
    () => [Math.abs(unit()) * 64, unit() * 20],
    () => [1 + unit() * 2 ** -(word() % 50), unit() * 2 ** (word() % 60)],
    () => { const base = Math.abs(unit()) * 2 ** ((word() % 200) - 100); return [base, (unit() > 0 ? 1 : -1) * (700 + unit() * 50) / Math.log(base)] },
    () => [unit() * 20, (word() % 41) - 20],
    () => [unit() * 100, ((word() % 41) - 20) / 2],
    () => [word() % 1000, (word() % 60) - 30],
    () => [2 ** -1022 * unit(), unit() * 1.2],
  ]
  const random = Array.from({ length: 4 * count }, (_, i) => kinds[i % kinds.length]?.() ?? [1, 1])
  const [a, b] = pairs(count, 52)
  return [Float64Array.from([...a, ...random.map(([base]) => base)]), Float64Array.from([...b, ...random.map(([, exponent]) => exponent)])]
}
