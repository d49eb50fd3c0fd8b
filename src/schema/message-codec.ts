// message() schemas in bytes: a 4-byte length, then msgpackr's bytes. Written when sent, checked by the validator before.

import type { BoundCodec, Codec } from './codec.js'
import { MessageError } from './error.js'
import { packable, packer } from './message-values.js'
import type { Message, StandardResult } from './types.js'

const lengthBytes = 4

/** The codec of a `message()` schema in slots of `slotBytes`, length word included. */
export function messageCodec(schema: Message<unknown>, slotBytes: number): Codec {
  return {
    bytes: slotBytes,
    align: lengthBytes,
    bind: (memory) => bindMessage(schema, slotBytes, memory),
    bindColumns() {
      throw new MessageError(`${schema.name} is a message() schema and has no columns; use a struct() for sendColumns and receiveColumns.`, { schema: schema.name })
    },
  }
}

/** `value` as `schema`'s validator lets it through. @throws MessageError with the validator's issues, or when it is asynchronous. */
export function validated(schema: Message<unknown>, value: unknown): unknown {
  if (!schema.validator) return value
  const result: StandardResult<unknown> | Promise<StandardResult<unknown>> = schema.validator['~standard'].validate(value)
  if (typeof (result as Partial<Promise<unknown>>).then === 'function') {
    // Its rejection would reach the user as an unhandled one, long after this error.
    void (result as Promise<unknown>).then(undefined, () => undefined)
    throw new MessageError(`${schema.name} has an asynchronous validator, and a message is checked as it is sent: use a synchronous one.`, { schema: schema.name })
  }
  const { issues, value: output } = result as { issues?: Extract<StandardResult<unknown>, { issues: readonly unknown[] }>['issues']; value?: unknown }
  if (!issues) return output
  const texts = issues.map((issue) => ({ path: (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'), message: issue.message }))
  const path = texts[0]?.path ?? ''
  throw new MessageError(`${schema.name} was refused by its validator: ${texts.map((text) => (text.path === '' ? text.message : `${text.path}: ${text.message}`)).join('; ')}.`, { schema: schema.name, path })
}

function bindMessage(schema: Message<unknown>, slotBytes: number, memory: ArrayBufferLike): BoundCodec {
  const bytes = new Uint8Array(memory)
  const lengths = new Uint32Array(memory, 0, memory.byteLength >>> 2)
  const room = slotBytes - lengthBytes
  return {
    write(offset, value) {
      const packed: Uint8Array = packer().pack(packable(schema.name, validated(schema, value)))
      if (packed.length > room) {
        throw new MessageError(`${schema.name} message of ${packed.length} bytes does not fit its slot of ${room} bytes: send it in parts, or use { device: 'host' }, whose messages have no such bound.`, { schema: schema.name })
      }
      bytes.set(packed, offset + lengthBytes)
      lengths[offset >>> 2] = packed.length
    },
    read(offset) {
      const length = lengths[offset >>> 2] ?? 0
      return packer().unpack(bytes.slice(offset + lengthBytes, offset + lengthBytes + length)) as unknown
    },
  }
}
