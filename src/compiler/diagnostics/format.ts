// Diagnostics as text, in the forms that tsc made everybody's: pretty for people, one line each for programs.
import type { Diagnostic } from '../compiled.js'

const columns = 160
const reset = '\u001b[0m'
const colour = { error: '\u001b[91m', warning: '\u001b[93m', note: '\u001b[94m', file: '\u001b[96m', number: '\u001b[93m', grey: '\u001b[90m', gutter: '\u001b[7m' } as const

/** `file.ts:5:9 - error RL1012: message`, the line it is about, an underline and what to write instead. Ends without a line break. */
export function prettyDiagnostic(diagnostic: Diagnostic, options: { readonly colours?: boolean } = {}): string {
  const paint = (name: keyof typeof colour, text: string | number): string => (options.colours === true ? `${colour[name]}${text}${reset}` : String(text))
  const { file, line, column, category, code, message, fix } = diagnostic
  const place = `${paint('file', file)}:${paint('number', line)}:${paint('number', column)}`
  const head = `${place} - ${paint(category, category)} ${paint('grey', `${code}:`)} ${message}`
  return [head, ...excerpt(diagnostic, paint), ...(fix === undefined ? [] : ['', `  ${fix}`])].join('\n')
}

/** `file.ts:5:9 - error RL1012: message`, and the fix after it: one line. */
export function plainDiagnostic({ file, line, column, category, code, message, fix }: Diagnostic): string {
  return `${file}:${line}:${column} - ${category} ${code}: ${message}${fix === undefined ? '' : ` ${fix}`}`
}

function excerpt({ excerpt: text, line, column, length, category }: Diagnostic, paint: (name: keyof typeof colour, text: string | number) => string): string[] {
  if (text.trim() === '') return []
  // A tab takes one column in the excerpt, as tsc shows it; a very long line is shown from near its place on.
  const start = column > columns ? column - 40 : 1
  const shown = text.replaceAll('\t', ' ').slice(start - 1, start - 1 + columns)
  const marks = Math.max(1, Math.min(length, shown.length - (column - start)))
  const gutter = String(line)
  return ['', `${paint('gutter', gutter)} ${shown}`, `${paint('gutter', ' '.repeat(gutter.length))} ${' '.repeat(column - start)}${paint(category, '~'.repeat(marks))}`]
}
