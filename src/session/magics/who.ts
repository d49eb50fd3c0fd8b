// %who: the names of the session.

import { inspect } from 'node:util'
import { stillFigure } from '../../lab/figure.js'
import type { Behaviour } from './behaviour.js'
import { didYouMean } from './nearest.js'
import { MagicUsageError } from './parse-line.js'

/** Characters of a type or a value shown; the whole is one `name` away. */
const textMax = 60

/** `%who [NAME …]`. */
export const who: Behaviour = ({ context, line }) => {
  const all = context.names()
  for (const name of line.arguments) {
    if (!all.some((known) => known.name === name)) throw new MagicUsageError('who', `There is no name ${name} in this session${didYouMean(name, all.map((known) => known.name)) || '; %who lists them.'}`)
  }
  const names = line.arguments.length === 0 ? all : all.filter((known) => line.arguments.includes(known.name))
  return Promise.resolve(stillFigure(() => ({
    title: all.length === 0 ? 'No names yet' : `${names.length} ${names.length === 1 ? 'name' : 'names'}`,
    table: { columns: [{ label: 'name', align: 'left' }, { label: 'type', align: 'left' }, { label: 'value', align: 'left' }], rows: names.map(({ name, type, value }) => [name, shortened(type), shortened(valueText(value))]) },
    notes: all.length === 0 ? ['What cells declare at their top level is listed here.'] : [],
  })))
}

function valueText(value: unknown): string {
  try {
    return inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 8, maxStringLength: textMax })
  } catch (error) {
    return `(cannot be shown: ${error instanceof Error ? error.message : String(error)})`
  }
}

function shortened(text: string): string {
  const flat = text.replace(/\s+/g, ' ')
  return flat.length > textMax ? `${flat.slice(0, textMax - 1)}…` : flat
}
