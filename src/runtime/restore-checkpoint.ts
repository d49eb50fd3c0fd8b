// Going on from a checkpoint: what of the file fits the definition as it is today, and the queues of the new ring kernel.
import { readFile } from 'node:fs/promises'
import { inputRing } from '../ring/block.js'
import type { Block } from '../ring/arena.js'
import { ENVELOPE_BYTES, readCorrelation, readEnvelope, readSentAtNs, writeSentAtNs, clearCorrelation, highHalf } from '../ring/envelope.js'
import { RingProducer } from '../ring/ring.js'
import { schemaDifference, schemaFrom, type BoundCodec, type Schema, type SchemaText } from '../schema/index.js'
import { decodeCheckpoint, type Checkpoint, type SavedMessage } from './checkpoint-file.js'
import { monotonicNs } from './clock.js'
import type { Actor } from './actor.js'
import { definitionNamed, isDefinition, type Definition } from './definition.js'
import type { Preparation, SavedBody } from './device.js'
import { CheckpointError } from './errors.js'
import { messageBytes } from './message-bytes.js'
import type { Received } from './output-stream.js'
import { restoredState, type Migrate } from './restore-state.js'
import type { RestoreOptions } from './types.js'

/** What a new ring kernel begins with. */
export interface Beginning {
  readonly initial: SavedBody
  readonly inputs: readonly SavedMessage[]
  readonly outputs: readonly Received[]
  /** What is not as it was: one sentence, or none. */
  readonly notice: string | undefined
}

/** What a launch begins with, once its device is known. */
export type Begin = (device: string, preparation: Preparation | undefined) => Beginning

/** Reads the checkpoint at `path` and launches what goes on from it. @throws CheckpointError; and as `launch`. */
export async function restoreFrom(path: string, { definition: given, id, migrate }: RestoreOptions, launch: (definition: Definition, id: string, begin: Begin) => Promise<Actor>): Promise<Actor> {
  if (migrate !== undefined && typeof migrate !== 'function') throw new TypeError('restore(): migrate must be a function from the old state to values of the new one: (old) => ({ total: old.sum })')
  const checkpoint = await readCheckpoint(path)
  const { name, id: itsId } = checkpoint.header
  const definition: unknown = given ?? definitionNamed(name)
  if (definition === undefined) throw new CheckpointError(path, 'body', `it is of '${name}', and no ring kernel of this name is defined: run its definition first, or pass { definition }.`)
  if (!isDefinition(definition)) throw new TypeError('restore() needs as its definition one made by ringKernel()')
  let notice: string | undefined
  const actor = await launch(definition, id ?? itsId, (device, preparation) => {
    const beginning = beginningFrom(path, checkpoint, definition, device, preparation, migrate)
    notice = beginning.notice
    return beginning
  })
  if (notice !== undefined) actor.log(`ring kernel '${actor.id}' ${notice}`)
  return actor
}

/** The checkpoint at `path`. @throws CheckpointError. */
async function readCheckpoint(path: string): Promise<Checkpoint> {
  if (typeof path !== 'string' || path === '') throw new TypeError("restore() needs the path of a checkpoint: runtime.restore('counter.checkpoint')")
  let bytes: Buffer
  try { bytes = await readFile(path) } catch (error) {
    throw new CheckpointError(path, 'missing', `it cannot be read (${error instanceof Error ? error.message : String(error)}).`, { cause: error })
  }
  return decodeCheckpoint(path, bytes)
}

/** What of it `definition` goes on with, on a device that prepared it so. @throws CheckpointError when a part that must fit does not. */
function beginningFrom(path: string, checkpoint: Checkpoint, definition: Definition, device: string, preparation: Preparation | undefined, migrate: Migrate | undefined): Beginning {
  const { header } = checkpoint
  const now = typeof definition.body === 'function' ? 'loop' : 'handler'
  requireFit(path, 'input', header.input, definition.input, header.inputs)
  requireFit(path, 'output', header.output, definition.output, header.outputs)
  if (header.inputs > definition.capacity) throw new CheckpointError(path, 'schema', `it holds ${header.inputs} queued messages and the queues of '${definition.name}' take ${definition.capacity}: raise its capacity.`)
  const state = restoredState(header.state, checkpoint.state, definition.state, migrate)
  const { frame } = checkpoint
  const isSameBody = header.form === now && header.frameHash === (preparation?.frameHash ?? null)
  if (frame !== undefined && !isSameBody && header.form === 'loop' && now === 'loop' && preparation?.frameHash === undefined) {
    throw new CheckpointError(path, 'body', `it holds the locals of a loop, and on ${device} those live in JavaScript, where they cannot be put: restore it on cpu or cuda.`)
  }
  const keepsFrame = frame !== undefined && isSameBody
  const changes = [...state.changes, ...(frame !== undefined && !keepsFrame ? [`its body has changed, so it starts at its beginning with new locals${header.isHandFirst ? ', and takes the message that was in hand again' : ''}`] : [])]
  return {
    initial: { frame: keepsFrame ? frame : undefined, state: state.bytes, nowNs: header.nowNs ?? undefined },
    inputs: checkpoint.inputs.map((message) => ({ ...message, envelope: renewed(message.envelope, checkpoint) })),
    outputs: checkpoint.outputs.map((message) => receivedFrom(message, definition.output, checkpoint)),
    notice: changes.length === 0 ? undefined : `restored from ${path}: ${changes.join('; ')}.`,
  }
}

/** Puts queued messages in the input ring of a ring kernel that no device knows yet. */
export function fillInput(block: Block, schema: Schema, codec: BoundCodec, inputs: readonly SavedMessage[]): void {
  if (inputs.length === 0) return
  const ring = new RingProducer(inputRing(block.arena, block.offset))
  const packed = messageBytes(schema)
  inputs.forEach(({ envelope, payload }, i) => {
    const slot = ring.slot(i)
    block.arena.bytes.set(envelope, slot)
    if (schema.kind === 'struct') block.arena.bytes.set(payload, slot + ENVELOPE_BYTES)
    else codec.write(slot + ENVELOPE_BYTES, packed.unpack(payload))
  })
  ring.publish(inputs.length)
}

function requireFit(path: string, what: 'input' | 'output', before: SchemaText, now: Schema, count: number): void {
  const difference = schemaDifference(schemaFrom(before), now, ['the checkpoint', 'the definition'])
  // With nothing queued, nothing has to be read by the other schema.
  if (difference === undefined || count === 0) return
  throw new CheckpointError(path, 'schema', `it holds ${count} queued ${what} messages of another schema (${difference}): let them be processed before the checkpoint is taken, or restore with the ${what} that wrote it.`)
}

/** Time stands still in a file: a message is as old as it was. Who asked is gone, so that no answer may find another asker. */
function renewed(envelope: Uint8Array, { header }: Checkpoint): Uint8Array {
  const copy = envelope.slice()
  const words = new Int32Array(copy.buffer)
  const age = header.clockNs - readSentAtNs(words, 0)
  writeSentAtNs(words, 0, Math.max(0, monotonicNs() - age))
  if (highHalf(readCorrelation(words, 0)) === header.host) clearCorrelation(words, 0)
  return copy
}

function receivedFrom({ envelope, payload }: SavedMessage, schema: Schema, checkpoint: Checkpoint): Received {
  const words = new Int32Array(renewed(envelope, checkpoint).buffer)
  return { message: messageBytes(schema).unpack(payload), envelope: readEnvelope(words, 0) }
}
