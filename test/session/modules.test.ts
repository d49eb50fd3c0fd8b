// Packages and the user's own files, as they come, change and go on disk beside a notebook.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrivenSession } from './driver.js'

let session: DrivenSession
const file = (path: string, text: string): void => {
  const full = join(session.folder, path)
  mkdirSync(join(full, '..'), { recursive: true })
  writeFileSync(full, text)
}
const install = (name: string, manifest: object, files: Record<string, string>): void => {
  file(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', ...manifest }))
  for (const [path, text] of Object.entries(files)) file(`node_modules/${name}/${path}`, text)
}
beforeAll(async () => {
  session = await DrivenSession.open({ notebookPath: 'book.ipynb' })
  install('already-here', { main: 'lib.js' }, { 'lib.js': 'module.exports = 1' })
})
afterAll(async () => { await session.close() })

describe('packages', () => {
  it('a missing package can be installed and imported again, beside a node_modules that exists', async () => {
    expect((await session.run('import late from "late-esm"')).error).toMatch(/Cannot find module 'late-esm'/)
    expect((await session.run('await import("late-esm" as string)')).error).toMatch(/Cannot find package 'late-esm'/)
    expect((await session.run('require("late-cjs")')).status).toBe('error')
    install('late-esm', { type: 'module', exports: { types: './lib.d.ts', default: './lib.js' } }, { 'lib.js': 'export default 42; export const twice = (x) => 2 * x', 'lib.d.ts': 'declare const late: number; export default late; export function twice(x: number): number' })
    install('late-cjs', { main: 'lib.js' }, { 'lib.js': 'module.exports = 43' })
    expect((await session.run('import late, { twice } from "late-esm"\nlate + twice(1)')).text).toBe('44')
    expect((await session.run('require("late-cjs")')).text).toBe('43')
    expect((await session.run('twice("x")')).error).toMatch(/not assignable to parameter of type 'number'/)
  })
  it('names missing on a CommonJS namespace are read from what it exports', async () => {
    install('odd-cjs', { main: 'lib.js' }, { 'lib.js': 'const made = {}; for (const name of ["first", "second"]) made[name] = name + "!"; module.exports = made' })
    expect((await session.run('import odd, { first, second } from "odd-cjs"\n[first, second, odd.first]')).text).toBe("[ 'first!', 'second!', 'first!' ]")
  })
  it('a package without types is any, and stops nothing', async () => {
    expect((await session.run('import here from "already-here"\nhere.anything ?? here')).text).toBe('1')
  })
  it('scoped packages and their paths work', async () => {
    install('@scope/part', { type: 'module', exports: { '.': './a.js', './sub': './b.js' } }, { 'a.js': 'export const a = 1', 'b.js': 'export const b = 2' })
    expect((await session.run('import { a as scopedA } from "@scope/part"; import { b as scopedB } from "@scope/part/sub"\n[scopedA, scopedB]')).text).toBe('[ 1, 2 ]')
  })
  it('a missing dependency of a package says what is missing and to restart', async () => {
    install('needs-more', { type: 'module', exports: './lib.js' }, { 'lib.js': 'import x from "not-there-at-all"; export default x' })
    expect((await session.run('import needs from "needs-more"; needs')).error).toMatch(/not-there-at-all.*restart/s)
  })
  it('a package that was upgraded says to restart', async () => {
    install('grows', { type: 'module', exports: './lib.js' }, { 'lib.js': 'export default 1' })
    await session.run('import grows from "grows"; grows')
    install('grows', { type: 'module', exports: './lib.js', version: '2.0.0' }, { 'lib.js': 'export default 2' })
    expect((await session.run('import grows from "grows"; grows')).stderr).toBe('grows 1.0.0 is loaded and 2.0.0 is installed now; restart to use it.\n')
  })
  it('a live binding is read as it is now', async () => {
    install('live-binding', { type: 'module', exports: './lib.js' }, { 'lib.js': 'export let count = 0; export const up = () => { count++ }' })
    await session.run('import { count as liveCount, up } from "live-binding"')
    expect((await session.run('up(); up(); liveCount')).text).toBe('2')
  })
})

describe('local files', () => {
  it('TypeScript beside the notebook loads, with types, and reloads when it changed', async () => {
    file('helper.ts', 'import { base } from "./more/base.js"\nexport enum Kind { A = 3 }\nexport const size: number = base + 1; export type Size = number; export default class Tool { use(x: number): number { return x + base } }')
    file('more/base.ts', 'export const base: number = 10')
    expect((await session.run('import Tool, { size, Kind, type Size } from "./helper.ts"\nconst s: Size = size; [s, Kind.A, new Tool().use(1)]')).text).toBe('[ 11, 3, 11 ]')
    expect((await session.run('size.toUpperCase()')).error).toMatch(/toUpperCase/)
    file('more/base.ts', 'export const base: number = 10000')
    expect((await session.run('import Tool, { size } from "./helper"\n[size, new Tool().use(1)]')).text).toBe('[ 10001, 10001 ]')
  })
  it('stack lines name the file and line of the TypeScript', async () => {
    file('fails.ts', 'interface Unused { a: number }\n\nexport function fail(): never {\n  throw new Error("in a file")\n}')
    expect((await session.run('import { fail } from "./fails.ts"\nfail()')).traceback).toMatch(/fails\.ts:4:9[\s\S]*cell \[\d+\]:2:/)
  })
  it('top-level await, cycles and dynamic imports work in files', async () => {
    file('cycle-a.ts', 'import { b } from "./cycle-b"; export const a = () => 1; export const sum = () => a() + b(); export const waited = await Promise.resolve(5); export const more = async () => (await import("./more/base.ts")).base')
    file('cycle-b.ts', 'import { a } from "./cycle-a"; export const b = () => a() + 1')
    expect((await session.run('import { sum, waited, more } from "./cycle-a.ts"\n[sum(), waited, await more()]')).text).toBe('[ 3, 5, 10000 ]')
  })
  it('a syntax error in a file is shown at its place', async () => {
    file('broken.ts', 'export const x = 1\nexport const = 2')
    expect((await session.run('// @ts-ignore\nimport "./broken.ts"')).error).toMatch(/broken\.ts:2:14/)
    file('broken.ts', 'export const x = 7')
    expect((await session.run('import { x as mended } from "./broken.ts"; mended')).text).toBe('7')
  })
  it('files may import packages, JSON, Node and ringlab', async () => {
    file('data.json', '{ "n": 4 }')
    file('uses.ts', 'import fs, { readFileSync } from "fs"; import data from "./data.json"; import * as ringlab from "ringlab"; import odd from "odd-cjs"; export const all = [typeof fs.statSync, typeof readFileSync, data.n, Object.keys(ringlab).length > 0, odd.first]')
    expect((await session.run('import { all } from "./uses.ts"; all')).text).toBe("[ 'function', 'function', 4, true, 'first!' ]")
  })
  it('a missing file is one sentence', async () => {
    expect((await session.run('await import("./no-such-file.js" as string)')).error).toMatch(/Cannot find '\.\/no-such-file\.js', imported from the notebook/)
  })
  it('plain JavaScript modules load', async () => {
    file('plain.mjs', 'export const plain = 1')
    file('plain.cjs', 'exports.plain = 2')
    expect((await session.run('// @ts-nocheck\nimport { plain } from "./plain.mjs"; import { plain as plainC } from "./plain.cjs"; [plain, plainC]')).text).toBe('[ 1, 2 ]')
  })
  it('the notebook is the base of import.meta', async () => {
    expect((await session.run('import.meta.filename.endsWith("/book.ipynb") && process.chdir("/") === undefined && __dirname !== "/"')).text).toBe('true')
  })
})
