// message() values on the host device: the value itself waits beside its slot, copied when it is sent. A copy, because a message is the receiver's own:
// what the sender changes afterwards must not show. Packing to bytes would isolate as well, at five times the cost (measured 0.2 against 1 µs for a small object).
import { types } from 'node:util'
import { MessageError, type Codec, type Message } from '../../schema/index.js'
import { validated } from '../../schema/message-codec.js'

/** A codec whose slots hold nothing but the envelope. Values are found by the place of their slot. */
export function valueFormat(schema: Message<any>): Codec {
  return {
    bytes: 0,
    align: 4,
    bind() {
      const values = new Map<number, unknown>()
      return {
        write: (offset, value) => { values.set(offset, copyValue(schema, validated(schema, value), '', undefined)) },
        read: (offset) => values.get(offset),
      }
    },
    bindColumns() {
      throw new MessageError(`${schema.name} is a message() schema and has no columns; use a struct() for sendColumns and receiveColumns.`, { schema: schema.name })
    },
  }
}

interface Around { readonly object: object; readonly around: Around | undefined }

/** A deep copy of everything a message may hold; the same values travel as between threads, and the same are refused. */
function copyValue(schema: Message<any>, value: unknown, path: string, around: Around | undefined): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol') throw refused(schema, path, `was given a ${typeof value}, expected a value that can be copied`)
    return value
  }
  for (let outer = around; outer !== undefined; outer = outer.around) {
    if (outer.object === value) throw refused(schema, path, 'is a part of itself, and a message cannot hold a cycle')
  }
  const inside = { object: value, around }
  const copy = (item: unknown, key: string): unknown => copyValue(schema, item, path === '' ? key : `${path}.${key}`, inside)
  if (Array.isArray(value)) return value.map((item, i) => copy(item, String(i)))
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [copy(key, 'key'), copy(item, String(key))]))
  if (value instanceof Set) return new Set([...value].map((item) => copy(item, 'element')))
  // A view is copied alone: cloning it would take the whole buffer behind it along.
  if (types.isTypedArray(value)) return value.slice()
  if (types.isDate(value) || types.isRegExp(value) || types.isNativeError(value) || types.isAnyArrayBuffer(value) || types.isDataView(value) || types.isBoxedPrimitive(value)) return structuredClone(value)
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const item: unknown = (value as Record<string, unknown>)[key]
    // Most fields are numbers and texts, which need no path and no call.
    result[key] = typeof item === 'number' || typeof item === 'string' ? item : copy(item, key)
  }
  return result
}

function refused(schema: Message<any>, path: string, why: string): MessageError {
  return new MessageError(`${path === '' ? schema.name : `${schema.name}.${path}`} ${why}.`, { schema: schema.name, path })
}
