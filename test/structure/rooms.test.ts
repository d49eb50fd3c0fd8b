// The rooms of src/ and who may know whom. A new arrow is a decision: it is made here, with its reason, or not at all.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { root, roomOf, sourcesOf } from './sources.js'

const sources = sourcesOf('src')

/** Rooms each room may import; `types` are those of which it may know shapes, but run nothing. */
const arrows: Readonly<Record<string, { readonly rooms: readonly string[]; readonly types?: readonly string[] }>> = {
  schema: { rooms: [] },
  ring: { rooms: ['schema'] },
  source: { rooms: ['schema'] },
  compiler: { rooms: ['schema', 'source'] },
  runtime: { rooms: ['ring', 'schema'] },
  driver: { rooms: [] },
  devices: { rooms: ['runtime', 'ring', 'schema', 'source', 'compiler', 'driver'] },
  // A figure reads a ring's counters, wherever it is drawn, and a struct's layout.
  view: { rooms: ['schema', 'ring'] },
  lab: { rooms: ['runtime', 'view', 'schema', 'ring'] },
  // Cells import the running ringlab itself.
  session: { rooms: ['lab', 'runtime', 'devices', 'compiler', 'source', 'schema', 'index.ts'] },
  jupyter: { rooms: ['session', 'ring', 'view'] },
  repl: { rooms: ['session', 'view'] },
  tslab: { rooms: ['lab'] },
  'index.ts': { rooms: ['schema', 'ring', 'source', 'runtime', 'devices', 'lab'] },
  cli: { rooms: ['schema', 'ring', 'source', 'compiler', 'runtime', 'driver', 'devices', 'view', 'lab', 'session', 'jupyter', 'repl', 'tslab', 'index.ts'] },
}

/** Packages, and the rooms that may import them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  msgpackr: ['schema'],
  typescript: ['source', 'compiler', 'session'],
  koffi: ['driver', 'jupyter'],
  zeromq: ['jupyter'],
  'plotly.js-cartesian-dist-min': ['view'],
  commander: ['cli'],
  // Optional: only what exports telemetry, once it is asked to.
  '@opentelemetry/api': ['runtime'],
}

/** Words that belong to one room: elsewhere they are knowledge that leaked. */
const words: readonly { readonly pattern: RegExp; readonly rooms: readonly string[]; readonly meaning: string }[] = [
  { pattern: /['"`](?:execute|kernel_info|complete|inspect|history|is_complete|shutdown|interrupt|comm_info)_(?:request|reply)['"`]/, rooms: ['jupyter'], meaning: "message types of Jupyter's protocol" },
  { pattern: /['"`]application\/vnd\.plotly/, rooms: ['view'], meaning: "plotly's JSON" },
]

describe('imports follow the arrows', () => {
  test('every room is in the table', () => {
    expect([...new Set(sources.map((source) => roomOf(source.path)))].filter((room) => !(room in arrows))).toEqual([])
  })

  test('between rooms', () => {
    const wrong = sources.flatMap((source) => source.imports
      .filter((each) => /^src\/.*\.ts$/.test(each.target) && roomOf(each.target) !== roomOf(source.path))
      .filter((each) => {
        const { rooms, types = [] } = arrows[roomOf(source.path)] ?? { rooms: [] }
        return !rooms.includes(roomOf(each.target)) && !(each.isType && types.includes(roomOf(each.target)))
      })
      .map((each) => `${source.path} imports ${each.target}: ${roomOf(source.path)} may not know ${roomOf(each.target)}`))
    expect(wrong).toEqual([])
  })

  test('to packages', () => {
    const wrong = sources.flatMap((source) => source.imports
      .filter((each) => !each.specifier.startsWith('.') && !each.specifier.startsWith('#') && each.specifier in packages)
      .filter((each) => !packages[each.specifier]?.includes(roomOf(source.path)))
      .map((each) => `${source.path} imports ${each.specifier}, which only ${packages[each.specifier]?.join(', ') ?? 'nobody'} may`))
    const unknown = sources.flatMap((source) => source.imports.filter((each) => /^[@a-z]/.test(each.target) && !/^(src|test|dist)\//.test(each.target) && !each.target.startsWith('node:') && /^(@[\w-]+\/)?[\w.-]+$/.test(each.target))
      .filter((each) => !(each.target in packages) && existsSync(`${root}node_modules/${each.target}/package.json`)).map((each) => `${source.path} imports ${each.target}, which is not in the table`))
    expect([...wrong, ...unknown]).toEqual([])
  })

  test('in both directions nowhere: the rooms have an order', () => {
    const open = new Set<string>()
    const done = new Set<string>()
    const visit = (room: string): void => {
      if (done.has(room)) return
      expect([...open], `rooms in a circle at ${room}`).not.toContain(room)
      open.add(room)
      for (const next of arrows[room]?.rooms ?? []) visit(next)
      open.delete(room)
      done.add(room)
    }
    Object.keys(arrows).forEach(visit)
    expect(done.size).toBe(Object.keys(arrows).length)
  })

  test('of words that belong to one room', () => {
    const leaks = sources.flatMap((source) => words.filter(({ pattern, rooms }) => !rooms.includes(roomOf(source.path)) && pattern.test(source.text)).map(({ meaning }) => `${source.path} knows ${meaning}`))
    expect(leaks).toEqual([])
  })
})

test("importing ringlab loads no TypeScript, no ZeroMQ and no koffi", () => {
  // CommonJS modules are in require's cache, ES modules pass the loader hook, native addons are mapped into memory.
  const hook = "export async function load(url, context, next) { process._rawDebug('loaded ' + url); return next(url, context) }"
  const script = `import { createRequire, register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
    await import('ringlab')
    process._rawDebug('loaded ' + Object.keys(createRequire(import.meta.url).cache).join('\\nloaded '))
    const { existsSync, readFileSync } = await import('node:fs')
    if (existsSync('/proc/self/maps')) process._rawDebug('mapped ' + readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => line.endsWith('.node')).join('\\nmapped '))`
  const seen = execFileSync('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', process.execPath, '--input-type=module', '-e', script], { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } })
  expect(seen).toContain('dist/index.js')
  expect(seen.split('\n').filter((line) => /node_modules\/(typescript|zeromq|koffi)\//.test(line))).toEqual([])
})
