// The handle of one launched ring kernel: its life cycle. What it carries is in traffic.ts.
import type { Block } from '../ring/arena.js'
import { command, deviceState, waitsFor, word } from '../ring/control.js'
import { depthOf, type ActorRow } from '../ring/counters.js'
import type { ColumnCodec, Schema } from '../schema/index.js'
import type { HostBell } from './bell.js'
import { ColumnReceiver, sendRows } from './columns.js'
import type { Connections } from './connections.js'
import { Conversation } from './conversation.js'
import type { Definition } from './definition.js'
import type { ActorDevice, DeviceActor, Fault } from './device.js'
import { DeviceError, QueueFullError, RingKernelFault } from './errors.js'
import type { InputEdge } from './input-edge.js'
import { illegal, requireLegal, type Life, type State } from './life-cycle.js'
import { checkMessageOptions } from './message-options.js'
import type { OutputStream } from './output-stream.js'
import { telemetryOf } from './telemetry.js'
import { Traffic, rejected } from './traffic.js'
import type { RingKernel, SendOptions, Source, Telemetry, TerminateOptions, WaitOptions } from './types.js'
import { checkTimeout, throwIfAborted } from './wait.js'

/** How long a device may take to answer `activate`: a worker that has to be replaced first included. */
const ACTIVATE_MS_MAX = 10_000
/** How long a body may take to come to its next `receive` or `send` before it is stopped by force. */
const OBEY_MS_DEFAULT = 1_000
/** How long a step may take unless told otherwise. */
const STEP_MS_DEFAULT = 10_000

/** What the runtime makes an actor of. */
export interface ActorParts {
  readonly id: string
  /** The order of launches in the runtime. */
  readonly number: number
  readonly place: ActorDevice
  readonly definition: Definition
  readonly block: Block
  readonly edge: InputEdge
  readonly stream: OutputStream
  readonly bell: HostBell
  readonly inputColumns: () => ColumnCodec
  readonly outputColumns: () => ColumnCodec
  /** Between a row of columns and a message, for the rare output that already left the ring. */
  readonly rowFromMessage: (message: unknown, columns: Record<string, unknown>, row: number) => void
  readonly messageFromRow: (columns: Record<string, unknown>, row: number) => unknown
  readonly log: (line: string) => void
  readonly connections: Connections
  /** The life cycle moved on; at an end, the runtime takes the memory back. */
  readonly changed: (actor: Actor) => void
}

export class Actor extends Traffic implements RingKernel {
  readonly id: string
  readonly closed: Promise<void>
  readonly ports: Readonly<Record<string, Source<Schema>>>
  readonly #parts: ActorParts
  readonly #talk: Conversation
  /** The whole life cycle in one field, so that each transition is one store. */
  #life: Life = { state: 'CREATED' }
  #end!: { resolve(): void; reject(error: Error): void }
  #ending: Promise<void> | undefined
  #draining = false
  #lastTelemetry: Telemetry | undefined

