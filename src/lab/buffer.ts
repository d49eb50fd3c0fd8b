// lab.buffer(): a look into unified buffers, typed arrays, arrays of structs, columns, and the messages queued in a ring kernel's rings.
import { actorRows, liveRuntimes, queuedMessages } from '../runtime/registry.js'
import type { Target } from '../runtime/types.js'
import { lookInto, type BufferLook } from '../runtime/unified-buffer.js'
import type { Figure as Description } from '../view/figure.js'
import { heatmap } from '../view/figures/heatmap.js'
import { histogram } from '../view/figures/histogram.js'
import { recordsTable } from '../view/figures/records-table.js'
import { valuesLine } from '../view/figures/values-line.js'
import { valuesTable } from '../view/figures/values-table.js'
import { fieldNumbers, rowsOfColumns } from '../view/fields.js'
import { numbersOf, type Numbers } from '../view/numbers.js'
import { readingsOf } from '../view/readings.js'
import { counted, formatNumber, shortened } from '../view/text.js'
import { stillFigure, type Figure } from './figure.js'
import { targetId } from './targets.js'

/** The ways to look. */
export const bufferViews = ['table', 'line', 'histogram', 'heatmap'] as const
export type BufferView = (typeof bufferViews)[number]

export interface BufferOptions {
  /** What the figure calls it; default `buffer`, or the ring kernel's id. */
  name?: string
  /** Of structs and messages: the field to draw, nested ones as `position.x`; default the first number. */
  field?: string
  /** Elements a row of a heatmap; default the square root of their number, or the length of an array field. */
  width?: number
}

/** Queued messages drawn at most, of each ring. */
const messagesMax = 1024
/** Characters of a name in a title. */
const nameColumns = 40
/** Messages of each ring in a table. */
const shownMax = 10

/**
 * What is in an array or a ring, as a table, a line, a histogram or a heatmap. Every element is looked at; what a picture leaves out or averages
 * is said below it. Of a unified buffer: the host's copy, with the buffer's state. Of a ring kernel (handle, definition or id): the messages queued in its rings, which stay there.
 *
 * @throws TypeError when it is nothing that can be looked into, or the view or field is unknown.
 * @example
 * lab.buffer(new Float32Array([1, 2, 3]), 'histogram')
 * lab.buffer('summer')                      // the messages waiting in its rings
 */
export function buffer(of: unknown, view: BufferView = 'table', options: BufferOptions = {}): Figure {
  if (!bufferViews.includes(view)) throw new TypeError(`lab.buffer has no view "${view}"; it has ${bufferViews.join(', ')}.`)
  if (options.width !== undefined && !(Number.isInteger(options.width) && options.width > 0)) throw new TypeError(`The width of a heatmap is a whole number of elements, not ${String(options.width)}.`)
  const describe = describer(of, view, options)
  // Once now, so that an error belongs to this call; later calls show the array as it is then.
  describe()
  return stillFigure(describe)
}

function describer(of: unknown, view: BufferView, options: BufferOptions): () => Description {
  const name = shortened(options.name ?? 'buffer', nameColumns)
  if (lookInto(of) !== undefined) return () => unifiedFigure(lookInto(of) as BufferLook, name, view, options)
  if (numbersOf(of) !== undefined) return () => numbersFigure(numbersOf(of) as Numbers, name, view, options.width)
  if (Array.isArray(of)) return () => recordsFigure(of, name, 'element', view, options)
  const columns = rowsOfColumns(of)
  if (columns !== undefined) return () => recordsFigure(rowsOfColumns(of) ?? columns, name, 'row', view, options)
  if (typeof of === 'string' || isTarget(of)) {
    const id = targetId(of, actorRows().map((row) => row.id))
    return () => queueFigure(id, view, options)
  }
  throw new TypeError(`lab.buffer looks into a unified buffer, a typed array, a DataView, an array of structs, columns, or a ring kernel; ${of === null ? 'null' : typeof of === 'object' ? 'this object' : `a ${typeof of}`} is none of them.`)
}

/** The host's copy, and what the state says of it. */
function unifiedFigure({ state, device, shape, element, elements }: BufferLook, name: string, view: BufferView, options: BufferOptions): Description {
  const about = `Unified buffer of ${shape.map((length) => formatNumber(length)).join(' × ')} ${element}, ${state}${device === undefined ? '' : ` on ${device}`}.`
  if (elements === undefined) return { title: `${name}: nothing on the host`, notes: [about, ...(state === 'DEVICE_ONLY' ? [`await ${name}.onHost() brings it here.`] : [])] }
  const width = options.width ?? (shape.length > 1 ? shape.at(-1) : undefined)
  const figure = Array.isArray(elements) ? recordsFigure(elements, name, 'element', view, options) : numbersFigure(numbersOf(elements) as Numbers, name, view, width)
  return { ...figure, notes: [about, ...(state === 'DEVICE_DIRTY' ? [`The device's copy is newer, or being written: await ${name}.onHost() brings it here.`] : []), ...figure.notes] }
}

function numbersFigure(numbers: Numbers, name: string, view: BufferView, width: number | undefined): Description {
  switch (view) {
    case 'table': return valuesTable(numbers, name)
    case 'line': return valuesLine(numbers, name)
    case 'histogram': return histogram(numbers, name)
    case 'heatmap': return heatmap(numbers, name, width)
  }
}

function recordsFigure(records: readonly unknown[], name: string, kind: string, view: BufferView, options: BufferOptions, total = records.length): Description {
  if (view === 'table') return recordsTable(records, name, kind, total)
  const field = fieldNumbers(records, options.field)
  return numbersFigure(field.numbers, `${name}.${field.path}`, view, options.width ?? (field.perRecord > 1 ? field.perRecord : undefined))
}

function queueFigure(id: string, view: BufferView, options: BufferOptions): Description {
  const actor = liveRuntimes().map((runtime) => runtime.ringKernels.get(id)).findLast((each) => each !== undefined)
  const row = actorRows().findLast((each) => each.id === id)
  const name = shortened(options.name ?? id, nameColumns)
  const counters = row === undefined ? undefined : readingsOf([row])[0]?.counters
  if (actor === undefined || row === undefined || counters === undefined) return { title: `${name}: no messages queued`, notes: ['The ring kernel has ended.'] }
  const queued = (ring: 'input' | 'output', limit: number): Record<string, unknown>[] => queuedMessages(actor, ring, limit).map((message) => (isRecord(message) ? message : { message }))
  if (view !== 'table') return recordsFigure([...queued('input', messagesMax), ...queued('output', messagesMax)], name, 'queued message', view, options)
  const rows = (['input', 'output'] as const).flatMap((ring) => queued(ring, shownMax).map((message) => ({ ring, ...message })))
  if (rows.length === 0) return { title: `${name}: no messages queued`, notes: [`The input ring holds up to ${formatNumber(row.inputCapacity)} messages, the output ring ${formatNumber(row.outputCapacity)}.`] }
  const table = recordsTable(rows, name, 'queued message', Math.max(counters.inputDepth + counters.outputDepth, rows.length))
  return { ...table, notes: [`${counted(counters.inputDepth, 'message')} in the input ring, ${formatNumber(counters.outputDepth)} in the output ring; the oldest of each come first.`, ...table.notes] }
}

function isTarget(value: unknown): value is Target {
  if (!isRecord(value) || !('input' in value)) return false
  return typeof value['id'] === 'string' || typeof value['name'] === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> { return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value) }
