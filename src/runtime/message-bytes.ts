// Messages of one schema as the bytes of a checkpoint, apart from any ring: a struct in its C layout, a message() value packed by msgpackr.
import { structCodec, type BoundCodec, type Fields, type Schema, type Struct } from '../schema/index.js'
import { packable, packer } from '../schema/message-values.js'

export interface MessageBytes {
  /** From a slot, at whose byte `offset` the payload lies as `codec` reads it. */
  copy(memory: Uint8Array, offset: number, codec: BoundCodec): Uint8Array
  pack(value: unknown): Uint8Array
  unpack(payload: Uint8Array): unknown
}

export function messageBytes(schema: Schema): MessageBytes {
  return schema.kind === 'struct' ? structBytes(schema as Struct<Fields>) : packedBytes(schema.name)
}

function structBytes(schema: Struct<Fields>): MessageBytes {
  const { bytes } = schema
  const scratch = new Uint8Array(new ArrayBuffer(Math.ceil(bytes / 16) * 16))
  const codec = structCodec(schema).bind(scratch.buffer)
  return {
    // Bit for bit: a NaN keeps its payload.
    copy: (memory, offset) => new Uint8Array(memory.subarray(offset, offset + bytes)),
    pack: (value) => { codec.write(0, value); return scratch.slice(0, bytes) },
    unpack: (payload) => { scratch.set(payload.subarray(0, bytes)); return codec.read(0) },
  }
}

function packedBytes(name: string): MessageBytes {
  const pack = (value: unknown): Uint8Array => new Uint8Array(packer().pack(packable(name, value)))
  return { copy: (_, offset, codec) => pack(codec.read(offset)), pack, unpack: (payload) => packer().unpack(payload) as unknown }
}
