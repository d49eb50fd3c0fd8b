// Structs as a table: a row a struct, a column a field; fields of fields are named by their path, arrays shortened.
import { inspect } from 'node:util'
import type { Figure } from '../figure.js'
import { numbersOf } from '../numbers.js'
import { counted, formatNumber } from '../text.js'

const rowsMax = 20
const columnsMax = 12
/** Elements of an array field that are shown. */
const elementsMax = 4
const textMax = 60

/** Rows of structs. `total` is how many there are when `records` holds only the first; `kind` says what they are. */
export function recordsTable(records: readonly unknown[], name: string, kind: string, total = records.length): Figure {
  const shown = records.slice(0, rowsMax).map((record) => new Map(leavesOf(record, '')))
  const paths = [...new Set(shown.flatMap((leaves) => [...leaves.keys()]))]
  const kept = paths.slice(0, columnsMax)
  const numeric = (path: string): boolean => shown.some((leaves) => ['number', 'bigint'].includes(typeof leaves.get(path)))
  return {
    title: `${name}: ${counted(total, kind)}`,
    table: { columns: [{ label: 'index', align: 'right' }, ...kept.map((path) => ({ label: path === '' ? 'value' : path, align: numeric(path) ? 'right' as const : 'left' as const }))], rows: [...shown.map((leaves, index) => [formatNumber(index), ...kept.map((path) => textOf(leaves.get(path)))]), ...(total > shown.length ? [null] : [])] },
    notes: [...(total > shown.length ? [`The first ${shown.length} of ${formatNumber(total)} are shown.`] : []), ...(paths.length > kept.length ? [`${paths.length - kept.length} more fields: ${paths.slice(kept.length, kept.length + 8).join(', ')}${paths.length > kept.length + 8 ? ', …' : ''}.`] : [])] }
}

/** The fields of a struct, nested ones by path. */
function leavesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value) || (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null)) return [[path, value]]
  return Object.entries(value).flatMap(([field, inner]) => leavesOf(inner, path === '' ? field : `${path}.${field}`))
}

function textOf(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(value, 6)
  if (typeof value === 'string') return value.length > textMax ? `${value.slice(0, textMax - 1)}…` : value
  const numbers = numbersOf(value)
  if (numbers === undefined) return inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: elementsMax, maxStringLength: textMax }).replace(/\s+/g, ' ').slice(0, textMax)
  const elements = Array.from({ length: Math.min(numbers.length, elementsMax) }, (_, i) => formatNumber(numbers.at(i), 5))
  return `[${elements.join(', ')}${numbers.length > elementsMax ? `, … ${formatNumber(numbers.length)}` : ''}]`
}
