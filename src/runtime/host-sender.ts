// The host as a sender: one for each runtime, so that no two messages that leave this thread carry the same id, whichever ring kernel they go to,
// and so that each of them is later than the one before.
import { HybridClock } from '../ring/hybrid-clock.js'
import { monotonicNs } from './clock.js'

/** The host's number among the senders of a runtime; launches count from 1. */
const HOST_NUMBER = 0

export class HostSender {
  /** Second word of every id: the sender's number in the high half, the runtime's in the low half. */
  readonly origin: number
  readonly #clock = new HybridClock()
  readonly #now: () => number
  #sequence: number

  /** @param firstSequence one less than the first message's; tests begin near the wrap of u32. */
  constructor(runtimeNumber: number, now: () => number = monotonicNs, firstSequence = 0) {
    this.origin = (HOST_NUMBER << 16) | runtimeNumber
    this.#now = now
    this.#sequence = firstSequence
  }

  /** First word of the next message's id. */
  next(): number { return (this.#sequence = (this.#sequence + 1) | 0) }

  now(): number { return this.#now() }

  /** The clock of a message sent now; `further` messages after it may add 1 each. */
  stamp(further = 0): number { return this.#clock.send(this.#now(), further) }

  /** A message came in that was sent at `theirs`: what is sent from now on is later. */
  took(theirs: number): void { this.#clock.take(theirs, this.#now()) }
}
