// What is known of every local at one place in the program, and from that of every expression there.
import type { Dtype } from '../../../schema/index.js'
import type { Expr } from '../../ir.js'
import { floatResult, integerResult, mathResult, negated, roundedTo32, wrappedTo } from './arithmetic.js'
import { exactly, integers, isWithin, join, rangeOfRepr, sameRange, widened, type Range } from './range.js'

const ofDtype: Readonly<Partial<Record<Dtype, Range>>> = { i8: integers(-128, 127), u8: integers(0, 255), i16: integers(-32_768, 32_767), u16: integers(0, 65_535) }

/** Knowledge at one place; it does not change. A local that it does not mention may hold anything. */
export class Known {
  private memory: Map<Expr, Range> | undefined

  /** By local. An array and no map: it is copied at every assignment. */
  constructor(private readonly locals: readonly (Range | undefined)[] = []) {}

  /** After a local was set. */
  with(local: number, range: Range | undefined): Known {
    if (this.locals[local] === range) return this
    const locals = this.locals.slice()
    while (locals.length < local) locals.push(undefined)
    locals[local] = range
    return new Known(locals)
  }

  /** Where two ways meet. */
  join(other: Known): Known {
    return this.merge(other, join)
  }

  /** As `join`, with bounds that grow taken far at once. */
  widen(next: Known): Known {
    return this.merge(next, (a, b) => widened(a, join(a, b)))
  }

  same(other: Known): boolean {
    for (let local = Math.max(this.locals.length, other.locals.length) - 1; local >= 0; local--) {
      const [range, found] = [this.locals[local], other.locals[local]]
      if (range !== found && (range === undefined || found === undefined || !sameRange(range, found))) return false
    }
    return true
  }

  private merge(other: Known, of: (a: Range, b: Range) => Range): Known {
    if (this === other) return this
    return new Known(this.locals.map((range, local) => {
      const found = other.locals[local]
      return range === undefined || found === undefined ? undefined : range === found ? range : of(range, found)
    }))
  }

  /** What an expression may give. Of 64-bit integers and f32 only what conversions ask for. */
  rangeOf(e: Expr): Range {
    if (e.op === 'constant' || e.op === 'local') return this.find(e)
    const remembered = this.memory?.get(e)
    if (remembered) return remembered
    const range = this.find(e)
    this.memory ??= new Map()
    this.memory.set(e, range)
    return range
  }

  private find(e: Expr): Range {
    switch (e.op) {
      case 'constant': return typeof e.value === 'number' ? exactly(e.value) : rangeOfRepr(e.repr)
      case 'local': return this.locals[e.local] ?? rangeOfRepr(e.repr)
      case 'load': return (e.place.layout.kind === 'scalar' ? ofDtype[e.place.layout.dtype] : undefined) ?? rangeOfRepr(e.repr)
      case 'negate': return e.repr === 'f64' || e.repr === 'f32' ? negated(this.rangeOf(e.value)) : e.repr === 'i32' ? integerResult('i32', 'sub', exactly(0), this.rangeOf(e.value)) : rangeOfRepr(e.repr)
      case 'binary': {
        if (e.repr === 'f64') return floatResult(e.name, this.rangeOf(e.left), this.rangeOf(e.right))
        if (e.repr === 'f32') return roundedTo32(floatResult(e.name, this.rangeOf(e.left), this.rangeOf(e.right)))
        return e.repr === 'i32' || e.repr === 'u32' ? integerResult(e.repr, e.name, this.rangeOf(e.left), this.rangeOf(e.right)) : rangeOfRepr(e.repr)
      }
      case 'select': return this.select(e)
      case 'convert': return this.convert(e)
      case 'math': return mathResult(e.name, e.values.map((value) => this.rangeOf(value)))
      case 'sqrt32': return roundedTo32(mathResult('sqrt', [this.rangeOf(e.value)]))
      case 'clz32': return integers(0, 32)
      case 'nowNs': return { ...rangeOfRepr('f64'), min: 0, nan: false, negativeZero: false }
      default: return rangeOfRepr(e.repr)
    }
  }

  private select(e: Extract<Expr, { op: 'select' }>): Range {
    const then = this.where(e.condition, true)?.rangeOf(e.then)
    const otherwise = this.where(e.condition, false)?.rangeOf(e.otherwise)
    return then && otherwise ? join(then, otherwise) : then ?? otherwise ?? rangeOfRepr(e.repr)
  }

  private convert(e: Extract<Expr, { op: 'convert' }>): Range {
    const { repr, value } = e
    const from = value.repr === 'bool' ? integers(0, 1) : this.rangeOf(value)
    if (repr === value.repr) return from
    if (repr === 'f64') return from
    if (repr === 'f32') return roundedTo32(from)
    if ((repr === 'i32' || repr === 'u32') && value.repr !== 'i64' && value.repr !== 'u64') return wrappedTo(repr, from)
    return rangeOfRepr(repr)
  }

