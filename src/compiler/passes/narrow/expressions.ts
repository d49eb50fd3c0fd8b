// Expressions of f64 as 32-bit integers or f32, wherever the result is the same to the bit. What comes in is as the front end wrote it, what goes out uses
// the narrower locals. Integer arithmetic is exact modulo 2³², so a sum or product whose result is known to fit needs no care on the way. One operation of
// f32 operands in f64, then rounded to f32, is the f32 operation: 53 bits are at least 2 × 24 + 2 (S. A. Figueroa, "When is double rounding innocuous?", 1995).
import type { Expr, Repr } from '../../ir.js'
import { decide, type Known } from '../ranges/known.js'
import { fittingRepr, hasZero, isWithin, type Range } from '../ranges/range.js'
import { expressionsIn, withParts } from '../walk.js'
import { binaryOf, compareOf, constantOf, convertTo, isWhole, selectOf, wholeConstant, type Whole } from './build.js'

/** The sum 2⁵³ + 1 rounds to 2⁵³: only below it is a result known to be exact. */
const exactInF64 = 2 ** 53 - 1
const exactInF32 = 2 ** 24
/** Functions that read a value twice are made of no larger expressions. */
const twiceMax = 12

export class Expressions {
  /** `reprs` are those that locals have from now on. */
  constructor(private readonly known: Known, private readonly reprs: readonly Repr[]) {}

  private where(condition: Expr, outcome: boolean): Expressions {
    const known = this.known.where(condition, outcome)
    return known ? new Expressions(known, this.reprs) : this
  }

  /** The same value in the same representation. */
  same(e: Expr): Expr {
    if (e.op === 'constant') return e
    if (e.op === 'local') return convertTo(e.repr, this.local(e))
    const folded = this.folded(e)
    if (folded) return folded
    switch (e.op) {
      case 'compare': return this.compare(e)
      case 'isIndex': return this.isIndex(e)
      case 'convert': return this.convert(e)
      case 'not': case 'logical': return this.logic(e)
      // `x | 0`, of what is an integer already.
      case 'binary': if (isWhole(e.repr) && isZero(e.right) && ['or', 'xor', 'add', 'sub', 'shl', 'shr'].includes(e.name)) return this.same(e.left); break
      case 'select': if (e.repr !== 'f64') return this.select(e, (inside, part) => inside.same(part)); break
      default: break
    }
    const whole = e.repr === 'f64' && e.op !== 'load' ? this.whole(e) : undefined
    if (whole) return convertTo('f64', whole)
    return e.op === 'select' ? this.select(e, (inside, part) => inside.same(part)) : withParts(e, (part) => this.same(part))
  }

  /** The same value in another representation, in which it is known to have one. */
  as(repr: Repr, e: Expr): Expr {
    if (e.repr === repr) return this.same(e)
    if (isWhole(repr)) return this.modulo(repr, e) ?? this.toWhole(repr, e)
    return repr === 'f32' ? this.exactF32(e) ?? convertTo('f32', this.same(e)) : convertTo(repr, this.same(e))
  }

  /** What is stored as a 32-bit or narrower integer: ToInt32 of it, or the value itself in whatever repr is at hand. */
  stored(e: Expr): Expr {
    if (e.repr !== 'f64') return this.same(e)
    return this.modulo('i32', e) ?? this.exactF32(e) ?? this.same(e)
  }

  /** Rounded to f32. */
  rounded(e: Expr): Expr {
    if (e.repr === 'f32') return this.same(e)
    const exact = this.exactF32(e)
    if (exact) return exact
    if (e.op === 'binary' && ['add', 'sub', 'mul', 'div'].includes(e.name)) {
      const left = this.exactF32(e.left)
      const right = this.exactF32(e.right)
      if (left && right) return binaryOf(e.name, left, right)
    }
    if (e.op === 'math' && e.name === 'sqrt' && e.values[0]) {
      const value = this.exactF32(e.values[0])
      if (value) return { op: 'sqrt32', repr: 'f32', value }
    }
    if (e.op === 'constant' && typeof e.value === 'number') return constantOf('f32', Math.fround(e.value))
    if (e.op === 'negate') return { op: 'negate', repr: 'f32', value: this.rounded(e.value) }
    if (e.op === 'select') return this.select(e, (inside, part) => inside.rounded(part))
    const whole = this.whole(e)
    return convertTo('f32', whole ?? this.same(e))
  }

