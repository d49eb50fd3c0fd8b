// Commands to a device and its answers, through the control block: the host writes one word, the device writes one word back.
import { deviceState, lifeCycleNames, word } from '../ring/control.js'
import type { Block } from '../ring/arena.js'
import type { HostBell } from './bell.js'
import type { DeviceActor } from './device.js'
import { lifeCycleCode, type State } from './life-cycle.js'
import { Patience } from './patience.js'
import type { WaitOptions } from './types.js'
import { Wait } from './wait.js'

/** How long a device may take to tell how a body ended, ms. */
const TOLD_MS_MAX = 1_000

export class Conversation {
  readonly #words: Int32Array
  readonly #control: number
  readonly #bell: HostBell
  readonly #patience = new Patience()
  #isToldOfEnd = false
  #untold: Wait<void> | undefined
  /** Set once the device has taken the actor. */
  device: DeviceActor | undefined

  constructor(block: Block, bell: HostBell) {
    this.#words = block.arena.words
    this.#control = block.offset >>> 2
    this.#bell = bell
  }

  /** What readers in other threads see as the state. */
  publishState(state: State): void { Atomics.store(this.#words, this.#control + word.lifeCycle, lifeCycleCode(state)) }
  get publishedState(): State { return lifeCycleNames[Atomics.load(this.#words, this.#control + word.lifeCycle)] as State }

  answer(): number { return Atomics.load(this.#words, this.#control + word.state) }

  /** Tells the device what to do from now on. */
  tell(command: number): void {
    Atomics.store(this.#words, this.#control + word.command, command)
    this.device?.wake()
  }

  /** Waits until the device answers one of `wanted`, or `over()` says that it never will. False at the deadline. */
  async answered(wanted: readonly number[], over: () => boolean, timeoutMs: number): Promise<boolean> {
    const look = (): boolean => wanted.includes(this.answer()) || over()
    if (this.device?.spinWorthwhile === true ? this.#patience.poll(look) : look()) return true
    const wait = new Wait<boolean>()
    const watcher = { look: () => { if (wait.settled) return true; if (!look()) return false; wait.resolve(true); return true } }
    const timer = setTimeout(() => wait.resolve(false), timeoutMs)
    this.#bell.watch(watcher)
    try { return await wait.promise } finally { clearTimeout(timer) }
  }

  /** Resolves when `promise` does, or rejects when the caller's own bounds end first; the work goes on behind. */
  static within<T>(promise: Promise<T>, options: WaitOptions | undefined, late: (timeoutMs: number) => Error): Promise<T> {
    const wait = new Wait<T>().bound(options, late)
    promise.then((value) => wait.resolve(value), (error: unknown) => wait.reject(error))
    return wait.promise
  }

  /** The device told of the body's end, or nobody need wait for that any more. */
  heardOfEnd(): void {
    this.#isToldOfEnd = true
    this.#untold?.resolve()
  }

  /** What was told was the end of a body that has been started again. */
  begunAnew(): void { this.#isToldOfEnd = false }

  /** How a body ended by itself is told a moment after its device's word says that it has: waits for that. One that was told to stop tells no more than a failure. */
  async told(was: 'stopped' | 'running'): Promise<void> {
    if (this.#isToldOfEnd || !(was === 'stopped' ? this.answer() === deviceState.failed : this.ended)) return
    this.#untold ??= new Wait<void>()
    const { promise } = this.#untold
    const timer = setTimeout(() => this.#untold?.resolve(), TOLD_MS_MAX)
    try { await promise } finally { clearTimeout(timer); this.#untold = undefined }
  }

  /** Has the device nothing more to do with the actor? */
  get ended(): boolean { return this.answer() === deviceState.done || this.answer() === deviceState.failed }
}
