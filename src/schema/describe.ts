// A schema as structured-clonable data, and back: how a schema reaches a worker thread.

import { array, isStruct, message, struct } from './define.js'
import { MessageError } from './error.js'
import { scalarsByName } from './scalars.js'
import type { Dtype } from './scalars.js'
import type { ArrayOf, Element, Field, Schema } from './types.js'

/** A field as plain data. Fields are pairs, so that their order and a name such as `__proto__` survive cloning. */
export type FieldText =
  | { readonly kind: 'scalar'; readonly dtype: Dtype }
  | { readonly kind: 'array'; readonly element: FieldText; readonly length: number }
  | StructText
export interface StructText { readonly kind: 'struct'; readonly name: string; readonly fields: readonly (readonly [string, FieldText])[] }
/** A schema as plain data. A message's validator stays behind: functions do not cross threads. */
export type SchemaText = StructText | { readonly kind: 'message'; readonly name: string }

/** `schema` as structured-clonable data. */
export function describeSchema(schema: Schema): SchemaText {
  return schema.kind === 'message' ? { kind: 'message', name: schema.name } : (describeField(schema) as StructText)
}

/** An element of a buffer as structured-clonable data, and back. */
export function describeElement(element: Element): FieldText { return describeField(element) }
export function elementFrom(text: FieldText): Element { return fieldFrom(text) as Element }

/** The schema that `text` describes: same layout, same names. */
export function schemaFrom(text: SchemaText): Schema {
  return text.kind === 'message' ? message(text.name) : (fieldFrom(text) as Schema)
}

function describeField(field: Field): FieldText {
  if ('dtype' in field) return { kind: 'scalar', dtype: field.dtype }
  if (isStruct(field)) return { kind: 'struct', name: field.name, fields: Object.entries(field.fields as Record<string, Field>).map(([name, inner]) => [name, describeField(inner)]) }
  const list = field as ArrayOf<Field>
  return { kind: 'array', element: describeField(list.element), length: list.length }
}

function fieldFrom(text: FieldText): Field {
  if (text.kind === 'struct') return struct(text.name, Object.fromEntries(text.fields.map(([name, inner]) => [name, fieldFrom(inner)])))
  if (text.kind === 'array') return array(fieldFrom(text.element), text.length)
  const scalar = scalarsByName[text.dtype] as Field | undefined
  if (!scalar) throw new MessageError(`There is no scalar type named ${text.dtype}.`, { schema: text.dtype })
  return scalar
}
