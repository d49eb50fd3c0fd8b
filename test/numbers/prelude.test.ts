// The prelude's texts: each program gets what it calls and no more, and NVRTC takes every one, without a warning, an #include or a contraction.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exactFlags } from '#ringlab/compiler/cuda/exact-flags.js'
import { preludeFor, preludeNames } from '#ringlab/compiler/cuda/prelude.js'
import { openNvrtc } from '#ringlab/driver/index.js'
import { part } from '../environment/read.js'
import { preamble } from './library.js'

describe('preludeFor', () => {
  test('gives the files that define what is asked for, and those they need, each once and before its user', () => {
    const text = preludeFor(['rl_sin', 'rl_cosh', 'rl_cos', 'rl_fmod'])
    for (const name of ['rl_fmod', 'rl_rem_pio2', 'rl_cos', 'rl_exp', 'rl_expm1', 'rl_cosh']) expect(text.split(new RegExp(`^RL_\\w+ \\w+ ${name}\\(`, 'm'))).toHaveLength(2)
    expect(text.indexOf(' rl_rem_pio2(')).toBeLessThan(text.indexOf(' rl_sin('))
    expect(text.indexOf(' rl_expm1(')).toBeLessThan(text.indexOf(' rl_cosh('))
    expect(text).not.toContain(' rl_pow(')
    expect(text).not.toContain(' rl_tan(')
  })

  test('gives the same text whatever the order of the names', () => {
    expect(preludeFor(['rl_tan', 'rl_exp'])).toBe(preludeFor(new Set(['rl_exp', 'rl_tan', 'rl_exp'])))
    expect(preludeFor([])).toBe('')
  })

  test('refuses a name that nothing defines', () => {
    expect(() => preludeFor(['rl_sine'])).toThrow(/defines rl_sine, which emitted code calls/)
  })

  test('nothing includes a file', () => {
    expect(preludeFor(preludeNames())).not.toMatch(/^\s*#\s*(include|pragma once)/m)
  })
})

const nvrtc = part('nvrtc')

describe.skipIf(nvrtc === undefined)('NVRTC', () => {
  let compiler: ReturnType<typeof openNvrtc> | undefined
  beforeAll(() => { compiler = openNvrtc({ kind: 'nvrtc', path: nvrtc ?? '', from: 'the test environment' }) })
  afterAll(() => { compiler = undefined })

  function compile(names: readonly string[], architecture: `compute_${number}` | `sm_${number}`): ReturnType<ReturnType<typeof openNvrtc>['compile']> {
    if (compiler === undefined) throw new Error('NVRTC was not opened')
    return compiler.compile({ source: kernelOf(names), name: 'numbers.cu', architecture, options: exactFlags })
  }

  test.each(['sm_75', 'sm_80', 'sm_90', 'sm_120'] as const)('compiles everything for %s without a warning', (architecture) => {
    expect(compile(callable(), architecture).log).toBe('')
  })

  test.each(['rl_sin', 'rl_cos', 'rl_tan', 'rl_asin', 'rl_acos', 'rl_atan', 'rl_atan2', 'rl_sinh', 'rl_cosh', 'rl_tanh', 'rl_asinh', 'rl_acosh', 'rl_atanh', 'rl_exp', 'rl_expm1', 'rl_log', 'rl_log1p', 'rl_log2', 'rl_log10',
    'rl_cbrt', 'rl_hypot2', 'rl_hypot3', 'rl_pow', 'rl_round', 'rl_f64_to_f16_bits'])('%s compiles alone, and no multiplication is fused with an addition', (name) => {
    const { ptx = '', log } = compile([name], 'compute_75')
    expect(log).toBe('')
    expect(ptx).toContain('.entry numbers')
    expect(ptx.match(/\bfma\.\w+\.f\w+|\bmad\.\w+\.f\w+|\.approx|\.ftz/g) ?? []).toEqual([])
  })
})

/** The functions that take and give numbers. */
function callable(): string[] {
  const text = preludeFor(preludeNames())
  return [...text.matchAll(/^RL_(?:FN|SLOW) ([a-z]\w+) (rl_\w+)\(([^)*]*)\)/gm)].filter(([, gives]) => gives !== 'void').map(([, , name]) => name ?? '')
}

/** A kernel that calls each function with numbers from memory and stores what it gives. */
function kernelOf(names: readonly string[]): string {
  const text = preludeFor(names)
  const calls = names.map((name, i) => {
    const parameters = new RegExp(`^RL_(?:FN|SLOW) \\w+ ${name}\\(([^)]*)\\)`, 'm').exec(text)?.[1] ?? ''
    const types = parameters.split(',').map((each) => each.trim().split(' ')[0] ?? '').filter((type) => type !== '')
    return `out[${i}] = (f64)${name}(${types.map((type, k) => `(${type})in[${i + k}]`).join(', ')});`
  })
  return `${preamble}#define RL_FN static __device__ __forceinline__\n#define RL_SLOW static __device__ __noinline__\n${text}\nextern "C" __global__ void numbers(const f64* in, f64* out) {\n${calls.join('\n')}\n}\n`
}
