// What one check of the GPU suite is. Types only.
import type { Definition } from '#ringlab/runtime/definition.js'
import type { Report } from './report.js'

export interface Check {
  /** The promise it keeps. */
  readonly name: string
  /** Resolves with what was seen; rejects when the promise is broken. */
  run(report: Report): Promise<string>
  readonly secondsMax?: number
  /** Node's event loop must stay free meanwhile. */
  readonly watchesLoop?: true
  /** Compiled before the watch begins: in a library TypeScript is compiled in the thread that launches, once; in a notebook in another thread. */
  readonly definitions?: readonly Definition[]
}
