// message() schemas: every structured value arrives as it was sent, what cannot is refused by name, and validators speak when it is sent.
import { describe, expect, test } from 'vitest'
import { message, messageCodec, MessageError } from '#ringlab/schema/index.js'
import type { Message, StandardResult, StandardSchema } from '#ringlab/schema/index.js'

const slotBytes = 4096

function roundTrip(value: unknown, schema: Message<unknown> = message('Any')): unknown {
  const memory = new SharedArrayBuffer(slotBytes * 2)
  const codec = messageCodec(schema, slotBytes).bind(memory)
  codec.write(slotBytes, value)
  const copy = codec.read(slotBytes)
  new Uint8Array(memory).fill(0xff)
  return copy
}

function validator<T>(validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>): StandardSchema<T> {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

describe('survives the trip', () => {
  const shared = { a: 1 }
  test.each<[string, unknown]>([
    ['an object', { data: 'hello', nested: { list: [1, 'two', { three: 3 }] } }],
    ['undefined', undefined], ['a field that is undefined', { a: undefined, b: [undefined, null] }], ['null', null],
    ['numbers', [0, -0, 1.5, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 31), 5e-324]],
    ['text', ['é😀', '', 'a'.repeat(300)]],
    ['bigints of any size', [0n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n, 2n ** 200n, -(2n ** 200n) - 1n]],
    ['dates', [new Date(0), new Date(-1), new Date(8.64e15), new Date(1_700_000_000_123)]],
    ['Map', new Map<unknown, unknown>([['k', { z: 1 }], [{ key: 1 }, new Set([1])], [NaN, 0]])],
    ['Set', new Set([1, 'a', shared])],
    ['objects and Maps apart', [{ a: 1 }, new Map([['a', 1]])]],
    ['a regular expression', /a+/giu],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ...([new Int8Array([-1]), new Uint8Array([255]), new Uint8ClampedArray([7]), new Int16Array([-2, 3]), new Uint16Array([65535]), new Int32Array([-5]), new Uint32Array([2 ** 32 - 1]),
      new Float32Array([1.5, NaN]), new Float64Array([Math.PI]), new BigInt64Array([-1n]), new BigUint64Array([2n ** 64n - 1n])].map((array): [string, unknown] => [array.constructor.name, array])),
    ['TypedArrays deep inside', { rows: [{ values: new Float32Array([1, 2]) }], by: new Map([['x', new Uint8Array([1])]]) }],
    ['a key named __proto__', JSON.parse('{"__proto__": 5, "constructor": 6}')],
    ['a part used twice', [shared, shared]],
  ])('%s', (_name, value) => {
    expect(roundTrip(value)).toStrictEqual(value)
  })

  test('a Buffer as a Uint8Array, a private one', () => {
    expect(roundTrip(Buffer.from('hi'))).toStrictEqual(new Uint8Array([104, 105]))
  })

  test('a view of a part of a buffer as that part', () => {
    expect(roundTrip(new Float32Array(new Float32Array([1, 2, 3, 4]).buffer, 4, 2))).toStrictEqual(new Float32Array([2, 3]))
  })

  test('an Error with its class, message, cause, stack and own fields', () => {
    const error = Object.assign(new RangeError('too far', { cause: new TypeError('inner') }), { code: 'E_FAR', data: new Uint8Array([1]) })
    const copy = roundTrip({ error }) as { error: typeof error }
    expect(copy.error).toBeInstanceOf(RangeError)
    expect(copy.error).toMatchObject({ name: 'RangeError', message: 'too far', code: 'E_FAR', data: new Uint8Array([1]), stack: error.stack })
    expect(copy.error.cause).toBeInstanceOf(TypeError)
    expect(Object.keys(copy.error)).toEqual(['code', 'data'])
  })

  test('an AggregateError with its errors, and an error of a class of the user as an Error of its name', () => {
    const copy = roundTrip(new AggregateError([new TypeError('one')], 'all')) as AggregateError
    expect(copy).toBeInstanceOf(AggregateError)
    expect([copy.message, (copy.errors[0] as Error).message, copy.errors[0] instanceof TypeError]).toEqual(['all', 'one', true])
    class HttpError extends Error { override name = 'HttpError' }
    expect(roundTrip(new HttpError('gone'))).toMatchObject({ name: 'HttpError', message: 'gone' })
  })
})

describe('refused in one sentence', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  test.each<[string, unknown, string]>([
    ['a function', { a: { run() { return 1 } } }, 'Any.a.run was given the function run, expected a value that can be copied.'],
    ['a symbol', [Symbol('s')], 'Any.0 was given Symbol(s), expected a value that can be copied.'],
    ['a Promise', { p: Promise.resolve(1) }, 'Any.p was given an object of class Promise, expected a value that can be copied.'],
    ['a WeakMap', { p: new WeakMap() }, 'Any.p was given an object of class WeakMap, expected a value that can be copied.'],
    ['a cycle', cycle, 'Any.self is a part of itself, and a message cannot hold a cycle.'],
    ['too large', 'x'.repeat(5000), 'Any message of 5003 bytes does not fit its slot of 4092 bytes: send it in parts, or use { device: \'host\' }, whose messages have no such bound.'],
  ])('%s', (_name, value, text) => {
    expect(() => roundTrip(value)).toThrow(expect.objectContaining({ name: 'MessageError', message: text }))
  })

  test('nothing was written when it was refused', () => {
    const memory = new SharedArrayBuffer(slotBytes)
    expect(() => { messageCodec(message('Any'), slotBytes).bind(memory).write(0, 'x'.repeat(5000)) }).toThrow(MessageError)
    expect(new Uint8Array(memory).every((byte) => byte === 0)).toBe(true)
  })
})

describe('a validator', () => {
  test('runs when a message is sent, and what it lets through is sent', () => {
    const Trimmed = message('Trimmed', validator((value) => ({ value: String(value).trim() })))
    expect(roundTrip('  a ', Trimmed)).toBe('a')
  })

  test('refuses with its issues and where they are', () => {
    const Named = message('Named', validator<{ user: { name: string } }>(() => ({ issues: [{ message: 'must be text', path: ['user', { key: 'name' }] }, { message: 'too short' }] })))
    expect(() => roundTrip({}, Named)).toThrow(expect.objectContaining({ message: 'Named was refused by its validator: user.name: must be text; too short.', path: 'user.name' }))
  })

  test('that is asynchronous is refused, and its rejection harms nobody', () => {
    const Late = message('Late', validator(() => Promise.reject(new Error('later'))))
    expect(() => roundTrip({}, Late)).toThrow('Late has an asynchronous validator, and a message is checked as it is sent: use a synchronous one.')
  })

  test('must be one', () => {
    expect(() => message('Wrong', { parse: () => 1 } as never)).toThrow(/needs a Standard Schema/)
  })
})

test('a message schema has no columns', () => {
  expect(() => messageCodec(message('Any'), 64).bindColumns(new SharedArrayBuffer(64))).toThrow('Any is a message() schema and has no columns')
})
