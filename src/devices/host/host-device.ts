// The host device: bodies as they are, on this thread's event loop. Rings, state and counters lie in the arena all the same, so figures in other
// threads see them. Bodies may use anything, also what no other thread could get; a body that blocks blocks this thread, until its guard ends it (guard.ts).
import { deviceState } from '../../ring/control.js'
import type { ActorDevice, DeviceActor, DeviceHost, KernelPlan, LaunchPlan, Restart, SavedBody, Wiring } from '../../runtime/device.js'
import { KernelError } from '../../runtime/errors.js'
import { HOST_LIMIT_MS_DEFAULT } from '../../runtime/host-options.js'
import { pooled, type PooledMemory } from '../../runtime/memory-pool.js'
import { elementsOf, struct, structCodec, viewOf, type Codec, type Fields, type Schema, type Struct } from '../../schema/index.js'
import { DeviceEnd } from '../body/device-end.js'
import { keepState, keptState } from '../body/kept-frame.js'
import { requireSavable } from '../body/savable.js'
import { placeOfFault } from '../body/fault-place.js'
import { tellFailed, tellGivenUp } from '../body/letters.js'
import { outputCopier } from '../body/output-copier.js'
import { holdsMessage, resetBody } from '../body/reset-body.js'
import { makeRunner, type HandlerBody, type LoopBody, type Runner, type Step } from '../body/runner.js'
import { KernelFault, runKernelHere } from '../body/run-kernel.js'
import { sharedMemory, sharedMemoryOf } from '../body/shared-memory.js'
import { edgeEnds } from './edges.js'
import { guarded, guardOff, guardOn, inBody, letGo, outside, turnEnded, type GuardedBody } from './guard.js'
import { soon, turned } from './turns-of-bodies.js'
import { valueFormat } from './value-format.js'

export class HostDevice implements ActorDevice {
  readonly name = 'host'
  readonly memory: PooledMemory
  readonly edgesIn = 'arena'
  readonly edgesDrop = true

  readonly #limitMs: number

