// A supervisor: who looks after ring kernels that fail. What it decides is in supervision.ts; this file carries it out.
import { inspect } from 'node:util'
import { SupervisionError, nearestName } from './errors.js'
import { noSupervision, supervise, type Decision, type Strategy, type Supervision, type SupervisionEvent, type SupervisionPolicy } from './supervision.js'

export interface SupervisorOptions {
  /** What its sentences call it; default `supervisor`. */
  name?: string
  /** Who is restarted when one fails: it alone (the default), everybody, or it and those launched after it. */
  strategy?: Strategy
  /** Restarts within `withinMs` before it gives up; default 3. Under `one-for-one` each ring kernel has a count of its own. */
  maxRestarts?: number
  /** Milliseconds; default 60,000. */
  withinMs?: number
  /** The wait before a restart: `initialMs` (100), times `factor` (2) for each further restart within the window, at most `maxMs` (10,000), spread by ± `jitter` (0 … 1; default 0.1) of itself as `seed` draws it. */
  backoff?: { initialMs?: number; factor?: number; maxMs?: number; jitter?: number; seed?: number }
  /** What becomes of declared state at a restart: zero again (`reset`, the default), or as the failure left it (`keep`). */
  state?: 'keep' | 'reset'
  /** What happens when restarts do not help: the ring kernels end with the last error (`stop`), or the parent is told, as if this supervisor were one that failed (`escalate`, the default where there is a parent). */
  whenExceeded?: 'stop' | 'escalate'
  /** Who looks after this supervisor. */
  parent?: Supervisor
}

/** What a supervisor looks after: a ring kernel, or another supervisor. */
export interface Supervised {
  /** Unique in the process. */
  readonly key: string
  /** It stops where it is, until it is restarted. */
  suspend(): Promise<void>
  /** @throws when it cannot be restarted, now or ever. */
  restart(state: 'keep' | 'reset'): Promise<void>
  giveUp(error: Error): void
  /** What it has to say to whoever launched it. */
  say(line: string): void
}

const options = ['name', 'strategy', 'maxRestarts', 'withinMs', 'backoff', 'state', 'whenExceeded', 'parent'] as const
const backoffOptions = ['initialMs', 'factor', 'maxMs', 'jitter', 'seed'] as const
const strategies: readonly Strategy[] = ['one-for-one', 'one-for-all', 'rest-for-one']

/** Timers of Node count in 31 bits, ms. */
const WAIT_MS_MAX = 2 ** 31 - 1

let lastKey = 0

/**
 * Restarts ring kernels that fail, by a policy. Give it to a launch: `runtime.spawn(definition, { supervisor })`. A ring kernel that is restarted keeps its
 * queue, its connections and its id, and is ACTIVE all along; the message it failed with is a dead letter and is not tried again.
 *
 * @throws TypeError when an option is unknown or malformed.
 * @example
 * const supervisor = new Supervisor({ strategy: 'one-for-all', maxRestarts: 5, withinMs: 10_000, state: 'keep' })
 * const actor = await runtime.spawn(doubler, { supervisor })
 */
