// One GPU and everything resident on it: which ring kernel runs when, what parks for whom, and what becomes of all of them when the GPU is lost.
import { CudaError, DriverUnavailableError, openCuda, type CudaDriver, type DeviceFacts, type Handle } from '../../driver/index.js'
import { command, deviceState } from '../../ring/control.js'
import { isHostAsleep } from '../../runtime/bell.js'
import type { Bell, GpuActor } from './gpu-actor.js'
import { GpuMemory } from './gpu-memory.js'
import type { GpuDescription, GpuEvent } from './letters.js'
import type { Loop } from './loop.js'
import type { OneShots } from './one-shots.js'
import { Pins } from './pins.js'
import { Refusal } from './refusal.js'
import { Residency } from './residency.js'

/** How long a launched grid may take to be heard of, ms. */
const START_MS_MAX = 3_000
/** How long a ring kernel may take to come to a wait when others have to park for a load, ms. */
const PARK_MS_MAX = 1_000
/** How long a grid that says it ends may take to be gone, and a copy to be done, ms. */
const SETTLE_MS_MAX = 2_000
/** How long a grid is waited for that was told to stop by force, ms: what comes on top of the host's own deadline. */
const FORCE_MS_MAX = 500
/** A ring kernel without messages parks after so long, ms: its multiprocessor is free for others, and power is saved. */
const IDLE_MS = 5_000
/** Where the system ends kernels that run for long (2 s under WDDM by default), each grid parks and is launched again after so long, ms. */
const SLICE_MS = 500
/** Without messages for so long, it may be parked to make room for another, ms. */
const MAKE_ROOM_MS = 50
/** How long one that has no room waits for somebody to become idle, ms, before its activation is refused. */
const DECLINE_MS = 500
/** How often a stream is asked whether a fault ended its grid, ms. */
const ASK_MS = 20

/** How long this thread sleeps with nothing resident, ms: letters and messages ring. */
const REST_MS_MAX = 250
/**
 * How long it sleeps beside residents, ms: the longer nothing moved, the longer. A host that sleeps is woken from here, and its wake-up costs it about 50 µs
 * anyway; one that is awake looks for itself, and may fall asleep at any moment.
 */
const paces = [{ untilMs: 20, asleepMs: 0.05, awakeMs: 0.2 }, { untilMs: 500, asleepMs: 0.5, awakeMs: 1 }] as const
const slowest = { asleepMs: 2, awakeMs: 2 } as const

export class Gpu {
  readonly name: string
  readonly driver: CudaDriver
  readonly facts: DeviceFacts
  readonly pins: Pins
  readonly memory: GpuMemory
  readonly actors = new Map<number, GpuActor>()
  readonly bells = new Map<number, Bell>()
  copyStream: Handle = 0n
  oneShots: OneShots | undefined
  /** What the host's clock is ahead of the GPU's, ns; undefined until it is measured, before the first launch. */
  clockOffsetNs: bigint | undefined
  readonly #residency: Residency
  readonly #loop: Loop
  readonly #post: (event: GpuEvent) => void
  /** What is given back once nothing is resident: freeing waits for the GPU. */
  readonly #trash: (() => void)[] = []
  #quiet = false
  #queue: Promise<unknown> = Promise.resolve()
  /** Why the GPU cannot be used any more. */
  #broken: string | undefined

  constructor(ordinal: number, loop: Loop, post: (event: GpuEvent) => void) {
    this.name = `cuda:${ordinal}`
    this.#loop = loop
    this.#post = post
    this.driver = opened(this.name)
    const count = this.driver.deviceCount()
    if (ordinal >= count) throw new Refusal(`there is no ${this.name}: the NVIDIA driver sees ${count === 1 ? 'one GPU, cuda:0' : `${count} GPUs, cuda:0 … cuda:${count - 1}`}.`)
    this.facts = this.driver.deviceFacts(ordinal)
    this.pins = new Pins(this.driver)
    this.memory = new GpuMemory(this, loop)
    this.#residency = new Residency(this.facts.multiprocessors)
    this.#enter()
  }

