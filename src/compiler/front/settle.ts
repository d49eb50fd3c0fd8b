// Keeping an operand's value: what later statements would change is read into a temporary before them.
import type { Expr, Place, Step } from '../ir.js'
import { changedBy } from './effects.js'
import type { Lowering } from './lowering.js'
import type { Value } from './value.js'

/** `value` as it was at `mark`, an index into the current statements, whatever those after it changed. */
export function settleValue(t: Lowering, value: Value, mark: number): Value {
  const { builder } = t
  const later = builder.statements.slice(mark)
  if (later.length === 0) return value
  const changed = changedBy(later, builder.parallels)
  const moved: Parameters<typeof builder.statements.splice>[2][] = []
  const keep = (e: Expr): Expr => {
    if (!changed(e)) return e
    const kept = builder.block(() => { e = builder.temporary(e) })
    moved.push(...kept)
    return e
  }
  const settled = mapExpressions(value, keep)
  builder.statements.splice(mark, 0, ...moved)
  return settled
}

/** The value with every expression in it that is evaluated when the value is (not what a variable it refers to holds) replaced. */
export function mapExpressions(value: Value, map: (e: Expr) => Expr): Value {
  switch (value.kind) {
    case 'number': case 'boolean': case 'bigint': return { ...value, expr: map(value.expr) }
    case 'aggregate': return { ...value, place: mapIndices(value.place, map) }
    case 'optional': return { ...value, present: map(value.present), value: mapExpressions(value.value, map) }
    case 'list': return { ...value, items: value.items.map((item) => mapExpressions(item, map)) }
    case 'record': return value.identity === undefined ? { ...value, fields: new Map([...value.fields].map(([name, field]) => [name, mapExpressions(field, map)])) } : value
    default: return value
  }
}

function mapIndices(place: Place, map: (e: Expr) => Expr): Place {
  return { ...place, steps: place.steps.map((step): Step => (step.kind === 'element' ? { ...step, index: map(step.index) } : step)) }
}

/** A place that stays the same one whatever happens: its indices are constants and temporaries. */
export function frozen(t: Lowering, place: Place): Place {
  return mapIndices(place, (index) => (index.op === 'constant' ? index : t.builder.temporary(index)))
}
