// The `lab` object: what cells and the terminal have in scope beside the library, and what others import.
import { actors } from './actors.js'
import { buffer } from './buffer.js'
import { currentSignal, outputs } from './cell.js'
import { code } from './code.js'
import { compare } from './compare.js'
import { createDisplay, newDisplay, type Display } from './display.js'
import { gpu } from './gpu.js'
import { magic } from './magic-registry.js'
import { toMimeBundle } from './mime.js'
import { queues } from './queues.js'
import { replay } from './replay.js'
import { labRuntime } from './runtime.js'
import { trace } from './trace.js'

const display: Display = createDisplay()

/**
 * The notebook's side of ringlab: displays, figures, and the runtime that magics act on.
 *
 * @example
 * import { lab } from 'ringlab'
 * lab.display.markdown('**queues**')
 * lab.queues().live({ seconds: 20 })
 */
export const lab = {
  /** What magics act on: the newest live runtime, else a new one on the `%device`. */
  get runtime() { return labRuntime() },
  /** Rich content into the running cell's output. */
  display,
  /** A display of its own, which later calls rewrite. */
  newDisplay,
  queues, buffer, actors, trace, gpu, code, replay, compare, magic, toMimeBundle,
  /** Aborts when the running cell is interrupted; in a script it never does. */
  get signal(): AbortSignal { return currentSignal() },
  /** Results of cells by number: `lab.out[3]`. */
  get out(): Readonly<Record<number, unknown>> { return outputs() },
} as const
