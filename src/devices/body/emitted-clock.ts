// The hybrid clock of one emitted body: how it goes on with what is taken, and how what leaves gets its times.
import { CLOCK_SKEW_NS_MAX, HybridClock } from '../../ring/hybrid-clock.js'
import { monotonicNs } from '../../runtime/clock.js'
import type { ControlLines } from './control-lines.js'
import type { EmittedEnds } from './emitted-ends.js'

const TWO_32 = 4294967296
const NS_A_MS = 1_000_000

export class EmittedClock {
  readonly #control: ControlLines
  readonly #clock: HybridClock
  /** The time when it was last read: earlier than now. */
  #readAtNs = 0
  /** Sequence number of the last output that has its time. */
  #stamped: number

  /** Goes on from where another thread left off; `stamped` is the last sequence number that has its time already. */
  constructor(control: ControlLines, stamped: number) {
    this.#control = control
    this.#clock = new HybridClock(control.clock)
    this.#stamped = stamped
  }

  read(): number { return (this.#readAtNs = monotonicNs()) }

  /** Takes in the time of the message whose slot begins at word `at`. Did its time to live end before its turn came? */
  take(words: Int32Array, at: number): boolean {
    const sent = (words[at + 7] as number) * TWO_32 + ((words[at + 6] as number) >>> 0)
    if (sent > this.#clock.last) this.#believe(sent)
    const timeToLiveMs = (words[at + 5] as number) >>> 0
    return timeToLiveMs !== 0 && this.read() > sent + timeToLiveMs * NS_A_MS
  }

  /**
   * Publishes what is kept, or all; `last` is the sequence number of the last of it. Times follow sequence numbers, so that they are in the order of sending over all
   * rings, and equal in the copies of one message. True when there was anything.
   */
  publish(ends: EmittedEnds, now: number, what: 'kept' | 'all', last: number): boolean {
    const first = (this.#stamped + 1) | 0
    let time = 0
    for (const end of ends.all) {
      const upTo = what === 'kept' ? end.kept : end.next
      if (((upTo - end.published) | 0) <= 0) continue
      if (time === 0) time = this.#clock.send(now, Math.max((last - first) | 0, 0))
      this.#control.publish(end, upTo, time, first)
    }
    this.#control.setClock(this.#clock.last)
    if (time === 0) return false
    this.#stamped = last
    return true
  }

  /** The clock here is not behind what was taken. It is read only when the last reading does not suffice to judge. */
  #believe(sent: number): void {
    if (sent - this.#readAtNs > CLOCK_SKEW_NS_MAX) this.read()
    if (!this.#clock.take(sent, this.#readAtNs)) this.#control.skewed()
  }
}
