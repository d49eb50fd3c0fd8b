// What one ring kernel is told and how it ends: its life cycle, and its counters until the last.
import { inspect } from 'node:util'
import { command, deviceState, double, waitsFor, word } from '../ring/control.js'
import { depthOf, type ActorRow } from '../ring/counters.js'
import type { ActorParts } from './actor-parts.js'
import { ColumnTraffic } from './column-traffic.js'
import { Conversation } from './conversation.js'
import type { DeviceActor, Restart } from './device.js'
import { DeviceError } from './errors.js'
import { Interventions } from './interventions.js'
import type { LetterWriter } from './letter-writer.js'
import { illegal, requireLegal, type Life, type State } from './life-cycle.js'
import { telemetryOf, type ConnectedRings } from './telemetry.js'
import { Throughput } from './throughput.js'
import { rejected } from './traffic.js'
import type { RestartOptions, Telemetry, TerminateOptions, WaitOptions } from './types.js'
import { checkTimeout, throwIfAborted } from './wait.js'

/** How long a device may take to answer `activate`: a worker that has to be replaced first included. */
const ACTIVATE_MS_MAX = 10_000
/** How long a body may take to come to its next `receive` or `send` before it is stopped by force. */
const OBEY_MS_DEFAULT = 1_000
/** How long a step may take unless told otherwise. */
const STEP_MS_DEFAULT = 10_000
/** Between two looks whether a step is stuck, ms. */
const STEP_LOOK_MS = 5
/** How long a body may take to finish its message before it gets other code, ms, and how often that is tried. */
const EXCHANGE_MS_MAX = 2_000
const EXCHANGE_PAUSE_MS = 10

export abstract class Commands extends ColumnTraffic {
  readonly id: string
  readonly closed: Promise<void>
  /** The whole life cycle in one field, so that each transition is one store. */
  protected life: Life = { state: 'CREATED' }
  readonly #talk: Conversation
  readonly #interventions = new Interventions()
  #end!: { resolve(): void; reject(error: Error): void }
  #ending: Promise<void> | undefined
  #draining = false
  /** Work that needs the body parked: one after the other, and before anybody has it run. */
  #parking: Promise<void> | undefined
  #lastTelemetry: Telemetry | undefined
  readonly #throughput = new Throughput(performance.now())

