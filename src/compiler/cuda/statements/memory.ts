// Variables and memory: set, store, copy, clear, and integer atomics.
import type { Dtype } from '../../../schema/index.js'
import type { Statement } from '../../ir.js'
import type { Context } from '../context.js'
import { conversion, stored } from '../conversions.js'
import { expression } from '../expressions.js'
import { place } from '../places.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

export function set(s: Of<'set'>, context: Context): void {
  context.writer.line(`${context.local(s.local)} = ${expression(s.value, context)};`)
}

export function store(s: Of<'store'>, context: Context): void {
  context.writer.line(`${place(s.place, context)} = ${stored(s.value.repr, s.dtype, expression(s.value, context), context)};`)
}

export function copy(s: Of<'copy'>, context: Context): void {
  context.writer.line(`rl_copy(${place(s.to, context)}, ${place(s.from, context)});`)
}

export function clear(s: Of<'clear'>, context: Context): void {
  context.writer.line(`rl_clear(${place(s.place, context)});`)
}

const functions = { add: 'atomicAdd', sub: 'atomicAdd', and: 'atomicAnd', or: 'atomicOr', xor: 'atomicXor', exchange: 'atomicExch', compareExchange: 'atomicCAS' } as const
/** CUDA's atomics are of these; their arithmetic wraps, so that signed and unsigned are one. */
const words: Readonly<Partial<Record<Dtype, 'u32' | 'u64'>>> = { i32: 'u32', u32: 'u32', i64: 'u64', u64: 'u64' }

export function atomic(s: Of<'atomic'>, context: Context): void {
  const word = words[s.dtype]
  if (word === undefined) throw new TypeError(`an atomic of ${s.dtype} reached the CUDA emitter: only i32, u32, i64 and u64 have one`)
  const operand = (e: typeof s.value): string => conversion(s.dtype === 'i32' ? 'i32' : s.dtype === 'i64' ? 'i64' : word, word, stored(e.repr, s.dtype, expression(e, context), context), context)
  const value = s.name === 'sub' ? `(${word})0 - (${operand(s.value)})` : operand(s.value)
  const values = s.name === 'compareExchange' && s.expected ? [operand(s.expected), value] : [value]
  const call = `${functions[s.name]}((${word}*)&${place(s.place, context)}, ${values.join(', ')})`
  if (s.old === undefined) { context.writer.line(`${call};`); return }
  const repr = context.program.locals[s.old]?.repr ?? word
  const signed = s.dtype === 'i32' || s.dtype === 'i64' ? s.dtype : word
  context.writer.line(`${context.local(s.old)} = ${conversion(signed, repr, signed === word ? call : `(${signed})${call}`, context)};`)
}
