// What a body keeps between two messages, in the arena, as it was before the first one. Only while nobody runs the body.
import type { Block } from '../../ring/arena.js'
import { word } from '../../ring/control.js'
import type { Restart } from '../../runtime/device.js'
import { HEADER_BYTES } from './emitted-frame.js'

/** Does a body that runs as JavaScript, and is parked, hold a message it has not finished? */
export function holdsMessage({ arena, offset }: Block): boolean { return arena.words[(offset >>> 2) + word.holds] === 1 }

/** Zeroes what is not kept. When a body was first activated is kept: `ctx.nowNs` counts from there. */
export function resetBody({ arena, offset }: Block, { keepState, keepFrame, code }: Restart): void {
  const at = (index: number): number => (arena.words[(offset >>> 2) + index] as number) >>> 0
  if (code !== undefined) {
    const { stateOffset, stateBytes, frameOffset, frameBytes } = code.memory
    if (keepState) arena.bytes.copyWithin(stateOffset, at(word.stateOffset), at(word.stateOffset) + stateBytes)
    // When it was first activated goes along.
    if (frameBytes > 0 && at(word.frameBytes) > 0) arena.bytes.copyWithin(frameOffset, at(word.frameOffset), at(word.frameOffset) + HEADER_BYTES)
    const write = (index: number, value: number): void => { arena.words[(offset >>> 2) + index] = value }
    write(word.stateOffset, stateOffset)
    write(word.stateBytes, stateBytes)
    write(word.frameOffset, frameOffset)
    write(word.frameBytes, frameBytes)
  }
  if (!keepState) arena.bytes.fill(0, at(word.stateOffset), at(word.stateOffset) + at(word.stateBytes))
  if (keepFrame) return
  const frame = at(word.frameOffset)
  const bytes = at(word.frameBytes)
  if (bytes === 0) return
  arena.words[(frame >>> 2)] = 0
  arena.bytes.fill(0, frame + Math.min(HEADER_BYTES, bytes), frame + bytes)
}
