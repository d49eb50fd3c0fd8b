// Where an emitted body keeps its place and locals, in the arena: two frames of which one counts, what rings had been taken and placed when it was kept, and
// room for one message each way that lies in another arena. Layout only.
//
// The body writes the frame that does not count, then one word makes it the one that does. So a thread may be lost between any two instructions: whoever goes on
// finds locals, taken messages and placed outputs as they were at one and the same suspension point.
import type { ArenaViews } from '../../ring/control.js'
import { slotStride } from '../../ring/envelope.js'
import type { Piece } from './recording.js'

/** Words from the start: which frame counts (0: none yet, 1 or 2). From byte 8, a double: when it was first activated. */
export const frameWord = { current: 0 } as const
export const ACTIVATED_DOUBLE = 1

/** Bytes before the first frame's marks. */
export const HEADER_BYTES = 128
/**
 * Before each frame: the ring of the message in hand (−1: none), how many rings there are, the messages finished and the outputs placed since launch (doubles), the sequence
 * number of the last output, then the index of every ring's end, and behind those, which ring each is (an output −1 − its number).
 */
const MARKS_BYTES = 512
export const FIRST_MARK = 8
/** Rings one ring kernel may be connected to, both ways together. */
export const RINGS_MAX = (MARKS_BYTES / 4 - FIRST_MARK) / 2

export interface FrameShape {
  readonly form: 'loop' | 'handler' | 'messages' | 'one-shot'
  readonly frameBytes: number
  /** Bytes of the frame before its arrays. */
  readonly localBytes: number
  readonly inputBytes: number
  readonly ports: readonly { readonly bytes: number }[]
}

export interface EmittedPlace {
  readonly arena: ArenaViews
  readonly controlOffset: number
  readonly frameOffset: number
  readonly shape: FrameShape
  /** Second word of the id of every output: which ring kernel sent it. */
  readonly origin: number
  /** The declared state. */
  readonly state: Piece
  /** Whether what messages met is kept; undefined: by size. */
  readonly record: boolean | undefined
}

export interface FramePlaces {
  /** Byte offsets of the two frames, each with its marks before it. */
  readonly frames: readonly [number, number]
  readonly scratchIn: number
  readonly scratchOut: number
  readonly bytes: number
  /** Bytes of one frame, and of the arrays at its end. */
  readonly frameBytes: number
  readonly arrayBytes: number
}

/** From the start at byte `offset`. */
export function framePlaces(shape: FrameShape, offset: number): FramePlaces {
  const each = MARKS_BYTES + Math.ceil(shape.frameBytes / 16) * 16
  const first = offset + HEADER_BYTES + MARKS_BYTES
  const scratchIn = offset + HEADER_BYTES + 2 * each
  const scratchOut = scratchIn + slotStride(shape.inputBytes)
  return { frames: [first, first + each], scratchIn, scratchOut, bytes: scratchOut + slotStride(Math.max(0, ...shape.ports.map(({ bytes }) => bytes))) - offset, frameBytes: shape.frameBytes, arrayBytes: shape.frameBytes - shape.localBytes }
}

/** Word index of the marks that belong to the frame at byte `frame`. */
export function marksOf(frame: number): number { return (frame - MARKS_BYTES) >>> 2 }

/** What of the frame a recording has to copy with every message: a handler has nothing but its place there when it takes one. */
export function recordedFrame(shape: FrameShape, places: FramePlaces): { readonly bytes: number; readonly localBytes: number; readonly arrays: number } {
  return shape.form === 'loop' ? { bytes: shape.frameBytes, localBytes: shape.localBytes, arrays: places.frames[0] } : { bytes: 0, localBytes: 0, arrays: 0 }
}
