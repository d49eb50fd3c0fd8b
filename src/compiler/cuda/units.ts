// The device prelude as texts to compile: in front of a program that is compiled whole; as declarations in front of one that is linked to what was
// compiled before; and as the libraries that such a program is linked to.
import { readFileSync } from 'node:fs'
import type { Program } from '../ir.js'
import { preludeFor, preludeNames } from './prelude.js'

/** A part of the prelude that is compiled once for all programs: the protocol, or the numeric functions. */
export type LibraryName = 'protocol' | 'numbers'

/** One compilation of the two that are linked. */
export interface LinkedUnit {
  readonly text: string
  /** What it has to be linked to. */
  readonly libraries: readonly LibraryName[]
}

const folder = new URL('../../../cuda/', import.meta.url)
const texts = new Map<string, string>()

const protocol = ['ring', 'block', 'actor', 'life', 'parallel', 'messages'] as const

/** All that a program needs of the prelude, defined. */
export function wholePrelude(program: Program, used: Iterable<string>): string { return [...partsOf(program).map(fileText), preludeFor(used)].join('\n') }

/** In front of a ring kernel that is written by hand. */
export function byHandPrelude(): string { return ['ring', 'block', 'actor', 'life', 'by-hand'].map(fileText).join('\n') }

/** The same for a program that is linked: what is out of line is declared only. Undefined for what is always compiled whole. */
export function declaredPrelude(program: Program, used: Iterable<string>): { readonly text: string; readonly libraries: readonly LibraryName[] } | undefined {
  if (program.form === 'one-shot') return undefined
  const numeric = declarationsOf(preludeFor(used, 'declared'))
  return { text: [...partsOf(program).map((name) => declarationsOf(fileText(name))), numeric].join('\n'), libraries: numeric.includes('RL_DECLARED') ? ['protocol', 'numbers'] : ['protocol'] }
}

/** The text of a library. */
export function libraryText(name: LibraryName): string {
  const known = texts.get(`library ${name}`)
  if (known !== undefined) return known
  const parts = name === 'protocol' ? protocol.map(fileText) : [fileText('ring'), preludeFor(preludeNames())]
  const text = ['#define RL_COMPILED_APART', ...parts].join('\n')
  texts.set(`library ${name}`, text)
  return text
}

function partsOf({ form, parallels }: Program): readonly string[] {
  if (form === 'one-shot') return ['ring', 'one-shot']
  return form === 'messages' ? protocol : protocol.slice(0, parallels.length > 0 ? 5 : 4)
}

/** The text with each RL_SLOW function declared instead of defined, and without what only those need. */
function declarationsOf(text: string): string {
  return text.replace(/^RL_(SLOW|INNER|INNER_SLOW) ([^\n]*?) \{(?:[^\n]*\}|[^\n]*\n[\s\S]*?\n\})$/gm, (_all, kind: string, head: string) => (kind === 'SLOW' ? `RL_DECLARED ${head};` : ''))
}

function fileText(name: string): string {
  const known = texts.get(name) ?? readFileSync(new URL(`${name}.cuh`, folder), 'utf8')
  texts.set(name, known)
  return known
}
