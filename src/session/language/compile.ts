// One cell from text to JavaScript: magics out, names of earlier cells in, check, rewrite to boxes, emit. The rules of what a cell means to the
// type checker are here; how a statement is rewritten is in `rewrite/`.
import type ts from 'typescript'
import { cellShape, type CellShape, type Declaration } from './declarations.js'
import { sortProblems } from './diagnostics.js'
import { findMagics, magicReplacements } from './magic-scanner.js'
import { applyReplacements, type Edit } from './positions.js'
import type { CellRecord, CompileRequest, DeclaredName, LanguageAnswers, SessionName } from './protocol.js'
import type { SessionNames } from './names.js'
import { Rewriter } from './rewrite/rewriter.js'
import { rewriteStatements } from './rewrite/statements.js'
import type { LanguageService } from './service.js'
import type { TypeScript } from './typescript.js'

/** The user's code as the parser gets it. */
export interface PreparedText { readonly text: string; readonly edits: readonly Edit[] }

export class CellCompiler {
  constructor(readonly ts: TypeScript, readonly service: LanguageService, readonly names: SessionNames) {}

  /** What ringlab exports, in scope in every cell; `true` for a value. */
  get libraryNames(): ReadonlyMap<string, boolean> { return this.#library ??= this.service.libraryNames() }
  #library: ReadonlyMap<string, boolean> | undefined


  compile({ id, code, expression }: CompileRequest): LanguageAnswers['compile'] {
    const { ts } = this
    const prepared = this.prepare(code)
    const shape = cellShape(ts, this.parse(prepared.text))
    const outside = this.#outside(shape)
    const text = prepared.text + this.#added(shape, outside, expression === true)
    // Expressions share one file: what the checker read once it keeps for good.
    const file = this.service.writeCell(expression === true ? 'expression' : id, text)
    this.writeKernels(shape)
    const service = this.service.at(file)
    const program = this.service.program(file)
    const source = program.getSourceFile(file)
    if (!source) throw new Error(`the checker lost ${file}; restart the session`)
    const syntactic = service.getSyntacticDiagnostics(file)
    const found = syntactic.length > 0 ? syntactic : service.getSemanticDiagnostics(file)
    const problems = sortProblems(ts, found, { code, edits: prepared.edits, hint: (errorCode, name, message) => this.#hint(errorCode, name, message) })
    if (problems.errors.length > 0) {
      if (expression !== true) this.service.writeCell(id, '')
      return { status: 'refused', problems: problems.errors }
    }
    const emitted = this.#emit(program, source, prepared, shape, outside)
    const names = expression === true ? [] : this.#declared(program, source, shape, emitted.rewriter)
    const record: CellRecord = { id, text, names, augments: shape.augments, kernels: shape.kernels }
    if (expression !== true) this.keep(record)
    return { status: 'compiled', ...emitted.result, edits: prepared.edits, checkedText: text, names, warnings: problems.warnings, ...(expression === true ? {} : { record }) }
  }

  /** Takes a cell's names into the session; also for a cell that an earlier worker compiled. */
  keep(record: CellRecord): void {
    this.service.writeCell(record.id, record.text)
    this.names.declare(record.id, record.names)
    this.names.keepKernels(record)
    if (record.augments) this.service.keepAugmenting(record.id)
  }

  /** Magics become calls, and a cell that starts with `{` and reads as an expression becomes one. */
  prepare(code: string): PreparedText {
    const object = this.#asExpression(code)
    if (object) return object
    return applyReplacements(code, magicReplacements(findMagics(this.ts, code, (word) => this.isBound(word))))
  }

  isBound(word: string): boolean { return this.names.has(word) || this.libraryNames.has(word) }

  parse(text: string): ts.SourceFile {
    const { ts } = this
    // Appended so that the parser takes top-level `await` for what it is; the cell's text stays where it is.
    return ts.createSourceFile('/cell.ts', `${text}\n;export {}`, ts.ScriptTarget.ES2023, true)
  }

  /** Names the text mentions that an earlier cell or ringlab declares. */
  outsideNames(mentioned: ReadonlySet<string>, declared: ReadonlyMap<string, unknown>): Map<string, SessionName | 'library' | 'last result'> {
    const out = new Map<string, SessionName | 'library' | 'last result'>()
    for (const name of mentioned) {
      if (declared.has(name)) continue
      const known = this.names.get(name) ?? (this.libraryNames.has(name) ? 'library' : name === '_' ? 'last result' : undefined)
      if (known) out.set(name, known)
    }
    return out
  }

  /** How the checker sees a name of another cell; variables stay assignable, which an import is not. */
  importText(name: string, from: SessionName | 'library' | 'last result'): string {
    if (from === 'library') return `import { ${name} } from 'ringlab';`
    if (from === 'last result') return 'declare const _: any;'
    const variable = from.kind === 'let' || from.kind === 'const' || from.kind === 'using' || from.kind === 'await using'
    if (!variable || from.isType) return `import { ${name} } from './c${from.cell}';`
    return `declare ${from.kind === 'let' ? 'let' : 'const'} ${name}: typeof import('./c${from.cell}').${name};`
  }

  #asExpression(code: string): PreparedText | undefined {
    const trimmed = code.trim().replace(/;\s*$/, '')
    if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined
    const { ts } = this
    const parsed = ts.createSourceFile('/cell.ts', `(${trimmed});export {}`, ts.ScriptTarget.ES2023)
    const faults = (parsed as ts.SourceFile & { parseDiagnostics?: readonly unknown[] }).parseDiagnostics ?? []
    const first = parsed.statements[0]
    if (faults.length > 0 || parsed.statements.length !== 2 || !first || !ts.isExpressionStatement(first)) return undefined
    const start = code.indexOf('{')
    const end = start + trimmed.length
    return applyReplacements(code, [{ start, end: start, text: '(' }, { start: end, end, text: ')' }])
  }

  #outside(shape: CellShape): Map<string, SessionName | 'library' | 'last result'> { return this.outsideNames(shape.mentioned, shape.declarations) }

  #added(shape: CellShape, outside: ReadonlyMap<string, SessionName | 'library' | 'last result'>, isExpression: boolean): string {
    const exported = isExpression ? [] : [...shape.declarations.keys()].filter((name) => !shape.exported.has(name))
    const kernels = shape.kernels.map(([kernel, variable]) => `${JSON.stringify(kernel)}: typeof ${variable}`)
    return ['\n;', ...Array.from(outside, ([name, from]) => this.importText(name, from)), `export { ${exported.join(', ')} };`,
      ...(kernels.length > 0 ? [`declare module 'ringlab' { interface RingKernels { ${kernels.join('; ')} } }`] : [])].join('')
  }

  /** Ring kernels of earlier cells, without those this cell defines again. */
  writeKernels(shape: CellShape): void {
    const again = new Set(shape.kernels.map(([kernel]) => kernel))
    const kept = Array.from(this.names.kernels, ([kernel, at]) => ({ kernel, ...at })).filter(({ kernel, variable, cell }) => !again.has(kernel) && this.names.get(variable)?.cell === cell)
    this.service.writeKernels(kept)
  }

  #emit(program: ts.Program, source: ts.SourceFile, prepared: PreparedText, shape: CellShape, outside: ReadonlyMap<string, SessionName | 'library' | 'last result'>) {
    const { ts } = this
    let prefix = '$$'
    while (source.text.includes(prefix)) prefix += '$'
    const hasBox = (kind: string): boolean => kind !== 'type' && kind !== 'ambient'
    const boxed = new Set([...[...shape.declarations.values()].filter((d) => hasBox(d.kind)).map((d) => d.name),
      ...Array.from(outside).filter(([name, from]) => from === 'library' ? this.libraryNames.get(name) === true : from === 'last result' || hasBox(from.kind)).map(([name]) => name)])
    const owned = new Map<string, 'using' | 'await using'>()
    for (const name of shape.declarations.keys()) {
      const kind = this.names.get(name)?.kind
      if (kind === 'using' || kind === 'await using') owned.set(name, kind)
    }
    const hoistedVars = [...shape.declarations.values()].filter((d) => d.hoisted).map((d) => d.name)
    const facts = { boxed, owned, hoistedVars, userEnd: prepared.text.length, prefix }
    let rewriter: Rewriter | undefined
    const transform: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
      rewriter = new Rewriter(ts, context, program.getTypeChecker(), file, facts)
      return context.factory.updateSourceFile(file, rewriteStatements(rewriter))
    }
    let code = ''
    let map = ''
    program.emit(source, (name, text) => { if (name.endsWith('.map')) map = text; else if (name.endsWith('.js')) code = text }, undefined, false, { before: [transform] })
    if (!rewriter) throw new Error('the checker emitted nothing for a cell; restart the session')
    const cleaned = code.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '').replace(/^export \{ *\};\s*$/gm, '')
    const mappings = (JSON.parse(map || '{"mappings":""}') as { mappings: string }).mappings
    return { rewriter, result: { code: cleaned, mappings, isAsync: rewriter.isAsync, prefix, boxes: [...rewriter.boxes], modules: rewriter.modules, imports: rewriter.imports } }
  }

  #declared(program: ts.Program, source: ts.SourceFile, shape: CellShape, rewriter: Rewriter): DeclaredName[] {
    const { ts } = this
    const checker = program.getTypeChecker()
    const module = checker.getSymbolAtLocation(source)
    const exports = new Map(module ? checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]) : [])
    const kindOf = (d: Declaration): DeclaredName['kind'] => rewriter.values.get(d.name) ?? d.kind
    return [...shape.declarations.values()].map((declaration) => {
      const kind = kindOf(declaration)
      const symbol = exports.get(declaration.name)
      const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      const isValue = target !== undefined && (target.flags & ts.SymbolFlags.Value) !== 0
      const final = kind === 'namespace' && !isValue ? 'type' : kind
      const type = !target ? 'any' : isValue ? checker.typeToString(checker.getTypeOfSymbol(target)) : 'type'
      return { name: declaration.name, kind: final, step: declaration.step, isType: declaration.isType, type }
    })
  }

  #hint(code: number, name: string, message: string): string | undefined {
    if ((code === 2448 || code === 2454 || code === 7022) && this.names.has(name)) return `'${name}' is declared anew here, so its earlier value cannot be read: write ${name} = … to change it, or choose another name.`
    if (code === 2588 && this.names.has(name)) return `'${name}' was declared with const; declare it again with let to change it.`
    if (code === 2307) {
      const wanted = /'([^'./][^']*)'/.exec(message)?.[1]
      if (wanted !== undefined && !wanted.startsWith('node:')) return `install it with  !npm install ${wanted.startsWith('@') ? wanted.split('/').slice(0, 2).join('/') : wanted.split('/')[0] ?? wanted}  and run the cell again.`
    }
    return undefined
  }
}

