// Batches as columns: rows move between typed arrays and slots with no object a message.
import type { ColumnCodec } from '../schema/index.js'
import type { InputEdge } from './input-edge.js'
import type { OutputStream, Receiver } from './output-stream.js'
import type { SendOptions } from './types.js'
import { Wait } from './wait.js'

type Columns = Record<string, unknown>

/** Writes rows until all are sent. `message` makes one of a row, `pollRoom` polls for a moment, `waitRoom` sleeps until there is room; `woken` tells the device. */
export async function sendRows(
  edge: InputEdge, codec: ColumnCodec, columns: Columns, options: SendOptions | undefined,
  steps: { message(row: number): unknown; woken(): void; pollRoom(wanted: number): boolean; waitRoom(): Promise<void>; check(): void },
): Promise<void> {
  const count = codec.count(columns)
  for (let row = 0; row < count;) {
    steps.check()
    const written = edge.writeRows(codec, columns, row, count, options)
    row += written
    if (written > 0) { steps.woken(); continue }
    // In their turn, one by one: behind others, or where the queue is full.
    const message = steps.message(row)
    if (edge.offer(message, options) || edge.whenFull(message, options) === 'done') { row++; steps.woken(); continue }
    steps.woken()
    if (!steps.pollRoom(Math.min(count - row, edge.capacity / 8))) await steps.waitRoom()
  }
}

/** Collects `count` rows in the order of the stream. */
export class ColumnReceiver implements Receiver {
  readonly wait = new Wait<Columns>()
  readonly columns: Columns
  received = 0
  readonly #codec: ColumnCodec
  readonly #stream: OutputStream
  readonly #count: number
  readonly #fromMessage: (message: unknown, columns: Columns, row: number) => void

  constructor(codec: ColumnCodec, stream: OutputStream, count: number, fromMessage: (message: unknown, columns: Columns, row: number) => void) {
    this.#codec = codec
    this.#stream = stream
    this.#count = count
    this.#fromMessage = fromMessage
    this.columns = codec.allocate(count)
  }

  take(): boolean {
    this.received += this.#stream.nextRows(this.#codec, this.columns, this.received, this.#count, (message, row) => this.#fromMessage(message, this.columns, row))
    if (this.received < this.#count) return false
    this.wait.resolve(this.columns)
    return true
  }

  fail(error: Error): void { this.wait.reject(error) }
}
