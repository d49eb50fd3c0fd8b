// Findings of the compiler: a code, a place and the facts, and how they become diagnostics with sentences and an excerpt.
import type { Diagnostic } from '../compiled.js'
import type { Where } from '../ir.js'
import { entryOf, type Code, type FactsOf } from './catalogue/index.js'

/** One finding, not yet in words. */
export interface Finding {
  readonly code: Code
  readonly where: Where
  readonly facts: Readonly<Record<string, string>>
}

/** Where sentences point: the name of a file and its lines, from 1. */
export interface SourceLines {
  readonly name: string
  line(number: number): string
}

type Facts<C extends Code> = [keyof FactsOf<C>] extends [never] ? [] : [facts: FactsOf<C>]

/** A finding of `code` at `where`. The type of `facts` asks for each name in braces of the code's sentences. */
export function report<C extends Code>(code: C, where: Where, ...[facts]: Facts<C>): Finding {
  return { code, where, facts: facts ?? {} }
}

/** Whether a finding stops the launch. */
export function isError(finding: Finding): boolean {
  return entryOf(finding.code).category === 'error'
}

/** Findings in words, in the order of their places, each said once. `files` are those that `where.file` counts. */
export function diagnosticsOf(findings: readonly Finding[], files: readonly SourceLines[]): Diagnostic[] {
  const said = new Map<string, Diagnostic>()
  const sorted = [...findings].sort((a, b) => a.where.file - b.where.file || a.where.line - b.where.line || a.where.column - b.where.column)
  for (const finding of sorted) {
    const diagnostic = diagnosticOf(finding, files[finding.where.file])
    const key = `${diagnostic.file}:${diagnostic.line}:${diagnostic.column} ${diagnostic.code} ${diagnostic.message}`
    if (!said.has(key)) said.set(key, diagnostic)
  }
  return [...said.values()]
}

function diagnosticOf(finding: Finding, file: SourceLines | undefined): Diagnostic {
  const { code, where: { line, column, length }, facts } = finding
  const { category, message, fix } = entryOf(code)
  return {
    code, category, message: filled(message, facts), ...(fix === undefined ? {} : { fix: filled(fix, facts) }),
    file: file?.name ?? '', line, column, length, excerpt: file?.line(line) ?? '',
  }
}

function filled(sentence: string, facts: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (braces, name: string) => facts[name] ?? braces)
}
