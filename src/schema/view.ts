// Struct values that stay in memory: objects whose fields read and write the bytes themselves, as TypedArray elements do.
// For state that lives in an arena; messages are copied by codecs instead.

import { inspect } from 'node:util'
import { structCodec } from './codec.js'
import { MessageError, shown } from './error.js'
import { bf16Bits, bf16Value, f16Bits, f16Value } from './half.js'
import { layoutOf } from './layout.js'
import type { FieldLayout, Layout, StructLayout } from './layout.js'
import { accessOf, isPlain } from './memory-text.js'
import type { ArrayName } from './memory-text.js'
import type { Dtype } from './scalars.js'
import type { Fields, Infer, Struct } from './types.js'

interface Slot { readonly get: () => unknown; readonly set: (value: unknown) => void }

/**
 * An object of `schema`'s shape over the bytes of `memory` at `byteOffset` (a multiple of the struct's alignment). Reading a field reads
 * memory; assigning one writes it, converting as a TypedArray store does, so `view.n++` counts in memory. Arrays of scalars are TypedArrays
 * over the memory; arrays of f16, bf16, structs and arrays are array-likes with the methods of arrays that fit.
 *
 * @throws RangeError when the struct does not fit there; MessageError on assigning a value that does not fit its field.
 * @example
 * const state = viewOf(struct('State', { n: u32 }), new SharedArrayBuffer(64), 0)
 * state.n++
 */
export function viewOf<F extends Fields>(schema: Struct<F>, memory: ArrayBufferLike, byteOffset: number): Infer<Struct<F>> {
  const layout = layoutOf(schema)
  if (byteOffset % layout.align !== 0 || byteOffset < 0 || byteOffset + layout.bytes > memory.byteLength) {
    throw new RangeError(`${schema.name} (${layout.bytes} bytes, aligned to ${layout.align}) cannot lie at byte ${byteOffset} of a memory of ${memory.byteLength} bytes.`)
  }
  const place: Place = { schema, memory, codecRead: () => structCodec(schema).bind(memory).read(byteOffset) }
  return structView(layout, byteOffset, place, '') as Infer<Struct<F>>
}

/** What all views inside one struct share. */
interface Place { readonly schema: Struct<Fields>; readonly memory: ArrayBufferLike; codecRead(): unknown }

function structView(layout: StructLayout, offset: number, place: Place, path: string): object {
  // A prototype of its own: V8 turns objects that take different accessors by one name from the same shape into slow dictionaries.
  const view = Object.create(Object.create(Object.prototype) as object) as object
  for (const field of layout.fields) {
    const slot = slotOf(field, offset + field.offset, place, path === '' ? field.name : `${path}.${field.name}`)
    Object.defineProperty(view, field.name, { get: slot.get, set: slot.set, enumerable: true })
  }
  if (path === '') Object.defineProperty(view, inspect.custom, { value: () => place.codecRead() })
  return Object.preventExtensions(view)
}

function slotOf(field: Pick<FieldLayout, 'name' | 'layout'>, offset: number, place: Place, path: string): Slot {
  const { layout } = field
  if (layout.kind === 'scalar') return scalarSlot(layout.dtype, offset, place, path)
  const view = layout.kind === 'struct' ? structView(layout, offset, place, path) : arrayView(layout, offset, place, path)
  return { get: () => view, set: (value) => { assign(layout, view as Record<string, unknown>, value, place, path) } }
}

/** Copies a whole struct or array; what it is copied from may be the view itself or overlap it, so it is read first. */
function assign(layout: Exclude<Layout, { kind: 'scalar' }>, view: Record<string, unknown>, value: unknown, place: Place, path: string): void {
  const names = layout.kind === 'struct' ? layout.fields.map((field) => field.name) : Array.from({ length: layout.length }, (_, i) => String(i))
  if (typeof value !== 'object' || value === null) throw mismatch(place, path, shown(value), layout.kind === 'struct' ? `an object with { ${names.join(', ')} }` : `${layout.length} elements`)
  if (layout.kind === 'array' && (value as ArrayLike<unknown>).length !== layout.length) throw mismatch(place, path, `${String((value as ArrayLike<unknown>).length)} elements`, String(layout.length))
  const values = names.map((name) => (value as Record<string, unknown>)[name])
  names.forEach((name, i) => { view[name] = values[i] })
}

/**
 * Accessors of one scalar. A field of its own gets code of its own, which V8 inlines (0.8 ns an increment, Node 20); elements of arrays,
 * of which there may be thousands, share it by type.
 */
function scalarSlot(dtype: Dtype, offset: number, place: Place, path: string): Slot {
  const { view, store, load } = accessOf[dtype]
  const cell = new (viewConstructor(view))(place.memory, offset, 1)
  const type = dtype === 'bool' ? 'boolean' : dtype === 'i64' || dtype === 'u64' ? 'bigint' : 'number'
  const refuse = (value: unknown): never => { throw mismatch(place, path, shown(value), `a ${type} (${dtype})`) }
  const key = path.includes('[') ? dtype : ''
  const make = slotMakers.get(key) ?? new Function('cell', 'refuse', 'f16Bits', 'bf16Bits', 'f16Value', 'bf16Value', `'use strict'; return {
    get() { return ${load('cell[0]')} },
    set(value) { if (typeof value !== '${type}') refuse(value); cell[0] = ${store('value')} } }`) as SlotMaker
  if (key !== '') slotMakers.set(key, make)
  return make(cell, refuse, f16Bits, bf16Bits, f16Value, bf16Value)
}

type SlotMaker = (cell: object, refuse: (value: unknown) => never, ...conversions: ((value: number) => number)[]) => Slot
const slotMakers = new Map<string, SlotMaker>()

function viewConstructor(name: ArrayName): new (memory: ArrayBufferLike, offset: number, length: number) => object {
  return globalThis[name]
}

function arrayView(layout: Extract<Layout, { kind: 'array' }>, offset: number, place: Place, path: string): object {
  const { element } = layout
  if (element.kind === 'scalar' && (isPlain(element.dtype) || element.dtype === 'bool')) {
    return new (viewConstructor(accessOf[element.dtype].view))(place.memory, offset, layout.length)
  }
  // The generic methods of arrays (map, fill, indexOf, iteration …) work on any object with a length.
  const list = Object.create(Object.create(Array.prototype) as object) as Record<number, unknown>
  for (let i = 0; i < layout.length; i++) {
    const slot = slotOf({ name: String(i), layout: element }, offset + i * element.bytes, place, `${path}[${i}]`)
    Object.defineProperty(list, i, { get: slot.get, set: slot.set, enumerable: true })
  }
  Object.defineProperty(list, 'length', { value: layout.length })
  return Object.preventExtensions(list)
}

function mismatch(place: Place, path: string, given: string, expected: string): MessageError {
  return new MessageError(`${place.schema.name}.${path} was given ${given}, expected ${expected}.`, { schema: place.schema.name, path })
}
