// The TypeScript language service over a session's cells: virtual files for cells, one ambient file, the user's own files and packages from
// disk. It knows where text comes from and how modules resolve; what a cell means is elsewhere.
import { readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type ts from 'typescript'
import type { TypeScript } from './typescript.js'

/** Folder of the cells' virtual files; `./c3` in one of them is the cell with id 3. */
const cellFolder = '/ringlab-session'
const ambientFile = `${cellFolder}/ambient.d.ts`
const kernelsFile = `${cellFolder}/kernels.ts`
const builtins = new Set(builtinModules)

interface VirtualFile { text: string; version: number; snapshot: ts.IScriptSnapshot }

export function cellFile(id: number | string): string { return `${cellFolder}/c${id}.ts` }

export class LanguageService {
  readonly #files = new Map<string, VirtualFile>()
  readonly #snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>()
  readonly #augmenting = new Set<string>()
  readonly #service: ts.LanguageService
  readonly #options: ts.CompilerOptions
  #resolutions: ts.ModuleResolutionCache
  #root = ''
  #version = 0

  constructor(readonly ts: TypeScript, readonly directory: string) {
    this.#options = {
      target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, moduleDetection: ts.ModuleDetectionKind.Force,
      strict: true, types: [], typeRoots: [], skipLibCheck: true, skipDefaultLibCheck: true, sourceMap: true, preserveConstEnums: true, resolveJsonModule: true,
      allowImportingTsExtensions: true, allowUnreachableCode: true, allowUnusedLabels: true, esModuleInterop: true, useDefineForClassFields: true, newLine: ts.NewLineKind.LineFeed,
    }
    this.#resolutions = this.#newResolutions()
    this.write(ambientFile, readFileSync(join(fileURLToPath(new URL('.', import.meta.url)), 'ambient/ambient.d.ts'), 'utf8'))
    // A document is kept for the life of the worker: releasing and parsing again costs 307 ms a cell with big packages.
    const registry = { ...ts.createDocumentRegistry(true, directory, ts.JSDocParsingMode.ParseNone), releaseDocument() { /* kept */ }, releaseDocumentWithKey() { /* kept */ } }
    this.#service = ts.createLanguageService(this.#host(), registry)
  }

  /** Puts a cell's text in place; `id` is a number for cells, a word for questions. */
  writeCell(id: number | string, text: string): string {
    const name = cellFile(id)
    this.write(name, text)
    return name
  }

  write(name: string, text: string): void {
    const old = this.#files.get(name)
    if (old?.text === text) return
    this.#files.set(name, { text, version: (old?.version ?? 0) + 1, snapshot: this.ts.ScriptSnapshot.fromString(text) })
    this.#version++
  }

  /** Cells with `declare global` or `declare module` count for every later cell. */
  keepAugmenting(id: number): void { this.#augmenting.add(cellFile(id)) }
  forgetAugmenting(): void { this.#augmenting.clear(); this.writeKernels([]) }

  /** Types `runtime.receive('name')` for ring kernels defined in earlier cells. */
  writeKernels(kernels: readonly { kernel: string; cell: number; variable: string }[]): void {
    const lines = kernels.map(({ kernel, cell, variable }) => `${JSON.stringify(kernel)}: typeof import('./c${cell}').${variable}`)
    this.write(kernelsFile, lines.length === 0 ? 'export {}' : `export {}; declare module 'ringlab' { interface RingKernels { ${lines.join('; ')} } }`)
  }

  /** The service with `root` as the cell in question. */
  at(root: string): ts.LanguageService {
    if (this.#root !== root) { this.#root = root; this.#version++ }
    return this.#service
  }

  program(root: string): ts.Program {
    const program = this.at(root).getProgram()
    if (!program) throw new Error('the TypeScript language service gave no program; restart the session')
    return program
  }

  /** What the ambient module `ringlab` exports; `true` for a value. */
  libraryNames(): ReadonlyMap<string, boolean> {
    const checker = this.program(this.#root).getTypeChecker()
    const module = checker.getAmbientModules().find((symbol) => symbol.name === '"ringlab"')
    const isValue = (symbol: ts.Symbol): boolean => ((symbol.flags & this.ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol).flags & this.ts.SymbolFlags.Value) !== 0
    return new Map(module ? checker.getExportsOfModule(module).map((symbol) => [symbol.name, isValue(symbol)]) : [])
  }

  /** Files on disk may have changed: look again before the next question. */
  refreshDisk(): void { this.#version++ }

  get cellFolder(): string { return cellFolder }
  get options(): ts.CompilerOptions { return this.#options }

  #newResolutions(): ts.ModuleResolutionCache { return this.ts.createModuleResolutionCache(this.directory, (name) => name, this.#options) }

  #host(): ts.LanguageServiceHost {
    const { ts } = this
    const files = this.#files
    return {
      getCompilationSettings: () => this.#options,
      getScriptFileNames: () => [ambientFile, ...(files.has(kernelsFile) ? [kernelsFile] : []), ...this.#augmenting, ...(this.#root ? [this.#root] : [])],
      getProjectVersion: () => String(this.#version),
      getScriptVersion: (name) => files.get(name)?.version.toString() ?? diskVersion(name),
      getScriptSnapshot: (name) => files.get(name)?.snapshot ?? this.#diskSnapshot(name),
      getCurrentDirectory: () => this.directory,
      getDefaultLibFileName: () => ambientFile,
      fileExists: (name) => files.has(name) || !name.startsWith(cellFolder) && ts.sys.fileExists(name),
      readFile: (name) => files.get(name)?.text ?? (name.startsWith(cellFolder) ? undefined : ts.sys.readFile(name)),
      // Without it the package.json above each of five hundred cells is looked for anew in every cell.
      ...{ getModuleResolutionCache: () => this.#resolutions },
      directoryExists: (name) => name === cellFolder || ts.sys.directoryExists(name),
      getDirectories: (name) => name.startsWith(cellFolder) ? ts.sys.getDirectories(join(this.directory, name.slice(cellFolder.length))) : ts.sys.getDirectories(name),
      readDirectory: (name, extensions, exclude, include, depth) => ts.sys.readDirectory(name.startsWith(cellFolder) ? join(this.directory, name.slice(cellFolder.length)) : name, extensions, exclude, include, depth),
      realpath: (name) => name.startsWith(cellFolder) ? name : ts.sys.realpath?.(name) ?? name,
      useCaseSensitiveFileNames: () => true,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
      resolveModuleNameLiterals: (literals, containing) => literals.map((literal) => this.#resolve(literal.text, containing)),
      resolveTypeReferenceDirectiveReferences: (references, containing) => references.map((reference) => this.#resolveTypes(typeof reference === 'string' ? reference : reference.fileName, containing)),
    }
  }

  #resolve(name: string, containing: string): ts.ResolvedModuleWithFailedLookupLocations {
    const fromCell = containing.startsWith(cellFolder)
    const cell = fromCell ? /^\.\/(c\d+)$/.exec(name)?.[1] : undefined
    if (cell !== undefined && this.#files.has(`${cellFolder}/${cell}.ts`)) return found(`${cellFolder}/${cell}.ts`, this.ts.Extension.Ts)
    if (name.startsWith('node:') || builtins.has(name) || name === 'ringlab' || name === 'tslab') return { resolvedModule: undefined }
    const from = fromCell ? join(this.directory, 'cell.ts') : containing
    const resolved = this.ts.resolveModuleName(name, from, this.#options, this.ts.sys, this.#resolutions)
    // An absence is never kept: the package may be installed before the next cell.
    if (!resolved.resolvedModule) this.#resolutions = this.#newResolutions()
    return resolved
  }

  #resolveTypes(name: string, containing: string): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations {
    if (name === 'node') return { resolvedTypeReferenceDirective: undefined }
    const from = containing.startsWith(cellFolder) ? join(this.directory, 'cell.ts') : containing
    return this.ts.resolveTypeReferenceDirective(name, from, this.#options, this.ts.sys)
  }

  #diskSnapshot(name: string): ts.IScriptSnapshot | undefined {
    const version = diskVersion(name)
    const kept = this.#snapshots.get(name)
    if (kept?.version === version) return kept.snapshot
    const text = this.ts.sys.readFile(name)
    if (text === undefined) return undefined
    const snapshot = this.ts.ScriptSnapshot.fromString(text)
    this.#snapshots.set(name, { version, snapshot })
    return snapshot
  }
}

function found(resolvedFileName: string, extension: ts.Extension): ts.ResolvedModuleWithFailedLookupLocations {
  return { resolvedModule: { resolvedFileName, extension, isExternalLibraryImport: false } }
}

/** The user's own files change under a session; a package's do not (an upgraded one asks for a restart). */
function diskVersion(name: string): string {
  if (name.includes('/node_modules/')) return '1'
  try { const { mtimeMs, size } = statSync(name); return `${mtimeMs}:${size}` } catch { return '0' }
}