export class Supervisor {
  readonly name: string
  readonly #policy: SupervisionPolicy
  readonly #state: 'keep' | 'reset'
  readonly #parent: Supervisor | undefined
  readonly #self: Supervised
  readonly #children = new Map<string, Supervised>()
  #now: Supervision = noSupervision
  #timer: NodeJS.Timeout | undefined
  #restarts = 0
  #lastError: Error | undefined
  /** It was told that all is over; `#lastError` says why. */
  #isEnded = false
  /** Restarts are carried out one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor(given: SupervisorOptions = {}) {
    check(given)
    const { name = 'supervisor', strategy = 'one-for-one', maxRestarts = 3, withinMs = 60_000, state = 'reset', parent } = given
    const { initialMs = 100, factor = 2, maxMs = 10_000, jitter = 0.1, seed = 1 } = given.backoff ?? {}
    this.name = name
    this.#policy = { strategy, maxRestarts, withinMs, backoff: { initialMs, factor, maxMs, jitter, seed }, whenExceeded: given.whenExceeded ?? (parent === undefined ? 'stop' : 'escalate') }
    this.#state = state
    this.#parent = parent
    this.#self = {
      key: `supervisor ${++lastKey}`,
      suspend: () => this.#suspendAll(),
      restart: () => this.#renew(),
      giveUp: (error) => { this.#endWith(error) },
      say: (line) => { this.#say(line) },
    }
    parent?.join(this.#self)
  }

  /** How often it restarted a ring kernel. */
  get restarts(): number { return this.#restarts }

  /** @throws TypeError when it has given up. */
  join(child: Supervised): void {
    this.requireOpen()
    this.#children.set(child.key, child)
    this.#tell({ kind: 'joined', key: child.key })
  }

  /** @throws TypeError when it has given up, and looks after nobody any more. */
  requireOpen(): void {
    if (this.#now.phase === 'over') throw new TypeError(`supervisor '${this.name}' has given up, so it takes no further ring kernel; make a new one: new Supervisor()`)
  }

  /** A child ended, and not by a failure. */
  left(key: string): void {
    if (!this.#children.delete(key)) return
    this.#tell({ kind: 'left', key })
  }

  /** A child failed; false when this supervisor does not look after it any more. */
  failed(key: string, error: Error, isFinal = false): boolean {
    if (!this.#children.has(key) || this.#now.phase === 'over') return false
    this.#lastError = error
    this.#tell({ kind: 'failed', key, at: performance.now(), isFinal })
    return true
  }

  #tell(event: SupervisionEvent): void {
    const { next, decisions } = supervise(this.#policy, this.#now, event)
    this.#now = next
    if (next.down.length === 0) this.#cancel()
    if (event.kind === 'failed') this.#sayFailed(event, decisions)
    for (const decision of decisions) this.#do(decision)
  }

  #do(decision: Decision): void {
    switch (decision.kind) {
      case 'suspend': for (const child of this.#named(decision.keys)) void child.suspend().catch(() => undefined); return
      case 'restart': this.#work = this.#work.then(() => this.#restart(decision.keys)); return
      case 'wait': this.#wait(decision.until); return
      case 'stop': this.#stop(decision.keys, decision.restarts); return
      case 'escalate': this.#escalate(decision.restarts)
    }
  }

  async #restart(keys: readonly string[]): Promise<void> {
    for (const child of this.#named(keys)) {
      try {
        this.#restarts++
        await child.restart(this.#state)
      } catch (error) { this.failed(child.key, error instanceof Error ? error : new Error(String(error)), true) }
    }
  }

  #wait(until: number): void {
    this.#cancel()
    this.#timer = setTimeout(() => { this.#tell({ kind: 'due', at: performance.now() }) }, Math.min(Math.max(until - performance.now(), 0), WAIT_MS_MAX)).unref()
  }

  #cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #stop(keys: readonly string[], restarts: number): void {
    const last = this.#lastError ?? new Error('stopped')
    const stopped = this.#named(keys)
    for (const { key } of stopped) this.#children.delete(key)
    // What the parent says of all of them, it says itself.
    const error = this.#isEnded ? last : new SupervisionError(this.name, restarts, last)
    for (const child of stopped) child.giveUp(error)
    if (this.#now.phase === 'over') this.#parent?.left(this.#self.key)
  }

  #escalate(restarts: number): void {
    const error = new SupervisionError(this.name, restarts, this.#lastError ?? new Error('stopped'))
    // Nobody above: what cannot be passed on is the end.
    if (this.#parent?.failed(this.#self.key, error) !== true) this.#endWith(error)
  }

  #endWith(error: Error): void {
    this.#lastError = error
    this.#isEnded = true
    this.#tell({ kind: 'ended' })
  }

  async #suspendAll(): Promise<void> { await Promise.all([...this.#children.values()].map((child) => child.suspend())) }

  async #renew(): Promise<void> {
    this.#tell({ kind: 'renewed' })
    await this.#work
  }

  #named(keys: readonly string[]): readonly Supervised[] { return keys.flatMap((key) => this.#children.get(key) ?? []) }

  #sayFailed({ key, at }: Extract<SupervisionEvent, { kind: 'failed' }>, decisions: readonly Decision[]): void {
    const wait = this.#now.down.find((each) => each.key === key)
    if (wait === undefined || decisions.some(({ kind }) => kind === 'escalate')) return
    this.#children.get(key)?.say(`failed: ${this.#lastError?.message ?? ''}; it is restarted in ${Math.ceil(wait.dueAt - at)} ms (restart ${this.#restartsOf(key)} of ${this.#policy.maxRestarts} within ${this.#policy.withinMs} ms)`)
  }

  #restartsOf(key: string): number {
    return this.#policy.strategy === 'one-for-one' ? this.#now.restarts.filter((each) => each.key === key).length : this.#now.restarts.length
  }

