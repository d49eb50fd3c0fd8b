// The lines of generated code that load and store one scalar in a typed-array view. Text only; nothing is evaluated here.

import type { Dtype } from './scalars.js'

/** The TypedArrays that every supported Node has. */
export type ArrayName = 'Int8Array' | 'Uint8Array' | 'Int16Array' | 'Uint16Array' | 'Int32Array' | 'Uint32Array' | 'BigInt64Array' | 'BigUint64Array' | 'Float32Array' | 'Float64Array'

interface Access {
  /** The global typed array whose elements hold this scalar; also the name of the view in generated code. */
  readonly view: ArrayName
  readonly shift: 0 | 1 | 2 | 3
  /** The TypedArray that arrays and columns of this scalar are. */
  readonly array: ArrayName
  readonly store: (value: string) => string
  readonly load: (element: string) => string
}

const same = { store: (value: string) => value, load: (element: string) => element }

/** How each scalar lies in memory. */
export const accessOf: Readonly<Record<Dtype, Access>> = {
  i8: { view: 'Int8Array', array: 'Int8Array', shift: 0, ...same },
  u8: { view: 'Uint8Array', array: 'Uint8Array', shift: 0, ...same },
  i16: { view: 'Int16Array', array: 'Int16Array', shift: 1, ...same },
  u16: { view: 'Uint16Array', array: 'Uint16Array', shift: 1, ...same },
  i32: { view: 'Int32Array', array: 'Int32Array', shift: 2, ...same },
  u32: { view: 'Uint32Array', array: 'Uint32Array', shift: 2, ...same },
  i64: { view: 'BigInt64Array', array: 'BigInt64Array', shift: 3, ...same },
  u64: { view: 'BigUint64Array', array: 'BigUint64Array', shift: 3, ...same },
  f16: { view: 'Uint16Array', array: 'Float32Array', shift: 1, store: (value) => `f16Bits(${value})`, load: (element) => `f16Value(${element})` },
  bf16: { view: 'Uint16Array', array: 'Float32Array', shift: 1, store: (value) => `bf16Bits(${value})`, load: (element) => `bf16Value(${element})` },
  f32: { view: 'Float32Array', array: 'Float32Array', shift: 2, ...same },
  f64: { view: 'Float64Array', array: 'Float64Array', shift: 3, ...same },
  bool: { view: 'Uint8Array', array: 'Uint8Array', shift: 0, store: (value) => `(${value} ? 1 : 0)`, load: (element) => `${element} !== 0` },
}

/** Declares the views named by `accessOf`, over a variable `memory`. A memory's last odd bytes are out of reach of wide views. */
export const viewDeclarations = [...new Set(Object.values(accessOf).map((access) => access.view))]
  .map((view) => `const m${view} = new ${view}(memory, 0, Math.floor(memory.byteLength / ${view}.BYTES_PER_ELEMENT))`).join('\n')

/** `m<View>[index]` for the byte offset `offset` (generated expression). */
export function elementAt(dtype: Dtype, offset: string): string {
  const { view, shift } = accessOf[dtype]
  return `m${view}[${indexOf(shift, offset)}]`
}

/** The view's index of a byte offset. `>>>` reaches 4 GiB, all that an arena may be. */
export function indexOf(shift: number, offset: string): string {
  return shift === 0 ? offset : `(${offset}) >>> ${shift}`
}

/** Whether a scalar's elements can be copied by the engine as they are. */
export function isPlain(dtype: Dtype): boolean {
  return accessOf[dtype].view === accessOf[dtype].array && dtype !== 'bool'
}
