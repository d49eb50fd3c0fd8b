// The file of a checkpoint: its layout, and the reading of it that trusts nothing. Bytes in, bytes out: nothing here opens a file.
//
// All numbers are little-endian. The file is exactly
//
//   offset 0      8 bytes   magic: "RINGLAB" and 0x1A, at which a terminal stops printing
//          8      u32       version of this layout: 1
//         12      u32       h: bytes of the header
//         16      u64       d: bytes of the data
//         24      h bytes   the header: JSON in UTF-8, as CheckpointHeader below says
//       24+h      d bytes   the data: frame, state, inputs, outputs, one after the other, as long as the header says
//     24+h+d     32 bytes   SHA-256 of everything before it
//
// Inputs and outputs are queued messages, each as u32 n, the 32 bytes of its envelope (see ring/envelope.ts), and a payload of n − 32 bytes: of a struct() schema
// its C layout, of a message() schema its value packed by msgpackr. The first input is the message in hand, where the header says that one is.
import { createHash } from 'node:crypto'
import { ENVELOPE_BYTES } from '../ring/envelope.js'
import type { SchemaText } from '../schema/index.js'
import { CheckpointError } from './errors.js'

const MAGIC = Buffer.from('RINGLAB\u001a', 'latin1')
/** Raise it with every change of the layout above or of the header; older files are then brought up to date here, or refused by their number. */
const VERSION = 1
const FIXED_BYTES = 24
const CHECKSUM_BYTES = 32
const LENGTH_BYTES = 4

/** What the header says. Plain JSON. */
export interface CheckpointHeader {
  /** Of the definition, and the id it ran under. */
  readonly name: string
  readonly id: string
  readonly form: 'loop' | 'handler'
  readonly device: string
  readonly ringlab: string
  /** ISO 8601. */
  readonly savedAt: string
  readonly input: SchemaText
  readonly output: SchemaText
  readonly state: SchemaText | null
  /** Names the body whose frame this is; null when there is no frame. */
  readonly frameHash: string | null
  readonly isHandFirst: boolean
  /** `ctx.nowNs`; null when the body never began. */
  readonly nowNs: number | null
  /** The process's monotonic clock at that moment, ns: envelopes are stamped by it. */
  readonly clockNs: number
  /** The second word of the ids of messages that the host sent: whoever asked then is gone. */
  readonly host: number
  /** How many messages, and bytes of each part of the data. */
  readonly inputs: number
  readonly outputs: number
  readonly frameBytes: number
  readonly stateBytes: number
  readonly inputBytes: number
  readonly outputBytes: number
}

/** A queued message: the envelope's words, and its payload. */
export interface SavedMessage { readonly envelope: Uint8Array; readonly payload: Uint8Array }

export interface CheckpointContent {
  readonly frame: Uint8Array | undefined
  readonly state: Uint8Array | undefined
  readonly inputs: readonly SavedMessage[]
  readonly outputs: readonly SavedMessage[]
}

export interface Checkpoint extends CheckpointContent { readonly header: CheckpointHeader }

type Counted = 'inputs' | 'outputs' | 'frameBytes' | 'stateBytes' | 'inputBytes' | 'outputBytes'

/** The bytes of the file. */
export function encodeCheckpoint(facts: Omit<CheckpointHeader, Counted>, { frame, state, inputs, outputs }: CheckpointContent): Buffer {
  const parts = [frame ?? new Uint8Array(0), state ?? new Uint8Array(0), packed(inputs), packed(outputs)] as const
  const [frameBytes, stateBytes, inputBytes, outputBytes] = parts.map((part) => part.byteLength) as [number, number, number, number]
  const header: CheckpointHeader = { ...facts, inputs: inputs.length, outputs: outputs.length, frameBytes, stateBytes, inputBytes, outputBytes }
  const text = Buffer.from(JSON.stringify(header))
  const fixed = Buffer.alloc(FIXED_BYTES)
  MAGIC.copy(fixed)
  fixed.writeUInt32LE(VERSION, 8)
  fixed.writeUInt32LE(text.byteLength, 12)
  fixed.writeBigUInt64LE(BigInt(frameBytes + stateBytes + inputBytes + outputBytes), 16)
  const all = Buffer.concat([fixed, text, ...parts])
  return Buffer.concat([all, createHash('sha256').update(all).digest()])
}