  private local(e: Extract<Expr, { op: 'local' }>): Expr {
    return { op: 'local', repr: this.reprs[e.local] ?? e.repr, local: e.local }
  }

  private folded(e: Expr): Expr | undefined {
    if (e.repr !== 'f64' && !isWhole(e.repr)) return undefined
    const { min, max, nan, negativeZero } = this.known.rangeOf(e)
    return min === max && Number.isFinite(min) && !nan && !(negativeZero && min === 0) ? constantOf(e.repr, min + 0) : undefined
  }

  /** As a 32-bit integer, where every value is one and none is −0. */
  private whole(e: Expr): Expr | undefined {
    const range = this.known.rangeOf(e)
    const repr = fittingRepr(range)
    return repr === undefined || range.negativeZero ? undefined : this.modulo(repr, e)
  }

  private common(...parts: readonly Expr[]): Whole | undefined {
    const reprs = parts.map((part) => this.known.rangeOf(part))
    if (reprs.every((range) => isWithin(range, -(2 ** 31), 2 ** 31 - 1))) return 'i32'
    return reprs.every((range) => isWithin(range, 0, 2 ** 32 - 1)) ? 'u32' : undefined
  }

  /** Modulo 2³², of an exact integer below ±2⁵³ whose parts are integers already; −0 is 0. */
  private modulo(repr: Whole, e: Expr): Expr | undefined {
    const range = this.known.rangeOf(e)
    if (!isWithin(range, -exactInF64, exactInF64)) return undefined
    switch (e.op) {
      case 'constant': return typeof e.value === 'number' ? wholeConstant(repr, e.value) : undefined
      case 'local': { const local = this.local(e); return isWhole(local.repr) ? convertTo(repr, local) : undefined }
      case 'convert':
        if (e.value.repr === 'bool') return convertTo(repr, this.same(e.value))
        return e.repr === 'f64' && isWhole(e.value.repr) ? convertTo(repr, this.same(e.value)) : undefined
      case 'negate': { const value = this.modulo(repr, e.value); return value && binaryOf('sub', wholeConstant(repr, 0), value) }
      case 'select': return this.moduloSelect(repr, e)
      case 'binary': return this.moduloBinary(repr, e)
      case 'math': return this.moduloMath(repr, e)
      default: return undefined
    }
  }

  private moduloSelect(repr: Whole, e: Extract<Expr, { op: 'select' }>): Expr | undefined {
    const then = this.where(e.condition, true).modulo(repr, e.then)
    const otherwise = this.where(e.condition, false).modulo(repr, e.otherwise)
    return then && otherwise && selectOf(this.same(e.condition), then, otherwise)
  }

  private moduloBinary(repr: Whole, e: Extract<Expr, { op: 'binary' }>): Expr | undefined {
    if (e.name === 'rem') return this.divided(repr, 'rem', e.left, e.right)
    if (e.name !== 'add' && e.name !== 'sub' && e.name !== 'mul') return undefined
    const left = this.modulo(repr, e.left)
    const right = left && this.modulo(repr, e.right)
    return right && binaryOf(e.name, left, right)
  }

  /**
   * Division of integers of 32 bits, cut to an integer. The f64 quotient of such integers rounds to no integer above it: it is at least 1 ÷ divisor away,
   * which is more than its last bit.
   */
  private divided(repr: Whole, name: 'div' | 'rem', a: Expr, b: Expr): Expr | undefined {
    const common = this.common(a, b)
    if (!common || hasZero(this.known.rangeOf(b))) return undefined
    const left = this.modulo(common, a)
    const right = left && this.modulo(common, b)
    return right && convertTo(repr, binaryOf(name, left, right))
  }

  private moduloMath(repr: Whole, e: Extract<Expr, { op: 'math' }>): Expr | undefined {
    const [value] = e.values
    if (!value) return undefined
    const range = this.known.rangeOf(value)
    switch (e.name) {
      case 'floor': case 'ceil': case 'round': case 'trunc':
        if (range.integer) return this.modulo(repr, value)
        if (value.op !== 'binary' || value.name !== 'div' || (e.name !== 'trunc' && !(e.name === 'floor' && range.min >= 0))) return undefined
        return this.divided(repr, 'div', value.left, value.right)
      case 'abs': return range.min >= 0 ? this.modulo(repr, value) : this.moduloAbs(repr, value)
      case 'min': case 'max': return this.moduloExtreme(repr, e.name === 'min' ? 'lt' : 'gt', e.values)
      default: return undefined
    }
  }

