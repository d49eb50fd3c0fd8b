// Values as the aggregates they stand for: captured arrays as tables of the program, captured objects as records, array literals as memory.
import type typescript from 'typescript'
import type { Dtype, Layout } from '../../../schema/index.js'
import { capturedMember, rawValue } from '../captured.js'
import type { Lowering } from '../lowering.js'
import type { AggregateValue, Value } from '../value.js'
import { alike, arrayLayout, layoutOfValue, scalarLayout, structLayout } from './layouts.js'
import { noteCopy } from '../variables/cells.js'
import { store } from './store.js'

/** A captured array as a table; anything else as it is. */
export function aggregateOf(t: Lowering, value: Value): Value {
  if (value.kind !== 'raw') return value
  const known = t.tables.get(value.value)
  if (known) return known
  const layout = layoutOfData(value.value)
  if (layout?.kind !== 'array') return value
  const bytes = new Uint8Array(layout.bytes)
  writeData(new DataView(bytes.buffer), 0, layout, value.value)
  const table = t.builder.table(value.text.replace(/\W+/g, '_'), layout, bytes)
  const made: Value = { kind: 'aggregate', place: { base: { kind: 'table', table }, steps: [], layout }, fresh: false, text: value.text }
  t.tables.set(value.value, made)
  return made
}

/** A captured object as a record of its members; anything else as it is. */
export function recordOf(t: Lowering, value: Value): Value {
  if (value.kind === 'captured' && !value.isArray) return { kind: 'record', identity: undefined, fields: new Map([...value.entries].map(([name, index]) => [name, capturedMember(t, index, `${value.text}.${name}`)])) }
  if (value.kind !== 'raw' || Array.isArray(value.value) || ArrayBuffer.isView(value.value)) return value
  return { kind: 'record', identity: undefined, fields: new Map(Object.entries(value.value).map(([name, item]) => [name, rawValue(item, `${value.text}.${name}`)])) }
}

/** A list in memory of its own; undefined, and a finding, when its elements differ. */
export function materialise(t: Lowering, value: Extract<Value, { kind: 'list' }>, name: string, node: typescript.Node): AggregateValue | undefined {
  const unified = { ...value, items: value.items.map((item) => aggregateOf(t, item)) }
  const layout = layoutOfValue(unified)
  if (layout === undefined || value.items.length === 0) {
    if (value.items.every((item) => item.kind !== 'poison')) t.report('RL1021', node)
    return undefined
  }
  const place = t.builder.region(name, layout)
  store(t, place, unified, node, name)
  const made: AggregateValue = { kind: 'aggregate', place, fresh: true, text: name }
  noteCopy(t, made, unified, node)
  return made
}

const typedArrays: Readonly<Record<string, Dtype>> = {
  Int8Array: 'i8', Uint8Array: 'u8', Uint8ClampedArray: 'u8', Int16Array: 'i16', Uint16Array: 'u16', Int32Array: 'i32', Uint32Array: 'u32',
  BigInt64Array: 'i64', BigUint64Array: 'u64', Float32Array: 'f32', Float64Array: 'f64', Float16Array: 'f16',
}

/** The storage type of a TypedArray's elements, by its constructor's name. */
export function typedArrayDtype(name: string): Dtype | undefined {
  return Object.hasOwn(typedArrays, name) ? typedArrays[name] : undefined
}

/** How captured data lies in memory; undefined when it has no fixed layout. */
function layoutOfData(value: unknown): Layout | undefined {
  if (typeof value === 'number') return scalarLayout('f64')
  if (typeof value === 'boolean') return scalarLayout('bool')
  if (typeof value === 'bigint') return layoutOfValue({ kind: 'bigint-constant', value })
  if (typeof value !== 'object' || value === null) return undefined
  if (ArrayBuffer.isView(value)) {
    const dtype = typedArrayDtype((value as object as { [Symbol.toStringTag]: string })[Symbol.toStringTag])
    return dtype && arrayLayout(scalarLayout(dtype), (value as Uint8Array).length)
  }
  if (Array.isArray(value)) {
    const layouts = value.map((item: unknown) => layoutOfData(item))
    const unified = layouts.some((layout) => layout?.kind === 'scalar' && layout.dtype === 'u64') && layouts.every((layout) => layout?.kind === 'scalar' && (layout.dtype === 'u64' || layout.dtype === 'i64'))
      ? (value as bigint[]).every((item) => BigInt.asUintN(64, item) === item) ? scalarLayout('u64') : undefined : layouts[0]
    // An array of booleans reads as booleans, which arrays in memory do not.
    if (unified?.kind === 'scalar' && unified.dtype === 'bool') return undefined
    return unified && (unified !== layouts[0] || layouts.every((layout) => layout && alike(layout, unified))) ? arrayLayout(unified, value.length) : undefined
  }
  const fields = Object.entries(value).map(([name, item]) => [name, layoutOfData(item)] as const)
  return fields.length > 0 && fields.every((field): field is readonly [string, Layout] => field[1] !== undefined) ? structLayout('Captured', fields) : undefined
}

function writeData(view: DataView, offset: number, layout: Layout, value: unknown): void {
  if (layout.kind === 'scalar') { writeScalar(view, offset, layout.dtype, value); return }
  if (layout.kind === 'array') {
    for (let i = 0; i < layout.length; i++) writeData(view, offset + i * layout.element.bytes, layout.element, (value as ArrayLike<unknown>)[i])
    return
  }
  for (const field of layout.fields) writeData(view, offset + field.offset, field.layout, (value as Record<string, unknown>)[field.name])
}

function writeScalar(view: DataView, offset: number, dtype: Dtype, value: unknown): void {
  const number = value as number
  switch (dtype) {
    case 'i8': view.setInt8(offset, number); return
    case 'u8': view.setUint8(offset, number); return
    case 'bool': view.setUint8(offset, value === true ? 1 : 0); return
    case 'i16': view.setInt16(offset, number, true); return
    case 'u16': view.setUint16(offset, number, true); return
    case 'i32': view.setInt32(offset, number, true); return
    case 'u32': view.setUint32(offset, number, true); return
    case 'i64': view.setBigInt64(offset, value as bigint, true); return
    case 'u64': view.setBigUint64(offset, value as bigint, true); return
    case 'f32': view.setFloat32(offset, number, true); return
    case 'f64': view.setFloat64(offset, number, true); return
    case 'f16': case 'bf16': throw new Error('no captured array holds 16-bit floats')
  }
}
