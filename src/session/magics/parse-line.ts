// A magic's line into its options and arguments, by the table. Wrong use is an error of one sentence that says what is right.

import { didYouMean } from './nearest.js'
import { optionUsage, usageOf } from './table.js'
import type { MagicDescription, OptionDescription } from './table.js'

/** Wrong use of a magic: an unknown name or option, a missing argument. */
export class MagicUsageError extends Error {
  declare readonly name: 'MagicUsageError'
  declare readonly magic: string

  constructor(magic: string, message: string) {
    super(message)
    // The sentence says it already: printing the error does not list it again.
    Object.defineProperties(this, { name: { value: 'MagicUsageError' }, magic: { value: magic } })
  }
}

export interface ParsedLine {
  /** Options given, by name with dashes; a flag is true. */
  readonly options: ReadonlyMap<string, string | number | true>
  readonly arguments: readonly string[]
  /** The last argument's text when it is code, exactly as written. */
  readonly code: string
}

type ValueOption = OptionDescription & Required<Pick<OptionDescription, 'value'>>

/** Reads `line` as `%name`'s. @throws MagicUsageError. */
export function parseLine(name: string, magic: MagicDescription, line: string): ParsedLine {
  const reader = new LineReader(line)
  const options = new Map<string, string | number | true>()
  const found: string[] = []
  const wantsCode = magic.arguments.at(-1)?.kind === 'code'
  const before = magic.arguments.length - (wantsCode ? 1 : 0)
  for (;;) {
    const at = reader.at
    const word = reader.word()
    if (word === undefined) break
    const isOption = /^--?[A-Za-z]/.test(word.text) && !word.quoted
    if (wantsCode && found.length === before && !(isOption && isKnown(magic, word.text))) {
      // A dashed word that is no option may be code (`-x`), but `--liv` before code is a slip.
      if (isOption && word.text.startsWith('--')) throw unknownOption(name, magic, word.text)
      return finish(name, magic, { options, arguments: found, code: readTrailing(name, magic, line.slice(at).trim(), options) })
    }
    if (isOption) readOption(name, magic, word.text, reader, options)
    else found.push(word.text)
  }
  return finish(name, magic, { options, arguments: found, code: '' })
}

/** Options may also stand after the code (`%buffer data --view table`): there, `--` after a value is no TypeScript. */
function readTrailing(name: string, magic: MagicDescription, code: string, options: Map<string, string | number | true>): string {
  const trailing = /(?<=[\w)\]}'"`])\s+(--[A-Za-z][\w-]*(?:[=\s]\s*[\w.:-]+)?)$/.exec(code)
  if (!trailing?.[1] || magic.options.every((option) => !option.name.startsWith('--'))) return code
  const reader = new LineReader(trailing[1])
  const word = reader.word()
  if (word) readOption(name, magic, word.text, reader, options)
  return readTrailing(name, magic, code.slice(0, trailing.index).trim(), options)
}

function readOption(name: string, magic: MagicDescription, text: string, reader: LineReader, options: Map<string, string | number | true>): void {
  const [given, attached] = text.includes('=') ? [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] : [text, undefined]
  const option = magic.options.find((candidate) => candidate.name === given)
  if (!option) throw unknownOption(name, magic, given)
  if (!option.value) {
    if (attached !== undefined) throw new MagicUsageError(name, `%${name} ${option.name} takes no value, but was given "${attached}".`)
    options.set(given, true)
    return
  }
  const ahead = attached === undefined ? reader.peek() : undefined
  const next = attached ?? ahead?.text
  const isAbsent = next === undefined || (ahead?.quoted === false && /^--?[A-Za-z]/.test(next))
  if (option.value.optional && (isAbsent || (option.value.kind === 'number' && Number.isNaN(Number(next))))) {
    options.set(given, true)
    return
  }
  if (isAbsent) throw new MagicUsageError(name, `%${name} ${option.name} needs a value: ${optionUsage(option)}.`)
  if (attached === undefined) reader.word()
  options.set(given, valueOf(name, { ...option, value: option.value }, next))
}

function valueOf(name: string, option: ValueOption, text: string): string | number {
  const { kind, choices, least = -Infinity } = option.value
  if (choices && !choices.includes(text)) {
    throw new MagicUsageError(name, `%${name} ${option.name} was given "${text}", expected ${choices.join(', ')}${didYouMean(text, choices)}${didYouMean(text, choices) ? '' : '.'}`)
  }
  if (kind === 'text') return text
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < least) {
    throw new MagicUsageError(name, `%${name} ${option.name} was given "${text}", expected a number${least > -Infinity ? ` of at least ${least}` : ''}.`)
  }
  return number
}

function finish(name: string, magic: MagicDescription, parsed: ParsedLine): ParsedLine {
  const wanted = magic.arguments
  const given = parsed.arguments.length + (parsed.code === '' ? 0 : 1)
  const missing = wanted.filter((argument) => argument.occurs === 'once' || argument.occurs === 'some')[given]
  if (missing) throw new MagicUsageError(name, `%${name} needs ${missing.name}: ${usageOf(name, magic)}.`)
  if (!wanted.some((argument) => argument.occurs === 'any' || argument.occurs === 'some') && given > wanted.length) {
    throw new MagicUsageError(name, `%${name} has no place for "${parsed.arguments[wanted.length] ?? parsed.code}": ${usageOf(name, magic)}.`)
  }
  return parsed
}

function isKnown(magic: MagicDescription, word: string): boolean {
  return magic.options.some((option) => option.name === word || word.startsWith(`${option.name}=`))
}

function unknownOption(name: string, magic: MagicDescription, given: string): MagicUsageError {
  const names = magic.options.map((option) => option.name)
  const near = didYouMean(given, names)
  return new MagicUsageError(name, `%${name} has no option ${given}${near !== '' ? near : names.length > 0 ? `; its options are ${names.join(', ')}.` : ' and takes none.'}`)
}

interface Word { readonly text: string; readonly quoted: boolean }

/** Words between spaces; quotes keep spaces inside. */
class LineReader {
  at = 0

  constructor(private readonly line: string) {}

  word(): Word | undefined {
    const match = /^\s*(?:"([^"]*)"|'([^']*)'|(\S+))/.exec(this.line.slice(this.at))
    if (!match) return undefined
    this.at += match[0].length
    const quoted = match[1] ?? match[2]
    return { text: quoted ?? match[3] ?? '', quoted: quoted !== undefined }
  }

  peek(): Word | undefined {
    const { at } = this
    const word = this.word()
    this.at = at
    return word
  }
}
