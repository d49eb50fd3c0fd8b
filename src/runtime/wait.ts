// What ends a wait besides its event: a timeout, the caller's signal, and the signal of the running cell.
import type { WaitOptions } from './types.js'

let defaultSignal: () => AbortSignal | undefined = () => undefined

/** Gives every wait of the library a further signal: a session hands out the running cell's, so that an interrupt ends waits. */
export function setDefaultSignal(get: () => AbortSignal | undefined): void { defaultSignal = get }

/** Has a wait with these options nothing that could end it early? */
export function isUnbounded(options: WaitOptions | undefined): boolean { return options === undefined && defaultSignal() === undefined }

/** Throws when a wait that begins now would be over already. */
export function throwIfAborted(options: WaitOptions | undefined): void {
  options?.signal?.throwIfAborted()
  defaultSignal()?.throwIfAborted()
}

/** A promise with its ends in reach, and with what else may end it. */
export class Wait<T> {
  readonly promise: Promise<T>
  #resolve!: (value: T) => void
  #reject!: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #signals: AbortSignal[] | undefined
  /** Called once when a timeout or a signal ended the wait: take it out of whatever queue it stands in. */
  onGivenUp: (() => void) | undefined
  settled = false

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => { this.#resolve = resolve; this.#reject = reject })
  }

  /** Bounds the wait. `late` makes the error of a timeout. */
  bound(options: WaitOptions | undefined, late: (timeoutMs: number) => Error): this {
    const timeoutMs = options?.timeoutMs
    if (timeoutMs !== undefined) {
      checkTimeout(timeoutMs)
      this.#timer = setTimeout(() => this.#giveUp(late(timeoutMs)), Math.min(timeoutMs, TIMER_MS_MAX))
    }
    if (isUnbounded(options)) return this
    for (const signal of [options?.signal, defaultSignal()]) {
      if (signal === undefined) continue
      if (signal.aborted) { this.#giveUp(signal.reason); continue }
      (this.#signals ??= []).push(signal)
      waitsOn(signal).add(this)
    }
    return this
  }

  resolve(value: T): void { if (this.#end()) this.#resolve(value) }
  reject(error: unknown): void { if (this.#end()) this.#reject(error) }

  /** A signal fired. */
  aborted(reason: unknown): void { this.#giveUp(reason) }

  #giveUp(error: unknown): void {
    if (!this.#end()) return
    this.onGivenUp?.()
    this.#reject(error)
  }

  #end(): boolean {
    if (this.settled) return false
    this.settled = true
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    for (const signal of this.#signals ?? []) waitsOn(signal).delete(this)
    return true
  }
}

/** Longer timeouts overflow Node's timers, which would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

export function checkTimeout(timeoutMs: unknown): void {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return
  throw new TypeError(`timeoutMs must be a number of milliseconds, 0 or more, but is ${String(timeoutMs)}`)
}

/** One listener a signal however many waits stand on it: thousands of listeners would make Node warn of a leak. */
const signals = new WeakMap<AbortSignal, Set<{ aborted(reason: unknown): void }>>()

function waitsOn(signal: AbortSignal): Set<{ aborted(reason: unknown): void }> {
  let waits = signals.get(signal)
  if (waits !== undefined) return waits
  waits = new Set()
  signals.set(signal, waits)
  const all = waits
  signal.addEventListener('abort', () => { for (const wait of [...all]) wait.aborted(signal.reason) }, { once: true })
  return waits
}
