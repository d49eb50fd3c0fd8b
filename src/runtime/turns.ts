// Calls that find their answer at once never let the event loop turn: a loop of them would starve timers, sockets and interrupts.
// So now and then such a call takes a turn of the event loop first.

/** How long this thread may go without a turn of the event loop, ms. */
const TURN_MS = 8
/** Calls between two looks at the clock; a power of two. */
const CALLS_A_CLOCK = 64

let calls = 0
let lastTurn = 0
let scheduled = false

/** True when the caller should `await turn()` before it goes on. */
export function turnIsDue(): boolean {
  calls = (calls + 1) & (CALLS_A_CLOCK - 1)
  if (calls !== 0) return false
  if (!scheduled) {
    scheduled = true
    lastTurn = performance.now()
    setImmediate(() => { scheduled = false })
    return false
  }
  return performance.now() - lastTurn > TURN_MS
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => { scheduled = false; resolve() }))
}
