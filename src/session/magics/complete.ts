// Completion inside a magic's line: pure, from the table and the facts pushed to the language worker, so that it answers while a cell blocks.

import type { MagicFacts } from './context.js'
import { describedMagic, magicTable, optionUsage } from './table.js'
import type { ArgumentKind, MagicDescription } from './table.js'

export interface MagicCompletion {
  /** Replaces line[start, end). */
  readonly start: number
  readonly end: number
  readonly matches: readonly { readonly text: string; readonly type: string; readonly signature?: string }[]
}

type Match = MagicCompletion['matches'][number]

/**
 * Completes `line` at `offset`, when the line is a magic (`%queues --l`, `const x = %rec`) and TypeScript has nothing to say there.
 * `undefined` where it is no magic, or where the magic takes code.
 */
export function completeMagic(line: string, offset: number, facts: MagicFacts): MagicCompletion | undefined {
  const before = line.slice(0, offset)
  const opening = /^\s*(?:(?:export\s+)?(?:const|let|var)\s+[^=]+=\s*|[\w$.]+\s*=\s*)?(%%?)([\w-]*)/.exec(before)
  if (!opening) return undefined
  const [whole, marks = '%', name = ''] = opening
  const word = /[^\s=]*$/.exec(before)?.[0] ?? ''
  if (whole.length === before.length) return namesOfMagics(marks, name, offset, facts)
  const magic = describedMagic(name)
  if (!magic || !/\s/.test(before[whole.length] ?? '')) return undefined
  const start = offset - word.length
  const end = offset + (/^[\w:.-]*/.exec(line.slice(offset))?.[0].length ?? 0)
  const matches = matchesAt(magic, before.slice(whole.length, start), word, facts)
  return matches && { start, end, matches: matches.filter((match) => match.text.startsWith(word)) }
}

function namesOfMagics(marks: string, name: string, offset: number, facts: MagicFacts): MagicCompletion {
  const own = Object.entries<MagicDescription>(magicTable)
    .filter(([, magic]) => marks === '%' || magic.cell)
    .map(([text, magic]): Match => ({ text: marks + text, type: 'magic', signature: magic.summary }))
  const added = (facts.addedMagics ?? []).map((text): Match => ({ text: marks + text, type: 'magic' }))
  return { start: offset - name.length - marks.length, end: offset, matches: [...own, ...added].filter((match) => match.text.startsWith(marks + name)) }
}

/** Candidates for the word that begins after `given`; undefined where code stands. */
function matchesAt(magic: MagicDescription, given: string, word: string, facts: MagicFacts): Match[] | undefined {
  const words = given.trim() === '' ? [] : given.trim().split(/[\s=]+/)
  const last = magic.options.find((option) => option.name === words.at(-1))
  const value = last?.value && !(last.value.optional && word.startsWith('-')) ? last.value : undefined
  if (value?.choices) return value.choices.map((text) => ({ text, type: 'value' }))
  if (value?.name === 'DEVICE') return candidates('device', facts)
  if (value && !value.optional) return []
  const options = magic.options.filter((option) => !words.includes(option.name)).map((option): Match => ({ text: option.name, type: 'option', signature: `${optionUsage(option)}: ${option.doc}` }))
  if (word.startsWith('-')) return options
  const position = argumentsBefore(magic, words)
  const argument = magic.arguments[Math.min(position, magic.arguments.length - 1)]
  if (!argument) return options
  if (argument.kind === 'code') return position === magic.arguments.length - 1 && word === '' && magic.options.length > 0 && position === 0 ? options : undefined
  const seen = new Set(words)
  const isFull = argument.occurs !== 'any' && argument.occurs !== 'some' && position >= magic.arguments.length
  return [...(isFull ? [] : candidates(argument.kind, facts).filter((match) => !seen.has(match.text))), ...options]
}

function argumentsBefore(magic: MagicDescription, words: readonly string[]): number {
  let count = 0
  for (let i = 0; i < words.length; i++) {
    const option = magic.options.find((candidate) => candidate.name === words[i])
    if (!option) count++
    else if (option.value && !(option.value.optional && Number.isNaN(Number(words[i + 1])))) i++
  }
  return count
}

function candidates(kind: ArgumentKind, facts: MagicFacts): Match[] {
  const named = (texts: readonly string[], type: string): Match[] => texts.map((text) => ({ text, type }))
  switch (kind) {
    case 'actor': return named(facts.ids, 'ring kernel')
    case 'definition': return named(facts.definitions, 'definition')
    case 'number': return []
    case 'device': return named(facts.devices, 'device')
    case 'magic': return Object.entries<MagicDescription>(magicTable).map(([text, magic]) => ({ text, type: 'magic', signature: magic.summary }))
    case 'name': return named(facts.names, 'name')
    case 'code': return []
  }
}
