// Scalars in bytes, read and written as the typed representation words it, by JavaScript's own DataView.
import { bf16Bits, bf16Value, f16Bits, f16Value } from '#ringlab/schema/half.js'
import type { Place } from '../../src/compiler/ir.js'
import type { Dtype } from '../../src/schema/index.js'
import type { Value } from './operations.js'

export function readScalar(bytes: Uint8Array, at: number, dtype: Dtype): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at)
  switch (dtype) {
    case 'i8': return view.getInt8(0)
    case 'u8': return view.getUint8(0)
    case 'i16': return view.getInt16(0, true)
    case 'u16': return view.getUint16(0, true)
    case 'i32': return view.getInt32(0, true)
    case 'u32': return view.getUint32(0, true)
    case 'i64': return view.getBigInt64(0, true)
    case 'u64': return view.getBigUint64(0, true)
    case 'f16': return f16Value(view.getUint16(0, true))
    case 'bf16': return bf16Value(view.getUint16(0, true))
    case 'f32': return view.getFloat32(0, true)
    case 'f64': return view.getFloat64(0, true)
    case 'bool': return view.getUint8(0) !== 0
  }
}

export function writeScalar(bytes: Uint8Array, at: number, dtype: Dtype, value: Value): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at)
  if (typeof value === 'boolean') view.setUint8(0, value ? 1 : 0)
  else if (typeof value === 'bigint') {
    if (dtype === 'i64') view.setBigInt64(0, value, true)
    else view.setBigUint64(0, value, true)
  } else writeNumber(view, dtype, value)
}

/** DataView's setters convert as a TypedArray store does. All NaNs are stored as one, because their bits are the engine's choice. */
function writeNumber(view: DataView, dtype: Dtype, value: number): void {
  switch (dtype) {
    case 'i8': case 'u8': case 'bool': view.setUint8(0, value); return
    case 'i16': case 'u16': view.setUint16(0, value, true); return
    case 'i32': case 'u32': view.setUint32(0, value, true); return
    case 'f16': view.setUint16(0, f16Bits(value), true); return
    case 'bf16': view.setUint16(0, bf16Bits(value), true); return
    case 'f32': if (Number.isNaN(value)) view.setUint32(0, 0x7fc0_0000, true); else view.setFloat32(0, value, true); return
    case 'f64': if (Number.isNaN(value)) view.setBigUint64(0, 0x7ff8_0000_0000_0000n, true); else view.setFloat64(0, value, true); return
    case 'i64': case 'u64': throw new Error(`a number is stored as ${dtype}`)
  }
}

export function sizeOf(place: Place): number { return place.layout.bytes }

/** Bytes that nobody wrote: a pattern that is no small number in any type. */
export function poison(bytes: Uint8Array): Uint8Array { return bytes.fill(0xdb) }
