// The checker's findings in the user's terms: which stop a cell, where they are in the user's own text, and what may help.
import type ts from 'typescript'
import { lineAndColumn, toUser, type Edit } from './positions.js'
import type { Problem } from './protocol.js'
import type { TypeScript } from './typescript.js'

/** Implicit `any`: worth a word, never a reason to stop. */
const warnings = new Set([7005, 7006, 7008, 7010, 7011, 7019, 7031, 7034])
/**
 * Not true of a cell: 1202 `import x = require()` works here; 1501 a regex flag "needs ES2024", which every supported Node has;
 * 7016 an untyped package is `any`; 2309 `export =` beside the exports added for later cells.
 */
const ignored = new Set([1202, 1203, 1501, 7016, 2309])
/** "Used before its declaration": the checker adds an implicit any (7022) to it. */
const usedBefore = new Set([2448, 2454])

export interface CellText { readonly code: string; readonly edits: readonly Edit[]; readonly hint: (code: number, name: string, message: string) => string | undefined }

export function sortProblems(ts: TypeScript, diagnostics: readonly ts.Diagnostic[], text: CellText): { errors: Problem[]; warnings: Problem[] } {
  const out = { errors: [] as Problem[], warnings: [] as Problem[] }
  const early = diagnostics.some((d) => usedBefore.has(d.code))
  for (const diagnostic of diagnostics) {
    if (ignored.has(diagnostic.code) || early && diagnostic.code === 7022) continue
    if (diagnostic.category !== ts.DiagnosticCategory.Error && !warnings.has(diagnostic.code)) continue
    const problem = toProblem(ts, diagnostic, text)
    if (warnings.has(diagnostic.code)) out.warnings.push(problem)
    else if (!out.errors.some((e) => e.offset === problem.offset && e.message === problem.message)) out.errors.push(problem)
  }
  return out
}

function toProblem(ts: TypeScript, diagnostic: ts.Diagnostic, { code, edits, hint }: CellText): Problem {
  const start = diagnostic.start ?? 0
  const offset = Math.min(toUser(edits, start), code.trimEnd().length)
  const end = Math.min(Math.max(toUser(edits, start + (diagnostic.length ?? 1)), offset + 1), code.length)
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
  const found = hint(diagnostic.code, code.slice(offset, end), message)
  return { code: diagnostic.code, message, offset, length: Math.max(end - offset, 1), ...lineAndColumn(code, offset), ...(found === undefined ? {} : { hint: found }) }
}
