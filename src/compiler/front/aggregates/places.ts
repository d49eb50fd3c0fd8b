// Ways into memory: fields, elements with their guards, and what is read there as JavaScript sees it.
import type typescript from 'typescript'
import type { Layout } from '../../../schema/index.js'
import type { Expr, Place } from '../../ir.js'
import { bigint, booleanValue, numberValue } from '../coerce.js'
import { constant, convert, knownNumber, load } from '../expr.js'
import type { Lowering } from '../lowering.js'
import type { AggregateValue, Value } from '../value.js'

type ArrayValue = AggregateValue & { readonly place: Place & { readonly layout: Extract<Layout, { kind: 'array' }> } }

export function isArray(value: Value): value is ArrayValue {
  return value.kind === 'aggregate' && value.place.layout.kind === 'array'
}

/** Elements of an array, u32: a constant but for buffers. */
export function lengthOf(array: AggregateValue): Expr {
  const { base, steps, layout } = array.place
  if (array.window) return constant('u32', array.window.length)
  if (base.kind === 'buffer' && steps.length === 0) return { op: 'bufferLength', repr: 'u32', buffer: base.buffer }
  return constant('u32', layout.kind === 'array' ? layout.length : 0)
}

export function fieldPlace(place: Place, name: string): Place | undefined {
  if (place.layout.kind !== 'struct') return undefined
  const field = place.layout.fields.find((each) => each.name === name)
  return field && { base: place.base, steps: [...place.steps, { kind: 'field', name, offset: field.offset }], layout: field.layout }
}

/** Element `index`, a u32 that is in range. */
export function elementPlace(array: AggregateValue, index: Expr): Place {
  const { place, window } = array
  if (place.layout.kind !== 'array') throw new Error('only arrays have elements')
  const { element } = place.layout
  const at: Expr = window === undefined || window.start === 0 ? index
    : index.op === 'constant' ? constant('u32', (index.value as number) + window.start)
    : { op: 'binary', repr: 'u32', name: 'add', left: index, right: constant('u32', window.start) }
  return { base: place.base, steps: [...place.steps, { kind: 'element', index: at, stride: element.bytes }], layout: element }
}

/** Element `index`, an f64 that is guarded to be an index. */
export function guardedElement(t: Lowering, array: AggregateValue, given: Expr, node: typescript.Node): Place | undefined {
  const length = lengthOf(array)
  const known = knownNumber(given)
  if (known !== undefined && length.op === 'constant') {
    if (Number.isInteger(known) && known >= 0 && known < (length.value as number)) return elementPlace(array, constant('u32', known))
    t.report('RL1020', node, { index: String(known), array: array.text, length: String(length.value) })
    return undefined
  }
  const value = t.builder.reused(given)
  const inner = value.op === 'convert' && (value.value.repr === 'u32' || value.value.repr === 'i32') ? value.value : value
  const elements = length.op === 'constant' ? `${String(length.value)} elements` : 'fewer elements'
  t.guard({ op: 'isIndex', repr: 'bool', value: inner, length }, `index {} is outside ${array.text}, which has ${elements}`, node, value)
  return elementPlace(array, convert(value, 'u32'))
}

/** What is at a place. Elements of bool arrays are numbers: JavaScript sees a Uint8Array. */
export function valueAt(place: Place, text: string): Value {
  const { layout } = place
  if (layout.kind !== 'scalar') return { kind: 'aggregate', place, fresh: false, text }
  const value = load(place)
  if (layout.dtype === 'i64' || layout.dtype === 'u64') return bigint(value)
  return layout.dtype === 'bool' && place.steps.at(-1)?.kind !== 'element' ? booleanValue(value) : numberValue(value)
}

/** Runs `body` for every index below `length`, which is u32. */
export function loopOver(t: Lowering, length: Expr, body: (index: Expr, label: number) => void): void {
  const { builder } = t
  const index = builder.fresh('u32')
  const read = builder.read(index)
  const label = builder.label()
  builder.set(index, constant('u32', 0))
  builder.emit({
    kind: 'loop', label, condition: { op: 'compare', repr: 'bool', name: 'lt', left: read, right: length }, test: 'before',
    body: builder.block(() => { body(read, label) }),
    update: builder.block(() => { builder.set(index, { op: 'binary', repr: 'u32', name: 'add', left: read, right: constant('u32', 1) }) }),
    trips: length.op === 'constant' ? length.value as number : undefined, fuel: false,
  })
}
