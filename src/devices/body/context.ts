// What the two forms of a body have in common in their context: time, state, each and reduce.
import { monotonicNs } from '../../runtime/clock.js'
import type { DeviceEnd, OutputOptions } from './device-end.js'

/** Lanes of a reduction. It belongs to the language: every device folds in the same order, so that float sums are equal to the bit. */
const REDUCE_LANES = 256

/** Members every context has; `envelope` and `shouldTerminate` are live. */
export class BodyContext {
  readonly state: unknown
  readonly buffers: object
  readonly ports: object
  protected readonly end: DeviceEnd

  /** Without further parts it has no buffers and no ports. */
  constructor(end: DeviceEnd, state: unknown, buffers: object = {}, ports: readonly string[] = [], send?: (message: unknown, options: OutputOptions | undefined, port: number) => unknown) {
    this.end = end
    this.state = state
    this.buffers = buffers
    this.ports = Object.freeze(Object.fromEntries(ports.map((name, i) => [name, { send: (message: unknown, options?: OutputOptions) => send?.(message, options, i + 1) }])))
  }

  get shouldTerminate(): boolean { return this.end.shouldTerminate }
  get nowNs(): number { return monotonicNs() - this.end.activatedAtNs }
  get envelope(): unknown { return this.end.envelope() }

  each(count: number, body: (i: number) => void): void {
    requireCount('each', count)
    for (let i = 0; i < count; i++) body(i)
  }

  reduce(count: number, map: (i: number) => number, combine: (a: number, b: number) => number, initial: number): number {
    requireCount('reduce', count)
    if (count === 0) return initial
    const width = Math.min(count, REDUCE_LANES)
    const lanes = new Float64Array(width)
    for (let lane = 0; lane < width; lane++) {
      let folded = map(lane)
      for (let i = lane + REDUCE_LANES; i < count; i += REDUCE_LANES) folded = combine(folded, map(i))
      lanes[lane] = folded
    }
    for (let distance = REDUCE_LANES / 2; distance >= 1; distance /= 2) {
      for (let lane = 0; lane < distance && lane + distance < width; lane++) lanes[lane] = combine(lanes[lane] as number, lanes[lane + distance] as number)
    }
    return lanes[0] as number
  }
}

function requireCount(call: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return
  throw new RangeError(`ctx.${call}() needs a count that is an integer, 0 or more, but was given ${String(count)}`)
}

