// RingKernelRuntime: launches ring kernels, finds them by id, and ends them.
import { Arena, type Block } from '../ring/arena.js'
import { allocateActor, inputRing, outputRing } from '../ring/block.js'
import { PAGE_BYTES } from '../ring/control.js'
import { slotStride } from '../ring/envelope.js'
import { struct, structCodec, type Fields, type Infer, type Init, type Schema, type Struct } from '../schema/index.js'
import { Actor } from './actor.js'
import { barrierOf, type Barrier, type BarrierOptions } from './barrier.js'
import { HostBell } from './bell.js'
import type { ConnectOptions, EdgeTelemetry } from './connection.js'
import { Connections } from './connections.js'
import { checkDevice, isDefinition, launchable, type Definition } from './definition.js'
import { defaultDevice } from './default-device.js'
import type { ActorDevice, LaunchPlan, Preparation } from './device.js'
import { connectEnds, messagesOf, topicOf, type Connection } from './ends.js'
import { DeadLetters, requireLetter, type DeadLetter, type DeadLetterQueue } from './dead-letters.js'
import { DeviceError, unknownName } from './errors.js'
import { HostSender } from './host-sender.js'
import { InputEdge } from './input-edge.js'
import { bindBuffers, HeldBuffers, type BoundBuffer } from './launch-buffers.js'
import { Launches } from './launches.js'
import type { State } from './life-cycle.js'
import { OpenDevices } from './open-devices.js'
import { OutputStream } from './output-stream.js'
import { inHandOfParked } from './parked.js'
import { actorChanged, currentBodyLog, dismissRuntime, enrolRuntime, liveRuntimes } from './registry.js'
import { rowScratch } from './row-scratch.js'
import type { MessagesOptions, Published, Subscription } from './subscription.js'
import type { Topic } from './topic.js'
import { Topics } from './topics.js'
import { supervisorOf } from './supervisor.js'
import { fillInput, restoreFrom, type Begin, type Beginning } from './restore-checkpoint.js'
import type { CheckpointSummary } from './take-checkpoint.js'
import { setPlaceOfBuffers } from './unified-buffer.js'
import { checkDeviceOptions } from './device-options.js'
import { reportLeaks } from './leaks.js'
import type { MemoryPool } from './memory-pool.js'
import type {
  Device, InputOf, Launchable, LaunchArguments, LaunchOptions, Launched, OutputOf, RestartOptions, RestoreOptions, RingKernel, RingKernelDefinition, RuntimeOptions, SendOptions, Sink, Source, Target, Telemetry, TerminateOptions, WaitOptions,
} from './types.js'

/** How long an ended ring kernel's memory stays untouched, ms: a figure in another thread may still be reading its counters. */
const MEMORY_GRACE_MS = 2_000
/** How long a shutdown waits for launches under way, which then come to nothing, ms. */
const LAUNCHES_MS_MAX = 1_000
/** Ended ring kernels whose state and last outputs can still be asked for; older ones are forgotten. */
const ENDED_KEPT_MAX = 256

let runtimeNumber = 0
let openDeviceOf: (runtime: RingKernelRuntime, name: Device | undefined) => Promise<ActorDevice>

/** The device that one-shot kernels of a runtime run on, opened. */
export async function deviceOf(runtime: RingKernelRuntime, name: Device | undefined): Promise<ActorDevice> { return openDeviceOf(runtime, name) }

/**
 * Runs ring kernels. Launch them by definition or by name, activate them, send them messages; end them all with `shutdown()` or `await using`.
 *
 * A runtime whose ring kernels are idle does not keep the process alive; a wait does.
 *
 * @example
 * await using runtime = new RingKernelRuntime()
 * const actor = await runtime.spawn(doubler)
 * const answer = await actor.ask({ v: 21 })
 */
