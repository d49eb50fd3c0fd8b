// struct(), array() and message(): they check their arguments, so that everything behind them may trust a schema.

import { inspect } from 'node:util'
import { MessageError, shown } from './error.js'
import { layoutOfFields } from './layout.js'
import { scalarsByName } from './scalars.js'
import type { ArrayOf, Element, Field, Fields, Message, StandardSchema, Struct } from './types.js'

/** The largest struct or array: half of what one 32-bit offset reaches, so that sums of two offsets stay exact. */
const bytesMax = 2 ** 31 - 1
const made = new WeakSet<object>()

/**
 * Declares a record type with a C layout. `name` and the field names are plain identifiers (letters, digits, `_`); fields are
 * scalars, `array()`s and other structs.
 *
 * @throws MessageError when a name or a field cannot be used, saying which and why.
 * @example
 * const Request = struct('Request', { id: u32, values: array(f32, 8) }) // Request.bytes is 36
 */
export function struct<F extends Fields>(name: string, fields: F): Struct<F> {
  checkName('struct()', name)
  const given: unknown = fields
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new MessageError(`struct('${name}') needs an object of fields such as { id: u32 }, but was given ${shown(given)}.`, { schema: name })
  }
  const entries = Object.entries(fields)
  if (entries.length === 0) throw new MessageError(`struct('${name}') needs at least one field.`, { schema: name })
  for (const [field, type] of entries) {
    checkName(`struct('${name}') field`, field, name)
    checkField(`struct('${name}') field ${field}`, type, name, field)
  }
  const own = Object.freeze(Object.fromEntries(entries)) as unknown as F
  const layout = layoutOfFields(name, own)
  checkSize(`struct('${name}')`, layout.bytes, name)
  const schema: Struct<F> = shownAs(`struct ${name} { ${entries.map(([field, type]) => `${field}: ${wordsOf(type)}`).join(', ')} }`, { kind: 'struct', name, fields: own, bytes: layout.bytes })
  made.add(schema)
  return schema
}

/**
 * Declares a fixed-length array field of scalars, structs or arrays. `length` is in elements.
 *
 * @throws MessageError when the element is no field type, or the length is no integer of at least 1.
 * @example
 * const Frame = struct('Frame', { pixels: array(array(u8, 640), 480) })
 */
export function array<E extends Field>(element: E, length: number): ArrayOf<E> {
  checkField('array() element', element, 'array')
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new MessageError(`array() needs a length that is an integer of at least 1, but was given ${shown(length)}.`, { schema: 'array' })
  }
  const field: ArrayOf<E> = shownAs(`array(${wordsOf(element)}, ${length})`, { kind: 'array', element, length })
  checkSize('array()', layoutOfFields('array', { of: field }).bytes, 'array')
  made.add(field)
  return field
}

/**
 * Declares a message that is any structured value: objects, arrays, TypedArrays, Map, Set, Date, bigint, Error, undefined, nested.
 * For ring kernels on `cpu` and `host`. `validator` is any Standard Schema (zod, valibot, arktype); it runs when a message is sent.
 *
 * @throws MessageError when `validator` is no Standard Schema.
 * @example
 * const Text = message<{ data: string }>('Text')
 */
export function message<T>(name: string, validator?: StandardSchema<T>): Message<T> {
  if (typeof name !== 'string' || name.length === 0) {
    throw new MessageError(`message() needs a name, but was given ${shown(name)}.`, { schema: 'message' })
  }
  if (validator !== undefined && typeof (validator as Partial<StandardSchema<T>> | null)?.['~standard']?.validate !== 'function') {
    throw new MessageError(`message('${name}') needs a Standard Schema as its validator (zod, valibot, arktype …), but was given ${shown(validator)}.`, { schema: name })
  }
  const schema: Message<T> = shownAs(`message ${name}`, validator === undefined ? { kind: 'message', name } : { kind: 'message', name, validator })
  made.add(schema)
  return schema
}

/** Whether `value` was made by `struct()`. */
export function isStruct(value: unknown): value is Struct<Fields> {
  return typeof value === 'object' && value !== null && made.has(value) && (value as { kind: string }).kind === 'struct'
}

/** Whether `value` may be the element of a buffer: a scalar, `bool` or a `struct()`. */
export function isElement(value: unknown): value is Element {
  if (isStruct(value)) return true
  return (typeof value === 'function' || typeof value === 'object') && value !== null && scalarsByName[(value as { dtype: 'bool' }).dtype] === value
}

/** Whether `value` was made by `struct()` or `message()`: what a ring may carry. */
export function isSchema(value: unknown): value is Struct<Fields> | Message<unknown> {
  return typeof value === 'object' && value !== null && made.has(value) && (value as { kind: string }).kind !== 'array'
}

/** What `console.log` and a notebook's lists show; the fields stay there to be read. */
function shownAs<S extends object>(words: string, schema: S): S {
  return Object.freeze(Object.defineProperty(schema, inspect.custom, { value: () => words, enumerable: false }))
}

/** How a field or an element is written: `f32`, `array(u8, 4)`, or a struct's name. */
export function wordsOf(field: Field): string {
  if ('dtype' in field) return field.dtype
  return field.kind === 'struct' ? (field as Struct<Fields>).name : `array(${wordsOf((field as ArrayOf<Field>).element)}, ${field.length})`
}

function checkName(where: string, name: unknown, schema = 'struct'): void {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return
  throw new MessageError(`${where} ${shown(name)} cannot be used as a name: use letters, digits and _, not starting with a digit.`, { schema })
}

function checkField(where: string, type: unknown, schema: string, path = ''): void {
  if (typeof type === 'function' || (typeof type === 'object' && type !== null)) {
    if (made.has(type) && (type as { kind: string }).kind !== 'message') return
    if (scalarsByName[(type as { dtype: 'bool' }).dtype] === type) return
    if (made.has(type)) throw new MessageError(`${where} cannot be a message(): a struct has a fixed layout, so use scalars, array() or struct().`, { schema, path })
  }
  throw new MessageError(`${where} must be a scalar such as f32, an array() or a struct(), but is ${shown(type)}.`, { schema, path })
}

function checkSize(where: string, bytes: number, schema: string): void {
  if (bytes > bytesMax) throw new MessageError(`${where} would take ${bytes} bytes; the most is ${bytesMax}.`, { schema })
}
