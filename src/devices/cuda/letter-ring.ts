// Messages that a body on a GPU was not given or did not finish: a ring in the pinned memory of its log, which the grid writes and the GPU's thread empties. Without
// room the grid counts them as lost. The layout is cuda/ring.cuh's.
import { letterWord, readLetter, writeLetterLayout, type LetterLayout } from '../../compiler/cuda/abi.js'
import type { DeviceAddress } from '../../driver/index.js'
import type { BodyLetter } from '../body/letters.js'

/** `isLast`: the body failed with it and ends. */
export interface GpuLetter { readonly letter: BodyLetter; readonly isLast: boolean }

export class LetterRing {
  readonly #words: Int32Array
  readonly #view: DataView
  readonly #layout: LetterLayout

  /** `met`: where the grid keeps what the message in hand met. */
  constructor(memory: ArrayBuffer, layout: LetterLayout, met: DeviceAddress) {
    this.#words = new Int32Array(memory)
    this.#view = new DataView(memory)
    this.#layout = layout
    writeLetterLayout(this.#view, layout, met)
  }

  get hasLetters(): boolean { return Atomics.load(this.#words, letterWord.tail) !== this.#words[letterWord.head] }

  /** What was given up since the last time. */
  take(): GpuLetter[] {
    const letters: GpuLetter[] = []
    const tail = Atomics.load(this.#words, letterWord.tail)
    for (let head = this.#words[letterWord.head] as number; head !== tail; head = (head + 1) | 0) {
      const { reason, site, value, slot, state, frame } = readLetter(this.#view, head, this.#layout)
      const fault = reason === 'expired' ? {} : { site, value }
      letters.push({ letter: { reason: reason === 'expired' ? 'expired' : 'failed', slot, ...fault, ...(state === undefined ? {} : { state }), ...(frame === undefined ? {} : { frame }) }, isLast: reason === 'last' })
    }
    Atomics.store(this.#words, letterWord.head, tail)
    return letters
  }
}