  private moduloAbs(repr: Whole, e: Expr): Expr | undefined {
    const value = this.common(e) === 'i32' ? this.modulo('i32', e) : undefined
    const zero = wholeConstant('i32', 0)
    return value && isSmall(value) ? convertTo(repr, selectOf(compareOf('lt', value, zero), binaryOf('sub', zero, value), value)) : undefined
  }

  private moduloExtreme(repr: Whole, name: 'lt' | 'gt', values: readonly Expr[]): Expr | undefined {
    const common = this.common(...values)
    if (!common) return undefined
    const parts = values.map((value) => this.modulo(common, value))
    const best = parts.reduce((a, b) => (a && b && isSmall(a) && isSmall(b) ? selectOf(compareOf(name, a, b), a, b) : undefined))
    return best && convertTo(repr, best)
  }

  /** As f32, where every value is one. */
  private exactF32(e: Expr): Expr | undefined {
    if (e.repr === 'f32') return this.same(e)
    switch (e.op) {
      case 'constant': return typeof e.value === 'number' && Object.is(Math.fround(e.value), e.value) ? constantOf('f32', e.value) : undefined
      case 'local': if (this.reprs[e.local] === 'f32') return this.local(e); break
      case 'convert': if (e.value.repr === 'f32') return this.same(e.value); break
      case 'negate': { const value = this.exactF32(e.value); return value && { op: 'negate', repr: 'f32', value } }
      case 'select': {
        const then = this.where(e.condition, true).exactF32(e.then)
        const otherwise = this.where(e.condition, false).exactF32(e.otherwise)
        return then && otherwise && selectOf(this.same(e.condition), then, otherwise)
      }
      case 'math': { const value = this.exactMath(e); if (value) return value; break }
      default: break
    }
    const range = this.known.rangeOf(e)
    const whole = isWithin(range, -exactInF32, exactInF32) ? this.whole(e) : undefined
    return whole && convertTo('f32', whole)
  }

  /** abs, and min and max with one constant: what becomes of −0 and NaN decides which comparison it is. */
  private exactMath(e: Extract<Expr, { op: 'math' }>): Expr | undefined {
    const [a, b] = e.values
    if (e.name === 'abs' && a) {
      const value = this.exactF32(a)
      const zero = constantOf('f32', 0)
      return value && isSmall(value) ? selectOf(compareOf('le', value, zero), binaryOf('sub', zero, value), value) : undefined
    }
    if ((e.name !== 'min' && e.name !== 'max') || e.values.length !== 2 || !a || !b) return undefined
    const [value, limit] = a.op === 'constant' ? [b, a] : [a, b]
    const left = this.exactF32(value)
    const right = limit.op === 'constant' ? this.exactF32(limit) : undefined
    if (!left || right?.op !== 'constant' || Number.isNaN(right.value) || !isSmall(left)) return undefined
    const loose = (e.name === 'max') !== Object.is(right.value, -0)
    const name = e.name === 'max' ? (loose ? 'le' : 'lt') : (loose ? 'ge' : 'gt')
    return selectOf(compareOf(name, left, right), right, left)
  }

  private compare(e: Extract<Expr, { op: 'compare' }>): Expr {
    if (e.left.repr !== 'bool' && e.left.repr !== 'i64' && e.left.repr !== 'u64') {
      const decided = decide(e.name, this.known.rangeOf(e.left), this.known.rangeOf(e.right))
      if (decided !== undefined) return constantOf('bool', decided)
    }
    if (e.left.repr !== 'f64') return withParts(e, (part) => this.same(part))
    const common = this.common(e.left, e.right)
    const left = common && this.modulo(common, e.left)
    const right = common && this.modulo(common, e.right)
    if (left && right) return compareOf(e.name, left, right)
    const [left32, right32] = [this.exactF32(e.left), this.exactF32(e.right)]
    return left32 && right32 ? compareOf(e.name, left32, right32) : compareOf(e.name, this.same(e.left), this.same(e.right))
  }

