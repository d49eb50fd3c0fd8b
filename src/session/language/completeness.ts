// Is a cell whole? Parsing only: whether it is right is asked when it runs.
import type ts from 'typescript'
import type { Completeness } from '../front-end.js'
import type { CellCompiler } from './compile.js'

export function completeness(compiler: CellCompiler, code: string): Completeness {
  const { text } = compiler.prepare(code)
  const { ts } = compiler
  const parsed = ts.createSourceFile('/cell.ts', text, { languageVersion: ts.ScriptTarget.ES2023, setExternalModuleIndicator: (file) => { (file as { externalModuleIndicator?: ts.Node | true }).externalModuleIndicator = true } })
  const faults = (parsed as ts.SourceFile & { parseDiagnostics?: readonly ts.Diagnostic[] }).parseDiagnostics ?? []
  const first = faults[0]
  if (!first) return { status: 'complete' }
  const end = text.trimEnd().length
  const atEnd = faults.every((fault) => (fault.start ?? 0) >= end || (fault.start ?? 0) + (fault.length ?? 0) >= text.length && unfinished.has(fault.code))
  if (!atEnd && !(unfinished.has(first.code) && (first.start ?? 0) + (first.length ?? 0) >= end)) return { status: 'invalid' }
  return { status: 'incomplete', indent: indentAfter(code) }
}

/** "Unterminated …": template literal, comment, regular expression, end of comment expected. */
const unfinished = new Set([1160, 1010, 1161, 1126])

function indentAfter(code: string): string {
  const last = code.trimEnd().split('\n').at(-1) ?? ''
  const indent = /^\s*/.exec(last)?.[0] ?? ''
  return /[{([]\s*$|=>\s*$/.test(last) ? `${indent}  ` : indent
}
