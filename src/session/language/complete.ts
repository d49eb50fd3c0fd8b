// Tab: what may stand at the cursor. Members and module names come from the checker; names of the session from its own table, so that
// five hundred of them need not be imported to be offered.
import type ts from 'typescript'
import type { Completion } from '../front-end.js'
import type { CellCompiler, PreparedText } from './compile.js'
import { cellShape } from './declarations.js'
import { toChecked } from './positions.js'

/** How many matches get their types looked up; each costs about half a millisecond. */
const detailed = 12

export interface Question { readonly file: string; readonly position: number; readonly service: ts.LanguageService; readonly shift: number; readonly prepared: PreparedText }

/** Puts the code under the cursor into a file of its own, with the session's names in front: unfinished code swallows what comes after it. */
export function ask(compiler: CellCompiler, code: string, offset: number): Question {
  const prepared = compiler.prepare(code)
  const shape = cellShape(compiler.ts, compiler.parse(prepared.text))
  const before = Array.from(compiler.outsideNames(shape.mentioned, shape.declarations), ([name, from]) => compiler.importText(name, from)).join('') + 'export {};\n'
  compiler.writeKernels(shape)
  const file = compiler.service.writeCell('question', before + prepared.text)
  return { file, position: before.length + toChecked(prepared.edits, offset), service: compiler.service.at(file), shift: before.length, prepared }
}

export function complete(compiler: CellCompiler, code: string, offset: number): Completion {
  const { ts } = compiler
  const question = ask(compiler, code, offset)
  const word = /[\w$]*$/.exec(code.slice(0, offset))?.[0] ?? ''
  const start = offset - word.length
  const isMember = /\.\s*[\w$]*$/.test(code.slice(0, offset)) && !/\.\.\.\s*[\w$]*$/.test(code.slice(0, offset))
  const info = question.service.getCompletionsAtPosition(question.file, question.position, { includeCompletionsWithInsertText: false })
  const span = info?.entries.find((entry) => entry.replacementSpan !== undefined)?.replacementSpan
  if (span !== undefined && info !== undefined) return inString(compiler, info.entries, code, offset, span.length)
  const isInString = info !== undefined && info.entries.every((entry) => isPathKind(ts, entry.kind))
  const entries = (info?.entries ?? []).map((entry) => ({ text: entry.name, type: kindWord(ts, entry.kind), sort: entry.sortText }))
  if (!isMember && !isInString) entries.unshift(...sessionEntries(compiler, new Set(entries.filter((e) => e.sort < '15').map((e) => e.text))))
  const matching = best(entries, word)
  const signatures = new Map(matching.slice(0, detailed).map(({ text }) => [text, compiler.names.get(text)?.type ?? signature(ts, question, text)]))
  return { start, end: offset, matches: matching.map(({ text, type }) => { const known = signatures.get(text); return { text, type, ...(known ? { signature: known } : {}) } }) }
}

function inString(compiler: CellCompiler, entries: readonly ts.CompletionEntry[], code: string, offset: number, length: number): Completion {
  const start = Math.max(offset - length, 0)
  const typed = code.slice(start, offset)
  return { start, end: offset, matches: best(entries.map((e) => ({ text: e.name, type: kindWord(compiler.ts, e.kind), sort: e.sortText })), typed) }
}

/** Names of the session and of ringlab that the checker did not offer. */
function sessionEntries(compiler: CellCompiler, offered: ReadonlySet<string>): { text: string; type: string; sort: string }[] {
  const own = Array.from(compiler.names.all(), ({ name, kind }) => ({ text: name, type: kind === 'function' || kind === 'class' ? kind : kind === 'type' ? 'type' : 'instance', sort: '10' }))
  const known = new Set(own.map((entry) => entry.text))
  const library = Array.from(compiler.libraryNames, ([text, isValue]) => ({ text, type: isValue ? 'instance' : 'type', sort: '14' })).filter(({ text }) => !known.has(text))
  return [...own, ...library].filter(({ text }) => !offered.has(text))
}

/** Those that begin with what was typed, else with it in any case; one a name, best first. */
function best<T extends { text: string; sort: string }>(entries: readonly T[], typed: string): T[] {
  const exact = entries.filter(({ text }) => text.startsWith(typed))
  const chosen = exact.length > 0 ? exact : entries.filter(({ text }) => text.toLowerCase().startsWith(typed.toLowerCase()))
  const byName = new Map<string, T>()
  for (const entry of chosen) if (!byName.has(entry.text)) byName.set(entry.text, entry)
  return [...byName.values()].sort((a, b) => a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : a.text < b.text ? -1 : 1)
}

function signature(ts: CellCompiler['ts'], question: Question, name: string): string | undefined {
  const details = question.service.getCompletionEntryDetails(question.file, question.position, name, undefined, undefined, undefined, undefined)
  const parts = details?.displayParts
  return parts && parts.length > 0 ? ts.displayPartsToString(parts).slice(0, 200) : undefined
}

function isPathKind(ts: CellCompiler['ts'], kind: ts.ScriptElementKind): boolean {
  return kind === ts.ScriptElementKind.directory || kind === ts.ScriptElementKind.scriptElement || kind === ts.ScriptElementKind.externalModuleName || kind === ts.ScriptElementKind.string
}

function kindWord(ts: CellCompiler['ts'], kind: ts.ScriptElementKind): string {
  const { ScriptElementKind } = ts
  switch (kind) {
    case ScriptElementKind.functionElement: case ScriptElementKind.localFunctionElement: case ScriptElementKind.memberFunctionElement: return 'function'
    case ScriptElementKind.classElement: return 'class'
    case ScriptElementKind.interfaceElement: case ScriptElementKind.typeElement: return 'type'
    case ScriptElementKind.moduleElement: case ScriptElementKind.externalModuleName: return 'module'
    case ScriptElementKind.keyword: return 'keyword'
    case ScriptElementKind.memberVariableElement: case ScriptElementKind.memberGetAccessorElement: return 'property'
    case ScriptElementKind.directory: case ScriptElementKind.scriptElement: return 'path'
    default: return 'instance'
  }
}