  constructor(parts: ActorParts) {
    super(parts.bell, parts.edge, parts.stream)
    this.id = parts.id
    this.#parts = parts
    this.#talk = new Conversation(parts.block, parts.bell)
    this.ports = Object.freeze(Object.fromEntries(Object.entries(parts.definition.ports).map(([name, schema], i) => [name, new PortSource(this, i + 1, schema)])))
    this.closed = new Promise<void>((resolve, reject) => { this.#end = { resolve, reject } })
    // Not everybody asks how it ended; those who do still get the error.
    this.closed.catch(() => undefined)
  }

  get state(): State { return this.#life.state }
  get device(): string { return this.#parts.place.name }
  get place(): ActorDevice { return this.#parts.place }
  /** Itself on its device; not before it is launched. */
  get deviceActor(): DeviceActor { return this.onDevice }
  get number(): number { return this.#parts.number }
  get log(): (line: string) => void { return this.#parts.log }
  get portSchemas(): readonly Schema[] { return Object.values(this.#parts.definition.ports) }
  get definition(): Definition { return this.#parts.definition }
  get input(): Schema { return this.#parts.definition.input }
  get output(): Schema { return this.#parts.definition.output }
  get block(): Block { return this.#parts.block }
  /** May its body be running: active, or ending? */
  get mayRun(): boolean { return this.#life.state === 'ACTIVE' || this.#life.state === 'TERMINATING' }
  /** Is its memory still its own? */
  get isLive(): boolean { return !this.isOver && this.#life.state !== 'CREATED' }

  protected get acceptsMessages(): boolean {
    const { state } = this.#life
    return state === 'ACTIVE' || state === 'LAUNCHED' || state === 'DEACTIVATED'
  }
  protected get answers(): boolean { return this.#life.state === 'ACTIVE' || this.#draining }
  /** Outputs go to other ring kernels, so no answer comes back. */
  protected override checkAsk(): void {
    const to = this.#parts.connections.isConnected(this)
    if (to !== undefined) throw new TypeError(`ring kernel '${this.id}' sends its outputs to '${to.id}', so ask() would wait in vain: use send(), or dispose the connection first`)
  }
  protected get isDraining(): boolean { return this.#draining }
  protected get isOver(): boolean { return this.#life.state === 'TERMINATED' || this.#life.state === 'FAILED' }
  protected refusal(call: string): Error { return illegal(this.id, this.#life, call) }

  /** The device may be asleep, and there is something for it to do. */
  wakeDevice(): void { this.onDevice.wake() }

  /** After the end; true when nothing on the device touches its memory any more. */
  leaveDevice(): boolean { return this.onDevice.forget() }

  /** The device has taken it: CREATED → LAUNCHED. */
  launched(onDevice: DeviceActor): void {
    this.onDevice = onDevice
    this.#talk.device = onDevice
    this.#become({ state: 'LAUNCHED' })
  }

  async activate(): Promise<this> { return this.#run('activate') }
  async reactivate(): Promise<this> { return this.#run('reactivate') }

  async deactivate(): Promise<this> {
    requireLegal(this.id, this.#life, 'deactivate')
    this.#talk.tell(command.park)
    const parked = await this.#talk.answered([deviceState.parked, deviceState.done, deviceState.failed], () => this.#life.state !== 'ACTIVE', OBEY_MS_DEFAULT)
    if (!parked) await this.onDevice.force('parked')
    if (this.#life.state !== 'ACTIVE') throw this.refusal('deactivate')
    this.#become({ state: 'DEACTIVATED' })
    return this
  }

  async step(count = 1, options?: WaitOptions): Promise<number> {
    if (!Number.isSafeInteger(count) || count < 1) throw new TypeError(`step() needs a count of messages, 1 or more, but was given ${String(count)}`)
    throwIfAborted(options)
    if (options?.timeoutMs !== undefined) checkTimeout(options.timeoutMs)
    requireLegal(this.id, this.#life, 'step')
    const timeoutMs = options?.timeoutMs ?? STEP_MS_DEFAULT
    const wanted = this.edge.holdBack(count)
    if (wanted === 0) { this.edge.letGo(); return 0 }
    const before = this.telemetry().processed
    const done = (): boolean => this.edge.isEmpty || this.isOver || this.#isStuck()
    try {
      this.#talk.tell(command.run)
      this.#become({ state: 'ACTIVE' })
      const stepped = await this.#talk.answered([deviceState.done, deviceState.failed], done, timeoutMs)
      const late = stepped ? undefined : this.late(timeoutMs, `a step of ${wanted} messages`)
      if (!this.isOver) await this.deactivate()
      if (late !== undefined) throw late
    } finally {
      const kept = this.edge.letGo()
      if (this.isOver) this.edge.countDropped(kept)
      this.look()
    }
    return this.telemetry().processed - before
  }

  terminate(options?: TerminateOptions): Promise<void> {
    if (this.isOver) return Promise.resolve()
    try {
      if (options?.timeoutMs !== undefined) checkTimeout(options.timeoutMs)
      throwIfAborted(options)
      requireLegal(this.id, this.#life, 'terminate')
    } catch (error) { return rejected(error) }
    // A second caller may be in more of a hurry than the first.
    if (this.#ending !== undefined && options?.pending !== 'drain') this.#talk.tell(command.stop)
    this.#ending ??= this.#terminate(options)
    const { signal } = options ?? {}
    return signal === undefined ? this.#ending : Conversation.within(this.#ending, { signal }, () => new Error())
  }

  telemetry(): Telemetry {
    if (this.#lastTelemetry !== undefined) return this.#lastTelemetry
    const { block, connections } = this.#parts
    const telemetry = telemetryOf(block)
    const deadlock = connections.deadlockOf(this)
    return { ...telemetry, depth: telemetry.depth + connections.depthTo(this), ...(deadlock === undefined ? {} : { deadlock }) }
  }

  /** After the end, messages were found that never will be processed. */
  dropLate(count: number): void {
    if (this.#lastTelemetry !== undefined && count > 0) this.#lastTelemetry = { ...this.#lastTelemetry, dropped: this.#lastTelemetry.dropped + count }
  }

  /** Where other threads find its counters; undefined once its memory is no longer its own. */
  row(): ActorRow | undefined {
    if (!this.isLive) return undefined
    const { block, place } = this.#parts
    return { id: this.id, device: place.name, arena: block.arena.memory, controlOffset: block.offset, inputCapacity: this.edge.capacity, outputCapacity: this.stream.capacity }
  }

  async sendColumns(columns: Record<string, unknown>, options?: SendOptions): Promise<void> {
    if (options !== undefined) checkMessageOptions(options)
    return sendRows(this.edge, this.#parts.inputColumns(), columns, options, {
      check: () => { throwIfAborted(options); if (!this.acceptsMessages) throw this.refusal('send') },
      woken: () => { this.onDevice.wake() },
      pollRoom: (wanted) => this.pollRoom(wanted),
      waitRoom: () => this.awaitRoom(options),
    })
  }

  async receiveColumns(count: number, options?: WaitOptions): Promise<never> {
    if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`receiveColumns() needs a count of messages, 0 or more, but was given ${String(count)}`)
    throwIfAborted(options)
    const receiver = new ColumnReceiver(this.#parts.outputColumns(), this.stream, count, this.#parts.rowFromMessage)
    if (count === 0) return receiver.columns as never
    const { wait } = receiver
    wait.bound(options, (ms) => this.late(ms, `output ${receiver.received + 1} of ${count}`))
    const result = this.wait(wait, receiver)
    if (this.isOver && !this.stream.ready()) receiver.fail(this.refusal('receive'))
    else this.pollReceived(() => wait.settled)
    try { return await result as never } catch (error) {
      // What was already read goes back, in order, for whoever receives next.
      this.stream.putBack(Array.from({ length: receiver.received }, (_, row) => this.#parts.messageFromRow(receiver.columns, row)))
      throw error
    }
  }

  /** A message was dropped by the backpressure policy: an ask that waits for its answer waits in vain. */
  askDropped(correlationId: bigint): void {
    this.stream.refuseAsk(correlationId, () => new QueueFullError(this.id, this.edge.capacity, `ring kernel '${this.id}' dropped the message of this ask: its input queue was full (${this.edge.capacity} messages) and its backpressure is '${this.definition.backpressure}'.`))
  }

  /** The device says that the body returned by itself. */
  bodyReturned(): void {
    if (this.#ending !== undefined) return
    this.#finish({ state: 'TERMINATED' })
  }

  bodyFailed(fault: Fault): void {
    const error = fault.error instanceof DeviceError ? fault.error : new RingKernelFault(this.id, fault.error, fault.place)
    const isHeard = this.stream.hasWaiting || this.edge.waiting || this.#ending !== undefined
    this.#finish({ state: 'FAILED', error })
    // A device's sentence may begin with the name already.
    const name = `ring kernel '${this.id}' failed`
    if (!isHeard) this.#parts.log(error.message.startsWith(name) ? error.message : `${name}: ${error.message}`)
  }

  peekQueued(side: 'input' | 'output', limit: number): unknown[] {
    return side === 'input' ? this.edge.peek(limit) : this.stream.peek(limit)
  }

  [Symbol.asyncDispose](): Promise<void> { return this.terminate() }

  async #run(call: 'activate' | 'reactivate'): Promise<this> {
    requireLegal(this.id, this.#life, call)
    const from = this.#life
    const told: { refusal: Error | undefined } = { refusal: undefined }
    // What was left of an earlier try.
    this.onDevice.takeRefusal?.()
    this.#talk.tell(command.run)
    const running = await this.#talk.answered([deviceState.running, deviceState.done, deviceState.failed], () => this.#life !== from || (told.refusal = this.onDevice.takeRefusal?.()) !== undefined, ACTIVATE_MS_MAX)
    if (told.refusal !== undefined && this.#life === from) {
      this.#talk.tell(from.state === 'LAUNCHED' ? command.idle : command.park)
      throw told.refusal
    }
    // Another call of the same kind may have been answered first.
    if (this.#life.state === 'ACTIVE') return this
    // It did start, and its body ended at once: `closed` and the next call tell how.
    if (this.isOver && this.#ending === undefined) return this
    if (this.#life !== from) throw this.refusal(call)
    if (!running) throw new DeviceError(this.device, `the ${this.device} device did not start ring kernel '${this.id}' within ${ACTIVATE_MS_MAX} ms; terminate it and launch it again.`)
    this.onDevice.running?.()
    this.#become({ state: 'ACTIVE' })
    return this
  }

  async #terminate(options: TerminateOptions | undefined): Promise<void> {
    const timeoutMs = options?.timeoutMs ?? OBEY_MS_DEFAULT
    this.#become({ state: 'TERMINATING' })
    const until = performance.now() + timeoutMs
    if (options?.pending === 'drain') await this.#drain(timeoutMs)
    this.#draining = false
    if (!this.#talk.ended) this.#talk.tell(command.stop)
    const left = Math.max(until - performance.now(), 0)
    const obeyed = await this.#talk.answered([deviceState.done, deviceState.failed], () => this.isOver, left)
    if (!obeyed) await this.onDevice.force('gone')
    this.#finish({ state: 'TERMINATED' })
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
    const { words } = this.#parts.block.arena
    const control = this.#parts.block.offset >>> 2
    const row = this.row()
    return row !== undefined && Atomics.load(words, control + word.waitsFor) === waitsFor.outputRoom && depthOf(row, 'output') >= row.outputCapacity
  }

  #become(life: Life): void {
    this.#life = life
    this.#talk.publishState(life.state)
    this.#parts.changed(this)
  }

  /** The end, whichever: outputs stay receivable, inputs that nobody will process are counted, whoever waits is told. */
  #finish(life: Life): void {
    if (this.isOver) return
    this.#draining = false
    this.stream.pump()
    this.stream.keepAll()
    const row = this.row()
    this.edge.countDropped((row === undefined ? 0 : depthOf(row, 'input')) + this.#parts.connections.loseInputsOf(this))
    this.#life = life
    const error = this.refusal('receive')
    this.stream.pump()
    this.stream.close(error)
    this.edge.close(this.refusal('send'))
    this.#lastTelemetry = telemetryOf(this.#parts.block)
    this.#talk.publishState(life.state)
    if (life.state === 'FAILED') this.#end.reject(life.error)
    else this.#end.resolve()
    this.#parts.changed(this)
  }
}

/** `actor.ports.x`: what `connect()` takes in place of the whole actor. */
class PortSource implements Source<Schema> {
  readonly output: Schema
  readonly #actor: Actor
  readonly #port: number

  constructor(actor: Actor, port: number, output: Schema) {
    this.#actor = actor
    this.#port = port
    this.output = output
  }

  get place(): { readonly actor: Actor; readonly port: number } { return { actor: this.#actor, port: this.#port } }
}

/** Whose output a source is, and which; undefined when it is none. */
export function sourceOf(value: unknown): { readonly actor: Actor; readonly port: number } | undefined {
  if (value instanceof Actor) return { actor: value, port: 0 }
  return value instanceof PortSource ? value.place : undefined
}
