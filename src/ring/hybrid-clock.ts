// A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", OPODIS 2014), its two parts folded into one number of nanoseconds: as the clock on the
// wall while that moves on, and one more where it does not. One for each sender; pure, whoever has it tells the time.

/** How far ahead of the time here a sender's clock may be, ns; beyond, it is not believed: one wrong clock would otherwise set all others. */
export const CLOCK_SKEW_NS_MAX = 1_000_000_000

export class HybridClock {
  #last: number

  /** Goes on from `last`. */
  constructor(last = 0) { this.#last = last }

  /** The last time it gave or believed. */
  get last(): number { return this.#last }

  /** The time of a sending, `now` being the time here: greater than every time it gave or believed before. `further` sendings after it may add 1 each. */
  send(now: number, further = 0): number {
    const time = now > this.#last ? now : this.#last + 1
    this.#last = time + further
    return time
  }

  /** Takes a message sent at `theirs`. False: that is too far ahead of `now`, and was not believed. */
  take(theirs: number, now: number): boolean {
    if (theirs - now > CLOCK_SKEW_NS_MAX) return false
    if (theirs > this.#last) this.#last = theirs
    return true
  }
}
