// Bodies of cells are read from the cell's own TypeScript: types go, positions stay, and names are those of the session.
import { runInThisContext } from 'node:vm'
import ts from 'typescript'
import { afterEach, describe, expect, test } from 'vitest'
import { captureBody, parseBody, registerCellSource, reviveBody, setBodyParser } from '#ringlab/source/index.js'

afterEach(() => { setBodyParser(undefined) })

let cells = 0

/** A session in small: the cell's names live in boxes, as `name.v` in the code that runs. */
function runCell(text: string, emitted: string, boxes: Record<string, { v: unknown }>): { value: unknown; url: string } {
  const url = `ringlab-test-cell:${cells++}`
  const value = (runInThisContext(`(function (${Object.keys(boxes).join(', ')}) {\n${emitted}\n})`, { filename: url, lineOffset: -1 }) as (...values: unknown[]) => unknown)(...Object.values(boxes))
  registerCellSource(url, {
    text, label: 'cell [7]',
    // The emitted code of these tests keeps the order of functions: the n-th `(…) =>` or method of one is the n-th of the other.
    toOriginal(line0, column0) {
      const offset = emitted.split('\n').slice(0, line0).reduce((sum, line) => sum + line.length + 1, 0) + column0
      const starts = (code: string): number[] => [...code.matchAll(/(?<=onMessage)\(|(async )?\([^()]*\)(: [\w<>]+)? =>/g)].map((match) => match.index)
      return starts(text)[starts(emitted).indexOf(offset)]
    },
    lookup: (name) => (boxes[name] ? { value: boxes[name].v } : undefined),
  })
  return { value, url }
}

const text = `const body = async (ctx: Context): Promise<number> => {
  const sum: number = (offset as number) + limit!
  if (ctx.fail) throw new Error('at cell')
  return sum
}`
const emitted = 'return async (ctx) => { const sum = offset.v + limit.v; if (ctx.fail) throw new Error("at cell"); return sum }'

test('reads session names from the session, not the boxes that run', async () => {
  const { value } = runCell(text, emitted, { offset: { v: 40 }, limit: { v: 2 } })
  const body = await captureBody(value as () => void, { name: 'summer' })
  expect({ file: body.file, line: body.line, column: body.column }).toEqual({ file: 'cell [7]', line: 1, column: 14 })
  expect(body.captures.map((capture) => capture.name).sort()).toEqual(['limit', 'offset'])
  await expect((reviveBody(structuredClone(body)) as (ctx: object) => Promise<number>)({})).resolves.toBe(42)
})

test('a fault names the cell, line and column', async () => {
  const { value } = runCell(text, emitted, { offset: { v: 1 }, limit: { v: 2 } })
  const body = reviveBody(await captureBody(value as () => void, { name: 'summer' })) as (ctx: object) => Promise<number>
  await expect(body({ fail: true })).rejects.toMatchObject({ stack: expect.stringContaining('cell [7]:3:23') as string })
})

test('locals of a function around the body come from its closure, also under a name of the session', async () => {
  const cell = 'const make = (offset: number) => { return (x: number) => x + offset }'
  const { value } = runCell(cell, 'return (offset) => { return (x) => x + offset }', { offset: { v: 1000 } })
  const body = await captureBody((value as (offset: number) => () => void)(5), { name: 'local' })
  expect((reviveBody(body) as (x: number) => number)(1)).toBe(6)
})

test('helpers of an earlier cell are read from that cell', async () => {
  const helper = runCell('const twice = (x: number): number => x * two', 'return (x) => x * two.v', { two: { v: 2 } })
  const { value } = runCell('ringKernel({ onMessage(m: number) { return twice(m) } })', 'return { onMessage(m) { return twice.v(m) } }', { twice: { v: helper.value } })
  const body = reviveBody(await captureBody(value as Record<string, () => void>, { name: 'helped' })) as { onMessage(m: number): number }
  expect(body.onMessage(21)).toBe(42)
})

test('parsing can be handed to another thread: requests and answers are plain data', async () => {
  const asked: unknown[] = []
  setBodyParser((request) => {
    asked.push(structuredClone(request))
    return Promise.resolve(structuredClone(parseBody(ts, request)))
  })
  const offset = 5
  expect((reviveBody(await captureBody(() => offset, { name: 'asked' })) as () => number)()).toBe(5)
  expect(asked).toEqual([{ kind: 'function', text: expect.stringContaining('offset') as string }])
})

describe('types go, and everything else stays at its place', () => {
  test.each<[string, string, string]>([
    ['annotations', '(a: number, b?: string, ...c: Array<number>): void => a', '(a , b , ...c ) => a'],
    ['casts and assertions', '() => (a as unknown as number)! + <number>b', '() => (a ) + b'],
    ['satisfies', '() => a satisfies number', '() => a '],
    ['generics', 'function f<T extends { x: Map<string, number> }>(a: T) { return g<T>(new Map<string, T>()) }', 'function f (a ) { return g (new Map ()) }'],
    ['declarations of types', '() => { interface A { x: 1 }\ntype B = A | { y: 2 }; let c: B; return 1 }', '() => { ; ; let c ; return 1 }'],
    ['a this parameter', 'function f(this: Window, a: number) { return a }', 'function f( a ) { return a }'],
    ['class members', '() => class A<T> extends B<T> implements C { private readonly x: number = 1; declare y: string; z!: number; m?(): void; get v(): number { return 1 } }',
      '() => class A extends B { x = 1; ; z ; ; get v() { return 1 } }'],
    ['destructuring with types', '({ a, b = 1 }: { a: number; b?: number }) => [a, b] as const', '({ a, b = 1 } ) => [a, b] '],
    ['conditionals and comparisons', '(a: number) => a < 1 ? { b: a } : a > 2', '(a ) => a < 1 ? { b: a } : a > 2'],
    ['overloads', '() => { function f(a: string): void; function f(a: number): void; function f(a: unknown) { return a } return f }', '() => { ; ; function f(a ) { return a } return f }'],
  ])('%s', (_name, typed, plain) => {
    const { text: stripped } = parseBody(ts, { kind: 'cell', text: typed, offset: 0, arrow: !typed.startsWith('function') })
    expect(stripped.replace(/\s+/g, ' ')).toBe(plain)
    expect(() => { runInThisContext(`(${stripped})`) }).not.toThrow()
    expect(stripped).toHaveLength(typed.length)
    expect(stripped.split('').every((character, i) => ' ;'.includes(character) || character === typed[i])).toBe(true)
  })

  test('an enum inside a body is compiled, as it has no JavaScript of its shape', () => {
    const parsed = parseBody(ts, { kind: 'cell', text: '(x: number) => { enum Kind { A, B } return Kind.B + x }', offset: 0, arrow: true })
    expect((runInThisContext(parsed.text) as (x: number) => number)(1)).toBe(2)
  })

  test('names in types are not read', () => {
    const parsed = parseBody(ts, { kind: 'cell', text: '(a: Outer) => { const b: typeof other = a as Outer; return key(b) as Inner<Outer> }', offset: 0, arrow: true })
    expect(parsed.free.map((free) => free.name)).toEqual(['key'])
  })
})

test('import.meta and import() are refused', () => {
  const refused = (code: string): string[] => parseBody(ts, { kind: 'cell', text: code, offset: 0, arrow: true }).refusals.map((refusal) => refusal.variable)
  expect(refused('() => import.meta.url')).toEqual(['import.meta'])
  expect(refused("async () => import('node:fs')")).toEqual(['import()'])
})

test('reading a body takes a few milliseconds once TypeScript is loaded', async () => {
  const helper = (x: number): number => x + cells
  const body = (): number => helper(1)
  await captureBody(body, { name: 'warm' })
  const times: number[] = []
  for (let i = 0; i < 9; i++) {
    // CPU time, as a busy machine stretches the clock's.
    const start = process.cpuUsage()
    await captureBody(body, { name: 'timed' })
    const { user, system } = process.cpuUsage(start)
    times.push((user + system) / 1000)
  }
  expect(times.sort((a, b) => a - b)[0]).toBeLessThan(15)
})
