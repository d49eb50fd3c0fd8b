// Whether a ring kernel's body is parked, as its control block says: only then may the host take messages back from the ring.
import type { Block } from '../ring/arena.js'
import { command, deviceState, word } from '../ring/control.js'

/** How many messages at the front of its input ring a parked body may have in hand; undefined when it may run. One written by hand does not say. */
export function inHandOfParked({ arena: { words }, offset }: Block, isRestored: boolean, isByHand: boolean): number | undefined {
  const at = (index: number): number => Atomics.load(words, (offset >>> 2) + index)
  const told = at(word.command)
  if (told !== command.idle && told !== command.park) return undefined
  const state = at(word.state)
  if (state === deviceState.launched) return isRestored ? 1 : 0
  if (state !== deviceState.parked) return undefined
  return isByHand ? 1 : at(word.holds)
}
