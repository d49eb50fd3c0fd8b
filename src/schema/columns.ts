// Messages as columns: one TypedArray a leaf field, so that a batch crosses a ring without an object a message.

import { article, MessageError, shown } from './error.js'
import { bf16Bits, bf16Value, f16Bits, f16Value } from './half.js'
import type { Layout, StructLayout } from './layout.js'
import { accessOf, indexOf, viewDeclarations } from './memory-text.js'
import type { Dtype } from './scalars.js'
import type { Fields, Struct } from './types.js'

/** Copies rows of columns to and from messages in one memory. */
export interface ColumnCodec {
  /** Zeroed columns for `count` messages. */
  allocate(count: number): Record<string, unknown>
  /** How many messages `columns` hold. @throws MessageError when a column is missing, of another type or of another length. */
  count(columns: unknown): number
  /** Copies row `row` into the message at `byteOffset`. `columns` must have passed `count`. */
  writeRow(byteOffset: number, columns: Record<string, unknown>, row: number): void
  /** Copies the message at `byteOffset` into row `row`. */
  readRow(byteOffset: number, columns: Record<string, unknown>, row: number): void
}

/** One column: a scalar field, with the arrays around it from the outside in. */
interface Leaf {
  readonly path: readonly string[]
  readonly dtype: Dtype
  readonly offset: number
  readonly dimensions: readonly { readonly length: number; readonly stride: number }[]
  readonly elements: number
}

type ColumnArray = ArrayLike<unknown> & ArrayBufferView
type ColumnConstructor = new (length: number) => ColumnArray

/** The column codec of a struct, to be bound to a memory. */
export function columnCodec(schema: Struct<Fields>, layout: StructLayout): (memory: ArrayBufferLike) => ColumnCodec {
  const leaves = leavesOf(layout, [], 0, [])
  return (memory) => {
    const make = new Function('memory', 'f16Bits', 'bf16Bits', 'f16Value', 'bf16Value', rowText(leaves)) as
      (...parts: unknown[]) => Pick<ColumnCodec, 'writeRow' | 'readRow'>
    return {
      allocate: (count) => allocateColumns(leaves, count),
      count: (columns) => countRows(schema.name, layout, leaves, columns),
      ...make(memory, f16Bits, bf16Bits, f16Value, bf16Value),
    }
  }
}

function leavesOf(layout: Layout, path: readonly string[], offset: number, dimensions: Leaf['dimensions']): Leaf[] {
  if (layout.kind === 'struct') return layout.fields.flatMap((field) => leavesOf(field.layout, [...path, field.name], offset + field.offset, dimensions))
  if (layout.kind === 'array') return leavesOf(layout.element, path, offset, [...dimensions, { length: layout.length, stride: layout.element.bytes }])
  const elements = dimensions.reduce((product, dimension) => product * dimension.length, 1)
  return [{ path, dtype: layout.dtype, offset, dimensions: joined(dimensions), elements }]
}

/** Arrays of arrays lie without gaps: one loop does for both. */
function joined(dimensions: Leaf['dimensions']): Leaf['dimensions'] {
  const result: { length: number; stride: number }[] = []
  for (const dimension of dimensions) {
    const outer = result.at(-1)
    if (outer && outer.stride === dimension.length * dimension.stride) result.splice(-1, 1, { length: outer.length * dimension.length, stride: dimension.stride })
    else result.push(dimension)
  }
  return result
}

function allocateColumns(leaves: readonly Leaf[], count: number): Record<string, unknown> {
  const columns: Record<string, unknown> = {}
  for (const leaf of leaves) {
    let group = columns
    for (const name of leaf.path.slice(0, -1)) {
      if (!Object.hasOwn(group, name)) define(group, name, {})
      group = group[name] as Record<string, unknown>
    }
    define(group, leaf.path.at(-1) ?? '', new (constructorOf(leaf.dtype))(count * leaf.elements))
  }
  return columns
}

/** Assigning `__proto__` would set the prototype. */
function define(group: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(group, name, { value, enumerable: true, writable: true, configurable: true })
}

