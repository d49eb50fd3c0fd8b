// The scalar types: each is a value (describes a field, and converts when called) and a type of the same name.
// No layout, no codec here.

import { bf16Bits, bf16Value, f16Bits, f16Value } from './half.js'

/** The storage types a field can have. */
export type Dtype = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f16' | 'bf16' | 'f32' | 'f64' | 'bool'

/**
 * A number with the storage types it fits without loss as an optional brand: `u8` → `u32` → `f64` passes the checker,
 * `f32` → `u32` is an error (write `u32(x)`). Plain numbers always pass, and convert as a TypedArray store does.
 */
export type Num<D extends string> = number & { readonly __dtype?: D }
/** An integer 0 … 255. */
export type u8 = Num<'u8'>
/** An integer 0 … 65,535. */
export type u16 = Num<'u16' | 'u8'>
/** An integer 0 … 4,294,967,295. */
export type u32 = Num<'u32' | 'u16' | 'u8'>
/** An integer −128 … 127. */
export type i8 = Num<'i8'>
/** An integer −32,768 … 32,767. */
export type i16 = Num<'i16' | 'i8' | 'u8'>
/** An integer −2³¹ … 2³¹ − 1. */
export type i32 = Num<'i32' | 'i16' | 'u16' | 'i8' | 'u8'>
/** An IEEE binary16 number, rounded once from the JavaScript number. */
export type f16 = Num<'f16' | 'i8' | 'u8'>
/** A bfloat16 number (the top half of an f32), rounded once from the JavaScript number. */
export type bf16 = Num<'bf16' | 'i8' | 'u8'>
/** An IEEE binary32 number. */
export type f32 = Num<'f32' | 'f16' | 'bf16' | 'i16' | 'u16' | 'i8' | 'u8'>
/** An IEEE binary64 number: what a JavaScript number is. */
export type f64 = Num<'f64' | 'f32' | 'f16' | 'bf16' | 'i32' | 'u32' | 'i16' | 'u16' | 'i8' | 'u8'>
/** A bigint 0 … 2⁶⁴ − 1. */
export type u64 = bigint & { readonly __dtype?: 'u64' }
/** A bigint −2⁶³ … 2⁶³ − 1. */
export type i64 = bigint & { readonly __dtype?: 'i64' }

/** A scalar type: call it to convert a value as storing it into a TypedArray of that type would. */
export interface Scalar<V, A> {
  (value: V extends bigint ? bigint : number): V
  readonly dtype: Dtype
  /** Size in bytes; also its alignment. */
  readonly bytes: number
  readonly _value?: V
  readonly _array?: A
}
export interface I8 extends Scalar<i8, Int8Array> {}
export interface U8 extends Scalar<u8, Uint8Array> {}
export interface I16 extends Scalar<i16, Int16Array> {}
export interface U16 extends Scalar<u16, Uint16Array> {}
export interface I32 extends Scalar<i32, Int32Array> {}
export interface U32 extends Scalar<u32, Uint32Array> {}
export interface I64 extends Scalar<i64, BigInt64Array> {}
export interface U64 extends Scalar<u64, BigUint64Array> {}
/** Arrays of f16 read as Float32Array, which holds every f16 exactly: Node 20 has no Float16Array. */
export interface F16 extends Scalar<f16, Float32Array> {}
/** Arrays of bf16 read as Float32Array, which holds every bf16 exactly. */
export interface BF16 extends Scalar<bf16, Float32Array> {}
export interface F32 extends Scalar<f32, Float32Array> {}
export interface F64 extends Scalar<f64, Float64Array> {}
/** true or false in one byte, 1 or 0. Arrays of it read as Uint8Array. */
export interface Bool {
  readonly dtype: 'bool'
  readonly bytes: 1
  readonly _value?: boolean
  readonly _array?: Uint8Array
}

/** 8-bit signed integer field; `i8(200)` is −56, as an Int8Array stores it. */
export const i8: I8 = scalar('i8', 1, (value: number) => (value << 24) >> 24)
/** 8-bit unsigned integer field; `u8(-1)` is 255, as a Uint8Array stores it. */
export const u8: U8 = scalar('u8', 1, (value: number) => value & 0xff)
/** 16-bit signed integer field; converts as an Int16Array store does. */
export const i16: I16 = scalar('i16', 2, (value: number) => (value << 16) >> 16)
/** 16-bit unsigned integer field; converts as a Uint16Array store does. */
export const u16: U16 = scalar('u16', 2, (value: number) => value & 0xffff)
/** 32-bit signed integer field; `i32(x)` is `x | 0`. */
export const i32: I32 = scalar('i32', 4, (value: number) => value | 0)
/** 32-bit unsigned integer field; `u32(x)` is `x >>> 0`. Example: `struct('Request', { id: u32 })`. */
export const u32: U32 = scalar('u32', 4, (value: number) => value >>> 0)
/** 64-bit signed integer field, a bigint; converts as a BigInt64Array store does. */
export const i64: I64 = scalar('i64', 8, (value: bigint) => BigInt.asIntN(64, value))
/** 64-bit unsigned integer field, a bigint; converts as a BigUint64Array store does. */
export const u64: U64 = scalar('u64', 8, (value: bigint) => BigInt.asUintN(64, value))
/** 16-bit float field (IEEE binary16); rounded once from the JavaScript number: `f16(0.1)` is 0.0999755859375. */
export const f16: F16 = scalar('f16', 2, (value: number) => f16Value(f16Bits(value)))
/** 16-bit float field (bfloat16); rounded once from the JavaScript number. */
export const bf16: BF16 = scalar('bf16', 2, (value: number) => bf16Value(bf16Bits(value)))
/** 32-bit float field; `f32(x)` is `Math.fround(x)`. */
export const f32: F32 = scalar('f32', 4, (value: number) => Math.fround(value))
/** 64-bit float field; `f64(x)` is `x` as a number. */
export const f64: F64 = scalar('f64', 8, Number)
/** A field that is true or false. */
export const bool: Bool = Object.freeze({ dtype: 'bool', bytes: 1 } as const)

/** Every scalar type by its name; a structured-clonable schema text names them so. */
export const scalarsByName: Readonly<Record<Dtype, Scalar<any, any> | Bool>> =
  Object.freeze({ i8, u8, i16, u16, i32, u32, i64, u64, f16, bf16, f32, f64, bool })

function scalar<V, S, A>(dtype: Dtype, bytes: number, convert: (value: V) => V): Scalar<S, A> {
  const described = Object.defineProperties(convert, { name: { value: dtype }, dtype: { value: dtype, enumerable: true }, bytes: { value: bytes, enumerable: true } })
  return Object.freeze(described) as unknown as Scalar<S, A>
}
