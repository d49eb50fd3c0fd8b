// How ringlab's own values show themselves as a cell's result: a struct schema by its layout; a runtime, a ring kernel, dead letters and a definition as tables.
import { inspect } from 'node:util'
import { LetterQueue } from '../runtime/dead-letters.js'
import { isDefinition } from '../runtime/definition.js'
import { liveRuntimes } from '../runtime/registry.js'
import { RingKernelRuntime } from '../runtime/ring-kernel-runtime.js'
import type { RingKernel } from '../runtime/types.js'
import { figureBundle } from '../view/bundle.js'
import type { Figure } from '../view/figure.js'
import { definitionTable, ringKernelTable } from '../view/figures/ring-kernels.js'
import { schemaLayout } from '../view/figures/schema-layout.js'
import { counted, formatNumber, shortened } from '../view/text.js'
import { newFigureId } from './figure.js'
import type { MimeBundle } from './sink.js'

/** The forms of a value of ringlab's own; undefined for any other value. */
export function ringlabBundle(value: object): MimeBundle | undefined {
  const figure = schemaLayout(value) ?? runtimeTable(value) ?? lettersTable(value) ?? actorTable(value) ?? (isDefinition(value) ? definitionTable(value) : undefined)
  return figure === undefined ? undefined : figureBundle(figure, newFigureId())
}

function runtimeTable(value: object): Figure | undefined {
  if (!(value instanceof RingKernelRuntime)) return undefined
  const ringKernels = [...value.ringKernels.values()]
  return {
    title: `RingKernelRuntime with ${counted(ringKernels.length, 'ring kernel')}`, notes: [],
    ...(ringKernels.length === 0 ? {} : { table: { columns: (['id', 'device', 'state'] as const).map((label) => ({ label, align: 'left' as const })), rows: ringKernels.map(({ id, device, state }) => [id, device, state]) } }) }
}

/** Characters of a message that the table shows, and the letters it shows: the last ones. */
const messageColumns = 60
const lettersMax = 50

function lettersTable(value: object): Figure | undefined {
  if (!(value instanceof LetterQueue)) return undefined
  const { size, capacity, lost } = value
  const shown = [...value].slice(-lettersMax)
  const rows = shown.map(({ id, device, reason, message, error, place }) => [id, device, reason, shortened(inspect(message, { breakLength: Infinity, compact: true, maxArrayLength: 8, maxStringLength: messageColumns, depth: 3 }), messageColumns), error?.message ?? '', place ?? ''])
  return {
    title: `${counted(size, 'dead letter')} (capacity ${formatNumber(capacity)}, ${formatNumber(lost)} lost)`,
    ...(rows.length === 0 ? {} : { table: { columns: (['ring kernel', 'device', 'reason', 'message', 'error', 'place'] as const).map((label) => ({ label, align: 'left' as const })), rows: [...(size > shown.length ? [null] : []), ...rows] } }),
    notes: size > shown.length ? [`The last ${shown.length} of ${formatNumber(size)} are shown.`] : [],
  }
}

/** A handle is recognised by the runtime that made it; one of a runtime that was shut down is inspected like any object. */
function actorTable(value: object): Figure | undefined {
  const actor = liveRuntimes().flatMap((runtime): RingKernel[] => [...runtime.ringKernels.values()]).find((each) => each === value)
  return actor === undefined ? undefined : ringKernelTable({ id: actor.id, device: actor.device, state: actor.state, telemetry: actor.telemetry() })
}
