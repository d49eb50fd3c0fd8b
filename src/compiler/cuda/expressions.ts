// Expressions as C++: one entry for each kind, in a table that is complete by its type. All are pure, so text may stand wherever it is needed.
import type { BinaryName, Expr, MathName, Repr } from '../ir.js'
import { at, type Context } from './context.js'
import { constant } from './constants.js'
import { conversion } from './conversions.js'
import { place } from './places.js'

type Emit<Op extends Expr['op']> = (e: Extract<Expr, { op: Op }>, context: Context) => string

const table: { readonly [Op in Expr['op']]: Emit<Op> } = {
  constant: (e, context) => constant(e.repr, e.value, context),
  local: (e, context) => context.local(e.local),
  load: (e, context) => loaded(place(e.place, context), e.place.layout.kind === 'scalar' ? e.place.layout.dtype : e.repr, context),
  negate: (e, context) => negated(e.repr, operand(e.value, context), context),
  complement: (e, context) => `~${operand(e.value, context)}`,
  binary: (e, context) => binary(e.repr, e.name, e.left, e.right, context),
  compare: (e, context) => `${operand(e.left, context)} ${comparisons[e.name]} ${operand(e.right, context)}`,
  not: (e, context) => `!${operand(e.value, context)}`,
  logical: (e, context) => `${operand(e.left, context)} ${e.name === 'and' ? '&&' : '||'} ${operand(e.right, context)}`,
  select: (e, context) => `${operand(e.condition, context)} ? ${operand(e.then, context)} : ${operand(e.otherwise, context)}`,
  convert: (e, context) => conversion(e.value.repr, e.repr, expression(e.value, context), context),
  math: (e, context) => math(e.name, e.values.map((value) => expression(value, context)), context),
  sqrt32: (e, context) => context.call('rl_sqrt_f32', expression(e.value, context)),
  clz32: (e, context) => context.call('rl_clz32', e.value.repr === 'u32' ? expression(e.value, context) : conversion(e.value.repr, 'u32', expression(e.value, context), context)),
  isIndex: (e, context) => isIndex(e.value, e.length, context),
  bufferLength: (e, context) => `${at(context.names.buffers, e.buffer)}_length`,
  shouldTerminate: () => 'rl_should_terminate()',
  nowNs: () => 'rl_now_ns()',
  envelope: (e, context) => (e.field === 'timeToLiveMs' ? `((const RlEnvelope*)(${context.hand}))->timeToLiveMs` : `${envelopeFields[e.field]}(${context.hand})`),
}

export function expression(e: Expr, context: Context): string {
  return (table[e.op] as (e: Expr, context: Context) => string)(e, context)
}

/** The same, in parentheses where another operator beside it could tear it apart. */
export function operand(e: Expr, context: Context): string { return enclosed(expression(e, context)) }

function enclosed(text: string): string {
  return /^[\w.]+$/.test(text) || isOneCall(text) ? text : `(${text})`
}

/** A name, fields and elements of it, or one call: `rl_f(a, b)`, `request->values[i + 1]`. */
function isOneCall(text: string): boolean {
  if (!/^[A-Za-z_]/.test(text)) return false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (c === '(' || c === '[') depth++
    else if (c === ')' || c === ']') depth--
    else if (depth === 0 && !/[\w.]/.test(c)) {
      if (!(c === '-' && text.charAt(i + 1) === '>')) return false
      i++
    }
  }
  return true
}

const comparisons = { lt: '<', le: '<=', gt: '>', ge: '>=', eq: '==', ne: '!=' } as const

const envelopeFields = { id: 'rl_id', correlationId: 'rl_correlation', priority: 'rl_priority', sender: 'rl_sender', sentAtNs: 'rl_sent_at_ns' } as const

function loaded(text: string, dtype: string, context: Context): string {
  if (dtype === 'f16' || dtype === 'bf16') return `(f32)${context.call(`rl_${dtype}_bits_to_f64`, text)}`
  if (dtype === 'i8' || dtype === 'i16') return `(i32)${text}`
  if (dtype === 'u8' || dtype === 'u16') return `(u32)${text}`
  return dtype === 'bool' ? `${text} != 0` : text
}