  constructor(parts: ActorParts) {
    super(parts)
    this.id = parts.id
    this.#talk = new Conversation(parts.block, parts.bell)
    this.closed = new Promise<void>((resolve, reject) => { this.#end = { resolve, reject } })
    // Not everybody asks how it ended; those who do still get the error.
    this.closed.catch(() => undefined)
  }

  get state(): State { return this.life.state }
  get device(): string { return this.parts.place.name }
  /** May its body be running: active, or ending? */
  get mayRun(): boolean { return this.life.state === 'ACTIVE' || this.life.state === 'TERMINATING' }
  /** Is its memory still its own? */
  get isLive(): boolean { return !this.isOver && this.life.state !== 'CREATED' }
  /** The life cycle moved on. */
  protected abstract moved(): void
  /** Its connections: messages queued there, those lost with it, and the deadlock it stands in. */
  protected abstract connectedRings(): ConnectedRings
  protected abstract lookAtRings(): Promise<void>
  protected abstract readonly deadlock: string | undefined
  protected abstract loseElsewhere(): number
  protected abstract readonly letterWriter: LetterWriter

  get acceptsMessages(): boolean {
    const { state } = this.life
    return state === 'ACTIVE' || state === 'LAUNCHED' || state === 'DEACTIVATED'
  }
  protected get answers(): boolean { return this.life.state === 'ACTIVE' || this.#draining }
  protected get isDraining(): boolean { return this.#draining }
  protected get isOver(): boolean { return this.life.state === 'TERMINATED' || this.life.state === 'FAILED' }
  protected get isEnding(): boolean { return this.#ending !== undefined }
  protected refusal(call: string): Error { return illegal(this.id, this.life, call) }

  /** The device has taken it: CREATED → LAUNCHED. */
  launched(onDevice: DeviceActor): void {
    this.onDevice = onDevice
    this.#talk.device = onDevice
    this.become({ state: 'LAUNCHED' })
  }

  activate(): Promise<this> { return this.#interventions.start(() => this.#run('activate')) }
  reactivate(): Promise<this> { return this.#interventions.start(() => this.#run('reactivate')) }
  deactivate(): Promise<this> { return this.#interventions.command(() => this.#park()) }
  step(count = 1, options?: WaitOptions): Promise<number> { return this.#interventions.command(() => this.#step(count, options)) }

  async restart(options?: RestartOptions): Promise<this> {
    requireLegal(this.id, this.life, 'restart')
    await this.restartBody(stateOption(this.id, options))
    if (this.isOver) throw this.refusal('restart')
    return this
  }

  async #step(count: number, options: WaitOptions | undefined): Promise<number> {
    if (!Number.isSafeInteger(count) || count < 1) throw new TypeError(`step() needs a count of messages, 1 or more, but was given ${String(count)}`)
    throwIfAborted(options)
    if (options?.timeoutMs !== undefined) checkTimeout(options.timeoutMs)
    requireLegal(this.id, this.life, 'step')
    // What is shown to a body can be chosen only while it is parked.
    for (let other = this.#parking ?? this.#interventions.starting; other !== undefined; other = this.#parking ?? this.#interventions.starting) { await other; requireLegal(this.id, this.life, 'step') }
    const timeoutMs = options?.timeoutMs ?? STEP_MS_DEFAULT
    const wanted = this.edge.holdBack(count)
    this.lookAfterQueue()
    if (wanted === 0) { this.edge.letGo(); return 0 }
    const before = this.telemetry().processed
    try {
      this.#talk.tell(command.run)
      this.become({ state: 'ACTIVE' })
      const stepping = this.life
      const done = (): boolean => this.edge.isEmpty || this.life !== stepping || this.#isStuck()
      const until = performance.now() + timeoutMs
      let [stepped, left] = [false, timeoutMs]
      // That it waits for room in its output ring, it tells nobody.
      do stepped = await this.#talk.answered([deviceState.done, deviceState.failed], done, Math.min(left, STEP_LOOK_MS))
      while (!stepped && (left = until - performance.now()) > 0)
      const late = stepped ? undefined : this.late(timeoutMs, `a step of ${wanted} messages`)
      // A body that failed with its last message has ended by now, or will have.
      if (this.life.state === 'TERMINATING') throw this.refusal('step')
      if (this.life === stepping) await this.#park().catch((error: unknown) => { if (!this.isOver) throw this.life.state === 'ACTIVE' ? error : this.refusal('step') })
      if (late !== undefined) throw late
    } finally {
      this.edge.letGo()
      this.look()
    }
    return this.telemetry().processed - before
  }

  /** Parks the body for a moment, so that messages in its ring can be overtaken. When it comes to no wait in time, they stay where they are. */
  makeWay(): void {
    this.whileParked('send', () => { this.edge.reorder(); return Promise.resolve() }).catch(() => undefined)
  }

  /** It waits where it is, although it stays ACTIVE, until its body is restarted. */
  protected suspendBody(): Promise<void> {
    return this.#interventions.intervene(async () => { if (this.life.state === 'ACTIVE' && !this.#talk.ended) await this.#suspend() })
  }

  /** The body begins anew, with its queue and connections; counted. @throws DeviceError when the device cannot. */
  protected restartBody(state: 'keep' | 'reset'): Promise<void> {
    return this.#interventions.intervene(async () => {
      if (this.life.state === 'ACTIVE' && !this.#talk.ended && !await this.#suspend()) await this.onDevice.force('parked')
      if (this.isOver || this.isEnding) return
      // Not before it is counted, and whoever waits for the restart is told.
      this.#talk.tell(command.idle)
      await this.onDevice.restart({ keepState: state === 'keep', keepFrame: false })
      this.#talk.begunAnew()
      const { arena, offset } = this.parts.block
      const count = (offset >>> 3) + double.restarts
      arena.doubles[count] = (arena.doubles[count] as number) + 1
      await this.#goOn()
    })
  }

  /** The body runs other code from its next wait on at which it holds no message. `over`: it ended meanwhile. @throws what the device says. */
  protected exchangeBody(how: Restart): Promise<'exchanged' | 'busy' | 'holding' | 'over'> {
    return this.#interventions.intervene(async () => {
      const until = performance.now() + EXCHANGE_MS_MAX
      for (;;) {
        const isRunning = this.life.state === 'ACTIVE' && !this.#talk.ended
        if (isRunning && !await this.#suspend()) { await this.#goOn(); return 'busy' }
        if (this.isOver || this.isEnding) return 'over'
        if (await this.#taken(how)) { await this.#goOn(); return 'exchanged' }
        await this.#goOn()
        if (!isRunning || performance.now() > until) return 'holding'
        // It goes on until it has finished the message: until its outputs found room.
        await new Promise((resolve) => { setTimeout(resolve, EXCHANGE_PAUSE_MS) })
      }
    })
  }

  async #taken(how: Restart): Promise<boolean> {
    // A body that waits for its restart stays as it is until it is told to run.
    this.#talk.tell(command.idle)
    try {
      const isTaken = await this.onDevice.restart(how)
      if (isTaken) this.#talk.begunAnew()
      return isTaken
    } catch (error) { await this.#goOn(); throw error }
  }

  /** The device told how the body ended. */
  protected heardOfEnd(): void { this.#talk.heardOfEnd() }

  /** The end with this error, whatever the body is doing. */
  protected end(error: Error): void {
    if (this.isOver || this.isEnding) return
    const life: Life = { state: 'FAILED', error }
    if (this.#talk.ended) this.finish(life)
    else this.#ending = this.#terminate(undefined, life)
  }

  terminate(options?: TerminateOptions): Promise<void> {
    if (this.isOver) return Promise.resolve()
    try {
      if (options?.timeoutMs !== undefined) checkTimeout(options.timeoutMs)
      throwIfAborted(options)
      requireLegal(this.id, this.life, 'terminate')
    } catch (error) { return rejected(error) }
    // A second caller may be in more of a hurry than the first.
    if (this.#ending !== undefined && options?.pending !== 'drain') this.#talk.tell(command.stop)
    this.#ending ??= this.#terminate(options)
    const { signal } = options ?? {}
    return signal === undefined ? this.#ending : Conversation.within(this.#ending, { signal }, () => new Error())
  }

  /**
   * Parks the body, does `work`, and lets the body go on. The life cycle stays what it is meanwhile; whoever deactivates or terminates in between has his way.
   *
   * @throws RingKernelStateError when it has not begun, ends or has ended; TimeoutError when the body comes to no receive or send by then, and goes on.
   */
  protected whileParked<T>(call: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#parking === undefined ? this.#parked(call, work) : this.#parking.then(() => this.#parked(call, work))
    const done: Promise<void> = turn.then(() => undefined, () => undefined).then(() => { if (this.#parking === done) this.#parking = undefined })
    this.#parking = done
    return turn
  }

  async #parked<T>(call: string, work: () => Promise<T>): Promise<T> {
    this.#requireAccepting(call)
    if (this.life.state !== 'ACTIVE') return this.#stillParked(call, work)
    const active = this.life
    this.#talk.tell(command.park)
    try {
      if (!await this.#talk.answered([deviceState.parked, deviceState.done, deviceState.failed], () => this.life !== active, OBEY_MS_DEFAULT)) throw this.late(OBEY_MS_DEFAULT, `its way to a receive or send, for ${call}(),`)
      return await this.#stillParked(call, work)
    } finally {
      if (this.life === active) this.#talk.tell(command.run)
    }
  }

  #requireAccepting(call: string): void { if (!this.acceptsMessages) throw this.refusal(call) }

  async #stillParked<T>(call: string, work: () => Promise<T>): Promise<T> {
    this.#requireAccepting(call)
    if (this.#talk.ended) throw new DeviceError(this.device, `ring kernel '${this.id}' ended while ${call}() waited for it.`)
    const done = await work()
    this.#requireAccepting(call)
    return done
  }

  telemetry(): Telemetry {
    if (this.#lastTelemetry !== undefined) return this.#lastTelemetry
    const { deadlock } = this
    return { ...telemetryOf(this.id, this.parts.block, this.#throughput, this.connectedRings()), ...(deadlock === undefined ? {} : { deadlock }) }
  }

  async measure(): Promise<Telemetry> {
    await this.lookAtRings()
    return this.telemetry()
  }

  /** After the end, messages were found that never will be processed. */
  dropLate(count: number): void {
    if (this.#lastTelemetry !== undefined && count > 0) this.#lastTelemetry = { ...this.#lastTelemetry, dropped: this.#lastTelemetry.dropped + count }
  }

  /** Where other threads find its counters; undefined once its memory is no longer its own. */
  row(): ActorRow | undefined {
    if (!this.isLive) return undefined
    const { block, place } = this.parts
    return { id: this.id, device: place.name, arena: block.arena.memory, controlOffset: block.offset, inputCapacity: this.edge.capacity, outputCapacity: this.stream.capacity }
  }

  async #run(call: 'activate' | 'reactivate'): Promise<this> {
    requireLegal(this.id, this.life, call)
    if (this.#parking !== undefined) { await this.#parking; requireLegal(this.id, this.life, call) }
    const from = this.life
    const told: { refusal: Error | undefined } = { refusal: undefined }
    // What was left of an earlier try.
    this.onDevice.takeRefusal?.()
    this.#talk.tell(command.run)
    const running = await this.#talk.answered([deviceState.running, deviceState.done, deviceState.failed], () => this.life !== from || (told.refusal = this.onDevice.takeRefusal?.()) !== undefined, ACTIVATE_MS_MAX)
    if (told.refusal !== undefined && this.life === from) {
      this.#talk.tell(from.state === 'LAUNCHED' ? command.idle : command.park)
      throw told.refusal
    }
    // Another call of the same kind may have been answered first.
    if (this.life.state === 'ACTIVE') return this
    // It did start, and its body ended at once: `closed` and the next call tell how.
    if (this.isOver && this.#ending === undefined) return this
    if (this.life !== from) throw this.refusal(call)
    if (!running) throw new DeviceError(this.device, `the ${this.device} device did not start ring kernel '${this.id}' within ${ACTIVATE_MS_MAX} ms; terminate it and launch it again.`)
    this.onDevice.running?.()
    this.become({ state: 'ACTIVE' })
    return this
  }

  /** The device does again what the life cycle says; resolves once it does. */
  async #goOn(): Promise<void> {
    if (this.isOver || this.isEnding) return
    this.#talk.tell(this.#command)
    if (this.life.state !== 'ACTIVE') return
    const told: { refusal: Error | undefined } = { refusal: undefined }
    await this.#talk.answered([deviceState.running, deviceState.done, deviceState.failed], () => this.life.state !== 'ACTIVE' || (told.refusal = this.onDevice.takeRefusal?.()) !== undefined, ACTIVATE_MS_MAX)
    // It goes on waiting for its place.
    if (told.refusal !== undefined) this.parts.log(told.refusal.message)
  }

  async #park(): Promise<this> {
    requireLegal(this.id, this.life, 'deactivate')
    this.#talk.tell(command.park)
    const parked = await this.#talk.answered([deviceState.parked, deviceState.done, deviceState.failed], () => this.life.state !== 'ACTIVE', OBEY_MS_DEFAULT)
    if (!parked) await this.onDevice.force('parked')
    if (this.life.state === 'ACTIVE') await this.#talk.told('running')
    // Another call of the same kind may have been answered first.
    if (this.life.state === 'DEACTIVATED') return this
    if (this.life.state !== 'ACTIVE') throw this.refusal('deactivate')
    this.become({ state: 'DEACTIVATED' })
    return this
  }

  /** The body comes to a wait and stays there; the life cycle goes on as it was. True once it has, or when it ended. */
  #suspend(): Promise<boolean> {
    this.#talk.tell(command.park)
    return this.#talk.answered([deviceState.parked, deviceState.done, deviceState.failed], () => this.isOver, OBEY_MS_DEFAULT)
  }

  /** What the device is to do in this state of the life cycle. */
  get #command(): number { return this.life.state === 'ACTIVE' ? command.run : this.life.state === 'LAUNCHED' ? command.idle : command.park }

  async #terminate(options: TerminateOptions | undefined, end: Life = { state: 'TERMINATED' }): Promise<void> {
    const timeoutMs = options?.timeoutMs ?? OBEY_MS_DEFAULT
    this.become({ state: 'TERMINATING' })
    this.edge.letGo()
    const until = performance.now() + timeoutMs
    if (options?.pending === 'drain') await this.#drain(timeoutMs)
    this.#draining = false
    if (!this.#talk.ended) this.#talk.tell(command.stop)
    const left = Math.max(until - performance.now(), 0)
    const obeyed = await this.#talk.answered([deviceState.done, deviceState.failed], () => this.isOver, left)
    if (!obeyed) await this.onDevice.force('gone')
    await this.#talk.told('stopped')
    this.finish(end)
  }

  /** Lets the body finish what is queued; its outputs leave the ring meanwhile, so that it need not wait for a receiver. */
  async #drain(timeoutMs: number): Promise<void> {
    this.#draining = true
    this.stream.drain()
    this.keepLooking()
    if (this.edge.waiting) {
      this.#talk.tell(command.run)
      await this.#talk.answered([deviceState.done, deviceState.failed], () => this.isOver || !this.edge.waiting, timeoutMs)
    }
    this.#talk.tell(command.drain)
    await this.#talk.answered([deviceState.done, deviceState.failed], () => this.isOver, timeoutMs)
  }

  /** Does the body wait for room in an output ring that is full? Then it takes no further message. */
  #isStuck(): boolean {
    const { words } = this.parts.block.arena
    const control = this.parts.block.offset >>> 2
    const row = this.row()
    return row !== undefined && Atomics.load(words, control + word.waitsFor) === waitsFor.outputRoom && depthOf(row, 'output') >= row.outputCapacity
  }

  protected become(life: Life): void {
    this.life = life
    this.#talk.publishState(life.state)
    this.moved()
  }

  /** The end, whichever: outputs stay receivable, inputs that nobody will process are counted, whoever waits is told. */
  protected finish(life: Life): void {
    if (this.isOver) return
    this.#draining = false
    this.stream.pump()
    this.stream.keepAll()
    this.heardOfEnd()
    // What a step kept back is queued as all else.
    this.edge.letGo()
    const row = this.row()
    this.letterWriter.lostAll('terminated', this.edge.queued())
    this.edge.countDropped((row === undefined ? 0 : depthOf(row, 'input')) + this.loseElsewhere())
    this.life = life
    this.stream.pump()
    this.stream.close(this.refusal('receive'), this.refusal('ask'))
    this.edge.close(this.refusal('send'))
    const last = telemetryOf(this.id, this.parts.block, this.#throughput, this.connectedRings())
    // What lies in its rings is counted as dropped.
    this.#lastTelemetry = { ...last, depth: 0, inputs: last.inputs.map((ring) => ({ ...ring, depth: 0 })) }
    this.#talk.publishState(life.state)
    if (life.state === 'FAILED') this.#end.reject(life.error)
    else this.#end.resolve()
    this.moved()
  }
}

function stateOption(id: string, options: RestartOptions | undefined): 'keep' | 'reset' {
  const state: string = options?.state ?? 'reset'
  if (state !== 'keep' && state !== 'reset') throw new TypeError(`restart of '${id}': state must be 'keep' or 'reset', but is ${inspect(state)}`)
  return state
}
