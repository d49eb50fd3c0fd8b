// Variables that hold one aggregate after another. Assigning copies, which is what JavaScript does as long as nobody writes into what was copied: that is
// noted here and checked at the end of the body.
import type typescript from 'typescript'
import type { Layout } from '../../../schema/index.js'
import { materialise } from '../aggregates/convert.js'
import { alike, layoutOfValue, wideLayout } from '../aggregates/layouts.js'
import { store, storeOver } from '../aggregates/store.js'
import { bigint, booleanValue, numberValue, wrapped } from '../coerce.js'
import { baseKey } from '../effects.js'
import { yes } from '../expr.js'
import type { Lowering } from '../lowering.js'
import type { Binding } from '../scope.js'
import { mapExpressions } from '../settle.js'
import { isScalar, poison, wordsOf, type RecordValue, type Value } from '../value.js'

type Node = typescript.Node
type Name = typescript.Identifier

/** Characters of the source that a sentence repeats. */
const NAMED_MAX = 60

/** What tells whether two values may be the same memory. */
function keysOf(value: Value): string[] {
  if (value.kind === 'aggregate') return [baseKey(value.place.base)]
  if (value.kind === 'optional') return keysOf(value.value)
  if (value.kind === 'record') return [...(value.identity === undefined ? [] : [`record ${value.identity}`]), ...[...value.fields.values()].flatMap(keysOf)]
  return value.kind === 'list' ? value.items.flatMap(keysOf) : []
}

/** Keys of aggregates that a value refers to and that others may refer to as well. */
function sharedKeys(value: Value): string[] {
  if (value.kind === 'aggregate') return value.fresh ? [] : keysOf(value)
  if (value.kind === 'record' && value.identity === undefined) return [...value.fields.values()].flatMap(sharedKeys)
  return value.kind === 'list' ? value.items.flatMap(sharedKeys) : keysOf(value)
}

export function isOfCell(t: Lowering, value: Value): boolean { return keysOf(value).some((key) => t.cells.has(key)) }

/** A variable that is assigned later, beginning with `value`. */
export function makeCell(t: Lowering, name: Name, value: Extract<Value, { kind: 'aggregate' | 'record' | 'list' }>): Binding {
  const present = t.facts.optional.has(name) ? t.builder.local(`${name.text} is there`, 'bool') : undefined
  if (present !== undefined) t.builder.set(present, yes)
  const held = hold(t, name, value)
  for (const key of keysOf(held)) t.cells.add(key)
  return held.kind === 'poison' ? { kind: 'value', value: poison, declaration: name, constant: false } : { kind: 'cell', value: held, present, declaration: name }
}

/** A variable that holds nothing yet, and later aggregates of this layout. */
export function emptyCell(t: Lowering, name: Name, layout: Layout, present: number): Binding {
  const place = t.builder.region(name.text, t.facts.widened.has(name) ? wideLayout(layout) : layout)
  const value: Value = { kind: 'aggregate', place, fresh: false, text: name.text }
  t.makers.set(baseKey(place.base), name)
  t.cells.add(baseKey(place.base))
  return { kind: 'cell', value, present, declaration: name }
}

/** A copy under another name of what a copying variable holds now. */
export function copyToCell(t: Lowering, name: Name, value: Extract<Value, { kind: 'aggregate' | 'record' }>): Value {
  const held = hold(t, name, value.kind === 'aggregate' ? { ...value, fresh: false } : value)
  for (const key of keysOf(held)) t.copied.push({ key, node: name, text: name.text })
  return held
}

/** Memory of its own with `value` in it: what is fresh is taken as it is. */
function hold(t: Lowering, name: Name, value: Extract<Value, { kind: 'aggregate' | 'record' | 'list' }>): Value {
  if (value.kind === 'list') return materialise(t, value, name.text, name) ?? poison
  if (value.kind === 'aggregate' && value.fresh) return { ...value, fresh: false, text: name.text }
  const held = copied(t, name, value)
  noteCopy(t, held, value, name)
  return held
}

function copied(t: Lowering, name: Name, value: Extract<Value, { kind: 'aggregate' | 'record' }>): Value {
  if (value.kind === 'record') return copiedRecord(t, name, value)
  const layout = layoutOfValue(value)
  if (!layout) return poison
  const place = t.builder.region(name.text, t.facts.widened.has(name) ? wideLayout(layout) : layout)
  t.makers.set(baseKey(place.base), name)
  store(t, place, value, name, name.text)
  return { kind: 'aggregate', place, fresh: false, text: name.text }
}

function note(t: Lowering, value: Value, node: Node): void {
  for (const key of sharedKeys(value)) t.copied.push({ key, node, text: node.getText().slice(0, NAMED_MAX) })
}

/** `target` gets a copy of what JavaScript would let it share: nobody may write into either. */
export function noteCopy(t: Lowering, target: Value, value: Value, node: Node): void {
  if (sharedKeys(value).length === 0) return
  note(t, value, node)
  for (const key of keysOf(target)) t.copied.push({ key, node, text: node.getText().slice(0, NAMED_MAX) })
}

