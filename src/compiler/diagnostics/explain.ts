// One code in full, for a terminal: the rule, why it is there, and an example wrong and right.
import { catalogue } from './catalogue/index.js'
import { exampleSchemas } from './entry.js'

const columns = 80

/** The explanation of a code, at most 80 columns wide where it is prose; undefined when there is no such code. */
export function explanationOf(code: string): string | undefined {
  const entry = catalogue.get(code)
  if (!entry) return undefined
  const { title, category, message, fix, why, host, wrong, right } = entry
  const parts = [
    `${code} · ${category}: ${title}`,
    wrapped(spoken(message)),
    wrapped(why),
    ...(fix === undefined || /^\{\w+\}$/.test(fix) ? [] : [wrapped(`Instead: ${spoken(fix)}`)]),
    `${category === 'error' ? 'Wrong' : 'Slow'}:\n\n${indented(wrong)}`,
    `${category === 'error' ? 'Right' : 'Fast'}:\n\n${indented(right)}`,
    ...(/\b(Request|Reply)\b/.test(wrong + right) ? [`where\n\n${indented(exampleSchemas)}`] : []),
    ...(host && category === 'error' ? [wrapped("With { device: 'host' } the body runs as plain JavaScript, where this rule does not hold.")] : []),
  ]
  return parts.join('\n\n')
}

/** A sentence whose facts are not known: their names stand for them. */
function spoken(sentence: string): string {
  return sentence.replace(/\{(\w+)\}/g, '<$1>')
}

function indented(text: string): string {
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`)).join('\n')
}

function wrapped(text: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}
