// Values by their bits: where two messages of one schema, or two elements of a buffer, first differ, and in how many scalars.
import { inspect, isDeepStrictEqual } from 'node:util'
import { elementsOf, isStruct, layoutOf, structCodec, type Element, type Fields, type Layout, type ScalarElement, type Schema, type Struct } from '../schema/index.js'

/** A scalar in two versions. */
export interface BitDifference {
  /** `position.x`, `values[3]`; empty where the value is the scalar itself. */
  readonly path: string
  readonly values: readonly [unknown, unknown]
  /** `0x3fd3333333333333`; undefined of values that have no fixed bytes. */
  readonly bits: readonly [string, string] | undefined
}

export interface Compared { readonly scalars: number; readonly differing: number; readonly first: BitDifference | undefined }

/** Compares messages of `schema`. */
export function comparedMessages(schema: Schema): (a: unknown, b: unknown) => Compared {
  if (schema.kind !== 'struct') return (a, b) => (isDeepStrictEqual(a, b) ? { scalars: 1, differing: 0, first: undefined } : { scalars: 1, differing: 1, first: { path: '', values: [a, b], bits: undefined } })
  const codec = structCodec(schema as Struct<Fields>)
  const layout = layoutOf(schema as Struct<Fields>)
  const bytesOf = (value: unknown): Uint8Array => {
    const memory = new Uint8Array(Math.ceil(codec.bytes / 16) * 16)
    codec.bind(memory.buffer).write(0, value)
    return memory
  }
  return (a, b) => compared(layout, [bytesOf(a), bytesOf(b)], [a, b])
}

/** Compares two buffers of `count` elements that lie in these memories from their beginning on. */
export function comparedBuffers(element: Element, a: SharedArrayBuffer, b: SharedArrayBuffer, count: number): Compared {
  const layout: Layout = isStruct(element) ? layoutOf(element) : { kind: 'scalar', dtype: (element as ScalarElement).dtype, bytes: element.bytes, align: element.bytes }
  return compared({ kind: 'array', element: layout, length: count, bytes: element.bytes * count, align: layout.align }, [new Uint8Array(a), new Uint8Array(b)], [elementsOf(element, a, 0, count), elementsOf(element, b, 0, count)])
}

function compared(layout: Layout, bytes: readonly [Uint8Array, Uint8Array], values: readonly [unknown, unknown]): Compared {
  let scalars = 0
  let differing = 0
  let first: BitDifference | undefined
  walk(layout, 0, '', values, (offset, size, path, leaf) => {
    scalars++
    const [a, b] = [bitsAt(bytes[0], offset, size), bitsAt(bytes[1], offset, size)]
    if (a === b) return
    differing++
    first ??= { path, values: leaf(), bits: [a, b] }
  })
  return { scalars, differing, first }
}

type Leaf = (offset: number, bytes: number, path: string, values: () => readonly [unknown, unknown]) => void

function walk(layout: Layout, offset: number, path: string, values: readonly [unknown, unknown], leaf: Leaf): void {
  const inside = (key: string | number): readonly [unknown, unknown] => [(values[0] as Record<string | number, unknown>)[key], (values[1] as Record<string | number, unknown>)[key]]
  switch (layout.kind) {
    case 'scalar': leaf(offset, layout.bytes, path, () => values); return
    case 'array': for (let i = 0; i < layout.length; i++) walk(layout.element, offset + i * layout.element.bytes, `${path}[${i}]`, inside(i), leaf); return
    case 'struct': for (const field of layout.fields) walk(field.layout, offset + field.offset, path === '' ? field.name : `${path}.${field.name}`, inside(field.name), leaf)
  }
}

/** Most significant digit first. */
function bitsAt(bytes: Uint8Array, offset: number, size: number): string { return `0x${Buffer.from(bytes.slice(offset, offset + size).reverse()).toString('hex')}` }

/** `0.1 + 0.2 = 0.30000000000000004`: every digit counts. */
export function exactText(value: unknown): string { return inspect(value, { breakLength: Infinity, compact: true, maxArrayLength: 8, maxStringLength: 60, depth: 3 }) }
