// The user's own .ts files beside the notebook, on every Node: transpiled to System modules (live bindings, cycles, top-level await) and run here.
// Importing one again after it, or one it imports, changed on disk runs it anew.
import { readFileSync, statSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import type { Sources } from './sources.js'

export type ModuleNamespace = Record<string, unknown>
export type Transpile = (path: string, text: string) => Promise<{ code: string; mappings: string }>
/** Loads what a local file imports. */
export type LoadFrom = (specifier: string, from: string, attributes?: Readonly<Record<string, string>>) => Promise<ModuleNamespace>

interface Loaded { readonly namespace: ModuleNamespace; readonly version: string; readonly needs: Set<string>; done: Promise<void> }
/** What `System.register` is given (github.com/systemjs/systemjs, docs/system-register.md). */
interface Declaration { readonly setters?: readonly ((namespace: ModuleNamespace) => void)[]; readonly execute?: () => void | Promise<void> }
type Declare = (exports: (name: string | Record<string, unknown>, value?: unknown) => unknown, context: { id: string; import: (specifier: string) => Promise<ModuleNamespace>; meta: object }) => Declaration

const extensions = ['.ts', '.mts', '.cts']

export class LocalModules {
  readonly #loaded = new Map<string, Loaded>()

  constructor(readonly transpile: Transpile, readonly sources: Sources, readonly loadFrom: LoadFrom) {}

  /** The .ts file a path means: itself, with an extension added, or the source of a .js that does not exist. */
  find(path: string): string | undefined {
    const extension = extname(path)
    if (extensions.includes(extension)) return isFile(path) ? path : undefined
    if (isFile(path)) return undefined
    const stem = path.replace(/\.([mc]?)js$/, '')
    return [...extensions.map((e) => path + e), ...extensions.map((e) => stem + e), ...extensions.map((e) => `${path}/index${e}`)].find(isFile)
  }

  async load(path: string): Promise<ModuleNamespace> {
    const known = this.#loaded.get(path)
    if (known && this.#isFresh(path, new Set())) {
      // A module in a cycle is handed out unfinished, as in every module system.
      if (!this.#loading.has(path)) await known.done
      return known.namespace
    }
    const loaded: Loaded = { namespace: Object.create(null) as ModuleNamespace, version: versionOf(path), needs: new Set(), done: Promise.resolve() }
    this.#loaded.set(path, loaded)
    this.#loading.add(path)
    loaded.done = this.#run(path, loaded).finally(() => this.#loading.delete(path))
    try { await loaded.done } catch (fault) { this.#loaded.delete(path); throw fault }
    return loaded.namespace
  }

  readonly #loading = new Set<string>()

  #isFresh(path: string, seen: Set<string>): boolean {
    if (seen.has(path)) return true
    seen.add(path)
    const loaded = this.#loaded.get(path)
    return loaded !== undefined && loaded.version === versionOf(path) && [...loaded.needs].every((need) => this.#isFresh(need, seen))
  }

  async #run(path: string, loaded: Loaded): Promise<void> {
    const text = readFileSync(path, 'utf8')
    const { code, mappings } = await this.transpile(path, text)
    const url = `${pathToFileURL(path).href}?${loaded.version}`
    this.sources.addFile(url, path, text, mappings)
    const registered: { needs: readonly string[]; declare: Declare }[] = []
    const script = new vm.Script(`(function (System, require, __filename, __dirname) {${code}\n})`, { filename: url })
    const run = script.runInThisContext() as (system: object, require: NodeJS.Require, file: string, folder: string) => void
    run({ register: (needs: readonly string[], declare: Declare) => { registered.push({ needs, declare }) } }, createRequire(path), path, dirname(path))
    const [registration] = registered
    if (!registration) return
    const { namespace } = loaded
    const exports = (name: string | Record<string, unknown>, value?: unknown): unknown => {
      if (typeof name === 'string') namespace[name] = value
      else Object.assign(namespace, name)
      return value
    }
    const declared = registration.declare(exports, { id: path, import: (specifier) => this.#need(specifier, path, loaded), meta: { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) } })
    for (const [index, specifier] of registration.needs.entries()) declared.setters?.[index]?.(await this.#need(specifier, path, loaded))
    await declared.execute?.()
  }

  async #need(specifier: string, path: string, loaded: Loaded): Promise<ModuleNamespace> {
    if (specifier.startsWith('.')) {
      const local = this.find(new URL(specifier, pathToFileURL(path)).pathname)
      if (local !== undefined) loaded.needs.add(local)
    }
    return withDefault(await this.loadFrom(specifier, path))
  }
}

/** Names of a CommonJS module that Node's static look at it missed. */
function withDefault(namespace: ModuleNamespace): ModuleNamespace {
  const whole = namespace['default']
  if (typeof whole !== 'object' || whole === null || Object.getPrototypeOf(namespace) === null && !('module.exports' in namespace)) return namespace
  return new Proxy(namespace, { get: (target, name) => Reflect.has(target, name) ? Reflect.get(target, name) as unknown : Reflect.get(whole, name) as unknown })
}

function isFile(path: string): boolean { try { return statSync(path).isFile() } catch { return false } }

function versionOf(path: string): string { try { const { mtimeMs, size } = statSync(path); return `${mtimeMs}-${size}` } catch { return 'gone' } }
