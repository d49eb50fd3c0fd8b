// The loop of a CPU worker: gives each of its ring kernels a turn, polls while there is work, and sleeps without cost when there is none.
//
// One body has control at a time. While every body waits for a ring, this thread polls the rings without turning its event loop, and then sleeps
// in Atomics.wait. When a body waits for something else (a timer, a socket), the event loop turns between the polls, and the sleep is one that lets it.
import type { Runner, Step } from '../body/runner.js'
import { workerWord } from './worker-line.js'

/**
 * How long a worker polls after the last message before it sleeps, ms. A worker that was woken may run on the very core of the thread that waits
 * for its answer (measured on two cores: always), and whatever it polls there delays that answer: so it polls shortly after a long sleep, and
 * twice as long after each short one, until the kernel has moved it to a core of its own.
 */
const POLL_MS_MIN = 0.005
const POLL_MS_MAX = 0.2
/** A sleep below this is short, ms. */
const SHORT_SLEEP_MS = 1
/** Rounds without work between two looks at the clock. */
const ROUNDS_A_CLOCK = 32
/** How long messages may flow before the event loop gets a turn, ms: timers and sockets of bodies live from it. */
const TURN_MS = 2

export interface SchedulerLines { readonly words: Int32Array; readonly at: number }

export class Scheduler {
  readonly #runners = new Map<number, Runner>()
  #order: (readonly [number, Runner])[] = []
  #next = 0
  readonly #words: Int32Array
  readonly #at: number
  /** Reads posted letters; true when there was one. */
  readonly #readMail: () => boolean
  /** Bodies that wait for something that is no ring. */
  readonly #away = new Set<Runner>()
  #controlling: Runner | undefined
  #controlReturns: (() => void) | undefined
  #kick: (() => void) | undefined
  #immediateArmed = false
  #lastTurn = 0
  #pollMs = POLL_MS_MAX
  /** Resources a worker has when no body has made any. */
  readonly #ownResources = process.getActiveResourcesInfo().length

  constructor(lines: SchedulerLines, readMail: () => boolean) {
    this.#words = lines.words
    this.#at = lines.at
    this.#readMail = readMail
  }

  /** The ring kernel whose body has control, or had it last. */
  get running(): number { return this.#words[this.#at + workerWord.running] as number }
  get away(): ReadonlySet<Runner> { return this.#away }

  /** A body waits for a ring again, or ended. */
  parked(runner: Runner): void {
    if (this.#controlling === runner) { this.#controlling = undefined; this.#controlReturns?.(); return }
    this.#away.delete(runner)
    this.#kick?.()
  }

  add(number: number, runner: Runner): void {
    this.#runners.set(number, runner)
    this.#order = [...this.#runners]
  }

  remove(number: number): void {
    this.#runners.delete(number)
    this.#order = [...this.#runners]
  }

  runner(number: number): Runner | undefined { return this.#runners.get(number) }
  newest(): Runner | undefined { return this.#order.at(-1)?.[1] }

  async run(): Promise<never> {
    let idleRounds = 0
    let idleSince = 0
    for (;;) {
      const did = this.#round()
      if (did !== 'idle') {
        idleRounds = 0
        idleSince = 0
        if (did !== 'moved') await did
        if (this.#turnIsDue()) await this.#turn()
        continue
      }
      if (++idleRounds % ROUNDS_A_CLOCK !== 1) continue
      if (this.#away.size > 0) await this.#turn()
      const now = performance.now()
      if (idleSince === 0) idleSince = now
      if (now - idleSince < this.#pollMs) continue
      await this.#sleep()
      this.#pollMs = performance.now() - now < SHORT_SLEEP_MS ? Math.min(this.#pollMs * 2, POLL_MS_MAX) : POLL_MS_MIN
      idleSince = 0
    }
  }

  /** Gives each ring kernel a turn, from where the last round ended, until one's body has control: then that is awaited. */
  #round(): 'idle' | 'moved' | Promise<void> {
    let moved = this.#readMail()
    const order = this.#order
    for (let left = order.length; left > 0; left--) {
      if (this.#next >= order.length) this.#next = 0
      const [number, runner] = order[this.#next++] as [number, Runner]
      this.#words[this.#at + workerWord.running] = number
      const did = stepOf(runner)
      if (did === 'idle') continue
      moved = true
      const control = did === 'resumed' ? this.#controlReturned(runner) : undefined
      if (control !== undefined) { this.#beat(); return control }
    }
    this.#words[this.#at + workerWord.running] = 0
    this.#beat()
    return moved ? 'moved' : 'idle'
  }

  #beat(): void {
    this.#words[this.#at + workerWord.beat] = ((this.#words[this.#at + workerWord.beat] as number) + 1) | 0
  }

  #turnIsDue(): boolean {
    return ((this.#words[this.#at + workerWord.beat] as number) & 63) === 0 && performance.now() - this.#lastTurn > TURN_MS
  }

  /** Resolves when the body waits for a ring again, ended, or turns out to wait for something else. */
  #controlReturned(runner: Runner): Promise<void> | undefined {
    if (runner.isParked || runner.isOver) return undefined
    this.#controlling = runner
    // It fires only once no microtask is left: then the body waits for the event loop.
    if (!this.#immediateArmed) {
      this.#immediateArmed = true
      setImmediate(() => {
        this.#immediateArmed = false
        this.#lastTurn = performance.now()
        const away = this.#controlling
        if (away === undefined) return
        this.#controlling = undefined
        this.#away.add(away)
        this.#controlReturns?.()
      })
    }
    return new Promise((resolve) => { this.#controlReturns = resolve })
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(() => { this.#lastTurn = performance.now(); resolve() }))
  }

  /** Sleeps until the bell rings. Looks once more after saying so: whoever moved a ring before could read it will not ring. */
  async #sleep(): Promise<void> {
    await this.#turn()
    const [words, at] = [this.#words, this.#at]
    // The count first: a ring that comes once the flag is up then ends the sleep at once.
    const heard = Atomics.load(words, at + workerWord.bell)
    Atomics.store(words, at + workerWord.sleeping, 1)
    const did = this.#round()
    if (did instanceof Promise) await did
    else if (did === 'idle') {
      const isForeign = this.#away.size > 0 || process.getActiveResourcesInfo().length > this.#ownResources
      if (isForeign) await this.#sleepTurning(heard)
      else Atomics.wait(words, at + workerWord.bell, heard)
    }
    Atomics.store(words, at + workerWord.sleeping, 0)
  }

  async #sleepTurning(heard: number): Promise<void> {
    const wait = Atomics.waitAsync(this.#words, this.#at + workerWord.bell, heard)
    if (!wait.async) return
    const kicked = new Promise<void>((resolve) => { this.#kick = resolve })
    await Promise.race([wait.value, kicked])
    this.#kick = undefined
  }
}

/** Runners throw nothing of their own accord; what one throws all the same ends it, not the thread. */
function stepOf(runner: Runner): Step {
  try { return runner.step() } catch (error) {
    runner.fail(error)
    return 'moved'
  }
}
