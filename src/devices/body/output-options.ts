// What a body that runs as it is may say about one output, checked as the compiler has it checked in others.
import type { OutputOptions } from './device-end.js'

const U64_MAX = 2n ** 64n - 1n
const TIME_TO_LIVE_MS_MAX = 2 ** 32 - 2
const known = ['priority', 'correlationId', 'timeToLiveMs']

/** @throws Error that says what is wrong. */
export function checkOutputOptions(options: OutputOptions | undefined): void {
  if (options === undefined) return
  const { priority, correlationId, timeToLiveMs } = options
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 255)) throw new Error(`priority ${String(priority)} is no integer from 0 to 255`)
  if (timeToLiveMs !== undefined && !(Number.isInteger(timeToLiveMs) && timeToLiveMs >= 0 && timeToLiveMs <= TIME_TO_LIVE_MS_MAX)) throw new Error(`timeToLiveMs ${String(timeToLiveMs)} is no integer from 0 to ${TIME_TO_LIVE_MS_MAX}`)
  if (correlationId !== undefined && !(typeof correlationId === 'bigint' && correlationId >= 0n && correlationId <= U64_MAX)) throw new Error(`correlationId ${String(correlationId)} is no bigint from 0n to 2n ** 64n - 1n`)
  for (const name in options) if (!known.includes(name)) throw new Error(`a body's send has no option '${name}': use ${known.join(', ')}`)
}
