// The language worker: TypeScript lives here and nowhere else. It answers main and, over ports of their own, other threads; one question at a
// time, in the order they come.
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { Completion } from '../front-end.js'
import { complete } from './complete.js'
import { CellCompiler } from './compile.js'
import { completeness } from './completeness.js'
import { sortProblems } from './diagnostics.js'
import { inspect } from './inspect.js'
import { findMagics } from './magic-scanner.js'
import { SessionNames } from './names.js'
import type { Answer, Facts, LanguageAnswers, LanguageNotice, LanguageRequest, LanguageWorkerData, Numbered } from './protocol.js'
import { LanguageService } from './service.js'
import { loadTypeScript, type TypeScript } from './typescript.js'

/** How long after the start the code cache is written: not while the first cells wait. */
const cacheDelayMs = 3000

class LanguageWorker {
  readonly #ts: TypeScript
  readonly #compiler: CellCompiler
  readonly #names: SessionNames
  readonly #service: LanguageService
  #facts: Facts

  constructor(data: LanguageWorkerData) {
    const { ts, keep } = loadTypeScript(data.cacheFolder)
    this.#ts = ts
    this.#facts = data.facts
    this.#names = new SessionNames()
    this.#service = new LanguageService(ts, data.directory)
    this.#compiler = new CellCompiler(ts, this.#service, this.#names)
    for (const record of data.records) this.#compiler.keep(record)
    this.#names.replace(data.names)
    this.#compiler.compile({ kind: 'compile', id: 0, code: '[1].map(x => x)', expression: true })
    setTimeout(keep, cacheDelayMs).unref()
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
      case 'parseBody': throw new Error('no parser of ring kernel bodies is loaded')
      case 'complete': return this.#complete(request.code, request.offset)
      case 'inspect': return inspect(this.#compiler, request.code, request.offset, request.detail)
      case 'isComplete': return completeness(this.#compiler, request.code)
    }
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
    void this.#facts
    if (magic && magic.kind !== 'help') return { start: offset, end: offset, matches: [] }
    return complete(this.#compiler, code, offset)
  }

  #transpile(path: string, text: string): LanguageAnswers['transpile'] {
    const { ModuleKind, ScriptTarget } = this.#ts
    const { outputText, sourceMapText, diagnostics } = this.#ts.transpileModule(text, {
      fileName: path, reportDiagnostics: true, compilerOptions: { module: ModuleKind.System, target: ScriptTarget.ES2023, sourceMap: true, ignoreDeprecations: '6.0', verbatimModuleSyntax: false },
    })
    const problems = sortProblems(this.#ts, diagnostics ?? [], { code: text, edits: [], hint: () => undefined })
    if (problems.errors.length > 0) return { status: 'refused', problems: problems.errors }
    const mappings = (JSON.parse(sourceMapText ?? '{"mappings":""}') as { mappings: string }).mappings
    return { code: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ''), mappings }
  }
}

if (parentPort) {
  const worker = new LanguageWorker(workerData as LanguageWorkerData)
  worker.serve(parentPort)
  parentPort.postMessage('ready')
}
