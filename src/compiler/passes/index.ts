// The passes between the front end and the emitters, in their order. Each keeps the meaning to the bit; some report what the language forbids.
import type { Finding } from '../diagnostics/report.js'
import type { Program } from '../ir.js'
import { emits } from './emits.js'
import { frame } from './frame.js'
import { fuel } from './fuel.js'
import { messages } from './messages.js'
import { apart, narrow } from './narrow/index.js'
import { notes } from './notes.js'
import { parallelRules } from './parallel/index.js'
import { validate } from './validate/index.js'

/** Makes a naive program ready for both emitters. The given program stays as it is. `tell` hears every finding; with an error among them the result is no program to emit. */
export function runPasses(program: Program, tell: (finding: Finding) => void): Program {
  validate(program)
  const single = apart(program)
  parallelRules(single, tell)
  const narrowed = narrow(single)
  notes(narrowed, tell)
  return frame(fuel(messages(emits(narrowed, tell))))
}
