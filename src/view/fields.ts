// The numbers inside structs: one field of every struct as an array, and columns as rows.
import { numbersOf, type Numbers } from './numbers.js'

/** The values of one field over all structs. `perRecord` is 1, or the length of an array field. */
export interface FieldNumbers { readonly path: string; readonly numbers: Numbers; readonly perRecord: number }

/**
 * One field of every struct, in order; an array field gives all its elements. Without a `path`, the first field of numbers.
 *
 * @throws TypeError when there is no such field, naming those that there are.
 */
export function fieldNumbers(records: readonly unknown[], path?: string): FieldNumbers {
  const paths = numberPaths(records[0], '')
  const chosen = path ?? paths[0]
  if (chosen === undefined || !paths.includes(chosen)) {
    throw new TypeError(paths.length === 0 ? 'There is no field of numbers to draw; the table shows what there is.' : `There is no field of numbers "${chosen ?? ''}"; there are ${paths.join(', ')}.`)
  }
  const values: (number | bigint)[] = []
  let perRecord = 1
  for (const record of records) {
    const value = chosen.split('.').reduce<unknown>((inner, name) => (name === '' ? inner : (inner as Record<string, unknown> | null | undefined)?.[name]), record)
    const array = numbersOf(value)
    if (array === undefined) { values.push(typeof value === 'bigint' ? value : typeof value === 'boolean' || typeof value === 'number' ? Number(value) : NaN); continue }
    perRecord = Math.max(perRecord, array.length)
    for (let i = 0; i < array.length; i++) values.push(array.at(i))
  }
  const numbers = numbersOf(values)
  if (numbers === undefined) throw new TypeError(`The field "${chosen}" holds no numbers.`)
  return { path: chosen, numbers, perRecord }
}

/** Rows of an object of columns of one length, as `receiveColumns` gives them; undefined for any other value. Rows are made one at a time. */
export function rowsOfColumns(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined
  const columns = Object.entries(value)
  const lengths = columns.map(([, column]) => (ArrayBuffer.isView(column) && !(column instanceof DataView) ? (column as unknown as ArrayLike<unknown>).length : -1))
  const rows = Math.min(...lengths)
  if (columns.length === 0 || rows < 0 || !lengths.every((length) => length % Math.max(rows, 1) === 0)) return undefined
  return Array.from({ length: rows }, (_, row) => Object.fromEntries(columns.map(([name, column], i) => {
    const array = column as unknown as { subarray(from: number, to: number): unknown; [index: number]: unknown }
    const each = rows === 0 ? 1 : (lengths[i] ?? 0) / rows
    return [name, each === 1 ? array[row] : array.subarray(row * each, (row + 1) * each)]
  })))
}

/** Paths of the fields that are numbers or arrays of numbers. */
function numberPaths(value: unknown, path: string): string[] {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || numbersOf(value) !== undefined) return [path]
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => numberPaths(inner, path === '' ? name : `${path}.${name}`))
}
