// Captures by value: a body carries what it reads from around it into another thread, and is refused by name where it cannot.
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { createContext, runInContext, runInThisContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { f32, struct, u32 } from '#ringlab/schema/index.js'
import { captureBody, reviveBody } from '#ringlab/source/index.js'
import type { CapturedBody } from '#ringlab/source/index.js'
import * as everything from './captured-module.js'
import { even, operations, Point, scale, setFactor, table } from './captured-module.js'

// In the bodies below only as `typeof notThere`.
declare const notThere: unknown

type Body = (...values: never[]) => unknown

async function captured(body: Body | Record<string, Body>, captures?: Record<string, unknown>): Promise<CapturedBody> {
  return structuredClone(await captureBody(body, captures ? { name: 'test', captures } : { name: 'test' }))
}

async function revived<F extends Body>(body: F, captures?: Record<string, unknown>): Promise<F> {
  return reviveBody(await captured(body, captures)) as F
}

const local = { list: [1, 2], when: new Date(5), set: new Set([1]), bytes: new Uint8Array([1, 2]), big: 5n }
const shared = { local }
const Request = struct('Request', { id: u32 })

describe('a body carries', () => {
  test.each<[string, () => unknown, unknown]>([
    ['plain data of its module', () => local, local],
    ['imports of another module', () => [scale(3), table.length, even(10)], [6, 3, true]],
    ['members of a namespace, and only those', () => everything.odd(3), true],
    ['functions in objects', () => operations.add(1, operations.constant), 5],
    ["ringlab's own exports, also as conversions", () => [f32(0.1), u32(-1), typeof f32], [Math.fround(0.1), 4294967295, 'function']],
    ['schemas', () => [Request.bytes, Request.name], [4, 'Request']],
    ['globals, which stay globals', () => [Math.max(1, 2), typeof Float32Array, globalThis.globalThis === globalThis, typeof notThere], [2, 'function', true, 'undefined']],
    ['parameters, locals, labels and property names of its own', () => {
      const { a, ...rest } = { a: 1, table: 2, scale: 3 }
      outer: for (const local of [1, 2]) { if (local === 2) break outer }
      try { throw new Error('x') } catch (shared) { if (shared === undefined) throw shared }
      class Own { scale = rest.table; get even() { return this.scale } }
      return [a, new Own().even, { table: 7 }.table]
    }, [1, 2, 7]],
    ['what only a nested function reads', () => [1, 2].map((x) => ((y: number) => scale(y))(x)), [2, 4]],
    ['default values and computed keys', ((x = table[0], { [operations.constant]: y = local.big } = {} as Record<number, bigint>) => [x, y]) as () => unknown, [1, 5n]],
  ])('%s', async (_name, body, expected) => {
    expect((await revived(body as Body) as () => unknown)()).toEqual(expected)
  })

  test('closures of functions, also under one name in two scopes', async () => {
    const make = (k: number) => { const inner = { k }; return () => inner.k + k }
    const [one, two] = [make(1), make(20)]
    expect((await revived(() => one() * 100 + two()))()).toBe(240)
  })

  test('what is shared as shared, and cycles as cycles', async () => {
    const cycle: { self?: unknown; list: number[] } = { list: local.list }
    cycle.self = cycle
    const result = (await revived(() => [shared.local === local, cycle.self === cycle, cycle.list === local.list]))()
    expect(result).toEqual([true, true, true])
  })

  test('functions that call each other, themselves, and objects that hold them', async () => {
    const isEven = (n: number): boolean => (n === 0 ? true : isOdd(n - 1))
    const isOdd = (n: number): boolean => (n === 0 ? false : isEven(n - 1))
    function factorial(n: number): number { return n < 2 ? 1 : n * factorial(n - 1) }
    const registry = { factorial, again: (n: number): number => registry.factorial(n) }
    expect((await revived(() => [isEven(7), isOdd(7), factorial(5), registry.again(4)]))()).toEqual([false, true, 120, 24])
  })

  test('values as they are at that moment, and not its later changes', async () => {
    const data = [1]
    setFactor(3)
    const body = await revived(() => [data.length, scale(1)])
    data.push(2)
    setFactor(2)
    expect(body()).toEqual([1, 3])
  })

  test('names given by hand, which win', async () => {
    const given = [1]
    expect((await revived(() => given[0], { given: [9] }))()).toBe(9)
  })

  test('method, async, generator and function forms', async () => {
    const object = { plain(x: number) { return x + table.length }, async late() { await Promise.resolve(); return scale(1) }, *all() { yield* table }, 'odd name'() { return 1 } }
    const handler = reviveBody(await captured(object)) as typeof object
    expect([handler.plain(1), await handler.late(), [...handler.all()], handler['odd name']()]).toEqual([4, 2, [1, 2, 3], 1])
    expect((await revived(function named(n: number): number { return n === 0 ? 0 : named(n - 1) + 1 } as Body) as (n: number) => number)(3)).toBe(3)
  })

  test('CommonJS members, as compilers write imports', async () => {
    const body = runInThisContext('(function (lib, exports) { const k = 3; exports.clamp = (x) => Math.min(x, k); return () => [(0, lib.f32)(0.1), (0, exports.clamp)(5)] })') as (lib: unknown, exports: object) => () => unknown
    expect((await revived(body({ f32, readFileSync }, {}) as Body) as () => unknown)()).toEqual([Math.fround(0.1), 3])
  })

  test('top-level names of classic scripts', async () => {
    runInThisContext('const __captureTestConstant = 6')
    const body = runInThisContext('() => __captureTestConstant') as Body
    expect((await revived(body) as () => unknown)()).toBe(6)
  })

  test('everything into a worker thread that has neither TypeScript nor the module', async () => {
    const body = await captured(() => [scale(2), even(4), f32(0.1), table] as unknown)
    const revive = new URL('../../dist/source/revive.js', import.meta.url).href
    const worker = new Worker(`import(${JSON.stringify(revive)}).then(({ reviveBody }) => {
      const { parentPort, workerData } = require('node:worker_threads')
      parentPort.postMessage({ result: reviveBody(workerData)(), typescript: Object.keys(require.cache).filter((name) => name.includes('typescript')) })
    })`, { eval: true, workerData: body })
    try {
      const message = await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject) })
      expect(message).toEqual({ result: [4, true, Math.fround(0.1), [1, 2, 3]], typescript: [] })
    } finally {
      await worker.terminate()
    }
  })
})

