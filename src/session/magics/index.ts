// The door of magics: finds a magic by name, reads its line by the table and runs it. Every magic of the table has a behaviour here, by type.

import { addedMagics } from '../../lab/magic-registry.js'
import type { Behaviour } from './behaviour.js'
import type { MagicContext, Magics } from './context.js'
import { actors, buffer, queues, trace } from './figures.js'
import { cuda, gpu } from './gpu.js'
import { help, helpPage, listMagics, unknownMagic } from './help.js'
import { MagicUsageError, parseLine } from './parse-line.js'
import { activate, deactivate, device, launch, receive, send, step, terminate } from './ring-kernels.js'
import { runShell } from './shell.js'
import { describedMagic } from './table.js'
import type { MagicName } from './table.js'
import { time, timeit } from './time.js'
import { who } from './who.js'

export type { MagicContext, Magics } from './context.js'

const behaviours: Readonly<Record<MagicName, Behaviour>> = {
  lsmagic: listMagics, help, device, launch, activate, deactivate, step, terminate, actors, send, receive, queues, buffer, trace, gpu, cuda, time, timeit, who,
}

/** The magics of a session. Each rejects with a MagicUsageError of one sentence when it is used wrongly. */
export function createMagics(context: MagicContext): Magics {
  return {
    async run(name, line, body, use) {
      // A magic of the user's own comes first: `lab.magic('time', …)` replaces %time.
      const added = addedMagics().get(name)
      if (added) return added(line, body)
      const magic = describedMagic(name)
      if (!magic) throw unknownMagic(name)
      if (body !== undefined && !magic.cell) throw new MagicUsageError(name, `%%${name} cannot take a whole cell: write %${name} on a line.`)
      return behaviours[name as MagicName]({ context, line: parseLine(name, magic, line), body, use })
    },
    shell: (command, use) => runShell(context, command, use),
    async help(name) {
      const bare = name.replace(/^%+/, '')
      if (name.startsWith('%') || describedMagic(bare)) {
        const known = name.startsWith('%') ? undefined : await context.inspect(name)
        context.page(known ?? helpPage(bare).toMimeBundle())
        return
      }
      const page = await context.inspect(name)
      context.page(page ?? { 'text/plain': `There is nothing to show for ${name}: it is no name of this session and no magic.` })
    },
  }
}
