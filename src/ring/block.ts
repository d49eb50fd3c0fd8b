// The memory of one ring kernel: control block, state, frame, input ring, output ring, allocated together and described in the block itself,
// so that a peer (a worker, a CUDA kernel, C++) needs nothing but the arena and the block's offset.
import type { Arena, Block } from './arena.js'
import { CONTROL_BYTES, CONTROL_MAGIC, LAYOUT_VERSION, LINE_BYTES, double, word, type ArenaViews } from './control.js'
import { slotStride } from './envelope.js'
import { firstIndex } from './first-index.js'
import type { RingPlace } from './ring.js'

export interface ActorShape {
  readonly inputCapacity: number
  readonly inputBytes: number
  readonly outputCapacity: number
  readonly outputBytes: number
  readonly stateBytes: number
  /** For a compiled body's place and locals; default none. */
  readonly frameBytes?: number
  /** Where the ring indices begin, if not where all do; tests start near 2³² to cross the wrap. */
  readonly firstIndex?: number
}

/** Allocates and describes the block; the device may be told of it once this returns. */
export function allocateActor(arena: Arena, shape: ActorShape): Block {
  const inputStride = slotStride(shape.inputBytes)
  const outputStride = slotStride(shape.outputBytes)
  const state = CONTROL_BYTES
  const frame = state + lines(shape.stateBytes)
  const frameBytes = shape.frameBytes ?? 0
  const input = frame + lines(frameBytes)
  const output = input + lines(inputStride * shape.inputCapacity)
  const block = arena.allocate(output + lines(outputStride * shape.outputCapacity))
  const { words } = block.arena
  const control = block.offset >>> 2
  const first = (shape.firstIndex ?? firstIndex()) | 0
  for (const index of [word.inTail, word.inHead, word.outTail, word.outHead]) words[control + index] = first
  words[control + word.layoutVersion] = LAYOUT_VERSION
  words[control + word.inputCapacity] = shape.inputCapacity
  words[control + word.inputStride] = inputStride
  words[control + word.inputOffset] = block.offset + input
  words[control + word.outputCapacity] = shape.outputCapacity
  words[control + word.outputStride] = outputStride
  words[control + word.outputOffset] = block.offset + output
  words[control + word.stateOffset] = block.offset + state
  words[control + word.stateBytes] = shape.stateBytes
  words[control + word.frameOffset] = block.offset + frame
  words[control + word.frameBytes] = frameBytes
  Atomics.store(words, control + word.magic, CONTROL_MAGIC)
  return block
}

/** The input ring of the block at `controlOffset`, as the block describes it. */
export function inputRing(arena: ArenaViews, controlOffset: number): RingPlace {
  return { ...ringPlace(arena, controlOffset, word.inTail, word.inHead, word.queueDepthMax, word.inputCapacity), sentDouble: (controlOffset >>> 3) + double.hostSent }
}

export function outputRing(arena: ArenaViews, controlOffset: number): RingPlace {
  return ringPlace(arena, controlOffset, word.outTail, word.outHead, word.outDepthMax, word.outputCapacity)
}

function ringPlace(arena: ArenaViews, controlOffset: number, tail: number, head: number, depthMax: number, shape: number): RingPlace {
  const control = controlOffset >>> 2
  if (Atomics.load(arena.words, control + word.magic) !== CONTROL_MAGIC) throw new RangeError(`there is no control block at offset ${controlOffset} of this arena`)
  return {
    arena, tailWord: control + tail, headWord: control + head, depthMaxWord: control + depthMax,
    capacity: arena.words[control + shape] as number, stride: arena.words[control + shape + 1] as number,
    slotsOffset: (arena.words[control + shape + 2] as number) >>> 0,
  }
}

function lines(bytes: number): number { return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES }
