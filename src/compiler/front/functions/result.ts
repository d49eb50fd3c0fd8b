// The value of a function with several returns: held in a variable that each of them sets.
import type typescript from 'typescript'
import type { Expr, Statement } from '../../ir.js'
import { layoutOfValue } from '../aggregates/layouts.js'
import { bigint, booleanValue, fittingRepr, numberValue, wrapped } from '../coerce.js'
import { no, yes } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { isScalar, poison, wordsOf, type ScalarValue, type Value } from '../value.js'
import { copyInto, noteCopy, setScalar } from '../variables/cells.js'

export class ResultHolder {
  private held: Value | undefined
  private readonly present: number
  private sawUndefined = false

  constructor(private readonly t: Lowering, private readonly node: typescript.Node) { this.present = t.builder.fresh('bool') }

  /** A return statement with `value`. */
  give(value: Value, node: typescript.Node): void {
    if (value.kind === 'poison') { this.held ??= poison; return }
    if (value.kind === 'undefined') { this.sawUndefined = true; return }
    if (value.kind === 'optional') { this.giveOptional(value, node); return }
    this.put(value, node)
    this.t.builder.set(this.present, yes)
  }

  private giveOptional(value: Extract<Value, { kind: 'optional' }>, node: typescript.Node): void {
    const { builder } = this.t
    this.sawUndefined = true
    builder.emit({ kind: 'if', condition: value.present, then: builder.block(() => { this.put(value.value, node); builder.set(this.present, yes) }), otherwise: [] })
  }

  private put(value: Value, node: typescript.Node): void {
    const { t } = this
    if (this.held === undefined) { this.held = this.holderFor(value, node) }
    const { held } = this
    if (held.kind === 'poison') return
    if (isScalar(held)) { this.putScalar(held, value, node); return }
    noteCopy(t, held, value, node)
    copyInto(t, held, value, node)
  }

  private putScalar(held: ScalarValue, value: Value, node: typescript.Node): void {
    const { t } = this
    if (held.kind === 'bigint') {
      const expr = wrapped(t, value, node, held.expr.repr as 'i64' | 'u64')
      // The first return gave a constant: a later one decides the sign.
      if (expr && expr.repr !== held.expr.repr && !t.facts.types.has(this.node)) { t.facts.learnTo(t.facts.types, this.node, expr.repr as 'i64' | 'u64'); return }
    }
    setScalar(t, held, value, node)
  }

  private holderFor(value: Value, node: typescript.Node): Value {
    const { t } = this
    const { builder } = t
    switch (value.kind) {
      case 'number': return numberValue(builder.read(builder.fresh('f64')))
      case 'boolean': return booleanValue(builder.read(builder.fresh('bool')))
      case 'bigint': case 'bigint-constant': {
        const learnt = t.facts.types.get(this.node)
        const repr = learnt === 'i64' || learnt === 'u64' ? learnt : value.kind === 'bigint' ? value.expr.repr as 'i64' | 'u64' : fittingRepr(value.value) ?? 'u64'
        return bigint(builder.read(builder.fresh(repr)))
      }
      case 'record': case 'aggregate': case 'list': {
        const layout = layoutOfValue(value)
        if (layout) return { kind: 'aggregate', place: builder.region(`result ${builder.regions.length}`, layout), fresh: true, text: 'the result' }
        break
      }
      default: break
    }
    return t.refuse(node, `returning ${wordsOf(value)} from one of several places`, 'Return numbers, booleans, bigints, objects of numbers or arrays.')
  }

  /** One of two branches that gave their values. */
  closeBranches(condition: Expr, then: readonly Statement[], otherwise: readonly Statement[]): Value {
    const { builder } = this.t
    if (this.sawUndefined && this.held !== undefined) builder.set(this.present, no)
    builder.emit({ kind: 'if', condition, then, otherwise })
    return this.value(this.sawUndefined)
  }

  /** The block of the function's body, and what the call gives. */
  close(label: number, inside: readonly Statement[], reachesEnd: boolean): Value {
    const { builder } = this.t
    const maybe = this.sawUndefined || reachesEnd
    if (maybe && this.held !== undefined) builder.set(this.present, no)
    builder.emit({ kind: 'block', label, body: inside })
    return this.value(maybe)
  }

  private value(maybe: boolean): Value {
    if (this.held === undefined) return { kind: 'undefined' }
    return maybe && this.held.kind !== 'poison' ? { kind: 'optional', present: this.t.builder.read(this.present), value: this.held, text: 'the result' } : this.held
  }
}

