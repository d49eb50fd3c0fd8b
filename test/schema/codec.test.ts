// Structs in bytes: what is written is what a TypedArray would hold, nothing else is touched, and what does not fit is refused by name.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { array, bf16, bool, cudaStruct, describeSchema, f16, f32, f64, layoutOf, MessageError, schemaFrom, struct, structCodec, u32, u64, u8, viewOf } from '#ringlab/schema/index.js'
import type { Fields, Struct } from '#ringlab/schema/index.js'
import { anyCase, anyStruct, nearestHalf } from './arbitrary.js'

const Request = struct('Request', { id: u32, values: array(f32, 3), inner: struct('Inner', { big: u64, flags: array(bool, 2) }) })
const request = { id: 1, values: [1, 2, 3], inner: { big: 1n, flags: [true, false] } }

function bound(schema: Struct<Fields>, guardBytes = 64): { codec: ReturnType<ReturnType<typeof structCodec>['bind']>; memory: SharedArrayBuffer; offset: number } {
  const { bytes, align } = structCodec(schema)
  const offset = Math.ceil(guardBytes / align) * align
  const memory = new SharedArrayBuffer(offset + bytes + guardBytes)
  return { codec: structCodec(schema).bind(memory), memory, offset }
}

describe('any schema and any value', () => {
  test('reads back as TypedArrays would, as a private copy', () => {
    fc.assert(fc.property(anyCase, ({ schema, value, expected }) => {
      const { codec, memory, offset } = bound(schema)
      codec.write(offset, value)
      const copy = codec.read(offset)
      expect(copy).toEqual(expected)
      new Uint8Array(memory).fill(0xa5)
      expect(copy).toEqual(expected)
    }), { numRuns: 400 })
  })

  test('a write touches no byte outside its own', () => {
    fc.assert(fc.property(anyCase, ({ schema, value }) => {
      const { codec, memory, offset } = bound(schema)
      const bytes = new Uint8Array(memory).fill(0xa5)
      codec.write(offset, value)
      const end = offset + structCodec(schema).bytes
      expect([...bytes.subarray(0, offset), ...bytes.subarray(end)].every((byte) => byte === 0xa5)).toBe(true)
    }), { numRuns: 150 })
  })

  test('survives columns: allocate, fill from messages, write to others', () => {
    fc.assert(fc.property(anyCase, ({ schema, value, expected }) => {
      const { codec, memory, offset } = bound(schema)
      codec.write(offset, value)
      const columns = structCodec(schema).bindColumns(memory)
      const table = columns.allocate(3)
      expect(columns.count(table)).toBe(3)
      columns.readRow(offset, table, 1)
      new Uint8Array(memory).fill(0)
      columns.writeRow(offset, table, 1)
      expect(codec.read(offset)).toEqual(expected)
    }), { numRuns: 200 })
  })

  test('is read and written by a view as by the codec', () => {
    fc.assert(fc.property(anyCase, ({ schema, value, expected }) => {
      const { codec, memory, offset } = bound(schema)
      Object.assign(viewOf(schema, memory, offset), value)
      expect(codec.read(offset)).toEqual(expected)
      const other = bound(schema)
      other.codec.write(other.offset, viewOf(schema, memory, offset))
      expect(other.codec.read(other.offset)).toEqual(expected)
    }), { numRuns: 150 })
  })

  test('is rebuilt from its description with the same layout', () => {
    fc.assert(fc.property(anyStruct, (schema) => {
      expect(layoutOf(schemaFrom(structuredClone(describeSchema(schema))) as Struct<Fields>)).toEqual(layoutOf(schema))
    }), { numRuns: 100 })
  })
})

