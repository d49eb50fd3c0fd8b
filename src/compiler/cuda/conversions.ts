// Conversions between representations, and to what memory holds, as C++ text.
import type { Dtype } from '../../schema/index.js'
import type { Repr } from '../ir.js'
import type { Context } from './context.js'

/** `value` of representation `from` as one of `to`. */
export function conversion(from: Repr, to: Repr, value: string, context: Context): string {
  if (from === to) return value
  const inner = simple(value)
  if (to === 'bool') return from === 'f64' || from === 'f32' ? `rl_truth(${value})` : `${inner} != 0`
  if (to === 'f64' || to === 'f32') return `(${to})${inner}`
  if (from === 'f64') return context.call(`rl_f64_to_${to}`, value)
  if (from === 'f32') return context.call(`rl_f64_to_${to}`, `(f64)${inner}`)
  return `(${to})${inner}`
}

/** `value` of representation `from` as a store of `dtype` writes it. */
export function stored(from: Repr, dtype: Dtype, value: string, context: Context): string {
  const isFloat = from === 'f64' || from === 'f32'
  switch (dtype) {
    case 'f64': return conversion(from, 'f64', value, context)
    case 'f32': return conversion(from, 'f32', value, context)
    case 'f16': case 'bf16': return context.call(`rl_f64_to_${dtype}_bits`, conversion(from, 'f64', value, context))
    case 'bool': return conversion(from, 'bool', value, context)
    default: {
      if (dtype === from) return value
      return isFloat ? context.call(`rl_f64_to_${dtype}`, conversion(from, 'f64', value, context)) : `(${dtype})${simple(value)}`
    }
  }
}

function simple(value: string): string { return /^[\w.]+$/.test(value) || /^\w+\([^()]*\)$/.test(value) ? value : `(${value})` }
