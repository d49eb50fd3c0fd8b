// When bodies of this thread have their turns: soon, one after the other, and never while a reaction to somebody's promise is due. So one that is torn out of
// its turn takes nobody's reactions with it: V8 forgets those that were due (measured on Node 20 and 24), while what waits in Node's own queue stays.
import { turn, turnIsDue } from '../../runtime/turns.js'

const DONE = Promise.resolve()
/** Asked for a turn; in order. */
let due: (() => void)[] = []
let next = 0
let isArmed = false

/** Gives `go` a turn, in no case at once. */
export function soon(go: () => void): void {
  due.push(go)
  if (!isArmed) arm()
}

/** The event loop has turned: nothing of what was armed before it is still to come, if it was lost. */
export function turned(): void {
  isArmed = false
  if (next < due.length) arm()
}

function arm(): void {
  isArmed = true
  // Bodies that keep each other busy must not starve timers and sockets.
  if (turnIsDue()) void turn().then(armed)
  else process.nextTick(give)
}

function armed(): void { process.nextTick(give) }

function give(): void {
  isArmed = false
  const go = due[next++]
  if (next >= due.length) { due = []; next = 0 }
  // The next one once all that comes of this turn has been said.
  else { isArmed = true; void DONE.then(armed) }
  go?.()
}
