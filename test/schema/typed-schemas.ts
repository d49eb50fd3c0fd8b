// Programs for the type checker: valid ones, and misuses that must be errors. Compiled by types.test.ts, never run.
import { array, bf16, bool, f16, f32, f64, i32, i64, i8, message, struct, u16, u32, u64, u8, viewOf } from '#ringlab/schema/index.js'
import type { Columns, Infer, Init, Struct } from '#ringlab/schema/index.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
function holds<_T extends true>(): void { /* checked by the compiler */ }

const Point = struct('Point', { x: f32, y: f32 })
export const All = struct('All', {
  a: u8, b: i64, c: bool, d: f16, e: array(f32, 3), f: array(u64, 2), g: array(bool, 2), h: Point, i: array(Point, 2), j: array(array(u16, 2), 3), k: array(bf16, 2),
})
type Read = Infer<typeof All>
holds<Equal<Read['e'], Float32Array>>()
holds<Equal<Read['f'], BigUint64Array>>()
holds<Equal<Read['g'], Uint8Array>>()
holds<Equal<Read['j'], Uint16Array[]>>()
holds<Equal<Read['k'], Float32Array>>()
holds<Equal<Read['c'], boolean>>()
holds<Equal<Infer<typeof Point>, Infer<Struct<{ x: typeof f32; y: typeof f32 }>>>>()
export const coordinate: number = ({} as Read).i[0]?.x ?? 0

// What is read may be written back, and arrays and TypedArrays alike are written.
export const echo = (read: Read): Init<typeof All> => read
export const plain: Init<typeof All> = {
  a: 1, b: -1n, c: true, d: 0.5, e: [1, 2, 3], f: [1n, 2n], g: [true, false], h: { x: 1, y: 2 }, i: [{ x: 1, y: 2 }, { x: 3, y: 4 }], j: [[1, 2], new Uint16Array(2), [5, 6]], k: [1, 2],
}

// Storage types: what fits without loss passes, what does not asks for a conversion.
const small = u8(7)
export const wider: Init<typeof Point> = { x: small, y: f32(0.1) }
export const converted: Init<Struct<{ n: typeof u32 }>> = { n: u32(f32(1.5)) }
export const exact = f64(i32(3))
export const big: bigint = i64(5n)

export const columns = {} as Columns<typeof All>
holds<Equal<typeof columns.e, Float32Array>>()
holds<Equal<typeof columns.h.x, Float32Array>>()
holds<Equal<typeof columns.i.y, Float32Array>>()
holds<Equal<typeof columns.j, Uint16Array>>()

const view = viewOf(struct('State', { n: u32, last: Point }), new SharedArrayBuffer(64), 0)
view.n++
view.last.x = 2

const Text = message<{ data: string }>('Text')
holds<Equal<Infer<typeof Text>, { data: string }>>()

// ── misuses ──
// @ts-expect-error a field is no scalar
struct('S', { a: 5 })
// @ts-expect-error a message is no field
struct('S', { a: Text })
// @ts-expect-error a length is missing
array(f32)
// @ts-expect-error a string is no number
export const wrongType: Init<typeof Point> = { x: 'a', y: 1 }
// @ts-expect-error a field is missing
export const missing: Init<typeof Point> = { x: 1 }
// @ts-expect-error an unknown field
export const unknown: Init<typeof Point> = { x: 1, y: 2, z: 3 }
// @ts-expect-error a number for a bigint
export const notBig: Init<Struct<{ n: typeof u64 }>> = { n: 1 }
// @ts-expect-error a bigint for a number
export const tooBig: Init<Struct<{ n: typeof u32 }>> = { n: 1n }
// @ts-expect-error an f32 does not fit a u32 without loss: write u32(x)
export const lossy: Init<Struct<{ n: typeof u32 }>> = { n: f32(1.5) }
// @ts-expect-error a u32 does not fit an i8
export const narrow: Init<Struct<{ n: typeof i8 }>> = { n: u32(300) }
// @ts-expect-error a number is no array
export const notArray: Init<Struct<{ e: ReturnType<typeof array<typeof f32>> }>> = { e: 1 }
// @ts-expect-error a conversion of a bigint takes a bigint
u64(1)
// @ts-expect-error bool converts nothing
bool(1)
// @ts-expect-error a message of another shape
export const wrongMessage: Infer<typeof Text> = { data: 1 }
// @ts-expect-error a name is missing
struct({ a: u8 })
// @ts-expect-error a schema is read-only
Point.name = 'Other'
