// How long this thread polls before it sleeps. A quick answer comes within a microsecond and a wake-up costs fifty, so a short poll pays;
// where answers turn out slow, polling would only burn the core that the ring kernel needs, so it gets shorter by itself.
import { availableParallelism } from 'node:os'

/** The longest poll, ns: about what it costs to sleep, be woken and run (measured 52–64 µs to wake, and as much to be rung). */
const POLL_NS_MAX = 120_000
/** What is still tried while answers are slow. */
const POLL_NS_MIN = 8_000
/** Failed polls in a row after which only the short poll is tried … */
const FAILURES_MAX = 4
/** … except every so often, to notice that answers became quick again. */
const RETRY_EVERY = 8
/** Looks between two looks at the clock. */
const LOOKS_A_CLOCK = 32

/** With one core, polling keeps the ring kernel from running at all. */
const alone = availableParallelism() < 2

export class Patience {
  #failures = 0

  /** Polls until `look` is true or the budget is spent. */
  poll(look: () => boolean): boolean {
    if (look()) return true
    if (alone) return false
    const isShort = this.#failures > FAILURES_MAX && this.#failures % RETRY_EVERY !== 0
    const until = performance.now() + (isShort ? POLL_NS_MIN : POLL_NS_MAX) / 1e6
    do {
      for (let i = 0; i < LOOKS_A_CLOCK; i++) if (look()) { this.#failures = 0; return true }
    } while (performance.now() < until)
    this.#failures++
    return false
  }
}
