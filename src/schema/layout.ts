// Where each field of a struct lies: C's layout, so that JavaScript, g++ and NVRTC agree on every byte. No reading or writing.

import type { Dtype } from './scalars.js'
import type { ArrayOf, Field, Fields, Struct } from './types.js'

/** A field's place. Offsets and sizes in bytes. */
export type Layout =
  | { readonly kind: 'scalar'; readonly dtype: Dtype; readonly bytes: number; readonly align: number }
  | { readonly kind: 'array'; readonly element: Layout; readonly length: number; readonly bytes: number; readonly align: number }
  | StructLayout

export interface StructLayout {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: readonly FieldLayout[]
  readonly bytes: number
  readonly align: number
}

export interface FieldLayout {
  readonly name: string
  /** From the start of the struct that holds it. */
  readonly offset: number
  readonly layout: Layout
}

const layouts = new WeakMap<Struct<Fields>, StructLayout>()

/** The layout of `schema`: each field at the next multiple of its alignment, in the order written, as C lays it out. */
export function layoutOf(schema: Struct<Fields>): StructLayout {
  const known = layouts.get(schema)
  if (known) return known
  const layout = layoutOfFields(schema.name, schema.fields)
  layouts.set(schema, layout)
  return layout
}

/** The layout of fields that are not (yet) a struct. */
export function layoutOfFields(name: string, declared: Readonly<Record<string, Field>>): StructLayout {
  const fields: FieldLayout[] = []
  let end = 0
  let align = 1
  for (const [fieldName, field] of Object.entries(declared)) {
    const layout = layoutOfField(field)
    const offset = roundUp(end, layout.align)
    fields.push({ name: fieldName, offset, layout })
    end = offset + layout.bytes
    align = Math.max(align, layout.align)
  }
  return { kind: 'struct', name, fields, bytes: roundUp(end, align), align }
}

function layoutOfField(field: Field): Layout {
  if ('dtype' in field) return { kind: 'scalar', dtype: field.dtype, bytes: field.bytes, align: field.bytes }
  if (field.kind === 'struct') return layoutOf(field as Struct<Fields>)
  const element = layoutOfField((field as ArrayOf<Field>).element)
  return { kind: 'array', element, length: field.length, bytes: element.bytes * field.length, align: element.align }
}

function roundUp(bytes: number, align: number): number {
  return Math.ceil(bytes / align) * align
}
