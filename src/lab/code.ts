// lab.code(): what the body of a ring kernel became, beside the lines it came from.
import { inspect } from 'node:util'
import { definitionNamed, definitionNames, isDefinition, type Definition } from '../runtime/definition.js'
import { nearestName } from '../runtime/errors.js'
import { emittedCode, type CodeForm } from '../runtime/insight.js'
import type { RingKernelDefinition } from '../runtime/types.js'
import { codeBesideBundle, stretchesOf, type CodeBeside } from '../view/code-beside.js'

/** Emitted code; it shows itself as a cell's result, and `console.log` prints it. */
export interface Code {
  /** The emitted text alone. */
  readonly text: string
  toMimeBundle(): Record<string, unknown>
}

const languages = { cuda: 'CUDA C++', js: 'JavaScript', ptx: 'PTX' } as const

/**
 * The code that a ring kernel's body becomes: `cuda` for GPUs, `js` for the CPU device, `ptx` as the CUDA compiler of this machine makes it.
 *
 * @throws CompileError when the body is outside the compiled language; TypeError when there is no such definition.
 * @example
 * (await lab.code('summer')).text
 */
export async function code(of: string | RingKernelDefinition, form: CodeForm = 'cuda'): Promise<Code> {
  const definition = definitionOf(of)
  const emitted = await emittedCode(definition, form)
  const described: CodeBeside = {
    title: `Ring kernel '${definition.name}' as ${languages[form]}`, sourceTitle: emitted.sourceName, emittedTitle: languages[form],
    stretches: stretchesOf(emitted.lines, (i) => emitted.sourceLines[i], (line) => emitted.sourceText(line)), notes: emitted.notes,
  }
  const bundle = codeBesideBundle(described)
  return { text: `${emitted.lines.join('\n')}\n`, toMimeBundle: () => bundle, [inspect.custom]: () => bundle['text/plain'] } as Code
}

function definitionOf(of: string | RingKernelDefinition): Definition {
  if (isDefinition(of)) return of
  if (typeof of !== 'string') throw new TypeError('lab.code() needs a definition made by ringKernel(), or its name')
  const found = definitionNamed(of)
  if (found !== undefined) return found
  const near = nearestName(of, definitionNames())
  throw new TypeError(`there is no ring kernel definition named '${of}'${near === undefined ? '' : `; did you mean '${near}'?`} Run the cell that defines it first.`)
}
