// The messages that one ring kernel's host keeps before its ring: made, remembered by their ids, given up and counted. Their order is in admission.ts,
// the ring they go to in input-edge.ts.
import { double, type ArenaViews } from '../ring/control.js'
import { ENVELOPE_BYTES, PRIORITY_DEFAULT, highHalf, lowHalf, pair, readEnvelope, readSentAtNs, readTimeToLiveMs, writeEnvelope } from '../ring/envelope.js'
import { Admission, bandOf, type Queued } from './admission.js'
import { RecentIds } from './duplicates.js'
import type { HostSender } from './host-sender.js'
import { SlotPool, copyMessage, type QueuedAt, type SlotSource } from './slot-pool.js'
import type { MessageOptions } from './types.js'
import type { Wait } from './wait.js'

/** Between two searches of the queue for messages whose time ended, ns; those whose turn comes are looked at in any case. */
const EXPIRY_LOOK_NS = 5e6
const NS_A_MS = 1e6

/** Why a message is not delivered. */
type LossReason = 'dropped' | 'expired' | 'duplicate'
const counted = { dropped: double.hostDropped, expired: double.hostExpired, duplicate: double.hostDuplicates } as const

export interface MessageStoreParts {
  readonly arena: ArenaViews
  readonly controlOffset: number
  readonly slots: SlotSource
  readonly sender: HostSender
  /** Ids of messages that are remembered; undefined: none are. */
  readonly deduplicate: number | undefined
  /** Told of each message that will not reach the body; its slot is valid during the call. */
  readonly lost: (reason: LossReason, at: QueuedAt) => void
}

export class MessageStore {
  readonly queue = new Admission()
  readonly recent: RecentIds | undefined
  readonly #parts: MessageStoreParts
  readonly #pool: SlotPool
  #nextExpiryLookNs = 0

  constructor(parts: MessageStoreParts) {
    this.#parts = parts
    this.#pool = new SlotPool(parts.slots)
    this.recent = parts.deduplicate === undefined ? undefined : new RecentIds(parts.deduplicate)
  }

  get dropped(): number { return this.#parts.arena.doubles[(this.#parts.controlOffset >>> 3) + double.hostDropped] as number }

  /** Encodes the message into a slot of its own; it stands in no line yet. @throws MessageError, and then there is none. */
  fill(message: unknown, options: MessageOptions | undefined, wait?: Wait<void>): Queued {
    const at = this.#pool.next()
    at.codec.write(at.slot + ENVELOPE_BYTES, message)
    this.stamp(at.arena.words, at.slot, options)
    this.#pool.keep(at)
    return queuedOf(at, wait)
  }

  /** A copy of a message that lies elsewhere. */
  copy(from: QueuedAt): Queued {
    const at = this.#pool.next()
    copyMessage(from, at, this.#parts.slots.stride)
    this.#pool.keep(at)
    return queuedOf(at, undefined)
  }

  /** Writes the envelope of a message that is sent now. */
  stamp(words: Int32Array, slot: number, options: MessageOptions | undefined): void {
    const { sender } = this.#parts
    if (options === undefined) { writeEnvelope(words, slot, sender.next(), sender.origin, 0, 0, PRIORITY_DEFAULT, sender.stamp()); return }
    const { id, correlationId: correlation = 0n, priority = PRIORITY_DEFAULT, timeToLiveMs = 0 } = options
    const [sequence, origin] = id === undefined ? [sender.next(), sender.origin] : [lowHalf(id), highHalf(id)]
    writeEnvelope(words, slot, sequence, origin, lowHalf(correlation), highHalf(correlation), priority, sender.stamp(), timeToLiveMs)
  }

  free({ at }: Queued): void { this.#pool.free(at) }

  /** Takes a message out of its line and gives it up. */
  giveUp(reason: LossReason, entry: Queued): void {
    this.queue.remove(entry)
    this.lose(reason, entry)
  }

  /** A message that stands in no line will not be delivered. */
  lose(reason: LossReason, entry: Queued): void {
    this.count(counted[reason], 1)
    if (reason !== 'duplicate') this.forget(entry)
    this.#parts.lost(reason, entry.at)
    this.#pool.free(entry.at)
    // It was accepted as any other; what became of it is counted.
    entry.wait?.resolve()
  }

  /** Whoever sent a message, or owns the queue, took it back. */
  withdraw(entry: Queued): void {
    this.queue.remove(entry)
    this.forget(entry)
    this.#pool.free(entry.at)
  }

  /** What carried this id may come again. */
  forget({ at }: Queued): void { this.recent?.forget(readEnvelope(at.arena.words, at.slot).id) }

  /** Gives up messages whose time ended, at once when `isUrgent`, else every so often; true when there were any. */
  expire(isUrgent: boolean): boolean {
    if (this.queue.soonestEndNs === Infinity) return false
    const now = this.#parts.sender.now()
    if (!isUrgent && now < this.#nextExpiryLookNs) return false
    this.#nextExpiryLookNs = now + EXPIRY_LOOK_NS
    const ended = this.queue.ended(now)
    for (const entry of ended) this.lose('expired', entry)
    return ended.length > 0
  }

  /** Nothing will be delivered any more. */
  close(): void {
    for (const entry of [...this.queue]) { this.queue.remove(entry); this.#pool.free(entry.at) }
    this.#pool.close()
  }

  count(which: number, by: number): void {
    const at = (this.#parts.controlOffset >>> 3) + which
    this.#parts.arena.doubles[at] = (this.#parts.arena.doubles[at] as number) + by
  }
}

function queuedOf(at: Queued['at'], wait: Wait<void> | undefined): Queued {
  const { words } = at.arena
  const timeToLiveMs = readTimeToLiveMs(words, at.slot)
  return {
    at, band: bandOf((words[(at.slot >>> 2) + 4] as number) & 0xff), wait, isGone: false,
    endsAtNs: timeToLiveMs === 0 ? Infinity : readSentAtNs(words, at.slot) + timeToLiveMs * NS_A_MS,
  }
}

/** Does the message there carry this correlation id? */
export function carries({ arena: { words }, slot }: QueuedAt, correlationId: bigint): boolean {
  const at = slot >>> 2
  return words[at + 2] === lowHalf(correlationId) && pair(words[at + 2] as number, words[at + 3] as number) === correlationId
}
