// An array as a table: its first and last elements in rows of ten, as a hex dump shows bytes.
import type { Figure, Table } from '../figure.js'
import { summaryOf, type Numbers } from '../numbers.js'
import { counted, formatNumber } from '../text.js'
import { valueNotes } from './value-notes.js'

/** Elements a row: the first of these that fits into `rowColumns` characters. */
const perRow = [10, 8, 5, 4, 2, 1]
const rowColumns = 66
const bytesPerRow = 16
const firstRows = 12
const lastRows = 2

/** The elements with their indices; bytes in hexadecimal. */
export function valuesTable(numbers: Numbers, name: string): Figure {
  const bytes = numbers.kind.endsWith('bytes')
  const columns = bytes ? bytesPerRow : columnsFor(numbers)
  const rows = Math.ceil(numbers.length / columns)
  const shown = rows <= firstRows + lastRows ? range(0, rows) : [...range(0, firstRows), ...range(rows - lastRows, rows)]
  const table: Table = {
    columns: [{ label: bytes ? 'offset' : 'index', align: 'right' }, ...range(0, Math.min(columns, Math.max(numbers.length, 1))).map((i) => ({ label: `+${bytes ? i.toString(16) : i}`, align: 'right' as const }))],
    rows: shown.flatMap((row, i) => [...(i === firstRows && rows > firstRows + lastRows ? [null] : []), [formatNumber(row * columns), ...range(0, columns).map((column) => { const index = row * columns + column; return index < numbers.length ? text(numbers.at(index), bytes) : '' })].slice(0, 1 + Math.min(columns, numbers.length))]) }
  const left = rows > firstRows + lastRows ? [`Elements ${formatNumber(firstRows * columns)} to ${formatNumber((rows - lastRows) * columns - 1)} are left out.`] : []
  return { title: `${name}: ${counted(numbers.length, bytes ? 'byte' : 'element')} (${numbers.kind})`, table, notes: [...left, ...valueNotes(summaryOf(numbers))] }
}

/** As many elements a row as the longest of those near the ends leave room for. */
function columnsFor(numbers: Numbers): number {
  const near = [...range(0, Math.min(numbers.length, 120)), ...range(Math.max(0, numbers.length - 20), numbers.length)]
  const widest = Math.max(2, ...near.map((index) => text(numbers.at(index), false).length))
  return perRow.find((count) => count * (widest + 2) <= rowColumns) ?? 1
}

function text(value: number | bigint, bytes: boolean): string { return bytes ? Number(value).toString(16).padStart(2, '0') : formatNumber(value, 5) }

function range(from: number, to: number): number[] { return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i) }