/** A literal in variables of its own; aggregates in it stay references. */
export function makeRecord(t: Lowering, name: Name, value: RecordValue): RecordValue {
  return inLocals(t, name.text, value, (path, field) => field.kind === 'list' ? materialise(t, field, path, name) ?? poison : field.kind === 'aggregate' ? { ...field, fresh: false } : field)
}

function copiedRecord(t: Lowering, name: Name, value: RecordValue): RecordValue {
  return inLocals(t, name.text, value, (path, field) => {
    if (field.kind === 'list') return materialise(t, field, path, name) ?? poison
    if (field.kind !== 'aggregate') return field
    if (field.fresh) return { ...field, fresh: false }
    const layout = layoutOfValue(field)
    if (!layout) return poison
    const place = t.builder.region(path, layout)
    store(t, place, field, name, path)
    return { kind: 'aggregate', place, fresh: false, text: path }
  }, true)
}

function inLocals(t: Lowering, path: string, value: RecordValue, other: (path: string, field: Value) => Value, deep = false): RecordValue {
  const fields = new Map<string, Value>()
  for (const [name, field] of value.fields) {
    const at = `${path}.${name}`
    if (field.kind === 'record') fields.set(name, deep || field.identity === undefined ? inLocals(t, at, field, other, deep) : field)
    else if (isScalar(field)) fields.set(name, inLocal(t, at, field))
    else fields.set(name, other(at, field))
  }
  return { kind: 'record', fields, identity: ++t.records }
}

function inLocal(t: Lowering, path: string, value: Value): Value {
  const expr = value.kind === 'number' || value.kind === 'boolean' || (value.kind === 'bigint' && value.wide) ? value.expr : wrapped(t, value, t.callSite)
  if (!expr) return poison
  const local = t.builder.local(path, expr.repr)
  t.builder.set(local, expr)
  const read = t.builder.read(local)
  return value.kind === 'number' ? numberValue(read) : value.kind === 'boolean' ? booleanValue(read) : bigint(read, value.kind === 'bigint' && value.wide)
}

/** Assigns a cell: copies `value` into it. */
export function assignCell(t: Lowering, cell: Extract<Binding, { kind: 'cell' }>, value: Value, node: Node): void {
  noteCopy(t, cell.value, value, node)
  t.assigned.set(cell.declaration, (t.assigned.get(cell.declaration) ?? 0) + 1)
  copyInto(t, cell.value, value, node)
}

/** Copies `value` over what a cell holds. */
export function copyInto(t: Lowering, target: Value, given: Value, node: Node): void {
  if (given.kind === 'poison' || target.kind === 'poison') return
  if (target.kind === 'aggregate') {
    const value = given.kind === 'aggregate' ? given : mapExpressions(given, (e) => t.builder.temporary(e))
    if (value.kind === 'aggregate' && !value.window && alike(value.place.layout, target.place.layout)) t.builder.emit({ kind: 'copy', to: target.place, from: value.place })
    else storeOver(t, target.place, value, node)
    return
  }
  if (target.kind === 'record' && (given.kind === 'record' || given.kind === 'aggregate')) { copyRecord(t, target, given, node); return }
  t.report('RL1011', node, { what: `\`${node.getText().slice(0, 60)}\``, is: wordsOf(given), wanted: wordsOf(target) })
}

function copyRecord(t: Lowering, target: RecordValue, given: RecordValue | Extract<Value, { kind: 'aggregate' }>, node: Node): void {
  const source = given.kind === 'record' ? given : t.fieldsOf(given)
  const names = [...target.fields.keys()]
  if (source.fields.size !== names.length || !names.every((name) => source.fields.has(name))) {
    t.report('RL1011', node, { what: `\`${node.getText().slice(0, 60)}\``, is: `an object with { ${[...source.fields.keys()].join(', ')} }`, wanted: `one with { ${names.join(', ')} }` })
    return
  }
  // All fields are read before the first is written: `p = { x: p.y, y: p.x }`.
  const read = names.map((name) => [name, mapExpressions({ ...source.fields.get(name) as Value, ...(source.fields.get(name)?.kind === 'record' ? { identity: undefined } : {}) }, (e) => t.builder.temporary(e))] as const)
  for (const [name, value] of read) {
    const field = target.fields.get(name)
    if (field && isScalar(field)) setScalar(t, field, value, node)
    else if (field) copyInto(t, field, value, node)
  }
}

/** Assigns a scalar that is held in a local. */
export function setScalar(t: Lowering, field: Value, value: Value, node: Node): void {
  if ((field.kind !== 'number' && field.kind !== 'boolean' && field.kind !== 'bigint') || field.expr.op !== 'local') return
  const expr = field.kind === 'bigint' ? wrapped(t, value, node, field.expr.repr as 'i64' | 'u64') : value.kind === field.kind ? value.expr : undefined
  if (expr?.repr === field.expr.repr) { t.builder.set(field.expr.local, expr); return }
  if (value.kind !== 'poison' && (expr !== undefined || field.kind !== 'bigint')) t.report('RL1011', node, { what: `\`${node.getText().slice(0, 60)}\``, is: field.kind === 'bigint' ? `a bigint of the other sign (${expr?.repr ?? ''})` : wordsOf(value), wanted: field.kind === 'bigint' ? `BigInt.as${field.expr.repr === 'i64' ? 'Int' : 'Uint'}N(64, …)` : wordsOf(field) })
}
