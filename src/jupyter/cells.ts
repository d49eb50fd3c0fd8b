// Cells on the main thread: takes the wire worker's messages, hands them to the session, and answers each cell exactly once, also when
// its code was terminated under it.

import type { ExecuteRequest, Session } from '../session/front-end.js'
import type { Outcome, ToMain, ToWire } from './link.js'
import { failedOutcome, interruptedOutcome, outcomeText } from './outcome-text.js'

/** After `settle`, the session has this long before its cell is answered for it. */
const settleGraceMs = 100

export class Cells {
  readonly #opened: Promise<Session>
  #open!: (session: Session) => void
  #session: Session | undefined
  #running: number | undefined
  #executionCount = 0

  constructor(private readonly post: (message: ToWire) => void) {
    this.#opened = new Promise(resolve => { this.#open = resolve })
  }

  /** The cell that runs now. */
  get running(): number | undefined { return this.#running }

  /** The session is there: what waited for it goes on. */
  open(session: Session): void {
    this.#session = session
    this.#open(session)
  }

  take(message: Exclude<ToMain, { kind: 'refused' }>): void {
    switch (message.kind) {
      case 'execute': void this.#execute(message.request); return
      case 'interrupt': this.#interrupt(message.token, message.probe); return
      case 'settle': this.#settle(message.token); return
      case 'comm': void this.#comm(message); return
      case 'shutdown': void this.#shutdown(message.deadlineMs); return
      case 'leave': process.exit(message.code)
    }
  }

  async #execute(request: ExecuteRequest): Promise<void> {
    const session = this.#session ?? await this.#opened
    this.#running = request.token
    let outcome: Outcome
    try { outcome = outcomeText(await session.execute(request)) } catch (error) { outcome = failedOutcome(error, this.#executionCount + 1) }
    this.#finish(request.token, outcome)
  }

  #finish(token: number, outcome: Outcome): void {
    if (this.#running !== token) return
    this.#running = undefined
    this.#executionCount = outcome.executionCount
    this.post({ kind: 'done', token, outcome })
  }

  #interrupt(token: number | undefined, probe: number): void {
    this.post({ kind: 'alive', probe })
    if (token !== undefined && token === this.#running) this.#session?.interrupt()
  }

  #settle(token: number): void {
    if (token !== this.#running) return
    setTimeout(() => { this.#finish(token, interruptedOutcome(this.#executionCount + 1)) }, settleGraceMs)
    this.#session?.settleTerminated()
  }

  async #comm(message: ToMain & { kind: 'comm' }): Promise<void> {
    try {
      const session = this.#session ?? await this.#opened
      const taken = session.comm(message.comm, message.content, message.buffers)
      // Nobody here knows the target: the client learns it as from any Jupyter kernel, by a close.
      if (message.comm === 'open' && taken === undefined) this.post({ kind: 'comm', token: this.#running ?? 0, comm: 'close', contentText: JSON.stringify({ comm_id: message.content['comm_id'], data: {} }), buffers: [] })
    } finally {
      this.post({ kind: 'comm handled', id: message.id })
    }
  }

  async #shutdown(deadlineMs: number): Promise<void> {
    try { await this.#session?.shutdown(deadlineMs) } finally { this.post({ kind: 'stopped' }) }
  }
}
