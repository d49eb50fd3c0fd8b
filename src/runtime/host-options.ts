// What a runtime may be told about its host device.
import { inspect } from 'node:util'

export interface HostOptions {
  /**
   * How long a body may compute without giving the thread back, ms; default 10,000, Infinity for no bound. One that goes on is ended with an error. A body that
   * blocks without computing (a read of a file, Atomics.wait) is not ended, nor is any in a runtime that was made in a worker thread; before Node 24, nor one that has
   * awaited something else than the next message, in that very call.
   */
  readonly limitMs?: number
}

export const HOST_LIMIT_MS_DEFAULT = 10_000
/** Shorter turns are everyday. */
const HOST_LIMIT_MS_MIN = 50

/** @throws TypeError when an option cannot be used. */
export function checkHostOptions(where: string, options: HostOptions | undefined): void {
  const value: unknown = options?.limitMs
  if (value !== undefined && !(typeof value === 'number' && value >= HOST_LIMIT_MS_MIN)) throw new TypeError(`${where}: host.limitMs must be a number of milliseconds, ${HOST_LIMIT_MS_MIN} or more, or Infinity, but is ${inspect(value)}`)
}
