// Why a value does not fit a struct: the slow walk that runs only after generated code has refused a value.

import { MessageError, shown } from './error.js'
import { layoutOf } from './layout.js'
import type { Layout, StructLayout } from './layout.js'
import type { Fields, Struct } from './types.js'

/** The first thing about `value` that does not fit `schema`, in one sentence; `undefined` when it fits. */
export function faultOf(schema: Struct<Fields>, value: unknown): MessageError | undefined {
  const found = structFault(layoutOf(schema), value, '')
  if (!found) return undefined
  const place = found.path === '' ? schema.name : `${schema.name}.${found.path}`
  return new MessageError(`${place} ${found.text}.`, { schema: schema.name, path: found.path })
}

interface Fault { readonly path: string; readonly text: string }

function structFault(layout: StructLayout, value: unknown, path: string): Fault | undefined {
  if (typeof value !== 'object' || value === null) {
    return { path, text: `was given ${shown(value)}, expected an object with ${fieldList(layout)}` }
  }
  for (const field of layout.fields) {
    const given = (value as Record<string, unknown>)[field.name]
    const fieldPath = path === '' ? field.name : `${path}.${field.name}`
    if (given === undefined) return { path: fieldPath, text: `is missing, expected ${expected(field.layout)}` }
    const found = valueFault(field.layout, given, fieldPath)
    if (found) return found
  }
  for (const key in value) {
    if (layout.fields.some((field) => field.name === key)) continue
    return { path: path === '' ? key : `${path}.${key}`, text: `is no field of ${layout.name}, expected only ${fieldList(layout)}` }
  }
  return undefined
}

function valueFault(layout: Layout, value: unknown, path: string): Fault | undefined {
  if (layout.kind === 'struct') return structFault(layout, value, path)
  if (layout.kind === 'scalar') {
    return typeof value === typeOf(layout.dtype) ? undefined : { path, text: `was given ${shown(value)}, expected ${expected(layout)}` }
  }
  if (typeof value !== 'object' || value === null || typeof (value as ArrayLike<unknown>).length !== 'number') {
    return { path, text: `was given ${shown(value)}, expected ${expected(layout)}` }
  }
  const list = value as ArrayLike<unknown>
  if (list.length !== layout.length) return { path, text: `has ${list.length} elements, expected ${expected(layout)}` }
  for (let i = 0; i < layout.length; i++) {
    const element = list[i]
    // Arrays of bool read as Uint8Array, so numbers are welcome back.
    if (layout.element.kind === 'scalar' && layout.element.dtype === 'bool' && typeof element === 'number') continue
    const found = valueFault(layout.element, element, `${path}[${i}]`)
    if (found) return found
  }
  return undefined
}

function typeOf(dtype: string): 'boolean' | 'bigint' | 'number' {
  return dtype === 'bool' ? 'boolean' : dtype === 'i64' || dtype === 'u64' ? 'bigint' : 'number'
}

function expected(layout: Layout): string {
  if (layout.kind === 'struct') return `an object with ${fieldList(layout)}`
  if (layout.kind === 'array') return `${layout.length} elements of ${typeText(layout.element)}`
  if (layout.dtype === 'bool') return 'true or false'
  return typeOf(layout.dtype) === 'bigint' ? `a bigint (${layout.dtype}), such as 1n` : `a number (${layout.dtype})`
}

function typeText(layout: Layout): string {
  return layout.kind === 'array' ? `array(${typeText(layout.element)}, ${layout.length})` : layout.kind === 'struct' ? layout.name : layout.dtype
}

function fieldList(layout: StructLayout): string {
  const names = layout.fields.map((field) => field.name)
  const most = 8
  return `{ ${names.slice(0, most).join(', ')}${names.length > most ? ', …' : ''} }`
}
