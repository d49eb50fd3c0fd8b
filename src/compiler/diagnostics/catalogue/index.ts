// Every code the compiler can report, from the files of this folder. A new code is one entry in one of them.
import type { Entry, FactNames } from '../entry.js'
import { language } from './language.js'
import { rules } from './rules.js'
import { values } from './values.js'

const entries = { ...language, ...values, ...rules }

/** A code that the catalogue knows. */
export type Code = keyof typeof entries

type Texts<C extends Code> = (typeof entries)[C]['message'] | ((typeof entries)[C] extends { readonly fix: infer Fix extends string } ? Fix : never)

/** The facts that the sentences of a code need, each by its name. */
export type FactsOf<C extends Code> = Readonly<Record<FactNames<Texts<C>>, string>>

/** Codes and what they say, in the order of their numbers. */
export const catalogue: ReadonlyMap<string, Entry> = new Map(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The entry of a code. */
export function entryOf(code: Code): Entry { return entries[code] }
