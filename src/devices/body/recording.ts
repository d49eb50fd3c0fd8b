// What a message met, kept until the body has finished it: the declared state and, of a compiled body, its frame as they were when it was taken. A body writes
// both in place, so that afterwards nobody could tell.
import type { ArenaViews } from '../../ring/control.js'

/**
 * Bytes up to which recording is on unless a launch says otherwise. Copying that much costs less than a tenth of what the quickest message does (about 8 of 90 ns on
 * Node 20, `ringlab bench`'s echo); more is worth a decision.
 */
const RECORD_BYTES_MAX = 256

/** A piece of the arena, by byte offset. */
export interface Piece { readonly offset: number; readonly bytes: number }

export class Recording {
  readonly isOn: boolean
  readonly #words: Int32Array
  readonly #state: Piece
  readonly #stateCopy: Int32Array
  readonly #frameCopy: Int32Array
  /** Words of the frame before its arrays: those lie in one place, whichever frame counts. */
  readonly #localWords: number
  readonly #arrays: number
  #holds = false

  /** `frame` is what has to be copied with every message: none where that is nothing but a place. `wanted` undefined: by size. */
  constructor(arena: ArenaViews, wanted: boolean | undefined, state: Piece, frame: { readonly bytes: number; readonly localBytes: number; readonly arrays: number } = { bytes: 0, localBytes: 0, arrays: 0 }) {
    const bytes = state.bytes + frame.bytes
    this.isOn = bytes > 0 && (wanted ?? bytes <= RECORD_BYTES_MAX)
    this.#words = arena.words
    this.#state = state
    this.#stateCopy = new Int32Array(Math.ceil(state.bytes / 4))
    this.#frameCopy = new Int32Array(Math.ceil(frame.bytes / 4))
    this.#localWords = frame.localBytes >>> 2
    this.#arrays = frame.arrays >>> 2
  }

  /** A message is taken, and the frame of this moment lies at byte `frame`. */
  take(frame = 0): void {
    const words = this.#words
    copyWords(words, this.#state.offset >>> 2, this.#stateCopy, 0, this.#stateCopy.length)
    const locals = this.#localWords
    copyWords(words, frame >>> 2, this.#frameCopy, 0, locals)
    copyWords(words, this.#arrays + locals, this.#frameCopy, locals, this.#frameCopy.length - locals)
    this.#holds = true
  }

  /** The message that was taken last is finished, or was another thread's: nothing is known of what it met. */
  forget(): void { this.#holds = false }

  /** Copies of what the message in hand met. */
  met(): { readonly state?: Uint8Array; readonly frame?: Uint8Array } {
    if (!this.#holds) return {}
    const state = new Uint8Array(this.#stateCopy.buffer, 0, this.#state.bytes).slice()
    const frame = new Uint8Array(this.#frameCopy.buffer).slice()
    return { ...(state.length > 0 ? { state } : {}), ...(frame.length > 0 ? { frame } : {}) }
  }
}

/** Words up to which a loop is quicker than the call that copies whole arrays. */
const LOOP_WORDS_MAX = 64

function copyWords(from: Int32Array, fromAt: number, to: Int32Array, toAt: number, count: number): void {
  if (count > LOOP_WORDS_MAX) { to.set(from.subarray(fromAt, fromAt + count), toAt); return }
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i] as number
}