/** What the bytes of the file at `path` say. @throws CheckpointError when they are anything but a whole checkpoint of a layout that this ringlab knows. */
export function decodeCheckpoint(path: string, bytes: Buffer): Checkpoint {
  const start = bytes.subarray(0, MAGIC.byteLength)
  if (!start.equals(MAGIC.subarray(0, start.byteLength))) throw new CheckpointError(path, 'foreign', 'it is no checkpoint of ringlab: name a file that checkpoint() wrote.')
  if (bytes.byteLength < FIXED_BYTES) throw torn(path, `it ends after ${bytes.byteLength} bytes`)
  const version = bytes.readUInt32LE(8)
  if (version !== VERSION) throw new CheckpointError(path, version > VERSION ? 'newer' : 'older', `its layout is version ${version}, and this ringlab reads version ${VERSION}: ${version > VERSION ? 'install the ringlab that wrote it, or a later one' : 'restore and save it with a ringlab that still knows it'}.`)
  const headerBytes = bytes.readUInt32LE(12)
  const whole = BigInt(FIXED_BYTES + headerBytes + CHECKSUM_BYTES) + bytes.readBigUInt64LE(16)
  if (BigInt(bytes.byteLength) !== whole) throw torn(path, `it has ${bytes.byteLength} bytes and should have ${whole}`)
  const end = bytes.byteLength - CHECKSUM_BYTES
  if (!createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end))) throw torn(path, 'its checksum is wrong')
  const header = headerOf(path, bytes.subarray(FIXED_BYTES, FIXED_BYTES + headerBytes))
  return { header, ...contentOf(path, header, bytes.subarray(FIXED_BYTES + headerBytes, end)) }
}

function torn(path: string, how: string): CheckpointError {
  return new CheckpointError(path, 'torn', `the file is damaged (${how}): take an older checkpoint; this one was cut off or changed after it was written.`)
}

/** The checksum says that nobody damaged it; that a program other than ringlab wrote it is still possible. */
function headerOf(path: string, bytes: Buffer): CheckpointHeader {
  let header: Partial<CheckpointHeader>
  try { header = JSON.parse(bytes.toString()) as Partial<CheckpointHeader> } catch { throw unreadable(path, 'its header is no JSON') }
  const texts = ['name', 'id', 'device', 'ringlab', 'savedAt'] as const
  const counts = ['inputs', 'outputs', 'frameBytes', 'stateBytes', 'inputBytes', 'outputBytes'] as const
  const wrong = texts.find((field) => typeof header[field] !== 'string') ?? counts.find((field) => !Number.isSafeInteger(header[field]) || (header[field] as number) < 0)
    ?? (['clockNs', 'host'] as const).find((field) => typeof header[field] !== 'number')
    ?? (['input', 'output'] as const).find((field) => !isSchemaText(header[field]))
    ?? (header.state === null || isSchemaText(header.state) ? undefined : 'state') ?? (header.form === 'loop' || header.form === 'handler' ? undefined : 'form')
    ?? (typeof header.isHandFirst === 'boolean' ? undefined : 'isHandFirst') ?? (header.frameHash === null || typeof header.frameHash === 'string' ? undefined : 'frameHash')
    ?? (header.nowNs === null || typeof header.nowNs === 'number' ? undefined : 'nowNs')
  if (wrong !== undefined) throw unreadable(path, `its header has no '${wrong}' as it should be`)
  return header as CheckpointHeader
}

function isSchemaText(text: unknown): text is SchemaText {
  const { kind, name } = (text ?? {}) as { kind?: unknown; name?: unknown }
  return (kind === 'struct' || kind === 'message') && typeof name === 'string'
}

function contentOf(path: string, header: CheckpointHeader, data: Buffer): CheckpointContent {
  let at = 0
  const [frame, state, inputs, outputs] = [header.frameBytes, header.stateBytes, header.inputBytes, header.outputBytes].map((bytes) => {
    at += bytes
    // A copy of its own begins at byte 0, so that it can be seen as words.
    return new Uint8Array(data.subarray(at - bytes, at))
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  if (at !== data.byteLength) throw unreadable(path, 'the parts do not fill it')
  return {
    frame: header.frameBytes === 0 ? undefined : frame, state: header.stateBytes === 0 ? undefined : state,
    inputs: unpacked(path, inputs, header.inputs), outputs: unpacked(path, outputs, header.outputs),
  }
}

function packed(messages: readonly SavedMessage[]): Uint8Array {
  return Buffer.concat(messages.flatMap(({ envelope, payload }) => {
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32LE(envelope.byteLength + payload.byteLength)
    return [length, envelope, payload]
  }))
}

function unpacked(path: string, bytes: Uint8Array, count: number): SavedMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: SavedMessage[] = []
  let at = 0
  while (at < bytes.byteLength) {
    const length = at + LENGTH_BYTES <= bytes.byteLength ? view.getUint32(at, true) : 0
    const from = at + LENGTH_BYTES
    if (length < ENVELOPE_BYTES || from + length > bytes.byteLength) throw unreadable(path, `message ${messages.length + 1} does not lie in it`)
    messages.push({ envelope: bytes.slice(from, from + ENVELOPE_BYTES), payload: bytes.slice(from + ENVELOPE_BYTES, from + length) })
    at = from + length
  }
  if (messages.length !== count) throw unreadable(path, `it holds ${messages.length} messages and says ${count}`)
  return messages
}

function unreadable(path: string, why: string): CheckpointError {
  return new CheckpointError(path, 'foreign', `it was not written by ringlab (${why}): name a file that checkpoint() wrote.`)
}