export class RingKernelRuntime implements AsyncDisposable {
  readonly #number = (runtimeNumber = (runtimeNumber + 1) & 0xffff)
  readonly #device: Device
  readonly #options: RuntimeOptions
  readonly #arena = new Arena()
  readonly #bell = new HostBell(this.#arena.allocate(PAGE_BYTES))
  readonly #actors = new Map<string, Actor>()
  readonly #launches = new Launches()
  readonly #buffers = new Map<Actor, HeldBuffers>()
  readonly #sender = new HostSender(this.#number)
  readonly #connections = new Connections({ allocate: (bytes) => this.#arena.allocate(bytes), release: (block) => { this.#arena.release(block) }, bell: this.#bell })
  readonly #topics = new Topics(this.#connections, this.#bell, this.#sender)
  readonly #devices: OpenDevices
  readonly #deadLetters: DeadLetters
  #numbers = 0
  #closing: Promise<void> | undefined

  static {
    openDeviceOf = (runtime, name) => { runtime.#requireOpen('use'); return runtime.#devices.of(name ?? runtime.#device, []) }
    setPlaceOfBuffers(() => {
      const newest = liveRuntimes().at(-1)
      return newest === undefined ? undefined : newest.#devices.of(newest.#device, [])
    })
  }

  constructor(options: RuntimeOptions = {}) {
    checkDevice('new RingKernelRuntime()', options.device)
    checkDeviceOptions('new RingKernelRuntime()', options)
    this.#deadLetters = new DeadLetters(options.deadLetters)
    this.#options = options
    this.#devices = new OpenDevices({ allocate: (bytes) => this.#arena.allocate(bytes), bell: this.#bell.block, memory: options.memory ?? {}, cpu: options.cpu ?? {}, host: options.host ?? {} })
    this.#device = options.device ?? defaultDevice()
    enrolRuntime(this)
  }

  /** The memory of each device that this runtime has opened, by the device's name: limit, statistics, and who holds it. */
  get memory(): ReadonlyMap<string, MemoryPool> { return this.#devices.pools }

  /** Messages that were given up, with the reason, oldest first; also after `shutdown()`. */
  get deadLetters(): DeadLetterQueue { return this.#deadLetters }

  /** Every ring kernel by id, ended ones too until their id is launched again. */
  get ringKernels(): ReadonlyMap<string, RingKernel> { return this.#actors }

  /**
   * Phase one: allocates the rings, loads the body on its device. The ring kernel takes messages from now on and processes them once activated.
   *
   * @throws TypeError when there is no such definition, or the id is taken; or a buffer is missing or of another type; CaptureError when the body cannot
   * leave this thread; DeviceError.
   */
  async launch<T extends Launchable>(target: T, ...launchArguments: LaunchArguments<T>): Promise<Launched<T>> {
    this.#requireOpen('launch')
    const definition = launchable(target)
    const [options] = launchArguments as [options?: LaunchOptions & { buffers?: unknown }]
    const { id = definition.name, device } = options ?? {}
    return await this.#launchAs(definition, id, device, options ?? {}, undefined) as unknown as Launched<T>
  }

  /** One launch an id at a time. */
  async #launchAs(definition: Definition, id: string, device: Device | undefined, options: Given, begin: Begin | undefined): Promise<Actor> {
    checkDevice(`launch of '${id}'`, device)
    if (options.record !== undefined && typeof options.record !== 'boolean') throw new TypeError(`launch of '${id}': record must be true or false, but is ${String(options.record)}`)
    const taken = this.#actors.get(id)
    if (this.#launches.has(id) || (taken !== undefined && !isOver(taken.state))) {
      throw new TypeError(`a ring kernel with the id '${id}' is already launched; terminate it first, or launch under another id: launch(definition, { id: '${id}-2' })`)
    }
    return this.#launches.of(id, async () => {
      const supervisor = supervisorOf(`launch of '${id}'`, options.supervisor)
      try {
        const actor = await this.#launch(definition, id, device ?? definition.device ?? this.#device, options, begin)
        actor.supervisedBy(supervisor)
        return actor
      } catch (error) {
        // Whatever it is that an end of the runtime in between led to.
        this.#requireOpen('launch')
        throw error
      }
    })
  }

  /** Begins its body anew: see `RingKernel.restart`. */
  async restart(target: Target, options?: RestartOptions): Promise<void> { await this.#actorOf(target).restart(options) }

  /** As `checkpoint()` of the ring kernel. */
  async checkpoint(target: Target, path: string): Promise<CheckpointSummary> { return this.#actorOf(target).checkpoint(path) }

  /**
   * Launches a ring kernel that goes on where a checkpoint left off, on any device: `activate()` it. Envelopes keep their age and lose the asker of an `ask`,
   * who is gone. What is not as it was (state fields that came or went; locals, once the body has changed) is said in one line of the log.
   *
   * @throws CheckpointError when the file is missing, damaged, no checkpoint or of another version of ringlab, or does not fit the definition; and as `launch`.
   * @example
   * await actor.checkpoint('counter.checkpoint')
   * const again = await (await runtime.restore('counter.checkpoint', { id: 'counter-2', device: 'cuda' })).activate()
   */
  async restore(path: string, options: RestoreOptions = {}): Promise<RingKernel> {
    this.#requireOpen('restore')
    return restoreFrom(path, options, (definition, id, begin) => this.#launchAs(definition, id, options.device, options, begin))
  }

  /**
   * Has a live ring kernel run other code from its next message on: the same rings, the same queued messages, the same state where its fields are the same.
   *
   * @returns a sentence that says what was kept and what began anew, or why it keeps its old code. @throws CompileError when the new body does not compile; the old one goes on.
   */
  async swap(target: Target, definition: RingKernelDefinition): Promise<string> {
    if (!isDefinition(definition)) throw new TypeError('swap(target, definition) needs a definition made by ringKernel()')
    return (await this.#actorOf(target).swap(definition)).sentence
  }

  /** Launches, then activates. */
  async spawn<T extends Launchable>(target: T, ...options: LaunchArguments<T>): Promise<Launched<T>> {
    const actor = await this.launch(target, ...options)
    await (actor as unknown as RingKernel).activate()
    return actor
  }

  async activate(target: Target): Promise<void> { await this.#actorOf(target).activate() }
  async deactivate(target: Target): Promise<void> { await this.#actorOf(target).deactivate() }
  async reactivate(target: Target): Promise<void> { await this.#actorOf(target).reactivate() }
  async terminate(target: Target, options?: TerminateOptions): Promise<void> { await this.#actorOf(target).terminate(options) }
  status(target: Target): State { return this.#actorOf(target).state }
  telemetry(target: Target): Telemetry { return this.#actorOf(target).telemetry() }

  async send<T extends Target>(target: T, message: InputOf<T>, options?: SendOptions): Promise<void> { return this.#actorOf(target).send(message, options) }
  async ask<T extends Target>(target: T, message: InputOf<T>, options?: SendOptions): Promise<OutputOf<T>> { return this.#actorOf(target).ask(message, options) as Promise<OutputOf<T>> }
  async receive<T extends Target>(target: T, options?: WaitOptions): Promise<OutputOf<T>>
  async receive<Out>(id: string, options?: WaitOptions): Promise<Out>
  async receive(target: Target, options?: WaitOptions): Promise<unknown> { return this.#actorOf(target).receive(options) }

  /**
   * Sends what `from` outputs (a ring kernel, or one of its `ports`) straight to `to`, through a ring of `to`'s capacity: no thread of the host stands in
   * between on one device. Order is kept; a full ring holds the sender up unless `backpressure` says otherwise. Once connected, an output goes to the ring
   * kernels it is connected to, each of which gets every message, and to the host again when the last connection is disposed. What lies in the ring then is
   * still delivered.
   *
   * Where `to` is a topic, `from` publishes; where `from` is a topic, `to` subscribes. Either end may be named: a ring kernel by its id, or a topic.
   *
   * @throws TypeError when the schemas differ (it names the first field that does), an end has ended, or there is none of its name; DeviceError when a
   * device does not take it.
   * @example
   * const connection = await runtime.connect(tokenizer, scorer, { capacity: 64, backpressure: 'dropOldest' })
   * console.log(await connection.telemetry())
   * await connection[Symbol.asyncDispose]()
   */
  async connect<M extends Schema>(from: Source<M> | string, to: Sink<NoInfer<M>> | string, options: ConnectOptions = {}): Promise<Connection> {
    this.#requireOpen('connect')
    return connectEnds({ actors: this.#actors, topics: this.#topics, connections: this.#connections }, from, to, options)
  }

  /**
   * Gives a message to all who subscribe to a topic; resolves once each of them has it queued. A subscriber with a full queue does with it what its own
   * `backpressure` says.
   *
   * @throws MessageError, QueueFullError, TimeoutError; TypeError when there is no such topic.
   */
  async publish<M extends Schema>(topic: Topic<M> | string, message: Init<M>, options?: SendOptions): Promise<void> {
    this.#requireOpen('publish to')
    return this.#topics.publish(topicOf(this.#topics, topic), message, options)
  }

  /**
   * Listens on the host to a topic, to what a ring kernel or one of its ports sends, or to all topics of a pattern, in which `+` is any one level of a name and
   * `#` at the end all that follow. Ends when it is left, when the ring kernel that is listened to ends, or at shutdown.
   *
   * @example
   * for await (const { topic, message } of runtime.messages('sensors/#')) console.log(topic, message)
   */
  messages<M extends Schema>(of: Source<M>, options?: MessagesOptions): Subscription<Infer<M>>
  messages(pattern: string, options?: MessagesOptions): Subscription<Published>
  messages(of: Source<Schema> | string, options: MessagesOptions = {}): Subscription<unknown> {
    this.#requireOpen('listen to')
    return messagesOf({ actors: this.#actors, topics: this.#topics, connections: this.#connections }, of, options)
  }

  /**
   * Has ring kernels, on whatever devices, wait for each other: each reaches the barrier by sending a message (by `port`, else its output, which nobody else gets
   * then) and goes on with `go`, which all are sent once all have come; and so on, round after round. The barrier breaks, with a sentence that names who is to
   * blame, when one of them ends, when `timeoutMs` is over or `signal` aborts: then nobody is sent anything any more.
   *
   * @throws TypeError when one is no live ring kernel of this runtime, or has no such port.
   * @example
   * await using barrier = await runtime.barrier([left, right], { port: 'reached', go: { kind: GO }, timeoutMs: 1000 })
   * await barrier.passed(100)
   */
  async barrier<I extends Schema>(ringKernels: readonly RingKernel<I>[], options: BarrierOptions<I>): Promise<Barrier> {
    this.#requireOpen('hold up')
    return barrierOf({ actors: this.#actors, topics: this.#topics, connections: this.#connections }, ringKernels, options as BarrierOptions)
  }

  /** Every ring between ring kernels, and from them to the host, as it stands now. */
  connections(): Promise<readonly EdgeTelemetry[]> { return this.#connections.telemetry() }

  /**
   * Sends a dead letter's message again, under a new id, to the ring kernel of its id as it is now, with the priority it had; once it is queued, the letter is
   * gone. Resolves as `send` does.
   *
   * @throws TypeError when there is no such ring kernel; and what `send` throws: then the letter stays.
   */
  async redeliver(letter: DeadLetter, options?: SendOptions): Promise<void> {
    const kept = requireLetter(letter)
    await this.#actorOf(kept.id).send(kept.message, { priority: kept.envelope.priority, ...options })
    this.#deadLetters.remove(kept)
  }

  /** Terminates every ring kernel (all at once, by the same deadline) and ends the devices. The runtime is spent afterwards. */
  shutdown(options?: TerminateOptions): Promise<void> {
    this.#closing ??= this.#shutdown(options)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> { return this.shutdown() }

  async #launch(definition: Definition, id: string, wanted: Device, { buffers, record }: Given, begin: Begin | undefined): Promise<Actor> {
    const device = await this.#devices.of(wanted, [definition.input, ...(definition.sends ? [definition.output] : []), ...Object.values(definition.ports)])
    if (definition.cuda !== undefined && !device.name.startsWith('cuda')) throw new DeviceError(device.name, `ring kernel '${id}' is written in CUDA C++, so it runs on a GPU only: launch it with { device: 'cuda' }.`)
    const where = `launch of '${id}'`
    const preparation = await device.prepare?.(definition)
    this.#requireOpen('launch')
    const beginning = begin?.(device.name, preparation)
    // Last before the launch: from here on to where they are held, no other launch can move them.
    const bound = await bindBuffers(where, `launch(definition, { buffers: { ${Object.keys(definition.buffers).join(', ')} } })`, definition.buffers, buffers, device)
    const { block, actor, plan } = this.#prepare(definition, id, device, bound, preparation, beginning)
    try {
      fillInput(block, definition.input, plan.input, beginning?.inputs ?? [])
      this.#buffers.set(actor, new HeldBuffers({ id, get mayWrite() { return actor.mayRun } }, bound, preparation?.writtenBuffers))
      actor.launched(await device.launch({ ...plan, record }))
    } catch (error) {
      this.#letGoOfBuffers(actor, true)
      this.#arena.release(block)
      throw error
    }
    if (this.#closing !== undefined) await actor.terminate()
    this.#requireOpen('launch')
    this.#actors.delete(id)
    this.#actors.set(id, actor)
    this.#forgetOldest()
    return actor
  }

  /** Memory, rings and handle of one actor, before any device knows of it. */
  #prepare(definition: Definition, id: string, device: ActorDevice, bound: readonly BoundBuffer[], preparation: Preparation | undefined, beginning: Beginning | undefined): { block: Block; actor: Actor; plan: Omit<LaunchPlan, 'record'> } {
    const input = device.format(definition.input)
    const output = device.format(definition.output)
    const stateFields = definition.state !== undefined && Object.keys(definition.state).length > 0 ? definition.state : undefined
    const number = (this.#numbers = (this.#numbers + 1) & 0xffff)
    const origin = (number << 16) | this.#number
    const block = allocateActor(this.#arena, {
      inputCapacity: definition.capacity, inputBytes: input.bytes, outputCapacity: definition.capacity, outputBytes: output.bytes,
      stateBytes: stateFields === undefined ? 0 : structCodec(stateStruct(stateFields)).bytes, frameBytes: preparation?.frameBytes ?? 0,
    })
    const inputPlace = inputRing(block.arena, block.offset)
    const outputPlace = outputRing(block.arena, block.offset)
    const inputCodec = input.bind(block.arena.memory)
    const outputCodec = output.bind(block.arena.memory)
    const slots = {
      stride: slotStride(input.bytes), allocate: (bytes: number) => this.#arena.allocate(bytes), release: (freed: Block) => this.#arena.release(freed),
      codecFor: (chunk: Block) => (chunk.arena === block.arena ? inputCodec : input.bind(chunk.arena.memory)),
    }
    const log = currentBodyLog()
    const edge = new InputEdge({
      id, place: inputPlace, controlOffset: block.offset, codec: inputCodec, slots, policy: definition.backpressure, sender: this.#sender, deduplicate: definition.deduplicate,
      lost: (reason, at) => { actor.letterWriter.lost(reason, at) }, inHand: () => inHandOfParked(block, (beginning?.inputs.length ?? 0) > 0, definition.cuda !== undefined), makeWay: () => { actor.makeWay() }, withdrawn: (correlationId) => { actor.askWithdrawn(correlationId) },
    })
    const stream = new OutputStream(id, outputPlace, block.offset, outputCodec, this.#sender.origin, { roomMade: () => { actor.wakeDevice() }, discarded: () => { edge.countDropped(1) } })
    const actor: Actor = new Actor({
      id, number, place: device, connections: this.#connections, definition, preparation, block, edge, stream, bell: this.#bell, log, deadLetters: this.#deadLetters,
      allocate: slots.allocate, release: slots.release,
      inputColumns: () => input.bindColumns(block.arena.memory), outputColumns: () => output.bindColumns(block.arena.memory),
      inputFromRow: rowScratch(input).messageFromRow, ...rowScratch(output), changed: (changed) => this.#changed(changed),
    })
    stream.begin(beginning?.outputs ?? [])
    const plan: Omit<LaunchPlan, 'record'> = {
      id, initial: beginning?.initial, number, origin, definition, preparation, block, input: inputCodec, output: outputCodec, stateFields, buffers: bound.map(({ plan: each }) => each), log,
      deadLetter: (letter) => { actor.gaveUp(letter) }, failed: (fault) => actor.bodyFailed(fault), returned: () => actor.bodyReturned(), moved: () => { actor.look() }, answered: () => { this.#bell.ring() }, outputFormat: output,
    }
    return { block, actor, plan }
  }

  #letGoOfBuffers(actor: Actor, isGone: boolean): void {
    this.#buffers.get(actor)?.letGo(isGone)
    this.#buffers.delete(actor)
  }

  #changed(actor: Actor): void {
    actorChanged(actor)
    this.#buffers.get(actor)?.changed()
    if (!isOver(actor.state)) return
    const isGone = actor.leaveDevice()
    this.#letGoOfBuffers(actor, isGone)
    if (isGone) setTimeout(() => { for (const block of actor.blocks) this.#arena.release(block) }, MEMORY_GRACE_MS).unref()
    this.#connections.actorEnded(actor, !isGone)
    this.#topics.actorEnded(actor)
  }

  async #shutdown(options: TerminateOptions | undefined): Promise<void> {
    const ends = [...this.#actors.values()].map((actor) => actor.terminate(options))
    const results = await Promise.allSettled(ends)
    await this.#launches.settled(LAUNCHES_MS_MAX)
    this.#topics.close()
    // First: what its rings still wanted of the devices is of no interest any more.
    this.#connections.close()
    const leaks = await this.#devices.close()
    if (this.#options.leaks !== 'ignore') reportLeaks(leaks)
    this.#bell.close()
    dismissRuntime(this)
    const failure = results.find((result) => result.status === 'rejected')
    if (failure !== undefined) throw failure.reason as Error
  }

  #actorOf(target: Target): Actor {
    this.#requireOpen('use')
    const id = typeof target === 'string' ? target : 'id' in target ? target.id : target.name
    const actor = this.#actors.get(id)
    if (actor !== undefined) return actor
    throw new TypeError(unknownName(`there is no ring kernel with the id '${id}' in this runtime`, id, 'launched', [...this.#actors.keys()]))
  }

  #requireOpen(what: string): void {
    if (this.#closing !== undefined) throw new TypeError(`this runtime is shut down, so it cannot ${what} ring kernels any more; make a new one: new RingKernelRuntime()`)
  }

  #forgetOldest(): void {
    const ended = [...this.#actors.values()].filter((actor) => isOver(actor.state))
    for (const actor of ended.slice(0, Math.max(ended.length - ENDED_KEPT_MAX, 0))) this.#actors.delete(actor.id)
  }
}

/** What of the options of a launch its definition and device have to do with. */
interface Given extends Pick<LaunchOptions, 'record' | 'supervisor'> { readonly buffers?: unknown }

function isOver(state: State): boolean { return state === 'TERMINATED' || state === 'FAILED' }

/** The state fields of a definition as the struct they lie as. */
function stateStruct(fields: NonNullable<Definition['state']>): Struct<Fields> { return struct('State', fields) }
