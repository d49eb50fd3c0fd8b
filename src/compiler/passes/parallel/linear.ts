// A number inside a parallel body as scale × i + what is the same for every i + something within bounds: what tells whose element an index names.
import type { Expr, Statement } from '../../ir.js'
import { floatResult } from '../ranges/arithmetic.js'
import type { Flow } from '../ranges/flow.js'
import type { Known } from '../ranges/known.js'
import { isWithin, rangeOfRepr, type Range } from '../ranges/range.js'
import { partsOf } from '../walk.js'

export interface Linear {
  readonly scale: number
  /** Bounds of the part that may differ with i in ways nobody follows. */
  readonly min: number
  readonly max: number
  /** Names of what is added and is the same for every i, sorted. */
  readonly uniform: readonly string[]
}

/** What is known inside one parallel body. */
export interface Inside {
  readonly index: number
  readonly own: ReadonlySet<number>
  /** Locals that the body sets once, and where. */
  readonly once: ReadonlyMap<number, Extract<Statement, { kind: 'set' }>>
  readonly flow: Flow
  /** Whether memory that begins here is written in the body. */
  readonly isWritten: (base: string) => boolean
}

const exactMax = 2 ** 53 - 1

export function linearOf(e: Expr, known: Known, inside: Inside): Linear {
  const range = known.rangeOf(e)
  return exact(e, known, inside) ?? within(range)
}

function within(range: Range): Linear {
  return range.nan ? { scale: 0, min: -Infinity, max: Infinity, uniform: [] } : { scale: 0, min: range.min, max: range.max, uniform: [] }
}

function exact(e: Expr, known: Known, inside: Inside): Linear | undefined {
  if (e.op === 'constant') return typeof e.value === 'number' && Number.isSafeInteger(e.value) ? { scale: 0, min: e.value, max: e.value, uniform: [] } : undefined
  if (e.op === 'local' && e.local === inside.index) return { scale: 1, min: 0, max: 0, uniform: [] }
  if (e.op === 'local' && inside.own.has(e.local)) {
    const set = inside.once.get(e.local)
    const at = set && inside.flow.before.get(set)
    return set && at ? exact(set.value, at, inside) : undefined
  }
  if (isUniform(e, inside)) return known.rangeOf(e).integer ? { scale: 0, min: 0, max: 0, uniform: [textOf(e)] } : undefined
  if (e.op === 'convert') return keepsValue(e, known) ? linearOf(e.value, known, inside) : undefined
  if (e.op === 'math' && ['floor', 'ceil', 'trunc', 'round'].includes(e.name) && e.values[0] && known.rangeOf(e.values[0]).integer) return linearOf(e.values[0], known, inside)
  if (e.op !== 'binary' || !['add', 'sub', 'mul'].includes(e.name) || !isExact(e, known)) return undefined
  const left = linearOf(e.left, known, inside)
  const right = linearOf(e.right, known, inside)
  if (e.name === 'add') return sum(left, right)
  if (e.name === 'sub') return sum(left, times(right, -1))
  const [factor, other] = isConstant(left) ? [left.min, right] : [right.min, left]
  return (isConstant(left) || isConstant(right)) && (factor === 1 || other.uniform.length === 0) ? times(other, factor) : undefined
}

function isConstant({ scale, min, max, uniform }: Linear): boolean { return scale === 0 && min === max && uniform.length === 0 }

function sum(a: Linear, b: Linear): Linear {
  return { scale: a.scale + b.scale, min: a.min + b.min, max: a.max + b.max, uniform: [...a.uniform, ...b.uniform].sort() }
}

function times({ scale, min, max, uniform }: Linear, factor: number): Linear {
  const [low, high] = factor < 0 ? [max, min] : [min, max]
  return { scale: scale * factor, min: factor === 0 ? 0 : low * factor, max: factor === 0 ? 0 : high * factor, uniform: factor === -1 ? uniform.map((name) => `-${name}`) : uniform }
}

/** Whether rounding or wrapping leaves the mathematical result as it is. */
function isExact(e: Extract<Expr, { op: 'binary' }>, known: Known): boolean {
  const result = floatResult(e.name, known.rangeOf(e.left), known.rangeOf(e.right))
  if (e.repr === 'f64') return isWithin(result, -exactMax, exactMax)
  const whole = rangeOfRepr(e.repr)
  return (e.repr === 'i32' || e.repr === 'u32') && isWithin(result, whole.min, whole.max)
}

/** Whether a conversion gives the number it is given. */
function keepsValue(e: Extract<Expr, { op: 'convert' }>, known: Known): boolean {
  const range = known.rangeOf(e.value)
  if (e.repr === 'f64') return e.value.repr !== 'i64' && e.value.repr !== 'u64'
  if (e.repr !== 'i32' && e.repr !== 'u32') return false
  const whole = rangeOfRepr(e.repr)
  return isWithin(range, whole.min, whole.max)
}

/** Of nothing but what no iteration changes. */
function isUniform(e: Expr, inside: Inside): boolean {
  if (e.op === 'local') return !inside.own.has(e.local)
  if (e.op === 'load' && inside.isWritten(baseName(e.place.base))) return false
  if (e.op === 'nowNs' || e.op === 'shouldTerminate') return false
  return partsOf(e).every((part) => isUniform(part, inside))
}

/** A base as text: equal for the same memory. */
export function baseName(base: Extract<Expr, { op: 'load' }>['place']['base']): string {
  switch (base.kind) {
    case 'region': return `region ${base.region}`
    case 'message': return `message ${base.message}`
    case 'buffer': return `buffer ${base.buffer}`
    case 'table': return `table ${base.table}`
    case 'state': case 'out': case 'arguments': return base.kind
  }
}

function textOf(e: Expr): string {
  return JSON.stringify(e, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
