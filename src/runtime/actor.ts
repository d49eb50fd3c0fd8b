// The handle of one launched ring kernel: its places, its ports and how it fails. Its life cycle is in commands.ts, what it carries in traffic.ts.
import type { Block } from '../ring/arena.js'
import type { Schema } from '../schema/index.js'
import type { ActorParts } from './actor-parts.js'
import { Commands } from './commands.js'
import type { Definition } from './definition.js'
import type { DeadLetterQueue } from './dead-letters.js'
import type { ActorDevice, DeviceActor, DeviceLetter, Fault } from './device.js'
import { UndeliveredError } from './errors.js'
import { inputQueueOf, type InputQueue } from './input-queue.js'
import { faultError, LetterWriter } from './letter-writer.js'
import type { ConnectedRings } from './telemetry.js'
import { requireLegal } from './life-cycle.js'
import { keptSentence, plannedSwap, type Code, type Swap } from './swap.js'
import type { Supervised, Supervisor } from './supervisor.js'
import { snapshot, writeCheckpoint, type CheckpointSummary } from './take-checkpoint.js'
import type { RingKernel, Source } from './types.js'

let lastKey = 0

export class Actor extends Commands implements RingKernel {
  readonly ports: Readonly<Record<string, Source<Schema>>>
  #supervisor: Supervisor | undefined
  #code: Code
  readonly letterWriter: LetterWriter
  readonly queue: InputQueue
  /** The failure was told to whoever asked, before the device says that the body ended. */
  #isAskTold = false
  /** State and frame of code that needs more than there was room for at launch. */
  #annexe: Block | undefined
  readonly #supervised: Supervised = {
    key: `ring kernel ${++lastKey}`,
    suspend: () => this.suspendBody(),
    restart: (state) => this.restartBody(state),
    giveUp: (error) => {
      const isHeard = this.stream.hasWaiting || this.edge.hasWaitingSends
      this.end(error)
      if (!isHeard) this.#say(`failed: ${error.message}`)
    },
    say: (line) => { this.#say(line) },
  }

  constructor(parts: ActorParts) {
    super(parts)
    this.#code = parts
    const { id, place, block, deadLetters: letters, stream } = parts
    this.letterWriter = new LetterWriter({ id, definition: () => this.definition, device: place.name, block, letters, refuseAsk: (correlationId, error) => stream.refuseAsk(correlationId, error) })
    this.queue = inputQueueOf(parts.edge.capacity, () => (this.isLive ? this.edge : undefined))
    this.ports = Object.freeze(Object.fromEntries(Object.entries(parts.definition.ports).map(([name, schema], i) => [name, new PortSource(this, i + 1, schema)])))
  }

