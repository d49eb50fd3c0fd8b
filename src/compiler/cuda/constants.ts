// Literals of C++ that have exactly the value of the program's constants.
import type { Repr } from '../ir.js'
import type { Context } from './context.js'

export function constant(repr: Repr, value: number | bigint | boolean, context: Context): string {
  switch (repr) {
    case 'bool': return value ? 'true' : 'false'
    case 'f64': return float(Number(value), '', context)
    case 'f32': return float(Math.fround(Number(value)), 'f', context)
    case 'i32': return integer(BigInt.asIntN(32, BigInt(value)), 31n, '')
    case 'u32': return `${BigInt.asUintN(32, BigInt(value))}u`
    case 'i64': return integer(BigInt.asIntN(64, BigInt(value)), 63n, 'll')
    case 'u64': return `${BigInt.asUintN(64, BigInt(value))}ull`
  }
}

/** The least number has no literal: its magnitude is one more than the largest. */
function integer(value: bigint, bits: bigint, suffix: string): string {
  if (value === -(1n << bits)) return `(${value + 1n}${suffix} - 1)`
  return value < 0n ? `(${value}${suffix})` : `${value}${suffix}`
}

/** JavaScript's shortest text is read back as the same number by every correct compiler; NaN and infinities have no literal at all. */
function float(value: number, suffix: '' | 'f', context: Context): string {
  const cast = suffix === 'f' ? '(f32)' : ''
  if (Number.isNaN(value)) return `${cast}${context.call('rl_nan')}`
  if (!Number.isFinite(value)) return value < 0 ? `(${cast}-${context.call('rl_infinity')})` : `${cast}${context.call('rl_infinity')}`
  const text = Object.is(value, -0) ? '-0' : String(value)
  const literal = `${/[.e]/.test(text) ? text : `${text}.0`}${suffix}`
  return literal.startsWith('-') ? `(${literal})` : literal
}