  get description(): GpuDescription {
    const { name, computeCapability: { major, minor }, multiprocessors } = this.facts
    return { name, architecture: `sm_${major}${minor}`, multiprocessors }
  }

  /** Blocks that are or should be on the GPU. */
  get residents(): number { return this.#residency.count }
  get isEmpty(): boolean { return this.#residency.count === 0 }
  get onGpu(): GpuActor[] { return [...this.actors.values()].filter((actor) => actor.isOnGpu) }

  get isQuiet(): boolean { return this.#quiet }

  post(event: GpuEvent): void { this.#post(event) }

  requireUsable(): void { if (this.#broken !== undefined) throw new Refusal(this.#broken) }

  /** Looks at every ring kernel; true when anything moved. */
  look(): boolean {
    let moved = false
    const now = performance.now()
    for (const actor of this.actors.values()) if (this.#step(actor, now)) moved = true
    if (this.#trash.length > 0 && this.isEmpty && (this.oneShots?.running.length ?? 0) === 0) this.emptyTrash()
    return moved
  }

  /** Does `work` while nothing is resident: parks everybody, and lets them go on afterwards. One at a time. `what` says for which work, in errors. */
  quietly<T>(what: string | (() => string), work: () => T): Promise<T> {
    const turn = this.#queue.then(() => this.#quietly(typeof what === 'string' ? what : what(), work))
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  /** Gives back what a ring kernel had; at once when nothing is resident. */
  discard(give: () => void): void { this.#trash.push(give) }

  emptyTrash(): void {
    for (const give of this.#trash.splice(0)) {
      try { give() } catch (error) { this.noteLoss(error); if (!(error instanceof CudaError)) throw error }
    }
  }

  /** How long the thread may sleep when nothing moved for `stillMs`: a GPU cannot ring, so whoever sleeps over one is woken from here. */
  rest(stillMs: number): number {
    if (this.isEmpty && (this.oneShots?.running.length ?? 0) === 0) return REST_MS_MAX
    const pace = paces.find(({ untilMs }) => stillMs < untilMs) ?? slowest
    return [...this.bells.values()].some(({ words, at }) => isHostAsleep(words, at)) ? pace.asleepMs : pace.awakeMs
  }

  /** Main is done with it. A grid that does not end keeps what it has. */
  forget(number: number): void {
    const actor = this.actors.get(number)
    if (actor === undefined) { this.post({ kind: 'forgotten', actor: number }); return }
    if (actor.phase === 'abandoned') return
    if (actor.isOnGpu) { void this.force(actor, 'gone').then(() => this.forget(number)); return }
    actor.phase = 'over'
    this.actors.delete(number)
    this.post({ kind: 'forgotten', actor: number })
    this.discard(() => actor.release())
    for (const { at } of actor.wiring.inputs) if (at.kind === 'device') this.memory.unhold(at.block)
  }

  /** A runtime is done with the GPU. */
  async leave(runtime: number): Promise<void> {
    const own = [...this.actors.values()].filter((actor) => actor.runtime === runtime)
    await Promise.all(own.map(async (actor) => { await this.force(actor, 'gone'); this.forget(actor.number) }))
    this.#resetIfOnlyAbandoned()
    this.discard(() => this.pins.release(runtime))
    this.bells.delete(runtime)
    if (this.isEmpty) this.emptyTrash()
  }

  /** The host takes it off, or asks once more for it to park. */
  async force(actor: GpuActor, outcome: 'gone' | 'parked'): Promise<'obeyed' | 'abandoned'> {
    if (!actor.isOnGpu) return actor.phase === 'abandoned' ? 'abandoned' : 'obeyed'
    if (outcome === 'parked') actor.startsAnew = true
    actor.requestStop()
    if (await this.#loop.until(() => !actor.isOnGpu, FORCE_MS_MAX)) {
      if (outcome === 'parked' && actor.phase === 'loaded') this.post({ kind: 'log', actor: actor.number, line: `ring kernel '${actor.id}' did not come to a receive or send: it starts anew, with its queue and declared state kept` })
      return 'obeyed'
    }
    this.#abandon(actor)
    return 'abandoned'
  }

  /** @throws Refusal where there is nothing left to start. */
  restartable(number: number): GpuActor {
    this.requireUsable()
    const actor = this.actors.get(number)
    if (actor === undefined) throw new Refusal('the ring kernel has left the GPU')
    if (actor.isLost) throw new Refusal(`ring kernel '${actor.id}' cannot be started again: ${this.name} was lost under it, and what lay in its memory with it. Launch it anew.`)
    if (actor.phase !== 'over' && actor.phase !== 'loaded') throw new Refusal(`ring kernel '${actor.id}' cannot be started again: its grid goes on although it was told to stop, and holds ${this.name}.`)
    return actor
  }

  /** A fault that ended the context: everybody on the GPU fails with it. Anything else is left to the caller. */
  noteLoss(error: unknown): boolean {
    if (!(error instanceof CudaError) || error.class !== 'device-lost') return false
    this.lose(`${this.name} is lost: ${error.message}`, error)
    return true
  }

  lose(sentence: string, cause: Error): void {
    for (const actor of this.actors.values()) {
      actor.isLost = true
      if (actor.phase === 'over') continue
      actor.phase = 'over'
      actor.publish(deviceState.failed)
      this.post({ kind: 'failed', actor: actor.number, sentence: `ring kernel '${actor.id}' failed: ${sentence}`, cause })
    }
    this.#residency.clear()
    // What lay in the context is gone with it.
    this.#trash.length = 0
    this.pins.forget()
    this.memory.forget()
    this.oneShots?.forget()
    this.#reset()
  }

  /** Gives the GPU back. */
  close(): void {
    if (this.#broken !== undefined) return
    if (!this.isEmpty) this.driver.primaryContextReset(this.facts.ordinal)
    else {
      this.emptyTrash()
      this.oneShots?.close()
      this.emptyTrash()
      this.memory.close()
      this.driver.streamDestroy(this.copyStream)
    }
    this.driver.primaryContextRelease(this.facts.ordinal)
  }

  #enter(): void {
    this.driver.contextSetCurrent(this.driver.primaryContextRetain(this.facts.ordinal))
    this.copyStream = this.driver.streamCreate()
  }

  /** One try: where it fails, only a new process gets the GPU back. */
  #reset(): void {
    try {
      this.driver.primaryContextReset(this.facts.ordinal)
      this.driver.primaryContextRelease(this.facts.ordinal)
      this.#enter()
    } catch (error) {
      this.#broken = `${this.name} is lost and cannot be reset (${error instanceof Error ? error.message : String(error)}): restart the Jupyter kernel; \`cpu\` and \`host\` go on.`
    }
  }

  #step(actor: GpuActor, now: number): boolean {
    try {
      switch (actor.phase) {
        case 'loaded': return this.#stepLoaded(actor, now)
        case 'starting': case 'resident': return this.#stepRunning(actor, now)
        case 'settling': case 'over': case 'abandoned': return false
      }
    } catch (error) {
      if (this.noteLoss(error)) return true
      this.#fail(actor, error instanceof Error ? error.message : String(error), error)
      return true
    }
  }

  #stepLoaded(actor: GpuActor, now: number): boolean {
    const asked = actor.command
    if (asked === command.stop) { actor.phase = 'over'; actor.publish(deviceState.done); return true }
    if (asked === command.park && actor.state !== deviceState.parked) { actor.publish(deviceState.parked); return true }
    if (!actor.mayRun) actor.wantsRoomSince = 0
    if (!actor.mayRun || this.#quiet || (actor.isAsleep && !actor.hasInput && asked !== command.drain)) return false
    return this.#start(actor, now)
  }

  #stepRunning(actor: GpuActor, now: number): boolean {
    const moved = actor.moved()
    if (moved) { actor.movedAt = now; actor.ring() }
    if (actor.hasNews) this.#log(actor)
    if (actor.phase === 'starting' && actor.state === deviceState.running) actor.phase = 'resident'
    if (actor.outcome !== 0 || (now - actor.askedAt > ASK_MS && actor.gridIsGone(now))) { void this.#settle(actor); return true }
    if (actor.phase === 'starting' && now - actor.launchedAt > START_MS_MAX) { this.#neverStarted(actor); return true }
    if (actor.phase === 'resident' && this.facts.hasKernelTimeout && now - actor.launchedAt > SLICE_MS) actor.requestPark()
    if (actor.phase === 'resident' && now - actor.movedAt > IDLE_MS && actor.mayRun && this.#isIdle(actor)) { actor.isAsleep = true; actor.requestPark(); actor.movedAt = now }
    return moved
  }

  #log(actor: GpuActor): void {
    for (const event of actor.takeNews()) this.post(event)
  }

  #start(actor: GpuActor, now: number): boolean {
    if (!this.#residency.hasRoom(actor.blocksPerMultiprocessor)) return this.#makeRoom(actor, now)
    this.#residency.enter(actor.number, actor.blocksPerMultiprocessor)
    actor.wantsRoomSince = 0
    try { actor.launchGrid(now, this.clockOffsetNs ?? 0n) } catch (error) { this.#residency.leave(actor.number); throw error }
    return true
  }

  /** Somebody idle parks for it; if nobody is for a while, it is told who is in the way, and goes on waiting. */
  #makeRoom(actor: GpuActor, now: number): boolean {
    if (actor.wantsRoomSince === 0) actor.wantsRoomSince = now
    if (this.onGpu.some((other) => other.isAsleep || other.phase === 'settling')) return false
    const idle = this.onGpu.find((other) => other.phase === 'resident' && now - other.movedAt > MAKE_ROOM_MS && this.#isIdle(other))
    if (idle !== undefined) { idle.isAsleep = true; idle.requestPark(); return true }
    if (actor.isAsleep || now - actor.wantsRoomSince < DECLINE_MS) return false
    // Once, until it is asked anew.
    actor.wantsRoomSince = Infinity
    this.post({ kind: 'declined', actor: actor.number, sentence: `ring kernel '${actor.id}' has no room on ${this.name}: ${this.#residency.count} are resident on its ${this.facts.multiprocessors} multiprocessors (${this.#names()}); deactivate or terminate one of them.` })
    return true
  }

  #isIdle(actor: GpuActor): boolean { return actor.waitsForInput && !actor.hasInput && !actor.hasPeers }

  #names(): string { return [...this.actors.values()].filter((actor) => actor.isOnGpu || actor.phase === 'abandoned').map((actor) => actor.id).join(', ') }

  /** Its grid ends: waits until it is gone, brings its state to the host, and says how it ended. */
  async #settle(actor: GpuActor): Promise<void> {
    actor.phase = 'settling'
    try {
      if (!await this.#loop.until(() => actor.gridIsGone(performance.now()), SETTLE_MS_MAX)) { this.#abandon(actor); return }
      this.#residency.leave(actor.number)
      this.#log(actor)
      if (actor.memory.hasState) await this.#bringState(actor)
      this.#ended(actor)
    } catch (error) {
      if (!this.noteLoss(error)) this.#fail(actor, error instanceof Error ? error.message : String(error), error)
    }
  }

  async #bringState(actor: GpuActor): Promise<void> {
    actor.memory.copyStateToHost(actor.stateOnHost, this.copyStream)
    if (!await this.#loop.until(() => this.driver.streamIsDone(this.copyStream), SETTLE_MS_MAX)) throw new Refusal(`its state could not be copied from ${this.name} within ${SETTLE_MS_MAX} ms`)
  }

  #ended(actor: GpuActor): void {
    if (actor.phase !== 'settling') return
    const asked = actor.command
    // A kernel written by hand may end without a word: what it was asked tells.
    const outcome = actor.outcome !== 0 ? actor.outcome : asked === command.stop ? deviceState.done : asked === command.park ? deviceState.parked : deviceState.failed
    if (outcome === deviceState.failed) { this.#faulted(actor); return }
    if (asked !== command.stop && (outcome === deviceState.parked || actor.startsAnew)) {
      actor.phase = 'loaded'
      if (asked === command.park) actor.publish(deviceState.parked)
      return
    }
    actor.phase = 'over'
    actor.publish(deviceState.done)
    if (actor.returnedByItself) this.post({ kind: 'returned', actor: actor.number })
  }

  #faulted(actor: GpuActor): void {
    if (actor.outcome === 0) { this.#fail(actor, 'its kernel ended without saying how: it must leave its outcome in its control block (see cuda/README.md)', undefined); return }
    actor.phase = 'over'
    actor.publish(deviceState.failed)
    this.post({ kind: 'faulted', actor: actor.number, site: actor.faultSite, value: actor.faultValue, letter: actor.takeLastLetter() })
  }

  #fail(actor: GpuActor, sentence: string, cause: unknown): void {
    if (actor.phase === 'over') return
    this.#residency.leave(actor.number)
    actor.phase = 'over'
    actor.publish(deviceState.failed)
    this.post({ kind: 'failed', actor: actor.number, sentence: `ring kernel '${actor.id}' failed on ${this.name}: ${sentence}`, cause: cause instanceof Error ? cause : undefined })
  }

  #neverStarted(actor: GpuActor): void {
    // Should the GPU come to it after all, it ends at once.
    actor.requestStop()
    actor.phase = 'abandoned'
    actor.publish(deviceState.failed)
    this.post({ kind: 'failed', actor: actor.number, sentence: `ring kernel '${actor.id}' was launched, but ${this.name} did not start it within ${START_MS_MAX} ms: other programs may hold the GPU (see \`nvidia-smi\`). End them or restart the Jupyter kernel, and launch it again.`, cause: undefined })
  }

  #abandon(actor: GpuActor): void {
    actor.phase = 'abandoned'
    this.post({ kind: 'log', actor: actor.number, line: `ring kernel '${actor.id}' did not stop when told to: its code never looks at its control block. It holds a multiprocessor of ${this.name}, and nothing more can be loaded there, until the other ring kernels of this GPU have ended; then the GPU is reset.` })
  }

  async #quietly<T>(what: string, work: () => T): Promise<T> {
    this.requireUsable()
    this.#resetIfOnlyAbandoned()
    const stuck = [...this.actors.values()].filter((actor) => actor.phase === 'abandoned')
    if (stuck.length > 0) throw new Refusal(`cannot ${what} on ${this.name}: '${stuck.map((actor) => actor.id).join("', '")}' does not stop and holds the GPU. Terminate the other ring kernels (${this.onGpu.map((actor) => actor.id).join(', ')}), and the GPU is reset; or restart the Jupyter kernel.`)
    this.#quiet = true
    try {
      for (const actor of this.onGpu) if (actor.phase !== 'settling') actor.requestPark()
      if (!await this.#loop.until(() => this.onGpu.length === 0 && (this.oneShots?.running.length ?? 0) === 0, PARK_MS_MAX)) {
        const shots = this.oneShots?.running ?? []
        if (shots.length > 0) throw new Refusal(`cannot ${what} on ${this.name} now: one-shot kernel '${shots.join("', '")}' still runs there. Try again when it is done.`)
        throw new Refusal(`cannot ${what} on ${this.name} now: the ring kernels there have to park for a moment, and '${this.onGpu.map((actor) => actor.id).join("', '")}' did not come to a receive or send within ${PARK_MS_MAX} ms. Terminate it, or try again when it is done.`)
      }
      this.emptyTrash()
      return work()
    } catch (error) {
      this.noteLoss(error)
      throw error instanceof CudaError ? new Refusal(`cannot ${what} on ${this.name}: ${error.message}`, error) : error
    } finally { this.#quiet = false }
  }

  /** The last resort for a grid that never ends, once nobody else is hurt by it. */
  #resetIfOnlyAbandoned(): void {
    const live = [...this.actors.values()].filter((actor) => actor.phase !== 'over')
    if (live.length === 0 || live.some((actor) => actor.phase !== 'abandoned')) return
    this.lose(`${this.name} was reset`, new Error('reset'))
    this.requireUsable()
  }
}

function opened(name: string): CudaDriver {
  try { return openCuda() } catch (error) {
    if (error instanceof DriverUnavailableError || error instanceof CudaError) throw new Refusal(`${name} cannot be used: ${error.message}.`, error)
    throw error
  }
}
