// What becomes of the messages of one ring kernel that were given up: a dead letter of each, its count, and the ask that waits for an answer told at once.
import type { Block } from '../ring/arena.js'
import { double } from '../ring/control.js'
import { ENVELOPE_BYTES, readEnvelope, slotStride } from '../ring/envelope.js'
import { KeptLetter, type DeadLetterReason, type DeadLetters } from './dead-letters.js'
import type { Definition } from './definition.js'
import { DeviceError, QueueFullError, RingKernelFault, UndeliveredError } from './errors.js'
import type { DeviceLetter, Fault } from './device.js'
import type { QueuedAt } from './slot-pool.js'
import type { Fields, Struct } from '../schema/index.js'

export interface LetterWriterParts {
  readonly id: string
  /** What it runs now. */
  readonly definition: () => Definition
  readonly device: string
  readonly block: Block
  readonly letters: DeadLetters
  /** Ends the ask that waits for the answer to this message; false when nobody waits. */
  readonly refuseAsk: (correlationId: bigint, error: () => Error) => boolean
}

export class LetterWriter {
  readonly #parts: LetterWriterParts

  constructor(parts: LetterWriterParts) { this.#parts = parts }

  /** A message was given up that lies, or would have lain, in a slot of the host's side; it is copied. True when an ask that waited for its answer was told. */
  lost(reason: Exclude<DeadLetterReason, 'failed'>, { arena, slot: offset, codec }: QueuedAt): boolean {
    const { id, definition, device, letters } = this.#parts
    const { input } = definition()
    const isStruct = input.kind === 'struct'
    const slot = arena.bytes.slice(offset, offset + slotStride(isStruct ? (input as Struct<Fields>).bytes : 0))
    this.#count(1)
    letters.add(new KeptLetter({ id, definition: definition(), device, reason, slot, ...(isStruct ? {} : { message: codec.read(offset + ENVELOPE_BYTES) }) }))
    // The end of a ring kernel is told to all who wait for it, with what it ended of.
    return reason !== 'duplicate' && reason !== 'terminated' && this.#refuse(readEnvelope(arena.words, offset).correlationId, reason, undefined)
  }

  /** As `lost` for each of them; of more than are kept, the oldest are only counted, and so are those of `count` that cannot be read. */
  lostAll(reason: Exclude<DeadLetterReason, 'failed'>, messages: readonly QueuedAt[], count = messages.length): void {
    const { id, letters } = this.#parts
    const over = Math.max(messages.length - letters.capacity, 0)
    const unread = over + Math.max(count - messages.length, 0)
    this.#count(unread)
    letters.lose(id, unread)
    for (let i = over; i < messages.length; i++) this.lost(reason, messages[i] as QueuedAt)
  }

  /** A device gave a message up. True when an ask that waited for its answer was told. */
  given({ reason, slot, message, envelope, fault, state, frame }: DeviceLetter): boolean {
    const { id, definition, device, letters } = this.#parts
    this.#count(1)
    letters.add(new KeptLetter({ id, definition: definition(), device, reason, slot, envelope, message, fault, state, frame }))
    return this.#refuse(envelope.correlationId, reason, fault)
  }

  #refuse(correlationId: bigint, reason: DeadLetterReason, fault: Fault | undefined): boolean {
    return correlationId !== 0n && this.#parts.refuseAsk(correlationId, () => this.#refusal(reason, fault))
  }

  #count(messages: number): void {
    const { block: { arena: { doubles }, offset } } = this.#parts
    const at = (offset >>> 3) + double.deadLetters
    doubles[at] = (doubles[at] as number) + messages
  }

  #refusal(reason: DeadLetterReason, fault: Fault | undefined): Error {
    const { id, definition } = this.#parts
    const { backpressure, capacity } = definition()
    switch (reason) {
      case 'failed': return fault === undefined ? new UndeliveredError(id, reason, `ring kernel '${id}' failed with the message of this ask, which is among its dead letters.`) : faultError(id, fault)
      case 'dropped': return new QueueFullError(id, capacity, `ring kernel '${id}' dropped the message of this ask: its input queue was full (${capacity} messages) and its backpressure is '${backpressure}'.`)
      case 'expired': return new UndeliveredError(id, reason, `the message of this ask to ring kernel '${id}' expired: its timeToLiveMs ended before it was taken; give it longer, or ask less at once.`)
      default: return new UndeliveredError(id, reason, `ring kernel '${id}' did not take the message of this ask (${reason}), which is among its dead letters.`)
    }
  }
}

/** What a body's failure is to whoever asked or waits for the end. */
export function faultError(id: string, { error, place }: Fault): Error { return error instanceof DeviceError ? error : new RingKernelFault(id, error, place) }
