// Writing values to memory: a scalar as a TypedArray store does, an object field by field, an array element by element, or all at once where the bytes agree.
import type typescript from 'typescript'
import type { Layout } from '../../../schema/index.js'
import type { Expr, Place } from '../../ir.js'
import { bits, demand, isBigInt, toNumber } from '../coerce.js'
import { constant, convert } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { expressionsIn } from '../../passes/walk.js'
import { baseKey } from '../effects.js'
import { mapExpressions } from '../settle.js'
import { wordsOf, type AggregateValue, type Value } from '../value.js'
import { aggregateOf, recordOf } from './convert.js'
import { alike } from './layouts.js'
import { elementPlace, fieldPlace, isArray, lengthOf, loopOver, valueAt } from './places.js'

type Node = typescript.Node

/** Writes `value` over what is at `place`, all of it. What is read there meanwhile is what was there before. */
export function storeOver(t: Lowering, place: Place, value: Value, node: Node): void {
  const key = baseKey(place.base)
  const reads = (e: Expr): boolean => [...expressionsIn(e)].some((part) => part.op === 'load' && baseKey(part.place.base) === key)
  store(t, place, place.layout.kind === 'scalar' ? value : mapExpressions(value, (e) => (reads(e) ? t.builder.temporary(e) : e)), node, '')
}

/** Writes `value` to memory that nothing reads yet: an output, a new region. */
export function store(t: Lowering, place: Place, given: Value, node: Node, path: string): void {
  const value = demand(t, given, node)
  if (value.kind === 'poison') return
  const { layout } = place
  if (layout.kind === 'scalar') storeScalar(t, place, value, node, path)
  else if (layout.kind === 'struct') storeStruct(t, place, value, node, path)
  else storeArray(t, place, value, node, path)
}

function storeScalar(t: Lowering, place: Place, value: Value, node: Node, path: string): void {
  const { layout } = place
  if (layout.kind !== 'scalar') return
  const { dtype } = layout
  const isElement = place.steps.at(-1)?.kind === 'element'
  const put = (e: Expr): void => { t.builder.emit({ kind: 'store', place, dtype, value: e }) }
  if (dtype === 'bool') {
    if (value.kind === 'boolean') put(value.expr)
    else if (value.kind === 'number' && isElement) {
      if (place.base.kind !== 'out' && !isZeroOrOne(value.expr)) t.refuse(node, 'a number in an array of bool', `Write \`(${node.getText()}) !== 0 ? 1 : 0\`.`)
      put(convert(value.expr, 'bool'))
    } else mismatch(t, node, path, 'a boolean', value)
    return
  }
  if (dtype === 'i64' || dtype === 'u64') {
    if (isBigInt(value)) put(bits(value, dtype))
    else mismatch(t, node, path, 'a bigint', value)
    return
  }
  if (value.kind === 'number' || (value.kind === 'boolean' && isElement)) put(toNumber(t, value, node))
  else mismatch(t, node, path, 'a number', value)
}

/** A Uint8Array, which arrays of bool are in JavaScript, would keep any other number. */
function isZeroOrOne(e: Expr): boolean {
  if (e.op === 'constant') return e.value === 0 || e.value === 1
  if (e.op === 'select') return isZeroOrOne(e.then) && isZeroOrOne(e.otherwise)
  return e.op === 'convert' && e.value.repr === 'bool'
}

function storeStruct(t: Lowering, place: Place, given: Value, node: Node, path: string): void {
  const value = recordOf(t, given)
  const { layout } = place
  if (layout.kind !== 'struct') return
  if (value.kind === 'aggregate' && value.place.layout.kind === 'struct') {
    if (alike(value.place.layout, layout)) { t.builder.emit({ kind: 'copy', to: place, from: value.place }); return }
  } else if (value.kind !== 'record') { mismatch(t, node, path, `an object with { ${namesOf(layout)} }`, value); return }
  const has = value.kind === 'record' ? [...value.fields.keys()] : value.place.layout.kind === 'struct' ? value.place.layout.fields.map((field) => field.name) : []
  const missing = layout.fields.filter((field) => !has.includes(field.name)).map((field) => field.name)
  const unknown = has.filter((name) => !layout.fields.some((field) => field.name === name))
  if (missing.length > 0) t.report('RL1030', node, { schema: layout.name, fields: missing.join(', ') })
  if (unknown.length > 0 && place.base.kind === 'out') t.report('RL1031', node, { schema: layout.name, fields: unknown.join(', '), known: namesOf(layout) })
  for (const { name } of layout.fields) {
    const to = fieldPlace(place, name)
    const field = value.kind === 'record' ? value.fields.get(name) : fieldValue(value, name)
    if (to && field) store(t, to, field, node, path === '' ? name : `${path}.${name}`)
  }
}

function fieldValue(value: AggregateValue, name: string): Value | undefined {
  const place = fieldPlace(value.place, name)
  return place && valueAt(place, `${value.text}.${name}`)
}

function storeArray(t: Lowering, place: Place, given: Value, node: Node, path: string): void {
  const { layout } = place
  if (layout.kind !== 'array') return
  const to: AggregateValue = { kind: 'aggregate', place, fresh: false, text: path }
  const value = aggregateOf(t, given)
  if (value.kind === 'list') {
    if (value.items.length !== layout.length) { wrongLength(t, node, path, String(value.items.length), layout.length); return }
    value.items.forEach((item, i) => { store(t, elementPlace(to, constant('u32', i)), item, node, `${path}[${i}]`) })
    return
  }
  if (!isArray(value)) { mismatch(t, node, path, `an array of ${layout.length} elements`, value); return }
  const length = lengthOf(value)
  if (length.op !== 'constant') { t.refuse(node, `a whole buffer as ${path}, which has ${layout.length} elements,`, 'Copy its elements in a loop.'); return }
  if (length.value !== layout.length) { wrongLength(t, node, path, String(length.value), layout.length); return }
  copyElements(t, to, value, node)
}

/** Copies an array of equal length. */
export function copyElements(t: Lowering, to: AggregateValue, from: AggregateValue, node: Node): void {
  if (!to.window && !from.window && alike(to.place.layout, from.place.layout)) { t.builder.emit({ kind: 'copy', to: to.place, from: from.place }); return }
  loopOver(t, lengthOf(from), (index) => { store(t, elementPlace(to, index), valueAt(elementPlace(from, index), from.text), node, `${to.text}[…]`) })
}

function namesOf(layout: Extract<Layout, { kind: 'struct' }>): string { return layout.fields.map((field) => field.name).join(', ') }

function mismatch(t: Lowering, node: Node, path: string, wanted: string, value: Value): void {
  t.report('RL1011', node, { what: path === '' ? `\`${node.getText().slice(0, 60)}\`` : `\`${path}\``, is: wordsOf(value), wanted })
}

function wrongLength(t: Lowering, node: Node, path: string, given: string, length: number): void {
  t.report('RL1011', node, { what: path === '' ? `\`${node.getText().slice(0, 60)}\`` : `\`${path}\``, is: `an array of ${given} elements`, wanted: `an array of ${length}` })
}
