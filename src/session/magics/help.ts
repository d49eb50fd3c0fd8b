// %help, %lsmagic and the text behind ?name: what the table says of each magic, as markdown and as plain text.

import { addedMagics } from '../../lab/magic-registry.js'
import type { Behaviour } from './behaviour.js'
import { didYouMean } from './nearest.js'
import { MagicUsageError } from './parse-line.js'
import { describedMagic, magicTable, optionUsage, usageOf } from './table.js'
import type { MagicDescription } from './table.js'

/** Text in the forms a front end may show. */
class HelpPage {
  constructor(private readonly markdown: string) {}

  toMimeBundle(): Record<string, string> {
    return { 'text/markdown': this.markdown, 'text/plain': this.markdown.replace(/```\w*\n?|`|\*\*/g, '').replace(/^#+ /gm, '').replace(/\n{3,}/g, '\n\n').trim() }
  }
}

/** `%lsmagic`. */
export const listMagics: Behaviour = () => {
  const added = [...addedMagics().keys()]
  const lines = Object.entries<MagicDescription>(magicTable).map(([name, magic]) => `- \`${magic.cell ? `%${name}, %%${name}` : `%${name}`}\`: ${magic.summary}`)
  const own = added.map((name) => `- \`%${name}\`: added by \`lab.magic\``)
  return Promise.resolve(new HelpPage(['**Magics**', '', ...lines, '- `!command`: runs a command of the shell; `const lines = !command` keeps its output.', '- `?name`: shows help for a name or a magic.', ...own, '', '`%help NAME` says more of each.'].join('\n')))
}

/** `%help [NAME]`. */
export const help: Behaviour = ({ line }) => Promise.resolve(line.arguments[0] === undefined ? new HelpPage(beginning) : helpPage(line.arguments[0]))

/** What there is to know of one magic. @throws MagicUsageError for a name that is none. */
export function helpPage(given: string): HelpPage {
  const name = given.replace(/^%+/, '')
  const magic = describedMagic(name)
  if (magic) return new HelpPage(descriptionOf(name, magic))
  if (addedMagics().has(name)) return new HelpPage(`**%${name}** was added by \`lab.magic('${name}', …)\`.`)
  throw unknownMagic(name)
}

/** The error for `%name` where there is no such magic. */
export function unknownMagic(name: string): MagicUsageError {
  const near = didYouMean(name, [...Object.keys(magicTable), ...addedMagics().keys()]).replace('mean ', 'mean %')
  return new MagicUsageError(name, `There is no magic %${name}${near === '' ? '; %lsmagic lists them.' : near}`)
}

function descriptionOf(name: string, magic: MagicDescription): string {
  const options = magic.options.map((option) => `- \`${optionUsage(option)}\`: ${option.doc}`)
  return [
    `**%${name}**: ${magic.summary}`, '', '```', usageOf(name, magic), ...(magic.cell ? [`%%${name}  (over the rest of the cell)`] : []), '```', ...(options.length > 0 ? [...options, ''] : []),
    'Examples:', '```', ...magic.examples, '```', `The same from code: \`${magic.twin}\``,
  ].join('\n')
}

const beginning = [
  '**ringlab** runs ring kernels: actors that stay on a device and answer messages.', '',
  '```typescript',
  "const Value = struct('Value', { v: f32 })",
  "ringKernel('doubler', { input: Value, output: Value }, { onMessage(m, ctx) { ctx.send({ v: m.v * 2 }) } })",
  '```', 'Then, in any cell:', '```', '%launch doubler --activate', '%send doubler { v: 21 }', '%receive doubler', '%queues --live', '```',
  '`%lsmagic` lists the magics, `%help NAME` explains one, `?name` any name, Tab completes.',
].join('\n')
