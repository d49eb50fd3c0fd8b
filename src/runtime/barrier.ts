// Barriers: ring kernels that wait for each other, wherever each runs.
//
// A ring kernel reaches the barrier by sending a message, by one of its ports or its output, and goes on with the message that it is sent once all have. So it
// waits as it waits for everything else, at a receive, and every device can do that. This thread stands in between: it counts who has come.
import { inspect } from 'node:util'
import type { Init, Schema } from '../schema/index.js'
import { sourceOf, type Actor } from './actor.js'
import { messagesOf, type Known } from './ends.js'
import { BarrierError } from './errors.js'
import type { Subscription } from './subscription.js'
import type { RingKernel, WaitOptions } from './types.js'
import { Wait, checkTimeout, throwIfAborted } from './wait.js'

export interface BarrierOptions<I extends Schema = Schema> extends WaitOptions {
  /**
   * What each ring kernel is sent when all have reached the barrier; or what makes it, of the round (1 is the first) and of what each of them sent when it
   * came, by id.
   */
  go: Init<I> | ((round: number, reached: ReadonlyMap<string, unknown>) => Init<I>)
  /** The port by which they say that they have reached it; default their output. */
  port?: string
  /** How long the first of a round waits for the last, and for room to tell those that wait. Default: for ever. */
  timeoutMs?: number
  /** Breaks the barrier when it aborts. */
  signal?: AbortSignal
}

/** A barrier as it stands; disposing it ends it, and those that wait stay where they are. */
export interface Barrier extends AsyncDisposable {
  /** Ids of the ring kernels that wait for each other. */
  readonly parties: readonly string[]
  /** Those that have reached it and wait for the others. */
  readonly waiting: readonly string[]
  /** How often all have reached it and gone on. */
  readonly rounds: number
  /** Resolves when it was disposed, rejects with a BarrierError when it broke. */
  readonly closed: Promise<void>
  /** Resolves once `round` rounds are over (default: one more than now), with how many are. @throws BarrierError when it breaks or is disposed before, or this wait is over. */
  passed(round?: number, options?: WaitOptions): Promise<number>
}

const PARTIES_MAX = 1024
const known = ['go', 'port', 'timeoutMs', 'signal'] as const

/** @throws TypeError when a party is none of this runtime, is named twice, has no such port or ended; or an option is unknown or missing. */
export async function barrierOf(runtime: Known, parties: readonly RingKernel[], options: BarrierOptions): Promise<Barrier> {
  const actors = checkParties(runtime, parties)
  checkOptions(options, actors)
  throwIfAborted(options)
  const barrier = new Meeting(actors, options)
  await barrier.attend(actors.map((actor) => messagesOf(runtime, options.port === undefined ? actor : actor.ports[options.port], {})))
  return barrier
}

class Meeting implements Barrier {
  readonly parties: readonly string[]
  readonly closed: Promise<void>
  rounds = 0
  readonly #actors: readonly Actor[]
  readonly #options: BarrierOptions
  readonly #reached = new Map<string, unknown>()
  readonly #waits = new Set<{ readonly round: number; readonly wait: Wait<number> }>()
  readonly #end = new AbortController()
  #subscriptions: readonly Subscription<unknown>[] = []
  #next = new Wait<undefined>()
  #close!: { resolve(): void; reject(error: Error): void }
  #timer: NodeJS.Timeout | undefined
  #over: BarrierError | undefined

