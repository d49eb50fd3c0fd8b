// What magics need of the session that runs them, and what the session needs of them. Types only: no behaviour, no front end.

/** A name of the session, with what the checker and the engine know of it. */
export interface SessionName { readonly name: string; readonly type: string; readonly value: unknown }

/** What the session offers to magics; every call acts on the running cell. */
export interface MagicContext {
  /** Value of a TypeScript expression in the session scope; `await` is allowed. Rejects with the cell's error. */
  evaluate(expression: string): Promise<unknown>
  /** Runs statements in the session scope as a part of the running cell; what they declare stays. Resolves with the last expression's value. */
  execute(code: string): Promise<unknown>
  /** The session's names, in the order they were declared. */
  names(): readonly SessionName[]
  /** Text to the cell's stdout or stderr, as it is: no line end is added. */
  print(text: string, stream?: 'stdout' | 'stderr'): void
  /** Shows text in the front end's pager, or where it has none in the cell's output. */
  page(bundle: Readonly<Record<string, unknown>>): void
  /** What `?name` shows of a name that is no magic: its type and documentation. */
  inspect(name: string): Promise<Readonly<Record<string, unknown>> | undefined>
  /** What the running cell is called in errors: `cell [3]`. */
  cellLabel(): string
  /** The folder in which `!command` runs. */
  directory(): string
}

/** How a magic stands in its cell: alone, or on the right of `=`. */
export type MagicUse = 'statement' | 'value'

/** Magics, ready to be called from rewritten cells. */
export interface Magics {
  /** `%name line`, and with `body` `%%name line` over the rest of the cell. Resolves with the magic's value. */
  run(name: string, line: string, body?: string, use?: MagicUse): Promise<unknown>
  /**
   * `!command`. A statement streams what it writes while it runs and resolves with nothing; a value resolves with the lines of its stdout.
   * Not told which, it does both.
   */
  shell(command: string, use?: MagicUse): Promise<readonly string[] | undefined>
  /** `?name`. */
  help(name: string): Promise<void>
}

/** What completion inside magics knows; plain data, pushed to the language worker. */
export interface MagicFacts {
  /** Ids of the live ring kernels. */
  readonly ids: readonly string[]
  /** Names of the ring kernels that are defined. */
  readonly definitions: readonly string[]
  readonly devices: readonly string[]
  /** Names of the session. */
  readonly names: readonly string[]
  /** Magics added by `lab.magic`. */
  readonly addedMagics?: readonly string[]
}