  private isIndex(e: Extract<Expr, { op: 'isIndex' }>): Expr {
    const range = this.known.rangeOf(e.value)
    const bit = e.length.op === 'bufferLength' && e.length.buffer < 31 ? 1 << e.length.buffer : 0
    const below = (range.below & bit) !== 0 || range.max < this.known.rangeOf(e.length).min
    if (below && isWithin(range, 0, 2 ** 32 - 1)) return constantOf('bool', true)
    const whole = fittingRepr(range)
    const value = (e.value.repr === 'f64' ? (whole && this.modulo(whole, e.value)) ?? this.exactF32(e.value) : undefined) ?? this.same(e.value)
    return { ...e, value, length: this.same(e.length) }
  }

  private convert(e: Extract<Expr, { op: 'convert' }>): Expr {
    const { repr, value } = e
    if (value.repr === repr) return this.same(value)
    if (isWhole(repr)) return value.repr === 'f64' ? this.modulo(repr, value) ?? this.toWhole(repr, value) : convertTo(repr, this.same(value))
    if (repr === 'f32' && value.repr === 'f64') return this.rounded(value)
    if (repr === 'f64' && value.op === 'convert' && value.value.repr === 'f64' && isWhole(value.repr) && this.keeps(value.repr, this.known.rangeOf(value.value))) return this.same(value.value)
    if (repr === 'bool' && value.repr === 'f64') {
      const whole = fittingRepr(this.known.rangeOf(value))
      const integer = whole && this.modulo(whole, value)
      if (integer) return compareOf('ne', integer, wholeConstant(whole, 0))
      return convertTo('bool', this.exactF32(value) ?? this.same(value))
    }
    if (repr === 'i64' && value.repr === 'f64') {
      const whole = fittingRepr(this.known.rangeOf(value))
      return convertTo('i64', (whole && this.modulo(whole, value)) ?? this.same(value))
    }
    return convertTo(repr, this.same(value))
  }

  private keeps(repr: Whole, range: Range): boolean {
    return !range.negativeZero && (repr === 'i32' ? isWithin(range, -(2 ** 31), 2 ** 31 - 1) : isWithin(range, 0, 2 ** 32 - 1))
  }

  /** ToInt32 or ToUint32, which cut fractions: to cut before is done twice. */
  private toWhole(repr: Whole, e: Expr): Expr {
    if (e.repr !== 'f64') return convertTo(repr, this.same(e))
    if (e.op === 'binary' && e.name === 'div') {
      const divided = this.divided(repr, 'div', e.left, e.right)
      if (divided) return divided
    }
    const [value] = e.op === 'math' ? e.values : []
    if (value && e.op === 'math' && (e.name === 'trunc' || (e.name === 'floor' && this.known.rangeOf(value).min >= 0))) return this.modulo(repr, value) ?? this.toWhole(repr, value)
    return convertTo(repr, this.exactF32(e) ?? this.same(e))
  }

  private logic(e: Extract<Expr, { op: 'not' | 'logical' }>): Expr {
    if (e.op === 'not') {
      const value = this.same(e.value)
      return value.op === 'constant' ? constantOf('bool', value.value === false) : { ...e, value }
    }
    const left = this.same(e.left)
    const right = (this.known.where(e.left, e.name === 'and') ? this.where(e.left, e.name === 'and') : this).same(e.right)
    const decides = e.name === 'or'
    if (left.op === 'constant') return left.value === decides ? left : right
    return right.op === 'constant' && right.value !== decides ? left : { ...e, left, right }
  }

  private select(e: Extract<Expr, { op: 'select' }>, map: (inside: Expressions, part: Expr) => Expr): Expr {
    const condition = this.same(e.condition)
    if (condition.op === 'constant') return map(this, condition.value === true ? e.then : e.otherwise)
    return selectOf(condition, map(this.where(e.condition, true), e.then), map(this.where(e.condition, false), e.otherwise))
  }
}

function isZero(e: Expr): boolean { return e.op === 'constant' && e.value === 0 }

function isSmall(e: Expr): boolean {
  let size = 0
  for (const part of expressionsIn(e)) if (part.op !== 'constant' && ++size > twiceMax) return false
  return true
}
