// Taking a checkpoint: what one ring kernel consists of at a moment at which it is parked.
import { readFileSync } from 'node:fs'
import { describeSchema, struct } from '../schema/index.js'
import type { ActorParts } from './actor-parts.js'
import { ENVELOPE_BYTES, envelopeBytes } from '../ring/envelope.js'
import { encodeCheckpoint, type CheckpointHeader, type SavedMessage } from './checkpoint-file.js'
import { monotonicNs } from './clock.js'
import type { ConnectedQueue } from './connected-queue.js'
import type { DeviceActor } from './device.js'
import { CheckpointError } from './errors.js'
import { messageBytes } from './message-bytes.js'
import { writeWhole } from './whole-file.js'

/** What a checkpoint that was written holds. */
export interface CheckpointSummary {
  readonly path: string
  /** Of the file. */
  readonly bytes: number
  /** Messages that were not processed yet, the one in hand among them; and outputs that nobody had received. */
  readonly inputs: number
  readonly outputs: number
}

/** The whole of a parked ring kernel as bytes. `connected` are the rings that lead to it from others. @throws DeviceError when its body cannot be saved. */
export async function snapshot(parts: ActorParts, onDevice: DeviceActor, connected: () => Promise<readonly ConnectedQueue[]>): Promise<{ readonly bytes: Buffer; readonly inputs: number; readonly outputs: number }> {
  const { definition, edge, stream, place, id, preparation } = parts
  const saved = await onDevice.save()
  const others = await connected()
  // From here on nothing is awaited: senders and receivers go on meanwhile, and this is one moment of theirs.
  const inputs = inOrder(id, savedInputs(parts), others, saved.hand)
  const packed = messageBytes(definition.output)
  const outputs = stream.unread().map(({ message, envelope }): SavedMessage => ({ envelope: envelopeBytes(envelope), payload: packed.pack(message) }))
  const facts: Omit<CheckpointHeader, 'inputs' | 'outputs' | 'frameBytes' | 'stateBytes' | 'inputBytes' | 'outputBytes'> = {
    name: definition.name, id, form: typeof definition.body === 'function' ? 'loop' : 'handler', device: place.name, ringlab: ringlabVersion(), savedAt: new Date().toISOString(),
    input: describeSchema(definition.input), output: describeSchema(definition.output),
    state: definition.state === undefined || Object.keys(definition.state).length === 0 ? null : describeSchema(struct('State', definition.state)),
    frameHash: saved.frame === undefined ? null : preparation?.frameHash ?? null, isHandFirst: saved.hand !== undefined,
    nowNs: saved.nowNs ?? null, clockNs: monotonicNs(), host: edge.sender.origin,
  }
  return { bytes: encodeCheckpoint(facts, { frame: saved.frame, state: saved.state, inputs, outputs }), inputs: inputs.length, outputs: outputs.length }
}

/** Puts a snapshot at `path`. @throws CheckpointError when the file cannot be written; an older one stays as it is. */
export async function writeCheckpoint(path: string, { bytes, inputs, outputs }: { readonly bytes: Buffer; readonly inputs: number; readonly outputs: number }): Promise<CheckpointSummary> {
  try { await writeWhole(path, bytes) } catch (error) {
    throw new CheckpointError(path, 'unwritten', `it could not be written (${error instanceof Error ? error.message : String(error)}); what was there before is still there.`, { cause: error })
  }
  return { path, bytes: bytes.byteLength, inputs, outputs }
}

function savedInputs({ definition, edge }: ActorParts): SavedMessage[] {
  const packed = messageBytes(definition.input)
  return edge.queued().map(({ arena, slot, codec }) => ({ envelope: arena.bytes.slice(slot, slot + ENVELOPE_BYTES), payload: packed.copy(arena.bytes, slot + ENVELOPE_BYTES, codec) }))
}

/** The message in hand first, whichever ring it came by; then the host's, then those of connections: between rings there is no order to keep. */
function inOrder(id: string, own: readonly SavedMessage[], others: readonly ConnectedQueue[], hand: number | undefined): SavedMessage[] {
  const held = others.find(({ number }) => number === hand)
  if (held?.leavesWhenTaken === true) throw new TypeError(`ring kernel '${id}' cannot be saved now: it has a message in hand of a ring that drops its oldest, which left that ring when it was taken. Save it once it waits for the next one.`)
  const rest = others.flatMap((queue) => (queue === held ? queue.messages.slice(1) : queue.messages))
  return [...(held?.messages.slice(0, 1) ?? []), ...own, ...rest]
}

let version: string | undefined

function ringlabVersion(): string {
  version ??= (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
  return version
}
