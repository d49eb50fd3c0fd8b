// Brings together what arrives from main on two ways, its messages and the pipes, in the order in which it was sent.

import type { MessagePort } from 'node:worker_threads'
import { receiveMessageOnPort } from 'node:worker_threads'
import type { Piece } from './text-frames.js'
import { Board } from './link.js'
import type { NumberedToWire, ToWire } from './link.js'

export class Arrivals {
  readonly #pieces: Piece[] = []
  /** The number of the newest message handled. */
  #handled = 0
  #advancing = false

  /** `drain` reads what the pipes hold now and gives it to `pieces`. */
  constructor(private readonly board: Int32Array, private readonly main: MessagePort, private readonly take: (message: ToWire) => void, private readonly print: (piece: Piece) => void, private readonly drain: () => void) {}

  /** From the pipes. */
  pieces(pieces: readonly Piece[]): void {
    for (const piece of pieces) this.#pieces.push(piece)
    this.#printBefore(this.#handled + 1)
    this.#advance()
  }

  /** From the port. */
  message({ message, number }: NumberedToWire): void {
    const outer = this.#advancing
    this.#advancing = true
    try {
      this.drain()
      this.#printBefore(number)
      this.#handled = number
      this.take(message)
    } finally {
      Atomics.store(this.board, Board.taken, number)
      Atomics.notify(this.board, Board.taken)
      this.#advancing = outer
    }
    this.#advance()
  }

  #advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    try {
      for (;;) {
        this.#printBefore(this.#handled + 1)
        const next = this.#pieces[0]
        if (next === undefined) return
        // The text came after messages that wait in the port: they go first.
        const waiting = receiveMessageOnPort(this.main) as { message: NumberedToWire } | undefined
        if (waiting === undefined) this.#handled = next.after
        else this.message(waiting.message)
      }
    } finally {
      this.#advancing = false
    }
  }

  #printBefore(number: number): void {
    let count = 0
    for (const piece of this.#pieces) {
      if (piece.after >= number) break
      count++
    }
    for (const piece of this.#pieces.splice(0, count)) this.print(piece)
  }
}