function constructorOf(dtype: Dtype): ColumnConstructor {
  return globalThis[accessOf[dtype].array]
}

function countRows(schema: string, layout: StructLayout, leaves: readonly Leaf[], columns: unknown): number {
  checkGroups(schema, layout, columns, '')
  let count: number | undefined
  let first = ''
  for (const leaf of leaves) {
    const path = leaf.path.join('.')
    const column = leaf.path.reduce<unknown>((group, name) => (group as Record<string, unknown>)[name], columns)
    const expected = constructorOf(leaf.dtype)
    if (!(column instanceof expected)) {
      throw new MessageError(`Column ${schema}.${path} was given ${shown(column)}, expected ${article(expected.name)} ${expected.name}.`, { schema, path })
    }
    const rows = column.length / leaf.elements
    if (!Number.isInteger(rows)) {
      throw new MessageError(`Column ${schema}.${path} has ${column.length} elements, expected a multiple of ${leaf.elements}.`, { schema, path })
    }
    if (count !== undefined && rows !== count) {
      throw new MessageError(`Column ${schema}.${path} holds ${rows} messages, but column ${first} holds ${count}.`, { schema, path })
    }
    if (count === undefined) [count, first] = [rows, path]
  }
  return count ?? 0
}

/** Refuses columns that are no objects, and keys that are no fields. */
function checkGroups(schema: string, layout: StructLayout, group: unknown, path: string): void {
  const place = path === '' ? `Columns of ${schema}` : `Column ${schema}.${path}`
  if (typeof group !== 'object' || group === null) throw new MessageError(`${place} was given ${shown(group)}, expected an object of columns.`, { schema, path })
  for (const key in group) {
    if (!layout.fields.some((field) => field.name === key)) {
      const fields = layout.fields.map((field) => field.name).join(', ')
      throw new MessageError(`${place} has no field ${key}, expected only { ${fields} }.`, { schema, path: path === '' ? key : `${path}.${key}` })
    }
  }
  for (const field of layout.fields) {
    let inner = field.layout
    while (inner.kind === 'array') inner = inner.element
    if (inner.kind === 'struct') checkGroups(schema, inner, (group as Record<string, unknown>)[field.name], path === '' ? field.name : `${path}.${field.name}`)
  }
}

function rowText(leaves: readonly Leaf[]): string {
  return `'use strict'
${viewDeclarations}
return {
  writeRow(offset, columns, row) {${leaves.map((leaf) => `\n    ${leafText(leaf, 'write')}`).join('')}
  },
  readRow(offset, columns, row) {${leaves.map((leaf) => `\n    ${leafText(leaf, 'read')}`).join('')}
  },
}`
}

function leafText(leaf: Leaf, direction: 'write' | 'read'): string {
  const { view, shift, store, load } = accessOf[leaf.dtype]
  const column = `columns${leaf.path.map((name) => `[${JSON.stringify(name)}]`).join('')}`
  const copy = (place: string, from: string): string => direction === 'write' ? `m${view}[${place}] = ${store(from)}`
    : `${from} = ${leaf.dtype === 'bool' ? `m${view}[${place}]` : load(`m${view}[${place}]`)}`
  if (leaf.elements === 1) return copy(indexOf(shift, `offset + ${leaf.offset}`), `${column}[row]`)
  const outer = leaf.dimensions.slice(0, -1)
  const inner = leaf.dimensions.at(-1) ?? { length: 1, stride: 0 }
  const loops = outer.map((dimension, k) => `for (let k${k} = 0; k${k} < ${dimension.length}; k${k}++) `).join('')
  const start = `offset + ${leaf.offset}${outer.map((dimension, k) => ` + k${k} * ${dimension.stride}`).join('')}`
  const step = inner.stride >>> shift
  const place = step === 1 ? 'd + i' : `d + i * ${step}`
  return `{ const c = ${column}; let s = row * ${leaf.elements}; ${loops}{ const d = ${indexOf(shift, start)}; `
    + `for (let i = 0; i < ${inner.length}; i++) ${copy(place, 'c[s + i]')}; s += ${inner.length} } }`
}