  get devicePointer(): bigint | undefined { return this.isLive ? this.onDevice.devicePointer : undefined }
  get place(): ActorDevice { return this.parts.place }
  /** Itself on its device; not before it is launched. */
  get deviceActor(): DeviceActor { return this.onDevice }
  get number(): number { return this.parts.number }
  get log(): (line: string) => void { return this.parts.log }
  get portSchemas(): readonly Schema[] { return Object.values(this.definition.ports) }
  /** What it runs now; other code may have come since it was launched. */
  get definition(): Definition { return this.#code.definition }
  get deadLetters(): DeadLetterQueue { return this.parts.deadLetters.of(this.id) }
  get input(): Schema { return this.definition.input }
  get output(): Schema { return this.definition.output }
  get block(): Block { return this.parts.block }
  /** All its memory. */
  get blocks(): readonly Block[] { return this.#annexe === undefined ? [this.block] : [this.block, this.#annexe] }
  /** Outputs go to other ring kernels, so no answer comes back. */
  protected override checkAsk(): void {
    const to = this.parts.connections.isConnected(this)
    if (to !== undefined) throw new TypeError(`ring kernel '${this.id}' sends its outputs to '${to}', so ask() would wait in vain: use send(), or dispose the connection first`)
  }
  protected connectedRings(): ConnectedRings { return this.parts.connections.ringsOf(this) }
  protected async lookAtRings(): Promise<void> { await this.parts.connections.telemetry(({ from, to }) => from === this || to === this) }
  protected get deadlock(): string | undefined { return this.parts.connections.deadlockOf(this) }
  protected loseElsewhere(): number { return this.parts.connections.loseInputsOf(this) }
  protected moved(): void {
    if (this.isOver) this.#supervisor?.left(this.#supervised.key)
    this.parts.changed(this)
  }

  /** The device may be asleep, and there is something for it to do. */
  wakeDevice(): void { this.onDevice.wake() }

  /** After the end; true when nothing on the device touches its memory any more. */
  leaveDevice(): boolean { return this.onDevice.forget() }

  /** Its message was taken out of the queue. */
  askWithdrawn(correlationId: bigint): void {
    if (correlationId !== 0n) this.stream.refuseAsk(correlationId, () => new UndeliveredError(this.id, 'withdrawn', `the message of this ask to ring kernel '${this.id}' was taken out of its queue by drain() or clear().`))
  }

  /** The device says that the body returned by itself. */
  bodyReturned(): void {
    this.heardOfEnd()
    if (this.isEnding) return
    this.finish({ state: 'TERMINATED' })
  }

  /** The device gave a message up. */
  gaveUp(letter: DeviceLetter): void {
    const isTold = this.letterWriter.given(letter)
    if (letter.reason === 'failed') this.#isAskTold = isTold
  }

  bodyFailed(fault: Fault): void {
    const error = faultError(this.id, fault)
    this.heardOfEnd()
    const isHeard = this.#isAskTold || this.stream.hasWaiting || this.edge.hasWaitingSends || this.isEnding
    // Of one that is looked after, only its supervisor makes a failure an end; whoever ends it meanwhile has his way.
    if (this.isEnding ? this.#supervisor !== undefined : this.#supervisor?.failed(this.#supervised.key, error) === true) return
    this.finish({ state: 'FAILED', error })
    if (!isHeard) this.#say(`failed: ${error.message}`)
  }

  /** Other code from its next message on. @throws what the compiler or the device says; then the old code goes on. */
  async swap(definition: Definition): Promise<Swap> {
    requireLegal(this.id, this.life, 'swap')
    const { plan, sentence } = await plannedSwap(this, this.#code, definition, this.parts)
    if (plan === undefined) return { isDone: false, sentence }
    const outcome = await this.exchangeBody(plan.how).catch((error: unknown) => { if (plan.annexe !== undefined) this.parts.release(plan.annexe); throw error })
    if (outcome === 'exchanged') {
      if (plan.annexe !== undefined) {
        if (this.#annexe !== undefined) this.parts.release(this.#annexe)
        this.#annexe = plan.annexe
      }
      this.#code = { definition, preparation: plan.preparation }
      return { isDone: true, sentence }
    }
    if (plan.annexe !== undefined) this.parts.release(plan.annexe)
    return { isDone: false, sentence: keptSentence(this.id, outcome) }
  }

  /** Its supervisor looks after it from now on. */
  supervisedBy(supervisor: Supervisor | undefined): void {
    this.#supervisor = supervisor
    supervisor?.join(this.#supervised)
  }

  /** A device's sentence may begin with the name already. */
  #say(what: string): void {
    const name = `ring kernel '${this.id}' `
    const told = what.startsWith(`failed: ${name}`) ? what.slice('failed: '.length) : `${name}${what}`
    this.parts.log(told)
  }

  async checkpoint(path: string): Promise<CheckpointSummary> {
    if (typeof path !== 'string' || path === '') throw new TypeError(`checkpoint() needs the path of the file to write: actor.checkpoint('${this.id}.checkpoint')`)
    return writeCheckpoint(path, await this.whileParked('checkpoint', () => snapshot(this.parts, this.onDevice, () => this.parts.connections.queuedTo(this))))
  }

  peekQueued(side: 'input' | 'output', limit: number): unknown[] {
    return side === 'input' ? this.edge.peek(limit) : this.stream.peek(limit)
  }

  [Symbol.asyncDispose](): Promise<void> { return this.terminate() }
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
