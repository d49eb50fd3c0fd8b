// Drives a session in a process of its own and collects what each cell came to.
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import type { Completeness, Completion, ExecuteOutcome, ExecuteRequest, Inspection } from '#ringlab/session/front-end.js'

/** No answer of a session takes longer, even on a busy machine. */
const answerMs = 30_000

export interface Shown { readonly name: 'display'; readonly bundle: Record<string, unknown>; readonly options?: { displayId?: string; update?: boolean } }
type Output = { readonly name: 'stdout' | 'stderr'; readonly text: string } | Shown | { readonly name: 'clear'; readonly wait: boolean }
export interface Ran {
  readonly status: 'ok' | 'error'
  /** The result's text/plain. */
  readonly text: string | undefined
  readonly stdout: string
  readonly stderr: string
  readonly displays: readonly Shown[]
  readonly error: string
  readonly traceback: string
  readonly outcome: ExecuteOutcome
}

export class DrivenSession {
  readonly #outputs: { cell: number; output: Output }[] = []
  readonly #asked = new Map<number, (answer: { value?: unknown; fault?: string }) => void>()
  readonly #watchers = new Set<() => void>()
  /** What another thread of the session's process was told, and whether main was blocked then: it heard of it much later. */
  readonly answers: { texts: string[]; during: boolean }[] = []
  #count = 0
  token = 0

  private constructor(readonly child: ChildProcess, readonly folder: string) {
    child.on('message', (message: { kind: string; number: number; value?: unknown; fault?: string; cell: number; output: Output; texts: string[]; waitedMs: number }) => {
      if (message.kind === 'asked') this.answers.push({ texts: message.texts, during: message.waitedMs > 300 })
      if (message.kind === 'output') this.#outputs.push(message)
      if (message.kind === 'answer') this.#asked.get(message.number)?.(message)
      for (const watcher of this.#watchers) watcher()
    })
  }

  /** Starts a process with a session whose notebook lies in a folder of its own. */
  static async open(options: { folder?: string; notebookPath?: string; flags?: object } = {}): Promise<DrivenSession> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'ringlab-session-'))
    const child = fork(fileURLToPath(new URL('host.js', import.meta.url)), [JSON.stringify({ directory: folder, ...options })], { execArgv: ['--no-force-async-hooks-checks', '--expose-gc'], cwd: folder })
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => { reject(new Error(`the session's process ended with ${code ?? 'a signal'}`)) })
      child.on('message', (message: { kind: string }) => { if (message.kind === 'up') resolve() })
    })
    return new DrivenSession(child, folder)
  }

  /** Runs a cell to its end. */
  async run(code: string, request: Partial<ExecuteRequest> = {}): Promise<Ran> {
    const token = ++this.token
    return this.collect(token, await this.call<ExecuteOutcome>('execute', { token, code, ...request }))
  }

  /** Starts a cell and gives its token; the outcome comes by itself. */
  start(code: string): { token: number; outcome: Promise<Ran> } {
    const token = ++this.token
    return { token, outcome: this.call<ExecuteOutcome>('execute', { token, code }).then((outcome) => this.collect(token, outcome)) }
  }

  collect(token: number, outcome: ExecuteOutcome): Ran {
    const own = this.#outputs.filter(({ cell }) => cell === token).map(({ output }) => output)
    const text = (name: 'stdout' | 'stderr'): string => own.map((output) => output.name === name ? output.text : '').join('')
    const result = outcome.status === 'ok' ? outcome.result?.['text/plain'] : undefined
    return {
      status: outcome.status, outcome, text: typeof result === 'string' ? result : undefined, stdout: text('stdout'), stderr: stripVTControlCharacters(text('stderr')),
      displays: own.flatMap((output) => output.name === 'display' ? [output] : []),
      error: outcome.status === 'error' ? `${outcome.error.name}: ${outcome.error.message}` : '',
      traceback: outcome.status === 'error' ? stripVTControlCharacters(outcome.error.traceback.join('\n')) : '',
    }
  }

  outputOf(token: number, name: 'stdout' | 'stderr'): string {
    return stripVTControlCharacters(this.#outputs.map(({ cell, output }) => cell === token && output.name === name ? output.text : '').join(''))
  }

  /** Waits until something holds, looking after each message. */
  async until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => { this.#watchers.delete(look); reject(new Error(`not within ${answerMs} ms: ${what}`)) }, answerMs)
      const look = (): void => { if (holds()) { clearTimeout(timer); this.#watchers.delete(look); resolve() } }
      this.#watchers.add(look)
    })
  }

  async call<T>(call: string, ...parameters: unknown[]): Promise<T> {
    const number = ++this.#count
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => { this.#asked.delete(number); reject(new Error(`${call} did not answer within ${answerMs} ms`)) }, answerMs)
      this.#asked.set(number, ({ value, fault }) => {
        clearTimeout(timer)
        this.#asked.delete(number)
        if (fault === undefined) resolve(value as T); else reject(new Error(fault))
      })
      this.child.send({ number, call, parameters })
    })
  }

  complete(code: string, offset = code.length): Promise<Completion> { return this.call('complete', code, offset) }
  inspect(code: string, offset = code.length, detail: 0 | 1 = 0): Promise<Inspection> { return this.call('inspect', code, offset, detail) }
  isComplete(code: string): Promise<Completeness> { return this.call('isComplete', code) }

  /** Ends the session; with `leftovers`, user code may still run timers. */
  async close(leftovers: 'none' | 'leftovers' = 'none'): Promise<void> {
    const ended = new Promise((resolve) => { this.child.once('exit', resolve) })
    await this.call('shutdown', 2000)
    this.child.disconnect()
    const timer = setTimeout(() => { this.child.kill('SIGKILL') }, 5000)
    const code = await ended
    clearTimeout(timer)
    if (code !== 0 && !(code === 9 && leftovers === 'leftovers')) throw new Error(`the session's process ended with ${String(code)} instead of 0`)
    rmSync(this.folder, { recursive: true, force: true })
  }
}