  /** What is known where a condition has this outcome; undefined where it never has. */
  where(condition: Expr, outcome: boolean): Known | undefined {
    switch (condition.op) {
      case 'constant': return condition.value === outcome ? this : undefined
      case 'not': return this.where(condition.value, !outcome)
      case 'logical':
        // `a and b` is true where both are, and false where either is not, of which nothing is kept.
        if ((condition.name === 'and') === outcome) return this.where(condition.left, outcome)?.where(condition.right, outcome)
        return this
      case 'compare': return this.compared(condition, outcome)
      case 'isIndex': return outcome ? this.isIndex(condition) : this
      default: return this
    }
  }

  private isIndex(e: Extract<Expr, { op: 'isIndex' }>): Known | undefined {
    const length = this.rangeOf(e.length)
    const before = this.rangeOf(e.value)
    const below = e.length.op === 'bufferLength' && e.length.buffer < 31 ? 1 << e.length.buffer : 0
    return this.bounded(e.value, { min: Math.max(0, Math.ceil(before.min)), max: Math.min(length.max - 1, Math.floor(before.max)), integer: true, nan: false, negativeZero: before.negativeZero, below: before.below | below })
  }

  private compared(e: Extract<Expr, { op: 'compare' }>, outcome: boolean): Known | undefined {
    if (e.left.repr === 'bool' || e.left.repr === 'i64' || e.left.repr === 'u64') return this
    const left = this.rangeOf(e.left)
    const right = this.rangeOf(e.right)
    const decided = decide(e.name, left, right)
    if (decided !== undefined) return decided === outcome ? this : undefined
    // A comparison with NaN is false: its being false says nothing of order where one may be NaN.
    const ordered = outcome ? e.name !== 'ne' : !left.nan && !right.nan
    const name = outcome ? e.name : opposite[e.name]
    if (!ordered && name !== 'eq') return this
    const below = (of: Expr): number => (of.op === 'bufferLength' && of.buffer < 31 ? 1 << of.buffer : 0)
    const a = limited(name, left, right, name === 'lt' ? below(bare(e.right)) : 0)
    const b = limited(mirrored[name], right, left, name === 'gt' ? below(bare(e.left)) : 0)
    return this.bounded(e.left, a)?.bounded(e.right, b)
  }

  /** What is known once an expression is within a range, if the expression is a local, perhaps converted without loss. */
  private bounded(e: Expr, range: Range): Known | undefined {
    if (range.min > range.max) return undefined
    const local = bare(e)
    return local.op === 'local' && local.repr !== 'bool' ? this.with(local.local, range) : this
  }
}

/** A converted integer or f32 as it was, where f64 holds each of its values. */
function bare(e: Expr): Expr {
  return e.op === 'convert' && e.repr === 'f64' && (e.value.repr === 'i32' || e.value.repr === 'u32' || e.value.repr === 'f32') ? bare(e.value) : e
}

type Name = Extract<Expr, { op: 'compare' }>['name']

const opposite: Readonly<Record<Name, Name>> = { lt: 'ge', le: 'gt', gt: 'le', ge: 'lt', eq: 'ne', ne: 'eq' }
const mirrored: Readonly<Record<Name, Name>> = { lt: 'gt', le: 'ge', gt: 'lt', ge: 'le', eq: 'eq', ne: 'ne' }

/** The outcome of a comparison, where it is always the same. */
export function decide(name: Name, a: Range, b: Range): boolean | undefined {
  const apart = a.max < b.min || a.min > b.max
  if (apart && name === 'eq') return false
  if (apart && name === 'ne') return true
  if (a.nan || b.nan || a.min > a.max || b.min > b.max) return undefined
  switch (name) {
    case 'lt': return a.max < b.min ? true : a.min >= b.max ? false : undefined
    case 'le': return a.max <= b.min ? true : a.min > b.max ? false : undefined
    case 'gt': return decide('lt', b, a)
    case 'ge': return decide('le', b, a)
    case 'eq': return a.min === a.max && b.min === b.max && a.min === b.min ? true : undefined
    case 'ne': return a.min === a.max && b.min === b.max && a.min === b.min ? false : undefined
  }
}

/** `a` where `a name b` is true. */
function limited(name: Name, a: Range, b: Range, below: number): Range {
  const kept = { ...a, nan: false }
  const step = a.integer && isWithin({ ...a, nan: false }, -(2 ** 53), 2 ** 53) ? 1 : 0
  switch (name) {
    case 'lt': return { ...kept, max: Math.min(a.max, step === 1 ? Math.ceil(b.max) - 1 : b.max), below: a.below | below | (b.below) }
    case 'le': return { ...kept, max: Math.min(a.max, b.max), below: a.below | b.below }
    case 'gt': return { ...kept, min: Math.max(a.min, step === 1 ? Math.floor(b.min) + 1 : b.min) }
    case 'ge': return { ...kept, min: Math.max(a.min, b.min) }
    case 'eq': return { ...kept, min: Math.max(a.min, b.min), max: Math.min(a.max, b.max), below: a.below | b.below }
    case 'ne': return a
  }
}
