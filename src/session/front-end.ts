// What a front end (jupyter, run, repl) and a session say to each other. Types only: no front end's words
// (sockets, message types, terminal codes) may appear here, and nothing of the session's insides.

/** One value in every form it has: MIME type to its text or JSON. `text/plain` is always there. */
export type MimeBundle = Record<string, unknown>

/** The error of a cell, ready to print: `traceback` is the whole text, a line an entry, with ANSI colours. */
export interface CellError { readonly name: string; readonly message: string; readonly traceback: readonly string[] }

/** Where a session's output goes. `cell` is the execution the output belongs to (also hours later); see `ExecuteRequest.token`. */
export interface OutputSink {
  stream(cell: number, name: 'stdout' | 'stderr', text: string): void
  /** `displayId` names the display for later updates; `update` rewrites the one that has this id. */
  display(cell: number, bundle: MimeBundle, options?: { displayId?: string; update?: boolean; metadata?: Record<string, unknown> }): void
  /** Empties the cell's output; with `wait`, when the next output arrives. */
  clear(cell: number, wait: boolean): void
  /** A comm message to the front end. */
  comm?(cell: number, kind: 'open' | 'message' | 'close', content: Record<string, unknown>, buffers?: readonly Uint8Array[]): void
}

export interface ExecuteRequest {
  /** A number of the front end's, unique in the session's life; every output carries it. */
  readonly token: number
  readonly code: string
  readonly silent?: boolean
  readonly storeHistory?: boolean
  /** Expressions to evaluate after the cell, by name. */
  readonly userExpressions?: Readonly<Record<string, string>>
  readonly allowStdin?: boolean
}

export type ExecuteOutcome =
  | { readonly status: 'ok'; readonly executionCount: number; readonly result?: MimeBundle; readonly resultMetadata?: Record<string, unknown>
      readonly userExpressions: Readonly<Record<string, { status: 'ok'; data: MimeBundle; metadata: Record<string, unknown> } | { status: 'error'; ename: string; evalue: string; traceback: readonly string[] }>>
      /** Pager text, set by `?name`. */ readonly payload?: readonly Record<string, unknown>[] }
  | { readonly status: 'error'; readonly executionCount: number; readonly error: CellError; /** It ended by an interrupt. */ readonly interrupted?: boolean }

export interface Completion {
  /** Replaces code[start, end), UTF-16 offsets. */
  readonly start: number; readonly end: number
  readonly matches: readonly { readonly text: string; readonly type: string; readonly signature?: string }[]
}
export interface Inspection { readonly found: boolean; readonly bundle: MimeBundle }
export type Completeness = { readonly status: 'complete' | 'invalid' | 'unknown' } | { readonly status: 'incomplete'; readonly indent: string }

/** The questions about code that need no user thread: the language worker answers them while a cell blocks. Offsets are UTF-16. */
export interface LanguageQuestions {
  complete(code: string, offset: number): Promise<Completion>
  inspect(code: string, offset: number, detail: 0 | 1): Promise<Inspection>
  isComplete(code: string): Promise<Completeness>
}

/** A session: cells in, outputs to the sink. Lives on the main thread. One cell runs at a time; the front end queues. */
export interface Session extends LanguageQuestions {
  execute(request: ExecuteRequest): Promise<ExecuteOutcome>
  /** Interrupt, step 1: aborts the running cell's signal and settles it as interrupted, whatever it awaits. */
  interrupt(): void
  /** Interrupt, step 3, after the front end terminated execution on this thread: settles the running cell, which cannot settle itself. */
  settleTerminated(): void
  /** A port on which another thread may ask `LanguageQuestions` directly (see `session/language/client.ts`). */
  languagePort(): import('node:worker_threads').MessagePort
  comm(kind: 'open' | 'message' | 'close' | 'info', content: Record<string, unknown>, buffers: readonly Uint8Array[]): Record<string, unknown> | undefined
  /** Stops actors, disposes `using`, ends workers; bounded by `deadlineMs`. */
  shutdown(deadlineMs: number): Promise<void>
}
