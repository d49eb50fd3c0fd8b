// What a message() value is before and after msgpackr: what msgpackr would drop is refused by name, what it would bend (−0, errors, a key
// named __proto__) travels in a record of ours.

import { createRequire } from 'node:module'
import { types } from 'node:util'
import type { Packr } from 'msgpackr'
import { MessageError, shown } from './error.js'

class NegativeZero { readonly value = -0 }
class ErrorRecord { constructor(readonly fields: Record<string, unknown>) {} }
class EntriesRecord { constructor(readonly entries: readonly (readonly [string, unknown])[]) {} }

/** Codes of msgpackr's range for applications, 1 to 100; another library of this process that takes the same ones would be misread. */
const codes = { negativeZero: 97, error: 98, entries: 99 } as const

let packr: Packr | undefined

/** Loaded on the first message, so that importing ringlab stays light. Records keep plain objects apart from Maps. */
export function packer(): Packr {
  if (packr) return packr
  const { Packr, addExtension } = createRequire(import.meta.url)('msgpackr') as typeof import('msgpackr')
  addExtension({ Class: NegativeZero, type: codes.negativeZero, write: () => null, read: () => -0 })
  addExtension({ Class: ErrorRecord, type: codes.error, write: (record: ErrorRecord) => record.fields, read: errorFrom })
  addExtension({ Class: EntriesRecord, type: codes.entries, write: (record: EntriesRecord) => record.entries, read: (entries: [string, unknown][]) => Object.fromEntries(entries) })
  packr = new Packr({ structuredClone: true, useRecords: true, moreTypes: true, useBigIntExtension: true })
  return packr
}

/**
 * `value` as msgpackr carries it whole: itself, or a copy with records in some places.
 *
 * @throws MessageError naming the part that cannot be copied.
 */
export function packable(schema: string, value: unknown): unknown {
  return new Walk(schema).packable(value, '')
}

class Walk {
  private readonly replaced = new Map<object, unknown>()
  private readonly around = new Set<object>()

  constructor(private readonly schema: string) {}

  packable(value: unknown, path: string): unknown {
    if (Object.is(value, -0)) return new NegativeZero()
    if (typeof value === 'function' || typeof value === 'symbol' || isTied(value)) throw this.refused(path, `was given ${shown(value)}, expected a value that can be copied`)
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
    if (this.replaced.has(value)) return this.replaced.get(value)
    if (this.around.has(value)) throw this.refused(path, 'is a part of itself, and a message cannot hold a cycle')
    this.around.add(value)
    const result = this.container(value, path)
    this.around.delete(value)
    this.replaced.set(value, result)
    return result
  }

  private container(value: object, path: string): unknown {
    if (value instanceof Error) return new ErrorRecord(this.errorFields(value, path))
    if (Array.isArray(value)) return this.changed(value, [...value.keys()].map((i) => [String(i), value[i] as unknown]), path, (items) => items.map(([, item]) => item))
    if (value instanceof Map) return this.map(value, path)
    if (value instanceof Set) return this.changed(value, [...value].map((item, i) => [String(i), item]), path, (items) => new Set(items.map(([, item]) => item)))
    if (types.isDate(value) || types.isRegExp(value) || types.isAnyArrayBuffer(value)) return value
    const entries = Object.entries(value)
    const isSafe = !Object.hasOwn(value, '__proto__')
    return this.changed(value, entries, path, (items) => (isSafe ? Object.fromEntries(items) : new EntriesRecord(items)), isSafe)
  }

  /** The same object when no part of it had to change. */
  private changed(value: object, items: readonly [string, unknown][], path: string, copy: (items: [string, unknown][]) => unknown, mayStay = true): unknown {
    const packed = items.map(([key, item]): [string, unknown] => [key, this.packable(item, join(path, key))])
    return mayStay && packed.every(([, item], i) => Object.is(item, items[i]?.[1])) ? value : copy(packed)
  }

  private map(value: Map<unknown, unknown>, path: string): unknown {
    const keys = [...value.keys()]
    return this.changed(value, keys.flatMap((key): [string, unknown][] => [['key', key], [String(key), value.get(key)]]), path,
      (items) => new Map(keys.map((_, i) => [items[2 * i]?.[1], items[2 * i + 1]?.[1]])))
  }

  private errorFields(error: Error, path: string): Record<string, unknown> {
    const own: Record<string, unknown> = { ...Object.fromEntries(Object.entries(error)), name: error.name, message: error.message, stack: error.stack }
    if (Object.hasOwn(error, 'cause')) own['cause'] = error.cause
    if (error instanceof AggregateError) own['errors'] = error.errors
    return Object.fromEntries(Object.entries(own).map(([key, item]) => [key, this.packable(item, join(path, key))]))
  }

  private refused(path: string, text: string): MessageError {
    return new MessageError(`${path === '' ? this.schema : `${this.schema}.${path}`} ${text}.`, { schema: this.schema, path })
  }
}

/** Objects whose contents are out of reach, so that a copy would be empty. */
function isTied(value: unknown): boolean {
  return types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef || types.isBoxedPrimitive(value)
    || types.isGeneratorObject(value) || value instanceof URL || types.isExternal(value)
}

/** The classes of JavaScript by name; an error of any other class arrives as an Error of that name. */
const errorClasses: Readonly<Record<string, new (message: string) => Error>> = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }

function errorFrom({ message, name, stack, cause, errors, ...own }: Record<string, unknown>): Error {
  const error = Array.isArray(errors) ? new AggregateError(errors, message as string) : new (errorClasses[name as string] ?? Error)(message as string)
  const hidden = { stack, ...(cause === undefined ? {} : { cause }), ...(error.name === name ? {} : { name }) }
  for (const [key, value] of Object.entries(hidden)) Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false })
  return Object.assign(error, own)
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