function negated(repr: Repr, value: string, context: Context): string {
  if (repr === 'i32' || repr === 'i64') return context.call(`rl_neg_${repr}`, value)
  return repr === 'u32' ? `0u - ${value}` : repr === 'u64' ? `0ull - ${value}` : `-${value}`
}

const operators: Readonly<Partial<Record<BinaryName, string>>> = { add: '+', sub: '-', mul: '*', div: '/', and: '&', or: '|', xor: '^' }

/** Operators where C++ means the same; signed overflow, division's corners and shifts have functions. */
function binary(repr: Repr, name: BinaryName, left: Expr, right: Expr, context: Context): string {
  const [a, b] = [operand(left, context), operand(right, context)]
  const isSigned = repr === 'i32' || repr === 'i64'
  const plain = operators[name]
  switch (name) {
    case 'and': case 'or': case 'xor': return repr === 'bool' && name === 'xor' ? `${a} != ${b}` : `${a} ${plain ?? ''} ${b}`
    case 'add': case 'sub': return isSigned ? context.call(`rl_${name}_${repr}`, a, b) : `${a} ${plain ?? ''} ${b}`
    case 'mul': return isSigned ? context.call(repr === 'i32' ? 'rl_imul' : 'rl_mul_i64', a, b) : `${a} * ${b}`
    case 'div': return repr === 'f64' || repr === 'f32' ? `${a} / ${b}` : context.call(`rl_div_${repr}`, a, b)
    case 'rem': return repr === 'f64' ? context.call('rl_fmod', a, b) : context.call(`rl_rem_${repr}`, a, b)
    case 'shl': return shift('shl', repr, a, b, right.repr, context)
    case 'shr': return shift(isSigned ? 'sar' : 'shr', repr, a, b, right.repr, context)
  }
}

/** The prelude's counts are signed, as JavaScript's are; the representation's count is u32. */
function shift(name: string, repr: Repr, value: string, count: string, countRepr: Repr, context: Context): string {
  const signed = repr === 'i64' || repr === 'u64' ? 'i64' : 'i32'
  return context.call(`rl_${name}_${repr}`, value, countRepr === signed ? count : `(${signed})${enclosed(count)}`)
}

const exactMath: Readonly<Partial<Record<MathName, string>>> = { abs: 'rl_abs', ceil: 'rl_ceil', floor: 'rl_floor', trunc: 'rl_trunc', sqrt: 'rl_sqrt', round: 'rl_round', sign: 'rl_sign' }
/** CUDA's own functions, where the definition allows them. */
const fastMath = new Set<MathName>(['acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'pow', 'sin', 'sinh', 'tan', 'tanh'])

function math(name: MathName, values: readonly string[], context: Context): string {
  if (name === 'min' || name === 'max') return values.slice(1).reduce((sum, value) => context.call(`rl_${name}`, sum, value), values[0] ?? '')
  if (name === 'hypot') return hypot(values, context)
  const exact = exactMath[name]
  if (exact !== undefined) return context.call(exact, ...values)
  return context.program.math === 'fast' && fastMath.has(name) ? `${name}(${values.join(', ')})` : context.call(`rl_${name}`, ...values)
}

/** The largest magnitude scales all others, so the terms come as a list. */
function hypot(values: readonly string[], context: Context): string {
  return context.call('rl_hypot_n', `RlNumbers<${values.length}>{ { ${values.join(', ')} } }.values`, String(values.length))
}

function isIndex(value: Expr, length: Expr, context: Context): string {
  const bound = operand(length, context)
  switch (value.repr) {
    case 'u32': return `${operand(value, context)} < ${bound}`
    case 'i32': return `${operand(value, context)} >= 0 && (u32)${operand(value, context)} < ${bound}`
    case 'f32': return context.call('rl_is_index', `(f64)${operand(value, context)}`, expression(length, context))
    default: return context.call('rl_is_index', expression(value, context), expression(length, context))
  }
}
