// Messages that a body was not given or did not finish, as the thread of the body tells of them, and as the runtime reads it.
import { inspect } from 'node:util'
import type { CompiledSite } from '../../compiler/compiled.js'
import { ENVELOPE_BYTES, readEnvelope, type Envelope } from '../../ring/envelope.js'
import type { DeviceLetter, Fault, LaunchPlan } from '../../runtime/device.js'
import { structCodec, type Fields, type Schema, type Struct } from '../../schema/index.js'
import { faultAt } from './fault-text.js'

/** Structured-clonable. */
export interface BodyLetter {
  readonly reason: DeviceLetter['reason']
  /** The message as it lay in its slot, with the envelope; in a buffer of its own. */
  readonly slot: Uint8Array
  /** Where its slot holds no bytes of it. */
  readonly message?: unknown
  /** Of a compiled body that failed with it, and goes on. */
  readonly site?: number
  readonly value?: number | bigint | boolean | undefined
  readonly state?: Uint8Array
  readonly frame?: Uint8Array
}

/** Copies a slot of `stride` bytes. */
export function slotCopy(memory: ArrayBufferLike, slot: number, stride: number): Uint8Array { return new Uint8Array(memory, slot, stride).slice() }

function envelopeOf(slot: Uint8Array): Envelope { return readEnvelope(new Int32Array(slot.buffer, slot.byteOffset, ENVELOPE_BYTES / 4), 0) }

/** As the runtime is told; `fault` is what the body failed of, where it failed. */
function deviceLetter(letter: BodyLetter, fault: Fault | undefined): DeviceLetter {
  const { reason, slot, site, state, frame } = letter
  return {
    reason, slot, envelope: envelopeOf(slot),
    ...('message' in letter ? { message: letter.message } : {}),
    ...(fault === undefined ? {} : { fault }), ...(site === undefined ? {} : { site }),
    ...(state === undefined ? {} : { state }), ...(frame === undefined ? {} : { frame }),
  }
}

/** Tells of a message without which the ring kernel goes on: one that came too late, or one that faulted under `parallel: 'messages'`. */
export function tellGivenUp(plan: LaunchPlan, sites: readonly CompiledSite[], letter: BodyLetter): void {
  if (letter.reason === 'expired') { plan.deadLetter(deviceLetter(letter, undefined)); return }
  const given = deviceLetter(letter, faultAt(sites[letter.site ?? -1], letter.value))
  plan.log(givenUpLine(plan.id, plan.definition.input, given))
  plan.deadLetter(given)
}

/** Tells that the body ended, before that with which message. */
export function tellFailed(plan: LaunchPlan, fault: Fault, letter: BodyLetter | undefined): void {
  if (letter !== undefined) plan.deadLetter(deviceLetter(letter, fault))
  plan.failed(fault)
}

/** Characters of the message that the line shows. */
const MESSAGE_CHARACTERS_MAX = 200

/** The fault's sentence, its place, and the message: what a log needs to find out why. One line, the same on every device. */
function givenUpLine(id: string, input: Schema, { fault, slot }: DeviceLetter): string {
  const at = fault?.place === undefined ? '' : ` at ${fault.place}`
  return `ring kernel '${id}' gave up a message and goes on: ${fault?.error.message ?? ''} (in ring kernel '${id}'${at}); the message was ${messageText(input, slot)}`
}

function messageText(input: Schema, slot: Uint8Array | undefined): string {
  if (slot === undefined) return 'lost'
  const message = structCodec(input as Struct<Fields>).bind(slot.buffer).read(slot.byteOffset + ENVELOPE_BYTES)
  const text = `${input.name} ${inspect(message, { breakLength: Infinity, compact: true, maxArrayLength: 16, depth: 4 })}`
  return text.length <= MESSAGE_CHARACTERS_MAX ? text : `${text.slice(0, MESSAGE_CHARACTERS_MAX)}…`
}
