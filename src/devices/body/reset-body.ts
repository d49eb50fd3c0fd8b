// What a body keeps between two messages, in the arena, as it was before the first one. Only while nobody runs the body.
import type { Block } from '../../ring/arena.js'
import { word } from '../../ring/control.js'
import type { Restart } from '../../runtime/device.js'
import { HEADER_BYTES } from './emitted-frame.js'

/** Zeroes what is not kept. When a body was first activated is kept: `ctx.nowNs` counts from there. */
export function resetBody({ arena, offset }: Block, { keepState, keepFrame }: Pick<Restart, 'keepState' | 'keepFrame'>): void {
  const at = (index: number): number => (arena.words[(offset >>> 2) + index] as number) >>> 0
  if (!keepState) arena.bytes.fill(0, at(word.stateOffset), at(word.stateOffset) + at(word.stateBytes))
  if (keepFrame) return
  const frame = at(word.frameOffset)
  const bytes = at(word.frameBytes)
  if (bytes === 0) return
  arena.words[(frame >>> 2)] = 0
  arena.bytes.fill(0, frame + Math.min(HEADER_BYTES, bytes), frame + bytes)
}
