// A session: cells in, outputs to a sink. This file joins the language worker (what a cell means) with the main thread's scope (where it runs)
// and settles each cell exactly once, whether it ends, fails, is interrupted or is terminated under its own feet.
import { dirname, isAbsolute, resolve } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { Attribution, type Owner } from './evaluate/attribution.js'
import { CellRun, type CellWorld } from './evaluate/cell.js'
import { CellConsole } from './evaluate/console.js'
import { Disposables } from './evaluate/disposables.js'
import { guardProcess } from './evaluate/faults.js'
import { Interruption, InterruptError } from './evaluate/interruption.js'
import { Modules } from './evaluate/modules.js'
import { resultBundle } from './evaluate/results.js'
import { Scope } from './evaluate/scope.js'
import { Sources } from './evaluate/sources.js'
import { installStacks } from './evaluate/stacks.js'
import { CheckError, errorOf, warningText } from './evaluate/traceback.js'
import * as tslab from './evaluate/tslab.js'
import type { CellError, Completeness, Completion, ExecuteOutcome, ExecuteRequest, Inspection, OutputSink, Session } from './front-end.js'
import { LanguageThread } from './language/thread.js'
import { defaultCacheFolder } from './language/typescript.js'
import { magicContext } from './magic-context.js'
import { createMagics } from './magics/index.js'
import { Surroundings } from './surroundings.js'

export interface SessionOptions {
  /** Called at once, on the main thread. The session replaces `console` and `process.stdout`; a sink writes to the descriptors themselves. */
  readonly sink: OutputSink
  /** Where cells find modules when there is no notebook. */
  readonly directory: string
  /** The notebook; modules, `import.meta` and `require` are based on its folder. */
  readonly notebookPath?: string
  /** Where new runtimes run, as `%device` says. */
  readonly device?: string
  readonly flags?: { /** `process.exit` in a cell ends the process, as in `ringlab run`; else it stops the cell. */ readonly exitsProcess?: boolean }
}

/** Opens a session on this thread; one at a time. Resolves at once: the first cell waits for TypeScript, the caller need not. */
export async function createSession(options: SessionOptions): Promise<EngineSession> {
  const language = new LanguageThread(baseOf(options).folder, defaultCacheFolder())
  const ringlab = await import('../index.js') as Record<string, unknown>
  return new EngineSession(options, language, ringlab)
}

function baseOf({ directory, notebookPath }: SessionOptions): { folder: string; file: string } {
  const file = notebookPath === undefined ? resolve(directory, 'session.ts') : isAbsolute(notebookPath) ? notebookPath : resolve(directory, notebookPath)
  return { folder: dirname(file), file }
}

interface Running {
  readonly request: ExecuteRequest
  readonly owner: Owner
  readonly interruption: Interruption
  readonly executionCount: number
  readonly cells: CellRun[]
  readonly pages: Record<string, unknown>[]
  readonly resolve: (outcome: ExecuteOutcome) => void
}

export class EngineSession implements Session {
  /** Settles when TypeScript is loaded and the next cell only waits for itself. */
  readonly ready: Promise<void>
  readonly #scope = new Scope()
  readonly #sources = new Sources()
  readonly #attribution = new Attribution()
  readonly #disposables = new Disposables()
  readonly #console: CellConsole
  readonly #world: CellWorld
  readonly #restore: (() => void)[] = []
  readonly #surroundings: Surroundings
  #running: Running | undefined
  #executionCount = 0
  #cellCount = 0

