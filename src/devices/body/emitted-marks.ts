// What stands before a kept frame: how much had been taken and placed, at which rings, when it was kept. Written with every message, read when another thread goes on.
import type { ArenaViews } from '../../ring/control.js'
import { FIRST_MARK, RINGS_MAX, marksOf } from './emitted-frame.js'
import type { InputEnd, OutputEnd } from './emitted-rings.js'

/** Word indices from the marks' start: the ring of the message in hand, how many rings there are, and the sequence number of the last output. */
const markWord = { hand: 0, rings: 1, sequence: 6 } as const
/** Indices of doubles from there. */
const markDouble = { finished: 1, placed: 2 } as const
const FIRST_NAME = FIRST_MARK + RINGS_MAX
/** What the host's own rings are called among them. */
const HOST_RING = 0

export class Marks {
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #frames: readonly number[]

  constructor(arena: ArenaViews, frames: readonly number[]) {
    this.#words = arena.words
    this.#doubles = arena.doubles
    this.#frames = frames
  }

  write(frame: number, finished: number, placed: number, sequence: number, hand: InputEnd | undefined, inputs: readonly InputEnd[], outputs: readonly OutputEnd[]): void {
    const words = this.#words
    const at = marksOf(frame)
    this.#doubles[(at >>> 1) + markDouble.finished] = finished
    this.#doubles[(at >>> 1) + markDouble.placed] = placed
    words[at + markWord.sequence] = sequence
    words[at + markWord.hand] = hand === undefined ? -1 : inputs.indexOf(hand)
    let mark = at + FIRST_MARK
    // By index: this runs once a message, and an iterator costs as much as the rest of it.
    for (let i = 0; i < inputs.length; i++) { const end = inputs[i] as InputEnd; words[mark++] = end.kept = end.next }
    for (let i = 0; i < outputs.length; i++) { const end = outputs[i] as OutputEnd; words[mark++] = end.kept = end.next }
  }

  /** Moves the rings' ends to where they were. A connection made since then begins where its ring is. */
  read(frame: number, inputs: readonly InputEnd[], outputs: readonly OutputEnd[]): { readonly finished: number; readonly placed: number; readonly sequence: number; readonly holding: InputEnd | undefined } {
    const words = this.#words
    const at = marksOf(frame)
    const names = [...words.subarray(at + FIRST_NAME, at + FIRST_NAME + (words[at + markWord.rings] as number))]
    for (const end of [...inputs, ...outputs]) {
      const mark = names.indexOf(nameOf(end, inputs))
      if (mark >= 0) end.goOn(words[at + FIRST_MARK + mark] as number)
    }
    const hand = words[at + markWord.hand] as number
    return {
      finished: this.#doubles[(at >>> 1) + markDouble.finished] as number, placed: this.#doubles[(at >>> 1) + markDouble.placed] as number,
      sequence: words[at + markWord.sequence] as number, holding: hand < 0 ? undefined : inputs.find(({ number }) => number === names[hand]),
    }
  }

  /** Was no message in hand when this frame was kept? */
  isBetween(frame: number): boolean { return this.#words[marksOf(frame) + markWord.hand] === -1 }

  /** Which rings the marks stand for from now on. */
  nameRings(inputs: readonly InputEnd[], outputs: readonly OutputEnd[]): void {
    const names = [...inputs, ...outputs].map((end) => nameOf(end, inputs))
    for (const frame of this.#frames) {
      this.#words[marksOf(frame) + markWord.rings] = names.length
      this.#words.set(names, marksOf(frame) + FIRST_NAME)
    }
  }
}

/** The number of the ring whose message was in hand, when these marks were written. */
export function handOf(words: Int32Array, marks: number): number | undefined {
  const hand = words[marks + markWord.hand] as number
  return hand < 0 ? undefined : words[marks + FIRST_NAME + hand]
}

/** The marks of a body that goes on in a new ring kernel, which has the host's rings and no others yet. */
export function writeFirstMarks(words: Int32Array, marks: number, holds: boolean, inHead: number, outTail: number): void {
  words[marks + markWord.hand] = holds ? 0 : -1
  words[marks + markWord.rings] = 2
  words.set([inHead, outTail], marks + FIRST_MARK)
  words.set([HOST_RING, -1 - HOST_RING], marks + FIRST_NAME)
}

/** A ring that leads back to where it comes from is both, so outputs have names of their own. */
function nameOf(end: InputEnd | OutputEnd, inputs: readonly InputEnd[]): number { return inputs.includes(end as InputEnd) ? end.number : -1 - end.number }
