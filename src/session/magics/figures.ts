// The magics that show: %actors, %queues and %buffer. What they draw is lab's.

import { bufferViews, lab, type Figure } from '../../lab/index.js'
import { actorRows } from '../../runtime/registry.js'
import { lookInto, type UnifiedBuffer } from '../../runtime/unified-buffer.js'
import { currentTrace } from '../../runtime/trace.js'
import type { Behaviour, MagicCall } from './behaviour.js'
import { MagicUsageError } from './parse-line.js'

export const actors: Behaviour = (call) => Promise.resolve(shown(call, lab.actors()))

export const queues: Behaviour = (call) => {
  const { line } = call
  const figure = lab.queues(...line.arguments)
  const seconds = line.options.get('--live')
  if (seconds === undefined) return Promise.resolve(shown(call, figure))
  return Promise.resolve(figure.live(typeof seconds === 'number' ? { seconds } : {}))
}

/** A single word that is the id of a ring kernel means its rings; anything else is an expression. */
export const buffer: Behaviour = async (call) => {
  const { context, line } = call
  const isId = actorRows().some((row) => row.id === line.code) && !context.names().some((known) => known.name === line.code)
  const of = isId ? line.code : await context.evaluate(line.code)
  // A look at a unified buffer means what is in it now, wherever that is.
  const state = lookInto(of)?.state
  if (state === 'DEVICE_ONLY' || state === 'DEVICE_DIRTY') await (of as UnifiedBuffer).onHost()
  const view = line.options.get('--view') as (typeof bufferViews)[number] | undefined
  const field = line.options.get('--field') as string | undefined
  const width = line.options.get('--width') as number | undefined
  return shown(call, lab.buffer(of, view, { name: line.code, ...(field === undefined ? {} : { field }), ...(width === undefined ? {} : { width }) }))
}

export const trace: Behaviour = async (call) => {
  const { context, line } = call
  const asked = line.code.trim()
  const capacity = line.options.get('--capacity') as number | undefined
  if (asked === 'on' || asked === 'off') {
    if (capacity !== undefined && asked === 'off') throw new MagicUsageError('trace', '%trace --capacity goes with on: %trace on --capacity EVENTS.')
    await lab.trace(asked, capacity === undefined ? {} : { capacity }).ready
    context.print(asked === 'on' ? 'Messages are traced from now on: %trace shows them.\n' : 'Nothing is traced any more: %trace shows what was.\n')
    return undefined
  }
  if (capacity !== undefined) throw new MagicUsageError('trace', '%trace --capacity goes with on: %trace on --capacity EVENTS.')
  const count = asked === '' ? undefined : Number(asked)
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1)) throw new MagicUsageError('trace', `%trace takes on, off or how many events to show, but was given "${asked}".`)
  await currentTrace()?.measure()
  return shown(call, lab.trace(count))
}

/** A magic that stands alone shows its figure wherever in the cell it stands; on the right of `=` the figure is its value. */
function shown({ use }: MagicCall, figure: Figure): Figure | undefined {
  if (use !== 'statement') return figure
  lab.display(figure)
  return undefined
}
