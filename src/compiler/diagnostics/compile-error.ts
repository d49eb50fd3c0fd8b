// The error of a body that does not compile: all that was found, in one message.
import type { Diagnostic } from '../compiled.js'
import { catalogue } from './catalogue/index.js'
import { prettyDiagnostic } from './format.js'

/**
 * A body outside the language. `diagnostics` has everything found, notes included; the message shows each with its line and what to write instead.
 *
 * @example
 * try { await runtime.spawn(summer) } catch (error) { if (error instanceof CompileError) console.log(error.diagnostics[0].code) }
 */
export class CompileError extends Error {
  declare readonly name: 'CompileError'
  /** The ring kernel, or one-shot kernel, that does not compile. */
  declare readonly ringKernel: string
  declare readonly diagnostics: readonly Diagnostic[]

  constructor(ringKernel: string, diagnostics: readonly Diagnostic[], options: { readonly colours?: boolean } = {}) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.category === 'error')
    const lines = [`'${ringKernel}' does not compile: ${errors.length === 1 ? 'one error' : `${errors.length} errors`}.`, ...errors.map((diagnostic) => prettyDiagnostic(diagnostic, options))]
    if (errors.every(({ code }) => catalogue.get(code)?.host === true)) lines.push("Or run it on the host with { device: 'host' }, where any async body works.")
    super(lines.join('\n\n'))
    // The message says them already: printing an error does not list them again.
    Object.defineProperties(this, { name: { value: 'CompileError' }, ringKernel: { value: ringKernel }, diagnostics: { value: diagnostics } })
  }
}
