// Modules a cell imports, found from the notebook's folder. `ringlab` and `tslab` are this session's own; a missing package is refused before
// Node hears its name, because Node remembers an absence for the life of the process; the user's .ts files are in `local-modules.ts`.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { LocalModules, type ModuleNamespace, type Transpile } from './local-modules.js'
import type { Sources } from './sources.js'

class ModuleError extends Error {
  override readonly name = 'ModuleError'
  readonly code = 'MODULE_NOT_FOUND'
  constructor(message: string, readonly specifier: string) { super(message) }
}

/** Where a session's modules are found from. */
export interface ModuleBase { readonly folder: string; readonly file: string }

type Import = (specifier: string, options?: { with?: Readonly<Record<string, string>> }) => Promise<ModuleNamespace>

export class Modules {
  readonly require: NodeJS.Require
  readonly meta: ImportMeta
  readonly #local: LocalModules
  readonly #imports = new Map<string, Import>()
  readonly #versions = new Map<string, string>()

  constructor(readonly base: ModuleBase, readonly own: Readonly<Record<string, ModuleNamespace>>, transpile: Transpile, sources: Sources, readonly warn: (text: string) => void) {
    this.#local = new LocalModules(transpile, sources, (specifier, from, attributes) => this.#load(specifier, from, attributes))
    const url = pathToFileURL(base.file).href
    const plain = createRequire(base.file)
    this.meta = Object.assign(Object.create(null) as ImportMeta, { url, dirname: base.folder, filename: base.file, resolve: (specifier: string) => this.#resolve(specifier, plain) })
    const load = (id: string): unknown => {
      if (own[id]) return own[id]
      if (isBare(id)) this.#probe(id, base.folder)
      return plain(id)
    }
    this.require = Object.assign(load, plain)
  }

  /** `import` of a cell: static, or `import(…)`. */
  async import(specifier: string, attributes?: Readonly<Record<string, string>>): Promise<ModuleNamespace> { return this.#load(specifier, this.base.file, attributes) }

  /** A name of a namespace; on a CommonJS module's it may be a property of what the module exports. */
  static read(namespace: ModuleNamespace, property: string): unknown {
    if (property === '*' || property in namespace) return property === '*' ? namespace : namespace[property]
    const whole = namespace['default']
    return typeof whole === 'object' && whole !== null || typeof whole === 'function' ? (whole as Record<string, unknown>)[property] : undefined
  }

  static has(namespace: ModuleNamespace, property: string): boolean {
    if (property === '*' || property in namespace) return true
    const whole = namespace['default']
    return (typeof whole === 'object' && whole !== null || typeof whole === 'function') && property in whole
  }

  async #load(specifier: string, from: string, attributes?: Readonly<Record<string, string>>): Promise<ModuleNamespace> {
    const own = this.own[specifier]
    if (own) return own
    if (isBuiltin(specifier)) return this.#importer(from)(specifier)
    if (/^(\.{0,2}\/|\.\.?$|file:)/.test(specifier)) {
      const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : join(specifier.startsWith('/') ? '/' : dirname(from), specifier)
      return this.#file(path, specifier, from, attributes)
    }
    if (isBare(specifier)) this.#probe(specifier, dirname(from))
    return this.#node(specifier, from, attributes)
  }

  async #file(path: string, specifier: string, from: string, attributes?: Readonly<Record<string, string>>): Promise<ModuleNamespace> {
    const local = this.#local.find(path)
    if (local !== undefined) return this.#local.load(local)
    if (!existsSync(path)) throw new ModuleError(`Cannot find '${specifier}', imported from ${from === this.base.file ? 'the notebook' : from}: there is no file ${path}.`, specifier)
    if (path.endsWith('.json')) return { default: JSON.parse(readFileSync(path, 'utf8')) as unknown }
    return this.#node(pathToFileURL(path).href, from, attributes)
  }

  async #node(specifier: string, from: string, attributes?: Readonly<Record<string, string>>): Promise<ModuleNamespace> {
    try { return await this.#importer(from)(specifier, attributes ? { with: attributes } : undefined) } catch (fault) {
      const missing = (fault as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND'
      if (!missing || !(fault instanceof Error)) throw fault
      throw new ModuleError(`${specifier} could not be loaded, because something it needs is missing: ${fault.message.split('\n')[0] ?? ''}. Install that and restart: Node does not look twice.`, specifier)
    }
  }

  /** Walks up as Node does, but on disk only. */
  #probe(specifier: string, folder: string): void {
    const parts = specifier.split('/')
    const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0] ?? specifier
    for (let at = folder; ; at = dirname(at)) {
      const found = join(at, 'node_modules', name)
      if (existsSync(found)) { this.#noteVersion(name, found); return }
      if (dirname(at) === at) break
      const own = join(at, 'package.json')
      if (existsSync(own) && (JSON.parse(readFileSync(own, 'utf8')) as { name?: string }).name === name) return
    }
    throw new ModuleError(`Cannot find package '${name}' from ${folder}. Install it with  !npm install ${name}  and run the cell again.`, specifier)
  }

  /** Node keeps what it loaded: a package that changed on disk since shows only after a restart. */
  #noteVersion(name: string, folder: string): void {
    const manifest = join(folder, 'package.json')
    if (!existsSync(manifest)) return
    const { version = '' } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }
    const before = this.#versions.get(folder)
    if (before !== undefined && before !== version) this.warn(`${name} ${before} is loaded and ${version} is installed now; restart to use it.\n`)
    else this.#versions.set(folder, version)
  }

  /** Node's own `import()`, as seen from a file. */
  #importer(from: string): Import {
    let found = this.#imports.get(from)
    if (!found) {
      found = nodeImport(pathToFileURL(from).href)
      this.#imports.set(from, found)
    }
    return found
  }

  #resolve(specifier: string, require: NodeJS.Require): string {
    if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`
    if (/^(\.{1,2}\/|\/|file:)/.test(specifier)) return new URL(specifier, pathToFileURL(this.base.file)).href
    return pathToFileURL(require.resolve(specifier)).href
  }
}

/** A package's name, neither a path nor a URL, and none of Node's own modules. */
function isBare(specifier: string): boolean { return !isBuiltin(specifier) && !/^(#|data:|https?:|file:|\.{0,2}\/|\.\.?$)/.test(specifier) }

/** Node's `import()` with another file as its base. Node warns once that this way is experimental; that is no user's business. */
function nodeImport(base: string): Import {
  const script = new vm.Script('(specifier, options) => import(specifier, options)', { filename: base, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER })
  const load = script.runInThisContext() as Import
  return (specifier, options) => {
    const warn = process.emitWarning.bind(process)
    process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
      if (!String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) Reflect.apply(warn, process, [warning, ...rest])
    })
    // The warning is given while the call itself runs; the module loads after it.
    try { return load(specifier, options) } finally { process.emitWarning = warn }
  }
}
