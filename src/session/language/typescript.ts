// Loads the TypeScript compiler from V8's code cache: 180 → 55 ms. The cache lies in the user's cache folder and every fault of it is soft.
// The loaded module is put where `require('typescript')` finds it, so that a thread never holds it twice.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'
import vm from 'node:vm'
import type ts from 'typescript'

export type TypeScript = typeof ts

/** Where the code cache lies: `RINGLAB_CACHE`, else the platform's cache folder. */
export function defaultCacheFolder(): string {
  const named = process.env['RINGLAB_CACHE']
  if (named) return named
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? homedir(), 'ringlab', 'cache')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'ringlab')
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ringlab')
}

export interface LoadedTypeScript { readonly ts: TypeScript; /** Writes the code cache, when there is none yet; call once the compiler is warm. */ keep(): void }

/** The compiler, from the cache when it fits this Node. */
export function loadTypeScript(cacheFolder: string | undefined): LoadedTypeScript {
  const require = createRequire(import.meta.url)
  const path = require.resolve('typescript')
  const cached = require.cache[path]
  if (cached?.loaded) return { ts: cached.exports as TypeScript, keep() { /* loaded by someone else */ } }
  const file = cacheFile(path, cacheFolder)
  let data: Buffer | undefined
  try { if (file !== undefined) data = readFileSync(file) } catch { /* none yet */ }
  const script = new vm.Script(Module.wrap(readFileSync(path, 'utf8')), { filename: path, ...(data ? { cachedData: data } : {}) })
  const module = new Module(path)
  module.filename = path
  module.paths = []
  const run = script.runInThisContext() as (exports: unknown, require: NodeJS.Require, module: Module, file: string, folder: string) => void
  run(module.exports, createRequire(path), module, path, dirname(path))
  module.loaded = true
  require.cache[path] = module
  const fresh = data === undefined || script.cachedDataRejected === true
  return { ts: module.exports as TypeScript, keep() { if (fresh && file !== undefined) writeCache(file, script) } }
}

function cacheFile(path: string, folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined
  try {
    const { size, mtimeMs } = statSync(path)
    const key = createHash('sha256').update([process.version, process.arch, process.execArgv.join(' '), path, size, mtimeMs].join('\n')).digest('hex').slice(0, 24)
    return join(folder, `typescript-${key}.bin`)
  } catch { return undefined }
}

function writeCache(file: string, script: vm.Script): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    const part = `${file}.${process.pid}.${threadId}`
    writeFileSync(part, script.createCachedData())
    renameSync(part, file)
  } catch { /* a folder that cannot be written costs 120 ms a start, nothing else */ }
}