test('offsets, sizes and alignments are those of g++', ({ skip }) => {
  const compiler = ['g++', 'c++', 'clang++'].find((name) => { try { execFileSync(name, ['--version'], { stdio: 'ignore' }); return true } catch { return false } })
  if (compiler === undefined) return skip('no C++ compiler on this machine: the layouts are asserted nowhere')
  const schemas = fc.sample(anyStruct, { numRuns: 150, seed: 7 })
  // Each in a namespace of its own, as names repeat.
  const text = schemas.map((schema, i) => `namespace n${i} {\n${cudaStruct(schema)}\n}`).join('\n')
  const folder = mkdtempSync(join(tmpdir(), 'ringlab-layout-'))
  try {
    writeFileSync(join(folder, 'layout.cpp'), text)
    execFileSync(compiler, ['-std=c++17', '-fsyntax-only', join(folder, 'layout.cpp')], { stdio: 'pipe' })
    writeFileSync(join(folder, 'wrong.cpp'), cudaStruct(Request).replace(/== 4,/, '== 8,'))
    expect(() => execFileSync(compiler, ['-std=c++17', '-fsyntax-only', join(folder, 'wrong.cpp')], { stdio: 'pipe' })).toThrow(/Request.values/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('f16 and bf16 are rounded once, to nearest, ties to even', () => {
  fc.assert(fc.property(fc.oneof(fc.double(), fc.float(), fc.double({ min: -1e5, max: 1e5 }), fc.double({ min: -1e-4, max: 1e-4 })), (value) => {
    expect(f16(value)).toBe(nearestHalf(value, 10, 15))
    expect(bf16(value)).toBe(nearestHalf(value, 7, 127))
  }), { numRuns: 5000 })
  // Through f32 first this would be a tie, and round down.
  const nearTie = 1 + 2 ** -11 + 2 ** -40
  expect(f16(nearTie)).toBe(1 + 2 ** -10)
  expect(f16(Math.fround(nearTie))).toBe(1)
  expect([f16(65519.99), f16(65520), f16(2 ** -25), f16(2 ** -25 * 1.0001)]).toEqual([65504, Infinity, 0, 2 ** -24])
})

describe('a value that does not fit is refused in one sentence', () => {
  const cases: [string, unknown, string][] = [
    ['no object', 5, 'Request was given 5, expected an object with { id, values, inner }.'],
    ['null', null, 'Request was given null, expected an object with { id, values, inner }.'],
    ['a missing field', { id: 1, values: [1, 2, 3] }, 'Request.inner is missing, expected an object with { big, flags }.'],
    ['a wrong type', { ...request, id: '1' }, 'Request.id was given "1", expected a number (u32).'],
    ['a number for a bigint', { ...request, inner: { big: 1, flags: [true, true] } }, 'Request.inner.big was given 1, expected a bigint (u64), such as 1n.'],
    ['an unknown field', { ...request, extra: 1 }, 'Request.extra is no field of Request, expected only { id, values, inner }.'],
    ['an unknown field inside', { ...request, inner: { ...request.inner, x: 1 } }, 'Request.inner.x is no field of Inner, expected only { big, flags }.'],
    ['a short array', { ...request, values: [1, 2] }, 'Request.values has 2 elements, expected 3 elements of f32.'],
    ['a string for an array', { ...request, values: 'abc' }, 'Request.values was given "abc", expected 3 elements of f32.'],
    ['a hole', { ...request, values: new Array<number>(3) }, 'Request.values[0] was given undefined, expected a number (f32).'],
    ['a wrong element', { ...request, values: [1, {}, 3] }, 'Request.values[1] was given an object, expected a number (f32).'],
    ['a string in an array of bool', { ...request, inner: { big: 1n, flags: [true, 'x'] } }, 'Request.inner.flags[1] was given "x", expected true or false.'],
  ]
  test.each(cases)('%s', (_name, value, message) => {
    const { codec, memory, offset } = bound(Request)
    expect(() => { codec.write(offset, value) }).toThrow(expect.objectContaining({ name: 'MessageError', message }))
    expect(() => { codec.write(offset, request) }).not.toThrow()
    expect(memory.byteLength).toBeGreaterThan(0)
  })

  test('with a trace that begins at the caller, and nothing listed twice', () => {
    const { codec, offset } = bound(Request)
    const caller = (): unknown => { try { codec.write(offset, {}); return undefined } catch (error) { return error } }
    const error = caller() as Error
    expect(error.stack?.split('\n')[1]).toContain('caller')
    expect(Object.keys(error)).toEqual([])
  })

  test('an array too long for the engine to loop over is refused alike', () => {
    const Long = struct('Long', { data: array(f64, 64) })
    const { codec, offset } = bound(Long)
    expect(() => { codec.write(offset, { data: new Float64Array(63) }) }).toThrow('Long.data has 63 elements, expected 64 elements of f64.')
    expect(() => { codec.write(offset, { data: new BigInt64Array(64) }) }).toThrow('Long.data[0] was given 0n, expected a number (f64).')
    codec.write(offset, { data: new Uint8Array(64).fill(7) })
    expect(codec.read(offset)).toEqual({ data: new Float64Array(64).fill(7) })
  })

  test('a message outside its memory, or misaligned, is refused', () => {
    const { codec, memory } = bound(Request)
    for (const offset of [-8, 4, memory.byteLength - 8, NaN]) expect(() => { codec.write(offset, request) }, String(offset)).toThrow(RangeError)
    expect(() => codec.read(memory.byteLength)).toThrow(RangeError)
  })
})

test('fields of a class instance, of a null-prototype object and of accessors are read', () => {
  class Made { get id() { return 4 } values = new Float32Array([1, 2, 3]); inner = Object.assign(Object.create(null) as object, request.inner) }
  const { codec, offset } = bound(Request)
  codec.write(offset, new Made())
  expect(codec.read(offset)).toMatchObject({ id: 4, values: new Float32Array([1, 2, 3]) })
  expect(() => { codec.write(offset, Object.assign(new Made(), { extra: 1 })) }).toThrow('Request.extra is no field')
})

describe('columns that do not fit are refused in one sentence', () => {
  const columns = structCodec(Request).bindColumns(new SharedArrayBuffer(1024))
  const good = (): Record<string, unknown> => columns.allocate(2)
  test.each<[string, (table: Record<string, unknown>) => unknown, string]>([
    ['no object', () => 7, 'Columns of Request was given 7, expected an object of columns.'],
    ['a missing column', (table) => ({ ...table, id: undefined }), 'Column Request.id was given undefined, expected a Uint32Array.'],
    ['another TypedArray', (table) => ({ ...table, id: new Int32Array(2) }), 'Column Request.id was given an Int32Array of 2, expected a Uint32Array.'],
    ['a broken row', (table) => ({ ...table, values: new Float32Array(7) }), 'Column Request.values has 7 elements, expected a multiple of 3.'],
    ['other lengths', (table) => ({ ...table, values: new Float32Array(9) }), 'Column Request.values holds 3 messages, but column id holds 2.'],
    ['an unknown column', (table) => ({ ...table, extra: new Float32Array(2) }), 'Columns of Request has no field extra, expected only { id, values, inner }.'],
  ])('%s', (_name, change, message) => {
    expect(() => columns.count(change(good()))).toThrow(expect.objectContaining({ name: 'MessageError', message }))
  })
})

describe('a schema that cannot be is refused in one sentence', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['no name', () => struct('', { a: u32 }), /struct\(\) "" cannot be used as a name/],
    ['a field name of two words', () => struct('S', { 'a b': u32 }), /struct\('S'\) field "a b" cannot be used as a name/],
    ['no fields', () => struct('S', {}), /needs at least one field/],
    ['fields as an array', () => struct('S', [] as never), /needs an object of fields/],
    ['a field that is no type', () => struct('S', { a: 5 as never }), /field a must be a scalar such as f32, an array\(\) or a struct\(\), but is 5/],
    ['a forged struct', () => struct('S', { a: { kind: 'struct', name: 'T', fields: {}, bytes: 8 } as never }), /field a must be/],
    ['a length of nothing', () => array(u8, 0), /length that is an integer of at least 1, but was given 0/],
    ['a fraction', () => array(u8, 1.5), /given 1.5/],
    ['too large', () => array(array(f64, 65536), 65536), /would take 34359738368 bytes/],
  ])('%s', (_name, make, message) => {
    expect(make).toThrow(MessageError)
    expect(make).toThrow(message)
  })
})

test('a schema prints as it is written', () => {
  const Point = struct('Point', { x: f32, y: f32 })
  expect(inspect({ Path: struct('Path', { id: u32, points: array(array(Point, 2), 3) }), Point, list: array(u8, 4) }, { breakLength: Infinity }))
    .toBe('{ Path: struct Path { id: u32, points: array(array(Point, 2), 3) }, Point: struct Point { x: f32, y: f32 }, list: array(u8, 4) }')
})

test('two structs of one name in one CUDA text are refused', () => {
  const both = struct('Both', { a: struct('Same', { x: u8 }), b: struct('Same', { x: u32 }) })
  expect(() => cudaStruct(both)).toThrow('Two different structs are named Same; give one of them another name.')
})

describe('a view', () => {
  const State = struct('State', { n: u32, on: bool, half: f16, tail: array(f32, 2), halves: array(f16, 2), points: array(struct('Point', { x: f32 }), 2) })
  test('counts in memory and is seen by others of that memory', () => {
    const memory = new SharedArrayBuffer(128)
    const [one, other] = [viewOf(State, memory, 64), viewOf(State, memory, 64)]
    one.n = 2 ** 32 - 1
    one.n += 3
    one.tail[1] = 0.1
    one.halves[0] = 0.1
    const [point] = one.points
    if (point) point.x = 5
    expect(other).toMatchObject({ n: 2 })
    expect([other.tail[1], other.halves[0], other.points[0]?.x]).toEqual([Math.fround(0.1), f16(0.1), 5])
    expect([...other.points].map((each) => each.x)).toEqual([5, 0])
  })

  test('refuses what does not fit, and new fields', () => {
    const view = viewOf(State, new SharedArrayBuffer(64), 0) as unknown as Record<string, unknown>
    expect(() => { view['n'] = 'x' }).toThrow('State.n was given "x", expected a number (u32).')
    expect(() => { view['tail'] = [1] }).toThrow('State.tail was given 1 elements, expected 2.')
    expect(() => { view['other'] = 1 }).toThrow(TypeError)
    expect(() => viewOf(State, new SharedArrayBuffer(64), 62)).toThrow(RangeError)
  })
})
