// The language worker: TypeScript lives here and nowhere else. It answers main and, over ports of their own, other threads; one question at a
// time, in the order they come.
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { CompileOutcome } from '../../compiler/compiled.js'
import type { CompileRequest as BodyRequest } from '../../compiler/request.js'
import { parseBody } from '../../source/parse.js'
import type { Completion } from '../front-end.js'
import { completeMagic } from '../magics/complete.js'
import type { MagicFacts } from '../magics/context.js'
import type { ModuleKind } from 'typescript'
import { complete } from './complete.js'
import { CellCompiler } from './compile.js'
import { completeness } from './completeness.js'
import { sortProblems } from './diagnostics.js'
import { inspect } from './inspect.js'
import { findMagics, type MagicStatement } from './magic-scanner.js'
import { SessionNames } from './names.js'
import type { Answer, LanguageAnswers, LanguageNotice, LanguageRequest, LanguageWorkerData, Numbered } from './protocol.js'
import { LanguageService } from './service.js'
import { loadTypeScript, type TypeScript } from './typescript.js'

/** `ModuleKind.System`. Deprecated, for TypeScript 7 does not emit it; ringlab is pinned to 6, and no other form has live bindings and top-level await in a function. */
const systemModule = 'System' as keyof typeof ModuleKind
/** How long after the start the code cache is written: not while the first cells wait. */
const cacheDelayMs = 3000

class LanguageWorker {
  readonly #ts: TypeScript
  readonly #compiler: CellCompiler
  readonly #names: SessionNames
  readonly #service: LanguageService
  #facts: MagicFacts

  constructor(data: LanguageWorkerData) {
    const loaded = loadTypeScript(data.cacheFolder)
    const { ts } = loaded
    this.#ts = ts
    this.#facts = data.facts
    this.#names = new SessionNames()
    this.#service = new LanguageService(ts, data.directory)
    this.#compiler = new CellCompiler(ts, this.#service, this.#names)
    for (const record of data.records) this.#compiler.keep(record)
    this.#names.replace(data.names)
    this.#compiler.compile({ kind: 'compile', id: 0, code: '[1].map(x => x)', expression: true })
    setTimeout(() => { loaded.keep() }, cacheDelayMs).unref()
  }

  serve(port: MessagePort): void {
    port.on('message', (message: Numbered<LanguageRequest> | LanguageNotice) => {
      if (!('number' in message)) { this.#notice(message); return }
      void this.#answer(message).then((answer) => { port.postMessage(answer) })
    })
  }

  async #answer(request: Numbered<LanguageRequest>): Promise<Answer> {
    try { return { number: request.number, value: await this.#value(request) } } catch (fault) {
      return { number: request.number, error: fault instanceof Error ? fault.stack ?? fault.message : String(fault) }
    }
  }

  #value(request: LanguageRequest): unknown {
    switch (request.kind) {
      case 'compile': return this.#compiler.compile(request)
      case 'transpile': return this.#transpile(request.path, request.text)
      case 'parseBody': return parseBody(this.#ts, request.request)
      case 'compileBody': return this.#compileBody(request.request)
      case 'complete': return this.#complete(request.code, request.offset)
      case 'inspect': return inspect(this.#compiler, request.code, request.offset, request.detail)
      case 'isComplete': return completeness(this.#compiler, request.code)
    }
  }

  /** Not loaded at the start: most cells define no ring kernel. */
  async #compileBody(request: BodyRequest): Promise<CompileOutcome> {
    const { compileBody } = await import('../../compiler/index.js')
    return compileBody(request, this.#ts)
  }

  #notice(notice: LanguageNotice): void {
    switch (notice.kind) {
      case 'settled': this.#names.settle(notice.id, notice.reached, notice.valued); return
      case 'names': this.#names.replace(notice.names); return
      case 'forget': this.#names.forget(notice.names); if (notice.names === 'all') this.#service.forgetAugmenting(); return
      case 'facts': this.#facts = notice.facts; return
      case 'port': this.serve(notice.port)
    }
  }

  #complete(code: string, offset: number): Completion {
    const magic = findMagics(this.#ts, code, (word) => this.#compiler.isBound(word)).find(({ start, end }) => start <= offset && offset <= end)
    const line = magic && completedLine(code, offset)
    const inMagic = line && completeMagic(line.text, offset - line.start, { ...this.#facts, names: [...this.#names.all()].map(({ name }) => name) })
    if (line && inMagic) return { ...inMagic, start: inMagic.start + line.start, end: inMagic.end + line.start }
    if (magic?.kind === 'shell') return { start: offset, end: offset, matches: [] }
    return magic ? completeArgument(this.#compiler, code, magic, offset) : complete(this.#compiler, code, offset)
  }

  #transpile(path: string, text: string): LanguageAnswers['transpile'] {
    const { ScriptTarget } = this.#ts
    const { outputText, sourceMapText, diagnostics } = this.#ts.transpileModule(text, {
      fileName: path, reportDiagnostics: true, compilerOptions: { module: this.#ts.ModuleKind[systemModule], target: ScriptTarget.ES2023, sourceMap: true, ignoreDeprecations: '6.0', verbatimModuleSyntax: false },
    })
    const problems = sortProblems(this.#ts, diagnostics ?? [], { code: text, edits: [], hint: () => undefined })
    if (problems.errors.length > 0) return { status: 'refused', problems: problems.errors }
    const mappings = (JSON.parse(sourceMapText ?? '{"mappings":""}') as { mappings: string }).mappings
    return { code: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ''), mappings }
  }
}

function completedLine(code: string, offset: number): { text: string; start: number } {
  const start = code.lastIndexOf('\n', offset - 1) + 1
  const end = code.indexOf('\n', offset)
  return { text: code.slice(start, end === -1 ? code.length : end), start }
}

/** Where a magic takes code, as `%send id {…}` does, the code is completed as a cell of its own. */
function completeArgument(compiler: CellCompiler, code: string, magic: MagicStatement, offset: number): Completion {
  const blank = code.slice(magic.start, offset).replace(/[^\n]*?(?=[\w$.]*$)/, (text) => ' '.repeat(text.length))
  return complete(compiler, code.slice(0, magic.start) + blank, offset)
}

if (parentPort) {
  const worker = new LanguageWorker(workerData as LanguageWorkerData)
  worker.serve(parentPort)
  parentPort.postMessage('ready')
}
