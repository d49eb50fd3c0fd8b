// One who listens on the host: a bounded queue of what was published, and whoever waits for it.
import { inspect } from 'node:util'
import type { Envelope } from '../ring/envelope.js'
import type { HostBell, Watcher } from './bell.js'
import { monotonicNs } from './clock.js'
import { TimeoutError } from './errors.js'
import { Fifo } from './fifo.js'
import type { WaitOptions } from './types.js'
import { Wait, checkTimeout, throwIfAborted } from './wait.js'

export interface MessagesOptions extends WaitOptions {
  /** Messages that may wait for this listener; default 1024. */
  capacity?: number
  /** Default `block`: when they are that many, publishers wait. The others drop, and count in `dropped`. */
  backpressure?: 'block' | 'dropOldest' | 'dropNewest'
}

/** A message and where it was published. */
export interface Published { readonly topic: string; readonly message: unknown; readonly envelope: Envelope }

/** Messages as they are published, until it is left: by `break`, by `return()` or by disposing it. */
export interface Subscription<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  /** Resolves once all ring kernels that publish know of it: what they publish from then on arrives. */
  readonly ready: Promise<void>
  /** Messages that it missed: more than its capacity, or older than their time to live. */
  readonly dropped: number
}

const CAPACITY_DEFAULT = 1024
const CAPACITY_MAX = 1 << 20
const policies = ['block', 'dropOldest', 'dropNewest'] as const

export interface ListenerParts {
  /** As errors name what is listened to. */
  readonly name: string
  readonly options: MessagesOptions
  readonly bell: HostBell
  /** There is room again: publishers may be waiting for it. */
  readonly roomMade: () => void
  /** Looks for what has come. */
  readonly pump: () => void
  /** Nobody listens any more. */
  readonly left: () => Promise<void>
}

/** Its time to live ended: nobody is given it any more. */
export function isExpired({ envelope: { sentAtNs, timeToLiveMs } }: Published): boolean { return timeToLiveMs > 0 && monotonicNs() > Number(sentAtNs) + timeToLiveMs * 1e6 }

export class Listener implements Watcher {
  dropped = 0
  readonly #parts: ListenerParts
  readonly #queue = new Fifo<Published>()
  readonly #waits = new Fifo<{ readonly wait: Wait<Published | undefined> }>()
  readonly #capacity: number
  readonly #policy: (typeof policies)[number]
  #isOver = false
  #leaving: Promise<void> | undefined
  #failure: Error | undefined

  constructor(parts: ListenerParts) {
    const { capacity, backpressure, timeoutMs } = parts.options
    const where = `messages of '${parts.name}'`
    for (const key of Object.keys(parts.options)) if (!['capacity', 'backpressure', 'timeoutMs', 'signal'].includes(key)) throw new TypeError(`${where}: there is no option '${key}'; there are capacity, backpressure, timeoutMs and signal`)
    if (capacity !== undefined && !(Number.isInteger(capacity) && capacity >= 1 && capacity <= CAPACITY_MAX)) throw new TypeError(`${where}: capacity must be a count of messages from 1 to ${CAPACITY_MAX}, but is ${inspect(capacity)}`)
    if (backpressure !== undefined && !policies.includes(backpressure)) throw new TypeError(`${where}: backpressure must be ${policies.join(', ')}, but is ${inspect(backpressure)}`)
    if (timeoutMs !== undefined) checkTimeout(timeoutMs)
    this.#parts = parts
    this.#capacity = capacity ?? CAPACITY_DEFAULT
    this.#policy = backpressure ?? 'block'
  }

  get hasRoom(): boolean { return this.#policy !== 'block' || this.#queue.size < this.#capacity }

  /** Only when it has room. */
  give(published: Published): void {
    if (this.#isOver) return
    for (let next = this.#waits.shift(); next !== undefined; next = this.#waits.shift()) {
      if (next.wait.settled) continue
      next.wait.resolve(published)
      return
    }
    if (this.#queue.size >= this.#capacity) {
      this.dropped++
      if (this.#policy === 'dropNewest') return
      this.#queue.shift()
    }
    this.#queue.push(published)
  }

  /** The next message; undefined once it is over. */
  async next(): Promise<Published | undefined> {
    throwIfAborted(this.#parts.options)
    if (this.#queue.size === 0 && !this.#isOver) this.#parts.pump()
    const wasFull = !this.hasRoom
    const found = this.#first()
    if (found !== undefined) {
      if (wasFull) this.#parts.roomMade()
      return found
    }
    if (this.#failure !== undefined) throw this.#failure
    if (this.#isOver) return undefined
    const { name, options } = this.#parts
    const wait = new Wait<Published | undefined>().bound(options, (ms) => new TimeoutError(name, ms, 'a message', `topic '${name}': nothing was published within ${ms} ms; raise timeoutMs, or see who publishes with runtime.connections().`))
    if (wait.settled) return wait.promise
    const entry = { wait }
    wait.onGivenUp = () => this.#waits.remove(entry)
    this.#waits.push(entry)
    this.#parts.bell.watch(this)
    return wait.promise
  }

  look(): boolean {
    this.#parts.pump()
    return this.#waits.size === 0
  }

  leave(): Promise<void> {
    this.end()
    return (this.#leaving ??= this.#parts.left())
  }

  /** No further message comes. What lies here already is still given, unless its listener left. */
  end(failure?: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    for (let next = this.#waits.shift(); next !== undefined; next = this.#waits.shift()) {
      if (failure === undefined) next.wait.resolve(undefined)
      else next.wait.reject(failure)
    }
  }

  subscription<T>(ready: Promise<void>, of: (published: Published) => T): Subscription<T> {
    ready.catch((error: unknown) => { this.end(error instanceof Error ? error : new Error(String(error))) })
    const dropped = (): number => this.dropped
    const result: Subscription<T> = {
      ready,
      get dropped() { return dropped() },
      next: async () => {
        const published = await this.next()
        return published === undefined ? { done: true, value: undefined } : { done: false, value: of(published) }
      },
      return: async () => { this.#clear(); await this.leave(); return { done: true, value: undefined } },
      [Symbol.asyncIterator]: () => result,
      [Symbol.asyncDispose]: async () => { this.#clear(); await this.leave() },
    }
    return result
  }

  /** What has outlived its time meanwhile is nobody's. */
  #first(): Published | undefined {
    for (let found = this.#queue.shift(); found !== undefined; found = this.#queue.shift()) {
      if (!isExpired(found)) return found
      this.dropped++
    }
    return undefined
  }

  #clear(): void { while (this.#queue.size > 0) this.#queue.shift() }
}
