// The envelope of the message that an emitted body has in hand, field by field: a body reads one at a time, and an object a message would cost more.
import type { ArenaViews } from '../../ring/control.js'
import { pair } from '../../ring/envelope.js'

export abstract class Hand {
  protected readonly words: Int32Array
  /** Byte offset of the slot in hand, or −1. */
  protected handSlot = -1

  constructor(arena: ArenaViews) { this.words = arena.words }

  id(): bigint { return this.#pair(0) }
  correlationId(): bigint { return this.#pair(2) }
  sentAtNs(): bigint { return this.#pair(6) }
  timeToLiveMs(): number { return this.#word(5) >>> 0 }
  priority(): number { return this.#word(4) & 0xff }
  sender(): number { return this.#word(1) >>> 16 }

  #word(at: number): number { return this.handSlot < 0 ? 0 : this.words[(this.handSlot >>> 2) + at] as number }
  #pair(at: number): bigint { return this.handSlot < 0 ? 0n : pair(this.#word(at), this.#word(at + 1)) }
}
