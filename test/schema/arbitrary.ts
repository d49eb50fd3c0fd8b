// Random schemas with values that fit them, and what must be read back: the specification is a TypedArray store and load of each leaf.
import fc from 'fast-check'
import { array, bf16, bool, f16, f32, f64, i16, i32, i64, i8, struct, u16, u32, u64, u8 } from '#ringlab/schema/index.js'
import type { Dtype, Field, Fields, Struct } from '#ringlab/schema/index.js'

export interface Case { readonly schema: Struct<Fields>; readonly value: Record<string, unknown>; readonly expected: Record<string, unknown> }

interface Sample { readonly value: unknown; readonly expected: unknown }
interface Kind { readonly field: Field; readonly samples: fc.Arbitrary<Sample> }

const numbers = fc.oneof(fc.double(), fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 255, 256, -129, 65504, 65520, 2 ** 31, 2 ** 32, 1e-8, 0.1))
const bigints = fc.oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.constantFrom(0n, -1n, 2n ** 63n, 2n ** 64n))

function through(make: new (values: number[]) => ArrayLike<number>): (value: number) => number {
  return (value) => new make([value])[0] ?? NaN
}

/** f16 and bf16 by search: the representable number nearest to the value, ties to the even one; found by scanning candidates around it. */
export function nearestHalf(value: number, fractionBits: number, bias: number): number {
  if (Number.isNaN(value) || !Number.isFinite(value)) return value
  const sign = value < 0 || Object.is(value, -0) ? -1 : 1
  const magnitude = Math.abs(value)
  let exponent = Math.max(1 - bias, magnitude === 0 ? 1 - bias : Math.floor(Math.log2(magnitude)))
  if (2 ** exponent > magnitude && exponent > 1 - bias) exponent--
  const unit = 2 ** (exponent - fractionBits)
  const steps = magnitude / unit
  const down = Math.floor(steps)
  const rest = steps - down
  const rounded = rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down
  const result = rounded * unit
  return sign * (result >= 2 ** (bias + 1) ? Infinity : result)
}

const scalars: readonly (readonly [Field, fc.Arbitrary<Sample>])[] = ([
  [i8, through(Int8Array)], [u8, through(Uint8Array)], [i16, through(Int16Array)], [u16, through(Uint16Array)], [i32, through(Int32Array)], [u32, through(Uint32Array)],
  [f32, through(Float32Array)], [f64, through(Float64Array)], [f16, (value: number) => nearestHalf(value, 10, 15)], [bf16, (value: number) => nearestHalf(value, 7, 127)],
] as const).map(([field, convert]) => [field, numbers.map((value) => ({ value, expected: convert(value) }))] as const)

const wide: typeof scalars = [
  [i64, bigints.map((value) => ({ value, expected: BigInt.asIntN(64, value) }))],
  [u64, bigints.map((value) => ({ value, expected: BigInt.asUintN(64, value) }))],
  [bool, fc.boolean().map((value) => ({ value, expected: value }))],
]

const scalarKind: fc.Arbitrary<Kind> = fc.constantFrom(...scalars, ...wide).map(([field, samples]) => ({ field, samples }))
const fieldName = fc.oneof(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/), fc.constantFrom('__proto__', 'constructor', 'toString', 'float', 'length', 'offset', 'value', 'hasOwnProperty', 'keys'))

function arrayKind(element: Kind, length: number): Kind {
  const samples = fc.array(element.samples, { minLength: length, maxLength: length }).map((list) => ({ value: list.map((one) => one.value), expected: typedArray(element.field, list.map((one) => one.expected)) }))
  return { field: array(element.field, length), samples }
}

/** Arrays of scalars read as TypedArrays of their type. */
function typedArray(field: Field, values: unknown[]): unknown {
  if (!('dtype' in field)) return values
  const constructors: Record<Dtype, new (values: never[]) => unknown> = { i8: Int8Array, u8: Uint8Array, i16: Int16Array, u16: Uint16Array, i32: Int32Array, u32: Uint32Array,
    i64: BigInt64Array, u64: BigUint64Array, f16: Float32Array, bf16: Float32Array, f32: Float32Array, f64: Float64Array, bool: Uint8Array }
  return new constructors[field.dtype]((field.dtype === 'bool' ? values.map(Number) : values) as never[])
}

let structs = 0
function structKind(members: readonly (readonly [string, Kind])[]): Kind {
  const unique = [...new Map(members)]
  const samples = fc.tuple(...unique.map(([, kind]) => kind.samples)).map((list) => ({
    value: Object.fromEntries(unique.map(([name], i) => [name, list[i]?.value])), expected: Object.fromEntries(unique.map(([name], i) => [name, list[i]?.expected])),
  }))
  return { field: struct(`S${structs++}`, Object.fromEntries(unique.map(([name, kind]) => [name, kind.field]))), samples }
}

const { root } = fc.letrec<{ root: Kind; field: Kind }>((tie) => ({
  field: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalarKind,
    fc.tuple(tie('field'), fc.integer({ min: 1, max: 5 })).map(([element, length]) => arrayKind(element, length)),
    fc.tuple(scalarKind, fc.constantFrom(47, 48, 64, 100)).map(([element, length]) => arrayKind(element, length)),
    fc.array(fc.tuple(fieldName, tie('field')), { minLength: 1, maxLength: 4 }).map(structKind)),
  root: fc.array(fc.tuple(fieldName, tie('field')), { minLength: 1, maxLength: 6 }).map(structKind),
}))

/** A schema of any shape. */
export const anyStruct: fc.Arbitrary<Struct<Fields>> = root.map((kind) => kind.field as Struct<Fields>)

/** A schema of any shape with a value and what it must read back as. */
export const anyCase: fc.Arbitrary<Case> = root.chain((kind) => kind.samples.map(({ value, expected }) => ({
  schema: kind.field as Struct<Fields>, value: value as Record<string, unknown>, expected: expected as Record<string, unknown>,
})))
