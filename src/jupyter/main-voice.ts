// Main's voice to the wire worker: messages over its port, and cells' text through the pipe behind fd 1, in one order. Each message has a
// number, each text says how many messages came before it.

import { writeSync } from 'node:fs'
import type { MessagePort, Worker } from 'node:worker_threads'
import { Board } from './link.js'
import type { ToWire } from './link.js'
import { textFrames } from './text-frames.js'
import type { StreamName } from './text-frames.js'

/** A pipe that a child made non-blocking is tried again after this long. */
const retryMs = 1
/** Messages on their way; past that main waits, so that endless displays fill no memory and the wire worker still hears an interrupt. */
const pendingMax = 200
/** One wait, and how many: a wire worker that died must not hold main for ever. */
const waitMs = 50
const waitsMax = 200

export class MainVoice {
  #posted = 0
  readonly #pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

  constructor(private readonly wire: Worker, private readonly board: Int32Array, private readonly mark: Uint8Array) {}

  /** An interrupt may strike between the two statements: then the next message has the same number, and the order mends itself. */
  post(message: ToWire, transfer: readonly MessagePort[] = []): void {
    const number = this.#posted + 1
    this.wire.postMessage({ message, number }, transfer)
    this.#posted = number
    for (let waits = 0; waits < waitsMax; waits++) {
      const taken = Atomics.load(this.board, Board.taken)
      if (number - taken <= pendingMax) return
      Atomics.wait(this.board, Board.taken, taken, waitMs)
    }
  }

  /** Waits while the pipe is full, so that endless printing fills no memory. */
  print(token: number, name: StreamName, text: string): void {
    // Before the capture, fd 1 is still the server's.
    if (Atomics.load(this.board, Board.realStderr) === 0) writeSync(name === 'stdout' ? 1 : 2, text)
    else for (const frame of textFrames(this.mark, token, this.#posted, name, text)) this.#write(frame)
  }

  #write(frame: Buffer): void {
    for (;;) {
      try {
        writeSync(1, frame)
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        Atomics.wait(this.#pause, 0, 0, retryMs)
      }
    }
  }
}