  constructor(readonly options: SessionOptions, readonly language: LanguageThread, ringlab: Record<string, unknown>) {
    this.ready = language.ready
    const modules = new Modules(baseOf(options), { ringlab, tslab: { ...tslab } }, (path, text) => this.#transpile(path, text), this.#sources,
      (text) => { options.sink.stream(this.#attribution.current.token, 'stderr', text) })
    const magics = createMagics(magicContext({
      sink: options.sink, attribution: this.#attribution, scope: this.#scope, language, folder: options.directory,
      execute: (code, isExpression) => this.#execute(this.#needRunning(), code, isExpression), page: (bundle) => { this.#page(bundle) },
    }))
    this.#world = { scope: this.#scope, modules, disposables: this.#disposables, attribution: this.#attribution, magics }
    for (const name of Object.keys(ringlab)) this.#scope.import(name, () => ringlab[name])
    this.#scope.box('_').v = undefined
    const { sink } = options
    this.#restore.push(installStacks(this.#sources))
    this.#restore.push(guardProcess({ sink, attribution: this.#attribution, sources: this.#sources, exitsProcess: options.flags?.exitsProcess === true, isRunning: () => this.#running !== undefined }))
    this.#console = new CellConsole(sink, this.#attribution)
    this.#surroundings = new Surroundings({
      sink, attribution: this.#attribution, scope: this.#scope, device: options.device, signal: () => this.#running?.interruption.signal,
      parseBody: (request) => language.ask({ kind: 'parseBody', request }), compileBody: (request) => language.ask({ kind: 'compileBody', request }), tell: (facts) => { language.know(facts) },
    })
  }

  execute(request: ExecuteRequest): Promise<ExecuteOutcome> {
    // The caller has its promise before any user code runs: an async function that is terminated never settles.
    return new Promise((resolve) => {
      const counts = request.silent !== true && request.storeHistory !== false
      const executionCount = this.#executionCount + 1
      if (counts) this.#executionCount = executionCount
      const running: Running = { request, owner: { token: request.token, label: `cell [${executionCount}]` }, interruption: new Interruption(), executionCount, cells: [], pages: [], resolve }
      if (this.#running) { resolve(failed(running, { name: 'SessionBusy', message: 'another cell is running; cells run one at a time', traceback: ['another cell is running; cells run one at a time'] })); return }
      this.#running = running
      this.#surroundings.cellBegins(running.owner)
      void this.#run(running)
    })
  }

  interrupt(): void {
    const running = this.#running
    if (!running) return
    running.interruption.interrupt()
    this.#finish(running, failed(running, interruptedError(), true))
  }

  settleTerminated(): void { this.interrupt() }

  languagePort(): MessagePort { return this.language.clientPort() }

  complete(code: string, offset: number): Promise<Completion> { return this.language.ask({ kind: 'complete', code, offset }) }
  inspect(code: string, offset: number, detail: 0 | 1): Promise<Inspection> { return this.language.ask({ kind: 'inspect', code, offset, detail }) }
  isComplete(code: string): Promise<Completeness> { return this.language.ask({ kind: 'isComplete', code }) }

  comm(): Record<string, unknown> | undefined { return undefined }

  async shutdown(deadlineMs: number): Promise<void> {
    this.interrupt()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, deadlineMs) })
    await Promise.race([late, this.#disposables.releaseAll().then(() => this.#surroundings.end())])
    await Promise.race([late, this.language.end()])
    clearTimeout(timer)
    this.#console.restore()
    for (const restore of this.#restore.reverse()) restore()
  }

  async #run(running: Running): Promise<void> {
    try {
      const value = await this.#execute(running, running.request.code, false)
      await this.#surroundings.checkDefinitions()
      const outcome = await this.#succeeded(running, value)
      this.#finish(running, outcome)
    } catch (thrown) {
      this.#finish(running, failed(running, thrown instanceof InterruptError ? interruptedError() : errorOf(thrown, this.#sources), thrown instanceof InterruptError))
    }
  }

  /** Compiles and runs code as (a part of) the running cell; resolves with its last expression's value, in an array so that a promise stays one. */
  async #execute(running: Running, code: string, isExpression: boolean): Promise<[unknown]> {
    const { owner, interruption } = running
    const id = ++this.#cellCount
    const compiled = await this.language.ask({ kind: 'compile', id, code, expression: isExpression }, interruption.signal)
    if (compiled.status === 'refused') throw new CheckError(compiled.problems, owner.label, code)
    if (compiled.record) this.language.keep(compiled.record)
    const url = `ringlab-cell:${id}`
    this.#surroundings.addSource(url, this.#sources.addCell(url, owner.label, owner.token, code, compiled))
    for (const warning of compiled.warnings) this.options.sink.stream(owner.token, 'stderr', warningText(warning, owner.label))
    const run = new CellRun(this.#world, compiled, owner, url, interruption)
    if (isExpression) { await run.run(); return [run.result] }
    running.cells.push(run)
    try {
      await run.run()
      this.#settle(running, run, true)
    } catch (fault) { this.#settle(running, run, false); throw fault }
    return [run.result]
  }

  #needRunning(): Running {
    if (!this.#running) throw new Error('magics run inside a cell; no cell is running now')
    return this.#running
  }

  #page(bundle: Readonly<Record<string, unknown>>): void {
    const running = this.#needRunning()
    running.pages.push({ source: 'page', data: bundle, start: 0 })
  }

  #settle(running: Running, run: CellRun, whole: boolean): void {
    const at = running.cells.indexOf(run)
    if (at === -1) return
    running.cells.splice(at, 1)
    this.language.settle(Number(run.url.split(':')[1]), whole ? 'all' : run.step, whole ? [] : run.valued)
    run.ended()
  }

  async #succeeded(running: Running, [value]: [unknown]): Promise<ExecuteOutcome> {
    const { request, executionCount, pages } = running
    const userExpressions: Record<string, (ExecuteOutcome & { status: 'ok' })['userExpressions'][string]> = {}
    for (const [name, expression] of Object.entries(request.userExpressions ?? {})) {
      try {
        const [result] = await this.#execute(running, expression, true)
        userExpressions[name] = { status: 'ok', data: resultBundle(result) ?? { 'text/plain': 'undefined' }, metadata: {} }
      } catch (fault) {
        const { name: ename, message: evalue, traceback } = errorOf(fault, this.#sources)
        userExpressions[name] = { status: 'error', ename, evalue, traceback }
      }
    }
    const result = request.silent === true ? undefined : resultBundle(value)
    if (result && !this.language.names.has('_')) this.#scope.box('_').v = value
    if (result && request.storeHistory !== false) this.#surroundings.outputs[executionCount] = value
    return { status: 'ok', executionCount, userExpressions, ...(result ? { result } : {}), ...(pages.length > 0 ? { payload: pages } : {}) }
  }

  #finish(running: Running, outcome: ExecuteOutcome): void {
    if (this.#running !== running) return
    this.#running = undefined
    for (const run of [...running.cells]) this.#settle(running, run, false)
    this.#console.cellEnded()
    this.#surroundings.tellFacts()
    running.resolve(outcome)
  }

  async #transpile(path: string, text: string): Promise<{ code: string; mappings: string }> {
    const answer = await this.language.ask({ kind: 'transpile', path, text })
    if ('status' in answer) throw new CheckError(answer.problems, path, text)
    return answer
  }
}

function interruptedError(): CellError { const { name, message } = new InterruptError(); return { name, message, traceback: [`\u001b[31m${name}\u001b[39m: the cell was stopped; variables are kept`] } }

function failed(running: Running, error: CellError, interrupted = false): ExecuteOutcome { return { status: 'error', executionCount: running.executionCount, error, ...(interrupted ? { interrupted } : {}) } }
