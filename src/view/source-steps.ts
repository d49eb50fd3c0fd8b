// A run through lines of a source, and the line it ended at with a caret: HTML for a notebook, plain text within 100 columns. Nothing here knows what was run.
import type { MimeBundle } from './bundle.js'
import { escaped, padded, printable, shortened } from './text.js'

export interface SourceSteps {
  readonly title: string
  readonly sourceName: string
  /** What was given to it, by name. */
  readonly facts: readonly (readonly [name: string, text: string])[]
  readonly steps: readonly { readonly line: number; readonly text: string; readonly result: string }[]
  /** Where it ended, and what was known there; undefined where no line is known. */
  readonly end: { readonly sentence: string; readonly place: string | undefined; readonly excerpt: Excerpt | undefined; readonly values: string }
  readonly notes: readonly string[]
}

/** A line of a source and the column in it, from 1. */
export interface Excerpt { readonly line: number; readonly text: string; readonly column: number }

/** Columns that lines of the source take beside their results, and of an excerpt. */
const SOURCE_COLUMNS = 56
const EXCERPT_COLUMNS = 100

export function sourceStepsBundle(steps: SourceSteps): MimeBundle { return { 'text/html': html(steps), 'text/plain': plain(steps) } }

/** The line and the caret below it, cut around the column where it is long. */
function excerptLines({ line, text, column }: Excerpt): readonly [string, string] {
  const from = column > EXCERPT_COLUMNS - 20 ? column - 40 : 0
  const shown = printable(text.replaceAll('\t', ' ')).slice(from, from + EXCERPT_COLUMNS)
  const gutter = String(line).padStart(6)
  return [`${gutter} │ ${shown}`, `${' '.repeat(gutter.length)} │ ${' '.repeat(Math.max(0, column - 1 - from))}^`]
}

function plain({ title, facts, steps, end, notes }: SourceSteps): string {
  const names = Math.max(0, ...facts.map(([name]) => name.length))
  const trace = steps.map(({ line, text, result }) => `${String(line).padStart(6)} │ ${result === '' ? shortened(printable(text.trim()), SOURCE_COLUMNS) : `${padded(printable(text.trim()), SOURCE_COLUMNS, 'left')}  ${printable(result)}`}`)
  return [
    printable(title), ...facts.map(([name, text]) => `  ${name.padEnd(names)}  ${printable(text)}`), '', ...trace, '', printable(end.sentence),
    ...(end.place === undefined ? [] : [`  at ${printable(end.place)}`]), ...(end.excerpt === undefined ? [] : excerptLines(end.excerpt)), ...(end.values === '' ? [] : [`  with ${printable(end.values)}`]),
    ...notes.map((note) => printable(note)),
  ].join('\n')
}

const monospace = 'font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);font-size:12px;line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere'

function html({ title, sourceName, facts, steps, end, notes }: SourceSteps): string {
  const cell = (text: string, style: string): string => `<td style="${monospace};vertical-align:top;text-align:left;padding:1px 8px;${style}">${text}</td>`
  const given = facts.map(([name, text]) => `<tr>${cell(escaped(name), 'opacity:.6')}${cell(escaped(text), '')}</tr>`)
  const rows = steps.map(({ line, text, result }) => `<tr style="border-top:1px solid rgba(128,128,128,.16)">${cell(String(line), 'opacity:.55;text-align:right;width:3em')}${cell(escaped(text.replaceAll('\t', '  ')), 'width:60%;white-space:pre-wrap')}${cell(escaped(result), 'opacity:.8')}</tr>`)
  const excerpt = end.excerpt === undefined ? '' : `<pre style="${monospace};white-space:pre;overflow-x:auto;margin:4px 8px;padding:6px 8px;border-left:3px solid #c0392b">${excerptLines(end.excerpt).map(escaped).join('\n')}</pre>`
  const paragraph = (text: string, style: string): string => `<p style="margin:6px 8px;font-size:12px;${style}">${escaped(text)}</p>`
  return `<div style="max-width:1200px"><p style="margin:4px 8px;font-weight:600">${escaped(title)}</p><table style="border-collapse:collapse"><tbody>${given.join('')}</tbody></table>`
    + `<table style="border-collapse:collapse;width:100%"><thead><tr><th colspan="3" style="text-align:left;padding:2px 8px;font-weight:600">${escaped(sourceName)}</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
    + `${paragraph(`${end.sentence}${end.place === undefined ? '' : ` at ${end.place}`}`, 'font-weight:600')}${excerpt}${end.values === '' ? '' : paragraph(`with ${end.values}`, '')}${notes.map((note) => paragraph(note, 'opacity:.8')).join('')}</div>`
}
