// Checks what callers may say about one message. What is not honoured yet is refused, never ignored.
import type { SendOptions } from './types.js'

const U64_MAX = 2n ** 64n - 1n

export function checkMessageOptions(options: SendOptions): void {
  if (options.timeToLiveMs !== undefined) throw new TypeError('the option \'timeToLiveMs\' cannot be honoured yet: leave it out, or drop old messages with backpressure \'dropOldest\'')
  const { priority, correlationId, id } = options
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 255)) throw new TypeError(`priority must be an integer from 0 to 255, but is ${String(priority)}`)
  if (correlationId !== undefined && !(typeof correlationId === 'bigint' && correlationId > 0n && correlationId <= U64_MAX)) {
    throw new TypeError(`correlationId must be a bigint from 1n to 2n ** 64n - 1n, but is ${String(correlationId)}`)
  }
  if (id !== undefined && !(typeof id === 'bigint' && id > 0n && id <= U64_MAX)) throw new TypeError(`id must be a bigint from 1n to 2n ** 64n - 1n, but is ${String(id)}`)
}

/** As `checkMessageOptions`, for calls that send many messages with the same options. */
export function checkBatchOptions(call: string, options: SendOptions): void {
  checkMessageOptions(options)
  if (options.id !== undefined) throw new TypeError(`${call}() sends many messages, and an id is one message's: leave out id, or send them one by one with send()`)
}