  constructor(actors: readonly Actor[], options: BarrierOptions) {
    this.parties = actors.map(({ id }) => id)
    this.#actors = actors
    this.#options = options
    this.closed = new Promise<void>((resolve, reject) => { this.#close = { resolve, reject } })
    // Who does not look at it is not told.
    this.closed.catch(() => undefined)
  }

  get waiting(): readonly string[] { return [...this.#reached.keys()] }

  async attend(subscriptions: readonly Subscription<unknown>[]): Promise<void> {
    this.#subscriptions = subscriptions
    try { await Promise.all(subscriptions.map(({ ready }) => ready)) } catch (error) { await this[Symbol.asyncDispose](); throw error }
    this.#options.signal?.addEventListener('abort', () => { this.#break('it was aborted', this.#options.signal?.reason) }, { once: true, signal: this.#end.signal })
    for (const [i, actor] of this.#actors.entries()) {
      actor.closed.then(() => { this.#break(`'${actor.id}' is TERMINATED`) }, (error: unknown) => { this.#break(`'${actor.id}' is FAILED: ${sentence(error)}`, error) })
      void this.#listen(actor, subscriptions[i] as Subscription<unknown>)
    }
  }

  passed(round = this.rounds + 1, options?: WaitOptions): Promise<number> {
    if (!Number.isSafeInteger(round) || round < 1) return Promise.reject(new TypeError(`passed(round) needs a count of rounds, 1 or more, but was given ${inspect(round)}`))
    if (this.rounds >= round) return Promise.resolve(this.rounds)
    if (this.#over !== undefined) return Promise.reject(this.#over)
    const missing = (ms: number): Error => this.#error(`it had not been passed ${round} times within ${ms} ms; ${this.#missing()}`)
    const wait = new Wait<number>().bound(options, missing)
    const entry = { round, wait }
    wait.onGivenUp = () => this.#waits.delete(entry)
    if (!wait.settled) this.#waits.add(entry)
    return wait.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#finish(this.#error('it was disposed'))
    this.#close.resolve()
    await Promise.all(this.#subscriptions.map((each) => each[Symbol.asyncDispose]()))
  }

  /** The next message of one ring kernel is looked at once its round is over: one that comes twice waits in its ring. */
  async #listen(actor: Actor, messages: Subscription<unknown>): Promise<void> {
    try {
      for (let next = await messages.next(); next.done !== true && this.#over === undefined; next = await messages.next()) await this.#arrived(actor.id, next.value)
      // Ends tell themselves, with their cause; this is one that was taken off alive.
      if (actor.isLive) this.#break(`nothing is heard of '${actor.id}' any more`)
    } catch (error) { this.#break(`what '${actor.id}' sends cannot be read: ${sentence(error)}`, error) }
  }

  #arrived(id: string, message: unknown): Promise<void> {
    if (this.#over !== undefined) return Promise.resolve()
    const { timeoutMs } = this.#options
    if (this.#reached.size === 0 && timeoutMs !== undefined) this.#timer = setTimeout(() => { this.#break(`not all came within ${timeoutMs} ms; ${this.#missing()}`) }, timeoutMs)
    this.#reached.set(id, message)
    const over = this.#next.promise
    if (this.#reached.size === this.#actors.length) void this.#goOn()
    return over
  }

  async #goOn(): Promise<void> {
    const { timeoutMs } = this.#options
    const go: unknown = this.#options.go
    clearTimeout(this.#timer)
    try {
      const message: unknown = typeof go === 'function' ? (go as (round: number, reached: ReadonlyMap<string, unknown>) => unknown)(this.rounds + 1, new Map(this.#reached)) : go
      // From here on each may come again.
      const [told, waits] = [this.#next, this.#waits]
      this.#next = new Wait()
      this.#reached.clear()
      await Promise.all(this.#actors.map((actor) => actor.send(message as never, { signal: this.#end.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) })))
      this.rounds++
      for (const entry of waits) if (this.rounds >= entry.round) { waits.delete(entry); entry.wait.resolve(this.rounds) }
      told.resolve(undefined)
    } catch (error) { this.#break(`those that wait could not be told: ${sentence(error)}`, error) }
  }

  #missing(): string {
    const missing = this.parties.filter((id) => !this.#reached.has(id))
    return `missing: ${missing.join(', ')}`
  }

  #break(why: string, cause?: unknown): void {
    if (this.#over !== undefined) return
    const error = this.#error(why, cause)
    this.#finish(error)
    this.#close.reject(error)
    Promise.all(this.#subscriptions.map((each) => each[Symbol.asyncDispose]())).catch(() => undefined)
  }

  #finish(error: BarrierError): void {
    if (this.#over !== undefined) return
    this.#over = error
    clearTimeout(this.#timer)
    for (const { wait } of this.#waits) wait.reject(error)
    this.#waits.clear()
    this.#next.resolve(undefined)
    this.#end.abort(error)
  }

  #error(why: string, cause?: unknown): BarrierError {
    return new BarrierError(this.parties, this.rounds + 1, this.parties.filter((id) => !this.#reached.has(id)), why, cause === undefined ? undefined : { cause })
  }
}

function checkParties({ actors }: Known, parties: readonly RingKernel[]): Actor[] {
  if (!Array.isArray(parties) || parties.length < 2 || parties.length > PARTIES_MAX) throw new TypeError(`barrier(ringKernels, { go }) needs an array of 2 to ${PARTIES_MAX} launched ring kernels: barrier([left, right], { go: { … } })`)
  const found = parties.map((party: unknown) => {
    const id = typeof party === 'string' ? party : undefined
    const actor = id === undefined ? sourceOf(party)?.actor : actors.get(id)
    if (actor === undefined) throw new TypeError(id === undefined ? `barrier: ${inspect(party, { depth: 0 })} is no launched ring kernel` : `barrier: there is no ring kernel with the id '${id}' in this runtime`)
    if (actors.get(actor.id) !== actor) throw new TypeError(`barrier: ring kernel '${actor.id}' is none of this runtime`)
    if (!actor.acceptsMessages) throw new TypeError(`barrier: ring kernel '${actor.id}' is ${actor.state}, so nobody can wait for it: launch it again`)
    return actor
  })
  const twice = found.find((actor, i) => found.indexOf(actor) !== i)
  if (twice !== undefined) throw new TypeError(`barrier: ring kernel '${twice.id}' is named twice`)
  return found
}

function checkOptions(options: BarrierOptions, actors: readonly Actor[]): void {
  for (const key of Object.keys(options)) if (!known.includes(key as never)) throw new TypeError(`barrier: there is no option '${key}'; there are ${known.join(', ')}`)
  if (options.go === undefined) throw new TypeError('barrier: go is missing, the message that each ring kernel is sent when all have come')
  if (options.timeoutMs !== undefined) checkTimeout(options.timeoutMs)
  const { port } = options
  if (port === undefined) return
  const without = actors.find((actor) => !Object.hasOwn(actor.ports, port))
  if (without !== undefined) throw new TypeError(`barrier: ring kernel '${without.id}' has no port '${port}'; it has ${Object.keys(without.ports).join(', ') || 'none'}`)
}

function sentence(error: unknown): string { return error instanceof Error ? error.message : String(error) }
