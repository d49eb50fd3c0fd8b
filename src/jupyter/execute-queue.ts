// The queue of execute requests: one at a time goes to the main thread; what a failure or an interrupt leaves behind is answered "aborted".
// Knows the order and the messages of an execution; how main runs it, and how sockets work, is others' business.

import type { ExecuteRequest } from '../session/front-end.js'
import type { Incoming } from './frames.js'
import type { History } from './history.js'
import type { Iopub } from './iopub.js'
import type { Outcome } from './link.js'

export interface ExecuteJob {
  readonly incoming: Incoming
  readonly reply: (type: string, contentText: string) => void
}

interface Waiting extends ExecuteJob { readonly request: ExecuteRequest; readonly stopOnError: boolean; readonly silent: boolean; readonly storeHistory: boolean }

/** Parents remembered for output that arrives after its cell; older cells' output goes to the newest cell. */
const parentsKeptMax = 4_096

export interface ExecuteQueueParts {
  readonly iopub: Iopub
  readonly history: History
  run(request: ExecuteRequest): void
  /** Brings in what the cell wrote to its descriptors, before its last messages leave. */
  drainOutput(): void
  onRunningChange(running: boolean): void
}

export class ExecuteQueue {
  readonly #waiting: Waiting[] = []
  readonly #parents = new Map<number, string>()
  #running: Waiting | undefined
  #nextToken = 1
  #executionCount = 0
  #opened = false
  #held = false
  #settling = false
  #closed = false

  constructor(private readonly parts: ExecuteQueueParts) {}

  /** The cell that runs now. */
  get running(): number | undefined { return this.#settling ? undefined : this.#running?.request.token }
  get runningJob(): ExecuteJob | undefined { return this.#running }
  get runningAllowsInput(): boolean { return this.#running?.request.allowStdin ?? false }

  /** The header that output of this cell names as its parent; undefined before the first cell. */
  parentOf(token: number): string | undefined { return this.#parents.get(token) ?? this.newestParent }
  get newestParent(): string | undefined { return this.#parents.get(this.#nextToken - 1) }

  /** Cells may run from now on. */
  open(): void {
    this.#opened = true
    this.#next()
  }

  /** While held, no cell goes to main. */
  hold(held: boolean): void {
    this.#held = held
    this.#next()
  }

  push(job: ExecuteJob): void {
    const { content } = job.incoming
    const waiting: Waiting = {
      incoming: job.incoming, reply: job.reply,
      stopOnError: content['stop_on_error'] !== false,
      silent: content['silent'] === true,
      storeHistory: content['silent'] !== true && content['store_history'] !== false,
      request: requestOf(0, content),
    }
    if (this.#closed) this.#abort(waiting)
    else this.#waiting.push(waiting)
    this.#next()
  }

  /** The main thread finished a cell. */
  done(token: number, outcome: Outcome): void {
    const job = this.#running
    if (job === undefined || job.request.token !== token || this.#settling) return
    this.#settling = true
    this.parts.drainOutput()
    if (job.storeHistory) this.#executionCount = outcome.executionCount
    if (outcome.status === 'ok') this.#succeed(job, outcome)
    else this.#fail(job, outcome)
  }

  /** Answers "aborted" to the cells that wait and would stop on an error. */
  abortWaiting(): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.stopOnError) this.#abort(waiting)
      else this.#waiting.push(waiting)
    }
  }

  /** No cell starts any more. */
  close(): void {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) this.#abort(waiting)
  }

  #next(): void {
    if (!this.#opened || this.#held || this.#running !== undefined) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    const token = this.#nextToken++
    const job: Waiting = { ...next, request: { ...next.request, token } }
    this.#running = job
    this.#remember(token, job.incoming.headerText)
    const { iopub, history } = this.parts
    iopub.status(job.incoming.headerText, 'busy')
    const executionCount = this.#executionCount + 1
    if (!job.silent) iopub.publish({ type: 'execute_input', parentText: job.incoming.headerText, contentText: JSON.stringify({ code: job.request.code, execution_count: executionCount }) })
    if (job.storeHistory) history.addInput(executionCount, job.request.code)
    this.parts.onRunningChange(true)
    this.parts.run(job.request)
  }

  #succeed(job: Waiting, outcome: Outcome & { status: 'ok' }): void {
    const { iopub, history } = this.parts
    if (outcome.resultText !== undefined && !job.silent) {
      iopub.publish({ type: 'execute_result', parentText: job.incoming.headerText, contentText: `{"execution_count":${outcome.executionCount},"data":${outcome.resultText},"metadata":${outcome.resultMetadataText},"transient":{}}` })
    }
    if (job.storeHistory && outcome.resultPlain !== undefined) history.addOutput(outcome.executionCount, outcome.resultPlain)
    iopub.flush()
    job.reply('execute_reply', `{"status":"ok","execution_count":${outcome.executionCount},"payload":${outcome.payloadText},"user_expressions":${outcome.userExpressionsText}}`)
    this.#finish(job)
  }

  #fail(job: Waiting, outcome: Outcome & { status: 'error' }): void {
    const error = { ename: outcome.error.name, evalue: outcome.error.message, traceback: outcome.error.traceback }
    if (!job.silent) this.parts.iopub.publish({ type: 'error', parentText: job.incoming.headerText, contentText: JSON.stringify(error) })
    this.parts.iopub.flush()
    const answer = (): void => {
      job.reply('execute_reply', JSON.stringify({ status: 'error', execution_count: outcome.executionCount, ...error, payload: [], user_expressions: {} }))
      this.#finish(job, () => { if (job.stopOnError) this.abortWaiting() })
    }
    // Requests of the same Run All may still be in the sockets: two turns of the event loop bring them in, so that they are aborted too,
    // and a request sent after this answer is not.
    setImmediate(() => setImmediate(answer))
  }

  #finish(job: Waiting, before: () => void = () => undefined): void {
    this.#running = undefined
    this.#settling = false
    this.parts.iopub.status(job.incoming.headerText, 'idle')
    this.parts.onRunningChange(false)
    before()
    this.#next()
  }

  #abort(waiting: Waiting): void {
    this.parts.iopub.status(waiting.incoming.headerText, 'busy')
    waiting.reply('execute_reply', JSON.stringify({ status: 'aborted', execution_count: this.#executionCount, ename: 'Aborted', evalue: 'an earlier cell failed or was interrupted', traceback: [] }))
    this.parts.iopub.status(waiting.incoming.headerText, 'idle')
  }

  #remember(token: number, headerText: string): void {
    this.#parents.set(token, headerText)
    this.#parents.delete(token - parentsKeptMax)
  }
}

function requestOf(token: number, content: Record<string, unknown>): ExecuteRequest {
  const silent = content['silent'] === true
  const expressions = Object.entries((content['user_expressions'] ?? {}) as Record<string, unknown>).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return {
    token, silent,
    code: typeof content['code'] === 'string' ? content['code'] : '',
    storeHistory: !silent && content['store_history'] !== false,
    userExpressions: Object.fromEntries(expressions),
    allowStdin: content['allow_stdin'] === true,
  }
}
