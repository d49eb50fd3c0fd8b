// The frame of a parked body, out of the arena and into it: between the two frames and their marks, which are the CPU device's own, and the one form that every
// device takes (see SavedBody).
import type { CompiledBody } from '../../compiler/compiled.js'
import type { Block } from '../../ring/arena.js'
import { word } from '../../ring/control.js'
import { monotonicNs } from '../../runtime/clock.js'
import type { SavedBody } from '../../runtime/device.js'
import { ACTIVATED_DOUBLE, frameWord, framePlaces, marksOf } from './emitted-frame.js'
import { handOf, writeFirstMarks } from './emitted-marks.js'

/** What of a compiled body says how its frame lies. */
export type KeptBody = Pick<CompiledBody, 'form' | 'frame' | 'frameBytes' | 'localBytes' | 'inputBytes' | 'ports'>

const PLACE_WORD = 0
const HAND_WORD = 1

/** What the parked body at `block` was doing. */
export function keptFrame(body: KeptBody, block: Block): SavedBody {
  const { words, doubles, bytes } = block.arena
  const offset = frameOffsetOf(block)
  const activatedAtNs = doubles[(offset >>> 3) + ACTIVATED_DOUBLE] as number
  const nowNs = activatedAtNs === 0 ? undefined : monotonicNs() - activatedAtNs
  const current = words[(offset >>> 2) + frameWord.current] as number
  if (current === 0 || body.form !== 'loop') return { nowNs }
  const { frames } = framePlaces(body, offset)
  const from = frames[current - 1] as number
  const frame = new Uint8Array(body.frameBytes)
  frame.set(bytes.subarray(from, from + body.localBytes))
  // Arrays are not banked: they lie in the first frame.
  frame.set(bytes.subarray(frames[0] + body.localBytes, frames[0] + body.frameBytes), body.localBytes)
  const head = new Uint32Array(frame.buffer, 0, 2)
  const place = head[PLACE_WORD] as number
  if (place === 0) return { nowNs }
  const hand = handOf(words, marksOf(from))
  head[PLACE_WORD] = body.frame.points[place - 1] as number
  head[HAND_WORD] = hand === undefined ? 0 : 1
  return { frame, hand, nowNs }
}

/** The frame of a letter, which is that of the receive at which the body took the message, in the form that every device takes; undefined where it says nothing. */
export function metFrame(body: KeptBody, frame: Uint8Array | undefined): Uint8Array | undefined {
  if (frame === undefined || body.form !== 'loop') return undefined
  const copy = frame.slice(0, body.frameBytes)
  const head = new Uint32Array(copy.buffer, 0, 2)
  const place = head[PLACE_WORD] as number
  if (place === 0) return undefined
  head[PLACE_WORD] = body.frame.points[place - 1] as number
  head[HAND_WORD] = 0
  return copy
}

/** Has the body go on from `initial` when it begins; before any thread knows of the block. */
export function keepFrame(body: KeptBody, block: Block, { frame, nowNs }: SavedBody): void {
  const { words, doubles, bytes } = block.arena
  const offset = frameOffsetOf(block)
  if (nowNs !== undefined) doubles[(offset >>> 3) + ACTIVATED_DOUBLE] = monotonicNs() - nowNs
  if (frame === undefined || body.form !== 'loop') return
  const { frames: [first] } = framePlaces(body, offset)
  bytes.set(frame.subarray(0, body.frameBytes), first)
  const head = new Uint32Array(frame.buffer, frame.byteOffset, 2)
  words[first >>> 2] = body.frame.points.indexOf(head[PLACE_WORD] as number) + 1
  words[(first >>> 2) + HAND_WORD] = 0
  const control = block.offset >>> 2
  writeFirstMarks(words, marksOf(first), head[HAND_WORD] !== 0, words[control + word.inHead] as number, words[control + word.outTail] as number)
  words[(offset >>> 2) + frameWord.current] = 1
}

/** The declared state of the ring kernel at `block`, as it lies in the arena. */
export function keptState(block: Block): Uint8Array | undefined {
  const at = stateOf(block)
  return at.length === 0 ? undefined : at.slice()
}

export function keepState(block: Block, state: Uint8Array | undefined): void { if (state !== undefined) stateOf(block).set(state) }

function stateOf({ arena: { words, bytes }, offset }: Block): Uint8Array {
  const at = (words[(offset >>> 2) + word.stateOffset] as number) >>> 0
  return bytes.subarray(at, at + (words[(offset >>> 2) + word.stateBytes] as number))
}

function frameOffsetOf({ arena: { words }, offset }: Block): number { return (words[(offset >>> 2) + word.frameOffset] as number) >>> 0 }
