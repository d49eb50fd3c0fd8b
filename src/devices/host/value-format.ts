// message() values on the host device: the value itself waits beside its slot, copied when it is sent. A copy, because a message is the receiver's own:
// what the sender changes afterwards must not show. What is plain is copied directly (about 0.1 µs for a small object, packing takes 1 µs);
// everything else takes the way of bytes, so that the same values arrive alike, and the same are refused, as on every other device.
import { MessageError, type Codec, type Message } from '../../schema/index.js'
import { validated } from '../../schema/message-codec.js'
import { packable, packer } from '../../schema/message-values.js'

/** A codec whose slots hold nothing but the envelope. Values are found by the place of their slot. */
export function valueFormat(schema: Message<unknown>): Codec {
  return {
    bytes: 0,
    align: 4,
    bind() {
      const values = new Map<number, unknown>()
      return {
        write: (offset, value) => { values.set(offset, copyOf(schema, validated(schema, value))) },
        read: (offset) => values.get(offset),
        copyBeside: (from, to) => { values.set(to, values.get(from)) },
      }
    },
    bindColumns() {
      throw new MessageError(`${schema.name} is a message() schema and has no columns; use a struct() for sendColumns and receiveColumns.`, { schema: schema.name })
    },
  }
}

/** Deeper than this, a value takes the way of bytes, which also finds cycles. */
const PLAIN_DEPTH_MAX = 8
const notPlain = Symbol('not plain')

function copyOf(schema: Message<unknown>, value: unknown): unknown {
  const copy = plainCopy(value, PLAIN_DEPTH_MAX)
  return copy === notPlain ? packer().unpack(packer().pack(packable(schema.name, value))) : copy
}

/** A deep copy of objects and arrays as literals make them, of TypedArrays and primitives. */
function plainCopy(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' || typeof value === 'symbol' ? notPlain : value
  if (depth === 0) return notPlain
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return plainObject(value as Record<string, unknown>, depth)
  if (prototype === Array.prototype) return plainArray(value as unknown[], depth)
  if (prototype === Float32Array.prototype || prototype === Float64Array.prototype || prototype === Uint8Array.prototype) return (value as Float32Array).slice()
  return notPlain
}

function plainObject(value: Record<string, unknown>, depth: number): unknown {
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return notPlain
    const item = value[key]
    if (typeof item === 'number' || typeof item === 'string') { result[key] = item; continue }
    const copy = plainCopy(item, depth - 1)
    if (copy === notPlain) return notPlain
    result[key] = copy
  }
  return result
}

function plainArray(value: unknown[], depth: number): unknown {
  const result = new Array<unknown>(value.length)
  for (let i = 0; i < value.length; i++) {
    // A hole is not undefined.
    if (!(i in value)) return notPlain
    const copy = plainCopy(value[i], depth - 1)
    if (copy === notPlain) return notPlain
    result[i] = copy
  }
  return result
}
