// Columns in and out of one ring kernel: a message a row, one TypedArray a field. Their rows are in columns.ts.
import type { ActorParts } from './actor-parts.js'
import { ColumnReceiver, sendRows } from './columns.js'
import { checkBatchOptions } from './message-options.js'
import { Traffic } from './traffic.js'
import type { SendOptions, WaitOptions } from './types.js'
import { throwIfAborted } from './wait.js'

export abstract class ColumnTraffic extends Traffic {
  protected readonly parts: ActorParts

  constructor(parts: ActorParts) {
    super(parts.bell, parts.edge, parts.stream)
    this.parts = parts
  }

  async sendColumns(columns: Record<string, unknown>, options?: SendOptions): Promise<void> {
    if (options !== undefined) checkBatchOptions('sendColumns', options)
    return sendRows(this.edge, this.parts.inputColumns(), columns, options, {
      check: () => { throwIfAborted(options); if (!this.acceptsMessages) throw this.refusal('send') },
      message: (row) => this.parts.inputFromRow(columns, row),
      woken: () => { this.onDevice.wake(); this.lookAfterQueue() },
      pollRoom: (wanted) => this.pollRoom(wanted),
      waitRoom: () => this.awaitRoom(options),
    })
  }

  async receiveColumns(count: number, options?: WaitOptions): Promise<never> {
    if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`receiveColumns() needs a count of messages, 0 or more, but was given ${String(count)}`)
    throwIfAborted(options)
    const receiver = new ColumnReceiver(this.parts.outputColumns(), this.stream, count, this.parts.rowFromMessage)
    if (count === 0) return receiver.columns as never
    const { wait } = receiver
    wait.bound(options, (ms) => this.late(ms, `output ${receiver.received + 1} of ${count}`))
    const result = this.wait(wait, receiver)
    if (this.isOver && !this.stream.ready()) receiver.fail(this.refusal('receive'))
    else this.pollReceived(() => wait.settled)
    try { return await result as never } catch (error) {
      // What was already read goes back, in order, for whoever receives next.
      this.stream.putBack(Array.from({ length: receiver.received }, (_, row) => this.parts.messageFromRow(receiver.columns, row)))
      throw error
    }
  }
}
