// The elements of one block of memory as an array: a TypedArray where JavaScript has one of that type, else an object that behaves as an array and reads
// and writes the memory itself. For buffers, of which there may be millions of elements: nothing is made an element before it is asked for.

import { inspect } from 'node:util'
import { structCodec } from './codec.js'
import { isStruct } from './define.js'
import { MessageError, shown } from './error.js'
import { bf16Bits, bf16Value, f16Bits, f16Value } from './half.js'
import { accessOf, isPlain } from './memory-text.js'
import type { Dtype, Scalar } from './scalars.js'
import type { ArrayOf, Element, Fields, Infer, Struct } from './types.js'
import { viewOf } from './view.js'

/** Any TypedArray that elements may be read as. */
export type ScalarArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array

/**
 * `count` elements from byte `offset` of `memory` on, live: a TypedArray for scalars (bool as Uint8Array); for f16, bf16 and structs an array-like with the
 * methods of arrays. As in a TypedArray, what lies outside reads as undefined and writes nothing.
 */
export function elementsOf<E extends Element>(element: E, memory: ArrayBufferLike, offset: number, count: number): Infer<ArrayOf<E>> {
  if (isStruct(element)) return arrayLike(structAccess(element, memory, offset), count, (from, to) => elementsOf(element, memory, offset + from * element.bytes, to - from)) as Infer<ArrayOf<E>>
  const { dtype, bytes } = element as unknown as Scalar<number, Float32Array>
  if (isPlain(dtype) || dtype === 'bool') return new (globalThis[accessOf[dtype].view])(memory as ArrayBuffer, offset, count) as Infer<ArrayOf<E>>
  return arrayLike(halfAccess(dtype, memory, offset, count), count, (from, to) => elementsOf(element, memory, offset + from * bytes, to - from)) as Infer<ArrayOf<E>>
}

/** A new array of the kind that `count` scalars are read as, from byte `offset` of `memory` on: f16 and bf16 as Float32Array. */
export function scalarArray(dtype: Dtype, memory: ArrayBufferLike, offset: number, count: number): ScalarArray { return new (globalThis[accessOf[dtype].array])(memory as ArrayBuffer, offset, count) }

/** Is `array` of the kind that scalars of this type are read as, and does it hold their own bytes? So it is for all but f16 and bf16. */
export function holdsScalars(dtype: Dtype, array: ArrayBufferView): array is ScalarArray {
  return narrowing(dtype) === undefined && (array as Uint8Array)[Symbol.toStringTag] as string === accessOf[dtype].array
}

/** Bytes an element of `scalarArray` takes. */
export function scalarArrayBytes(dtype: Dtype): number { return globalThis[accessOf[dtype].array].BYTES_PER_ELEMENT }

/** Rounds numbers to a 16-bit format in place, and writes its bits; undefined for types whose arrays hold their own bytes. */
export function narrowing(dtype: Dtype): { readonly pack: (values: Float32Array, bits: Uint16Array) => void; readonly unpack: (bits: Uint16Array, values: Float32Array) => void } | undefined {
  if (dtype !== 'f16' && dtype !== 'bf16') return undefined
  const [bitsOf, valueOf] = dtype === 'f16' ? [f16Bits, f16Value] : [bf16Bits, bf16Value]
  return {
    pack: (values, bits) => { for (let i = 0; i < values.length; i++) { const packed = bitsOf(values[i] as number); bits[i] = packed; values[i] = valueOf(packed) } },
    unpack: (bits, values) => { for (let i = 0; i < bits.length; i++) values[i] = valueOf(bits[i] as number) },
  }
}

interface Access { readonly get: (index: number) => unknown; readonly set: (index: number, value: unknown) => void; readonly plain: (index: number) => unknown }

function halfAccess(dtype: Dtype, memory: ArrayBufferLike, offset: number, count: number): Access {
  const bits = new Uint16Array(memory, offset, count)
  const [bitsOf, valueOf] = dtype === 'f16' ? [f16Bits, f16Value] : [bf16Bits, bf16Value]
  const get = (index: number): unknown => valueOf(bits[index] as number)
  return {
    get, plain: get,
    set: (index, value) => {
      if (typeof value !== 'number') throw new MessageError(`Element ${index} was given ${shown(value)}, expected a number (${dtype}).`, { schema: dtype })
      bits[index] = bitsOf(value)
    },
  }
}

function structAccess(element: Struct<Fields>, memory: ArrayBufferLike, offset: number): Access {
  const codec = structCodec(element).bind(memory)
  const at = (index: number): number => offset + index * element.bytes
  // One at a time: what a loop touches again is what it touched last.
  let last = -1
  let view: unknown
  return {
    get: (index) => { if (index !== last) { view = viewOf(element, memory, at(index)); last = index } return view },
    set: (index, value) => { codec.write(at(index), value) },
    plain: (index) => codec.read(at(index)),
  }
}

/** Elements that printing shows. */
const PRINTED_MAX = 100

function arrayLike(access: Access, count: number, part: (from: number, to: number) => unknown): unknown {
  const indexOf = (key: string | symbol): number => (typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key) ? Number(key) : -1)
  const target: unknown[] = []
  const extra: Record<string, unknown> = {
    subarray: (from = 0, to = count) => part(Math.min(Math.max(from, 0), count), Math.min(Math.max(from, to), count)),
    set: (values: ArrayLike<unknown>, from = 0) => { for (let i = 0; i < values.length && from + i < count; i++) access.set(from + i, values[i]) },
  }
  Object.defineProperty(target, inspect.custom, { value: () => {
    const shownElements = Array.from({ length: Math.min(count, PRINTED_MAX) }, (_, i) => access.plain(i))
    return count > PRINTED_MAX ? [...shownElements, `… ${count - PRINTED_MAX} more`] : shownElements
  } })
  return new Proxy(target, {
    get(_, key, receiver) {
      const index = indexOf(key)
      if (index >= 0) return index < count ? access.get(index) : undefined
      if (key === 'length') return count
      return typeof key === 'string' && Object.hasOwn(extra, key) ? extra[key] : Reflect.get(target, key, receiver) as unknown
    },
    set(_, key, value) {
      const index = indexOf(key)
      if (index < 0) return false
      if (index < count) access.set(index, value)
      return true
    },
    has: (_, key) => { const index = indexOf(key); return index >= 0 ? index < count : key === 'length' || Reflect.has(target, key) },
    deleteProperty: () => false,
    defineProperty: () => false,
  })
}
