// Checks what callers may say about one message: what cannot be honoured is refused, never ignored.
import type { SendOptions } from './types.js'

const U64_MAX = 2n ** 64n - 1n
/** A u32; its largest is left to devices. */
const TIME_TO_LIVE_MS_MAX = 2 ** 32 - 2

export function checkMessageOptions(options: SendOptions): void {
  const { priority, correlationId, id, timeToLiveMs } = options
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 255)) throw new TypeError(`priority must be an integer from 0 to 255, but is ${String(priority)}`)
  if (correlationId !== undefined && !(typeof correlationId === 'bigint' && correlationId > 0n && correlationId <= U64_MAX)) {
    throw new TypeError(`correlationId must be a bigint from 1n to 2n ** 64n - 1n, but is ${String(correlationId)}`)
  }
  if (timeToLiveMs !== undefined && !(Number.isInteger(timeToLiveMs) && timeToLiveMs >= 0 && timeToLiveMs <= TIME_TO_LIVE_MS_MAX)) {
    throw new TypeError(`timeToLiveMs must be an integer from 0 (for ever) to ${TIME_TO_LIVE_MS_MAX}, but is ${String(timeToLiveMs)}`)
  }
  if (id !== undefined && !(typeof id === 'bigint' && id > 0n && id <= U64_MAX)) throw new TypeError(`id must be a bigint from 1n to 2n ** 64n - 1n, but is ${String(id)}`)
}

/** As `checkMessageOptions`, for calls that send many messages with the same options. */
export function checkBatchOptions(call: string, options: SendOptions): void {
  checkMessageOptions(options)
  if (options.id !== undefined) throw new TypeError(`${call}() sends many messages, and an id is one message's: leave out id, or send them one by one with send()`)
}