  constructor(host: DeviceHost) {
    this.memory = pooled('host', sharedMemory('host'), host.memory)
    this.#limitMs = host.host.limitMs ?? HOST_LIMIT_MS_DEFAULT
    guardOn(this.#limitMs)
  }

  format(schema: Schema): Codec { return hostFormat(schema) }

  launch(plan: LaunchPlan): Promise<DeviceActor> { return Promise.resolve(new HostActor(plan, this.#limitMs)) }

  /** In this thread, which waits for it. */
  runKernel({ name, body, values, buffers, threads }: KernelPlan): Promise<void> {
    return new Promise((resolve) => {
      try { runKernelHere(body, values, buffers.map((buffer) => ({ ...buffer, memory: sharedMemoryOf(buffer.block) })), threads) } catch (thrown) {
        throw thrown instanceof KernelFault ? new KernelError(name, thrown.cause, thrown.index, placeOfFault(thrown.cause)) : thrown
      }
      resolve()
    })
  }

  close(): Promise<void> {
    guardOff(this.#limitMs)
    return Promise.resolve()
  }
}

function hostFormat(schema: Schema): Codec { return schema.kind === 'struct' ? structCodec(schema as Struct<Fields>) : valueFormat(schema) }

/** Moves of a ring after which they are handed out although the body goes on. */
const MOVES_A_DELIVERY = 64

class HostActor implements DeviceActor {
  /** This thread cannot wait for itself. */
  readonly spinWorthwhile = false
  #end: DeviceEnd
  #runner: Runner
  #guarded: GuardedBody
  readonly #limitMs: number
  #plan: LaunchPlan
  #wiring: Wiring = { inputs: [], outputs: [] }
  #undelivered = 0
  #turnIsArmed = false
  #isScheduled = false
  #wasCutOff = false
  readonly #go = (): void => {
    if (!this.#isScheduled) return
    this.#isScheduled = false
    this.#step()
  }

  constructor(plan: LaunchPlan, limitMs: number) {
    this.#plan = plan
    this.#limitMs = limitMs
    const { end, runner, body } = this.#made()
    this.#end = end
    this.#runner = runner
    this.#guarded = body
  }

  /** The body and its end of the rings, as if nothing had been. */
  #made(): { end: DeviceEnd; runner: Runner; body: GuardedBody } {
    const plan = this.#plan
    const { block, definition } = plan
    const ports = Object.entries(definition.ports as Record<string, Schema>)
    const portFormats = ports.map(([, schema]) => hostFormat(schema))
    const end = new DeviceEnd({
      arena: block.arena, controlOffset: block.offset, origin: plan.origin, input: plan.input, output: plan.output, portFormats, record: plan.record,
      copyMessage: definition.input.kind === 'message' ? outputCopier(hostFormat(definition.input)) : undefined, expired: (letter) => { tellGivenUp(plan, [], letter) },
    })
    const buffers = Object.freeze(Object.fromEntries(plan.buffers.map((each) => [each.name, elementsOf(each.element, sharedMemoryOf(each.block), each.offset, each.count)])))
    const state = plan.stateFields === undefined ? undefined : viewOf(struct('State', plan.stateFields), block.arena.memory, end.stateOffset)
    keepState(block, plan.initial?.state)
    end.setState(deviceState.launched)
    const runner = makeRunner(definition.body as LoopBody | HandlerBody, {
      end, state, buffers, ports: ports.map(([name]) => name), sends: definition.sends, copyOutput: [plan.outputFormat, ...portFormats].map(outputCopier),
      events: {
        moved: () => this.#moved(),
        answered: () => { this.#deliver(); plan.answered() },
        parked: () => { this.#deliver(); this.wake() },
        returned: plan.returned,
        failed: (error, letter) => { tellFailed(plan, { error, place: placeOfFault(error) }, letter) },
      },
    })
    return { end, runner, body: guarded(this.#limitMs, () => runner.isOver || runner.isParked, (error) => { runner.fail(error) }) }
  }

  /** Soon, not now: a body never runs inside the call that sent to it. */
  wake(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#armTurn()
    soon(this.#go)
  }

  wire(wiring: Wiring): Promise<void> {
    this.#wiring = wiring
    return new Promise((resolve) => {
      this.#end.wire(edgeEnds(wiring), resolve)
      // Messages may lie in a new ring already, and a full one may be gone.
      this.wake()
    })
  }

  force(outcome: 'gone' | 'parked'): Promise<void> {
    // A body that does not come back waits for something else than a ring: it takes no message meanwhile, which is what parked means.
    if (outcome === 'gone') { this.#wasCutOff = true; this.#runner.abandon() }
    return Promise.resolve()
  }

  async restart(how: Restart): Promise<boolean> {
    if (how.code !== undefined && holdsMessage(this.#plan.block)) return false
    this.#runner.abandon()
    if (how.code !== undefined) this.#plan = { ...this.#plan, ...how.code }
    resetBody(this.#plan.block, how)
    letGo(this.#guarded)
    const { end, runner, body } = this.#made()
    this.#end = end
    this.#runner = runner
    this.#guarded = body
    await this.wire(this.#wiring)
    return true
  }

  save(): Promise<SavedBody> {
    requireSavable(this.#plan, 'host', 'the host device')
    return Promise.resolve({ state: keptState(this.#plan.block) })
  }

  forget(): boolean {
    letGo(this.#guarded)
    return !this.#wasCutOff
  }

  #step(): void {
    const did = inBody(this.#guarded, stepOf, this.#runner)
    if (did === 'idle') return
    if (did === 'moved') { this.#deliver(); this.wake() }
  }

  /** Outputs are handed out when the body waits again, so that many cost one look; at the latest when the event loop turns. */
  #moved(): void {
    if (++this.#undelivered >= MOVES_A_DELIVERY) this.#deliver()
    else this.#armTurn()
  }

  /** Delivers and steps when the event loop turns. An interrupt drops every reaction that was scheduled: this also heals that. */
  #armTurn(): void {
    if (this.#turnIsArmed) return
    this.#turnIsArmed = true
    outside(setImmediate, () => {
      this.#turnIsArmed = false
      turned()
      turnEnded()
      this.#deliver()
      this.#go()
    })
  }

  #deliver(): void {
    if (this.#undelivered === 0) return
    this.#undelivered = 0
    this.#plan.moved()
  }
}

function stepOf(runner: Runner): Step { return runner.step() }