test('a fault names the file, line and column of the body', async () => {
  const text = '\n\n  async (ctx) => {\n    const answer = 1\n    throw new Error(String(answer))\n  }'
  const body = runInThisContext(text, { filename: '/somewhere/body.js' }) as () => Promise<void>
  const copy = await captured(body as Body)
  expect({ file: copy.file, line: copy.line, column: copy.column }).toEqual({ file: '/somewhere/body.js', line: 3, column: 3 })
  const fault = await (reviveBody(copy) as () => Promise<void>)().then(() => undefined, (error: unknown) => error as Error)
  expect(fault?.stack).toContain('/somewhere/body.js:5:11')
  const method = runInThisContext('({ onMessage(message) { message.x.y } })', { filename: '/somewhere/method.js' }) as Record<string, Body>
  const handler = reviveBody(await captured(method)) as { onMessage(message: object): void }
  expect(() => { handler.onMessage({}) }).toThrow(expect.objectContaining({ stack: expect.stringContaining('/somewhere/method.js:1:35') as string }))
})

describe('a body is refused, naming what stands in the way', () => {
  const point = new Point(1)
  const socket = new Socket()
  const promise = Promise.resolve(1)
  const symbol = Symbol('s')
  const proxy = new Proxy({}, {})
  const mixed = { deep: [{ handle: new WeakMap() }] }
  const classed = new Map([['p', point]])
  let counter = 0
  const bound = ((x: number) => x).bind(undefined, 1)
  const reader = () => socket.destroyed
  const target = { n: 0 }
  test.each<[string, Body | Record<string, Body>, string, RegExp]>([
    ['an instance of a class', () => point.double(), 'point', /`point` is an object of class Point, which would lose its methods/],
    ['a socket', () => socket.write('x'), 'socket', /`socket` is an object of class Socket/],
    ['a socket behind a function', () => reader(), 'socket', /`socket` is an object of class Socket/],
    ['a Promise', async () => { await promise }, 'promise', /`promise` is a Promise; await it before/],
    ['a symbol', () => symbol, 'symbol', /`symbol` is a symbol/],
    ['a Proxy', () => proxy, 'proxy', /`proxy` is a Proxy/],
    ['a class', () => new Point(1), 'Point', /Point` is a class/],
    ['something deep inside data', () => mixed, 'mixed', /`mixed.deep.0.handle` is an object of class WeakMap/],
    ['an instance in a Map', () => classed, 'classed', /`classed value` is an object of class Point/],
    ['a function of Node', () => readFileSync('x'), 'readFileSync', /readFileSync` is a function of Node itself \(node:fs\)/],
    ['a native function', Math.max, 'its body', /its body is a native function/],
    ['a bound function', () => bound(), 'bound', /`bound` is a bound function/],
    ['assignment', () => { counter = 1 }, 'counter', /it assigns to `counter`/],
    ['an increment', () => counter++, 'counter', /it assigns to `counter`/],
    ['a write into a captured object', () => { target.n = 1 }, 'target', /it assigns to `target.n`/],
    ['a write into a captured array', () => { local.list[0] = 1 }, 'local', /it assigns to `local.list`/],
    ['deletion', () => { delete (target as { n?: number }).n }, 'target', /it assigns to `target.n`/],
    ['a destructuring assignment', () => { [counter] = [1] }, 'counter', /it assigns to `counter`/],
    ['a destructuring assignment into an object', () => { ({ n: target.n } = { n: 1 }) }, 'target', /it assigns to `target.n`/],
    ['a for-of over it', () => { for (counter of [1]); }, 'counter', /it assigns to `counter`/],
    ['an assignment inside a helper', () => bump(), 'counter', /in `bump`, it assigns to `counter`/],
    ['this', function (this: { x: number }) { return this.x } as Body, 'this', /`this` belongs to an object of this thread/],
    ['this in an arrow function inside', { onMessage() { return (() => this as unknown)() } }, 'this', /`this` belongs/],
    ['arguments', function () { return arguments.length } as Body, 'arguments', /`arguments` is not a value/],
    ['super', { onMessage() { return super.toString() } }, 'super', /`super` belongs/],
    ['the process', () => process.pid, 'process', /`process` is something that only the process has/],
    ['eval', () => eval('counter') as unknown, 'eval', /`eval` may read any variable/],
    ['an unknown name', runInThisContext('() => nowhere + 1') as Body, 'nowhere', /`nowhere` is not defined where the body was written/],
  ])('%s', async (_name, body, variable, message) => {
    await expect(captured(body)).rejects.toThrow(message)
    await expect(captured(body)).rejects.toThrow(/device: 'host'/)
    await expect(captured(body)).rejects.toMatchObject({ name: 'CaptureError', ringKernel: 'test', variable: expect.stringContaining(variable) as string })
  })
  function bump(): void { counter++ }

  test('but own this, arguments and classes inside are fine', async () => {
    const body = function () { function inner(this: unknown, ..._rest: number[]) { return arguments.length } class Own { x = 1; get() { return this.x } } return [inner(1, 2), new Own().get()] }
    expect((await revived(body as Body) as () => unknown)()).toEqual([2, 1])
  })
})

test('data of another realm is data', async () => {
  const foreign = runInContext('({ list: [1, { a: 2 }] })', createContext({})) as { list: unknown }
  expect((await revived(() => foreign))()).toEqual({ list: [1, { a: 2 }] })
})
