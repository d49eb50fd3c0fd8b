// Questions about code: what Tab, Shift-Tab and Enter ask, while nothing runs and while a cell blocks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrivenSession } from './driver.js'

let session: DrivenSession
beforeAll(async () => {
  session = await DrivenSession.open()
  await session.run('/** Adds two numbers.\n * @param a the first */\nfunction addUp(a: number, b: number) { return a + b }\nconst table = { alpha: 1, beta: "x", gamma: { delta: [1] } }\nclass Walker { steps = 0; walk(by: number) { this.steps += by } }\nlet walker = new Walker()')
})
afterAll(async () => { await session.close() })

const texts = async (code: string, offset = code.length): Promise<string[]> => (await session.complete(code, offset)).matches.map(({ text }) => text)

describe('completion', () => {
  it('offers members of names of earlier cells, with their types', async () => {
    const { matches, start, end } = await session.complete('table.al')
    expect(matches.map(({ text, signature }) => [text, signature])).toEqual([['alpha', '(property) alpha: number']])
    expect([start, end]).toEqual([6, 8])
    expect(await texts('walker.')).toEqual(expect.arrayContaining(['steps', 'walk']))
    expect(await texts('table.gamma.delta.ma')).toEqual(['map'])
  })
  it('offers names of the session, of ringlab and of the language', async () => {
    expect(await texts('addU')).toEqual(['addUp'])
    expect(await texts('ringKer')).toContain('ringKernel')
    expect(await texts('RingKernelRun')).toContain('RingKernelRuntime')
    expect(await texts('conso')).toContain('console')
    expect(await texts('inter')).toContain('interface')
  })
  it('knows names of the cell itself, inside unfinished functions', async () => {
    expect(await texts('const local = { one: 1 }\nfunction f() {\n  local.')).toEqual(['one'])
    expect(await texts('for (const item of [table]) { item.be')).toEqual(['beta'])
  })
  it('offers module names inside import strings', async () => {
    const { matches, start, end } = await session.complete('import x from "node:pa')
    expect(matches.map(({ text }) => text)).toContain('node:path')
    expect('import x from "node:pa'.slice(start, end)).toBe('node:pa')
  })
  it('offers named exports of an import', async () => {
    expect(await texts('import { readFileS } from "fs"', 'import { readFileS'.length)).toContain('readFileSync')
  })
  it('counts offsets in UTF-16', async () => {
    const code = 'const s = "😀"; table.al'
    expect(await session.complete(code)).toMatchObject({ start: code.length - 2, end: code.length })
  })
  it('offers magics, their options, and code in their arguments', async () => {
    expect(await texts('%que')).toEqual(['%queues'])
    expect(await texts('%queues --l')).toEqual(['--live'])
    expect(await texts('const x = 1\n%send a table.al')).toEqual(['alpha'])
  })
  it('types what a ring kernel answers by its name', async () => {
    await session.run('const Typed = struct("Typed", { id: u32, note: f32 }); const typed = ringKernel("typed", { input: Typed, output: Typed }, async (ctx) => { while (!ctx.shouldTerminate) await ctx.send(await ctx.receive()) }); const typedRuntime = new RingKernelRuntime({ device: "cpu" })')
    expect(await texts('(await typedRuntime.receive("typed")).no')).toEqual(['note'])
    expect((await session.run('const wrong: string = (await typedRuntime.receive("typed")).id')).error).toMatch(/not assignable to type 'string'/)
    expect((await session.run('const Typed = struct("Typed", { other: u32 }); const typed = ringKernel("typed", { input: Typed, output: Typed }, async (ctx) => { await ctx.send(await ctx.receive()) }); type Answer = OutputOf<"typed">; null! as Answer satisfies { other: number }')).error).toBe('')
    expect(await texts('(await typedRuntime.receive("typed")).')).toEqual(['other'])
  })
})

describe('augmentation', () => {
  it('a cell may augment ringlab and packages, for all later cells', async () => {
    expect((await session.run('declare module "ringlab" { interface RingKernels { byHand: RingKernelDefinition<Struct<{ n: U32 }>, Struct<{ m: F64 }>> } }')).error).toBe('')
    expect((await session.run('const augmented: OutputOf<"byHand"> = { m: 1 }; augmented.m.toFixed()')).text).toBe("'1'")
    expect((await session.run('const refused: OutputOf<"byHand"> = { n: 1 }')).error).toMatch(/does not exist in type/)
  })
})

describe('inspection', () => {
  it('shows type and documentation of names of earlier cells', async () => {
    const { found, bundle } = await session.inspect('addUp')
    expect(found).toBe(true)
    expect(bundle['text/plain']).toMatch(/function addUp\(a: number, b: number\): number[\s\S]*Adds two numbers/)
    expect(bundle['text/markdown']).toMatch(/```typescript/)
  })
  it('finds the function inside its brackets', async () => {
    expect((await session.inspect('addUp(1, ')).bundle['text/plain']).toMatch(/addUp\(a: number, b: number\)/)
  })
  it('shows variables, members and platform functions', async () => {
    expect((await session.inspect('walker.walk')).bundle['text/plain']).toMatch(/Walker\.walk\(by: number\): void/)
    expect((await session.inspect('table')).bundle['text/plain']).toMatch(/const table: \{/)
    expect((await session.inspect('setTimeout')).bundle['text/plain']).toMatch(/function setTimeout/)
    expect((await session.inspect('[1].map')).bundle['text/plain']).toMatch(/Calls a defined callback/)
  })
  it('shows the source at detail 1', async () => {
    expect((await session.inspect('addUp', 5, 1)).bundle['text/plain']).toMatch(/return a \+ b/)
  })
  it('finds nothing where there is nothing', async () => {
    expect((await session.inspect('nothingLikeThis')).found).toBe(false)
    expect((await session.inspect('   ')).found).toBe(false)
  })
})

describe('completeness', () => {
  it.each(['1 + 1', 'const x = 5', 'function f() {\n}', '%queues', '!ls', 'await fetch("x")', 'for await (const x of y) {}', '', 'if (x) y()', '`a${b}c`', 'const a: number = "type errors are no matter"'])('complete: %s', async (code) => {
    expect(await session.isComplete(code)).toEqual({ status: 'complete' })
  })
  it.each([['function f() {', '  '], ['const x = [1,', ''], ['foo(', '  '], ['`unfinished', ''], ['/* comment', ''], ['if (x) {\n  y()', '  '], ['const x =', ''], ['class A {\n  m() {', '    '], ['a +', '']])('incomplete: %s', async (code, indent) => {
    expect(await session.isComplete(code)).toEqual({ status: 'incomplete', indent })
  })
  it.each([')', 'const = 5', 'let let x', 'foo bar baz'])('invalid: %s', async (code) => {
    expect((await session.isComplete(code)).status).toBe('invalid')
  })
})

describe('another thread', () => {
  it('is answered while a cell blocks the main thread', async () => {
    const ran = await session.run('console.log("block")\nconst until = Date.now() + 1500; while (Date.now() < until) {}')
    expect(ran.status).toBe('ok')
    await session.until(() => session.answers.length > 0, 'the answer')
    const answered = session.answers.filter(({ during }) => during)
    expect(answered.map(({ texts: found }) => found)).toContainEqual(['alpha', 'beta', 'gamma'])
  })
})