  #say(line: string): void { [...this.#children.values()].at(-1)?.say(`(supervisor '${this.name}') ${line}`) }
}

/** What a launch was given: a supervisor, or the policy of one for this ring kernel alone. */
export function supervisorOf(where: string, given: Supervisor | SupervisorOptions | undefined): Supervisor | undefined {
  if (given === undefined) return undefined
  if (typeof given !== 'object' || (given as unknown) === null) throw new TypeError(`${where}: supervisor must be a Supervisor or its options, such as { maxRestarts: 3 }, but is ${inspect(given)}`)
  const supervisor = given instanceof Supervisor ? given : new Supervisor(given)
  supervisor.requireOpen()
  return supervisor
}

function check(given: SupervisorOptions): void {
  checkNames('Supervisor', given, options)
  const { strategy, maxRestarts, withinMs, backoff, state, whenExceeded, parent, name } = given
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw new TypeError(`Supervisor: name must be a text, but is ${inspect(name)}`)
  checkOneOf('strategy', strategy, strategies)
  checkOneOf('state', state, ['keep', 'reset'])
  checkOneOf('whenExceeded', whenExceeded, ['stop', 'escalate'])
  if (maxRestarts !== undefined && !(Number.isSafeInteger(maxRestarts) && maxRestarts >= 0)) throw new TypeError(`Supervisor: maxRestarts must be a whole number, 0 or more, but is ${inspect(maxRestarts)}`)
  checkNumber('withinMs', withinMs, 1, Number.MAX_SAFE_INTEGER)
  if (parent !== undefined && !(parent instanceof Supervisor)) throw new TypeError(`Supervisor: parent must be a Supervisor, but is ${inspect(parent, { depth: 0 })}`)
  if (whenExceeded === 'escalate' && parent === undefined) throw new TypeError("Supervisor: whenExceeded: 'escalate' needs a parent to escalate to: new Supervisor({ parent })")
  if (backoff === undefined) return
  checkNames('Supervisor: backoff', backoff, backoffOptions)
  checkNumber('backoff.initialMs', backoff.initialMs, 0, WAIT_MS_MAX)
  checkNumber('backoff.factor', backoff.factor, 1, 1_000)
  checkNumber('backoff.maxMs', backoff.maxMs, 0, WAIT_MS_MAX)
  checkNumber('backoff.jitter', backoff.jitter, 0, 1)
  checkNumber('backoff.seed', backoff.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
}

function checkNames(where: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) throw new TypeError(`${where} takes an object with any of ${known.join(', ')}, but was given ${inspect(given)}`)
  const wrong = Object.keys(given).find((name) => !known.includes(name))
  if (wrong === undefined) return
  const near = nearestName(wrong, known)
  throw new TypeError(`${where} has no option '${wrong}'${near === undefined ? '' : `; did you mean '${near}'?`} Its options are ${known.join(', ')}.`)
}

function checkOneOf(option: string, given: unknown, known: readonly string[]): void {
  if (given !== undefined && !(known as readonly unknown[]).includes(given)) throw new TypeError(`Supervisor: ${option} must be one of ${known.join(', ')}, but is ${inspect(given)}`)
}

function checkNumber(option: string, given: unknown, least: number, most: number): void {
  if (given !== undefined && !(typeof given === 'number' && given >= least && given <= most)) throw new TypeError(`Supervisor: ${option} must be a number from ${least} to ${most}, but is ${inspect(given)}`)
}
