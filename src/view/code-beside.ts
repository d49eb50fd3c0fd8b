// Emitted code beside the text it came from: HTML in two columns, plain text within 80 columns. Nothing here knows what language either side is.
import type { MimeBundle } from './bundle.js'
import { escaped, printable } from './text.js'

/** One stretch of emitted lines, and the source line that led to it, where one did. */
export interface CodeStretch { readonly source: { readonly line: number; readonly text: string } | undefined; readonly emitted: readonly string[] }

export interface CodeBeside {
  readonly title: string
  readonly sourceTitle: string
  readonly emittedTitle: string
  readonly stretches: readonly CodeStretch[]
  readonly notes: readonly string[]
}

/** Lines that came from the same source line one after the other, together. `sourceOf` says from which line of the source an emitted line came. */
export function stretchesOf(emitted: readonly string[], sourceOf: (index: number) => number | undefined, sourceText: (line: number) => string): CodeStretch[] {
  const stretches: { source: CodeStretch['source']; emitted: string[] }[] = []
  let last: number | undefined
  emitted.forEach((text, i) => {
    const line = sourceOf(i)
    const open = stretches.at(-1)
    if (open !== undefined && line === last) open.emitted.push(text)
    else stretches.push({ source: line === undefined ? undefined : { line, text: sourceText(line) }, emitted: [text] })
    last = line
  })
  return stretches
}

export function codeBesideBundle(code: CodeBeside): MimeBundle {
  return { 'text/html': html(code), 'text/plain': plain(code) }
}

const monospace = 'font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);font-size:12px;line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2'

function html(code: CodeBeside): string {
  const head = (text: string): string => `<th style="text-align:left;padding:2px 8px;font-weight:600;border-bottom:1px solid rgba(128,128,128,.4)">${escaped(text)}</th>`
  const cell = (text: string, width: string): string => `<td style="${monospace};vertical-align:top;text-align:left;padding:1px 8px;width:${width}">${text}</td>`
  const rows = code.stretches.map(({ source, emitted }) => {
    const left = source === undefined ? '' : `<span style="opacity:.55">${source.line}</span> ${block([source.text])}`
    return `<tr style="border-top:1px solid rgba(128,128,128,.16)">${cell(left, '42%')}${cell(block(emitted), '58%')}</tr>`
  })
  const notes = code.notes.map((note) => `<p style="margin:6px 8px;font-size:12px;opacity:.8">${escaped(note)}</p>`)
  return `<div style="max-width:1200px"><p style="margin:4px 8px;font-weight:600">${escaped(code.title)}</p>`
    + `<table style="border-collapse:collapse;width:100%;table-layout:fixed"><thead><tr>${head(code.sourceTitle)}${head(code.emittedTitle)}</tr></thead><tbody>${rows.join('')}</tbody></table>${notes.join('')}</div>`
}

/** Each line by itself, since control characters, line ends included, are escaped away. */
function block(lines: readonly string[]): string { return lines.map((line) => escaped(line.replaceAll('\t', '  '))).join('\n') }

/** The source line in front of what it became, marked so that it cannot be taken for code. */
function plain(code: CodeBeside): string {
  const lines = code.stretches.flatMap(({ source, emitted }) => [
    ...(source === undefined ? [] : [`${String(source.line).padStart(4)} │ ${printable(source.text.trim())}`]),
    ...emitted.map((line) => `       ${printable(line.replaceAll('\t', '  '))}`),
  ])
  return [code.title, `${code.sourceTitle} │ ${code.emittedTitle} below each line`, '', ...lines, ...code.notes.flatMap((note) => ['', note])].join('\n')
}
