// How payloads lie in the slots of CPU ring kernels: structs in their C layout, message() values as msgpackr bytes.
import { messageCodec, structCodec, type Codec, type Fields, type Schema, type Struct } from '../../schema/index.js'

/** Bytes a message() slot gives its payload, length included. With the envelope, a slot is one page: untouched ones cost no memory. */
const MESSAGE_SLOT_BYTES = 4096 - 32

export function cpuFormat(schema: Schema): Codec {
  return schema.kind === 'struct' ? structCodec(schema as Struct<Fields>) : messageCodec(schema, MESSAGE_SLOT_BYTES)
}
