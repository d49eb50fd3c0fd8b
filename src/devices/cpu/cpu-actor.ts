// One ring kernel of the CPU device: which worker has it, and what the runtime may do to it.
import { command, deviceState, word } from '../../ring/control.js'
import { edgeRing } from '../../ring/edge.js'
import { RingConsumer } from '../../ring/ring.js'
import type { DeviceActor, Edge, Fault, LaunchPlan, Restart, SavedBody, Wiring } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'
import { keptFrame, keptState, metFrame } from '../body/kept-frame.js'
import { tellFailed, tellGivenUp, type BodyLetter } from '../body/letters.js'
import { requireSavable } from '../body/savable.js'
import type { CpuWorker } from './cpu-worker.js'
import type { CpuDevice } from './cpu-device.js'
import { holdsMessage, resetBody } from '../body/reset-body.js'
import { assignmentOf, type CpuPreparation } from './assignment.js'
import type { Assignment, EdgeText, WiringText } from './letters.js'

export class CpuActor implements DeviceActor {
  readonly spinWorthwhile = true
  plan: LaunchPlan
  #assignment: Omit<Assignment, 'wiring'>
  /** Set whenever some worker has it. */
  worker: CpuWorker | undefined
  /** It ended, or was never taken: workers have nothing more to do with it. */
  isOver = false
  restarts = 0
  readonly #device: CpuDevice
  #wiring: Wiring = { inputs: [], outputs: [] }
  #wasCutOff = false

  constructor(device: CpuDevice, plan: LaunchPlan) {
    this.#device = device
    this.plan = plan
    this.#assignment = assignmentOf(plan)
  }

  /** Its place and locals lie in the arena. */
  get isCompiled(): boolean { return this.#assignment.emitted !== undefined }
  get assignment(): Assignment { return { ...this.#assignment, wiring: this.wiring } }
  /** Its connections as a worker is told them: where the workers at their other ends are now. */
  get wiring(): WiringText {
    const { inputs, outputs } = this.#wiring
    return { inputs: inputs.map((edge) => edgeText(edge, edge.from)), outputs: outputs.map((port) => port.map((edge) => edgeText(edge, edge.to))) }
  }
  /** The ring kernels of this device that wake its worker. */
  get peers(): readonly CpuActor[] {
    const { inputs, outputs } = this.#wiring
    const others = [...inputs.map((edge) => edge.from), ...outputs.flat().map((edge) => edge.to)]
    return [...new Set(others.filter((other): other is CpuActor => other instanceof CpuActor && other !== this))]
  }

  wake(): void { this.worker?.wake() }

  /** The body goes on without a message. */
  gaveUp(letter: BodyLetter): void { tellGivenUp(this.plan, this.#assignment.emitted?.sites ?? [], this.#told(letter)) }
  failed(fault: Fault, letter: BodyLetter | undefined): void { tellFailed(this.plan, fault, letter === undefined ? undefined : this.#told(letter)) }

  /** The frame of a letter as every device takes it. */
  #told({ frame, ...letter }: BodyLetter): BodyLetter {
    const { compiled } = (this.plan.preparation as CpuPreparation).code
    const met = compiled === undefined ? undefined : metFrame(compiled, frame)
    return met === undefined ? letter : { ...letter, frame: met }
  }

  async wire(wiring: Wiring): Promise<void> {
    this.#requireRoom(wiring)
    this.#wiring = wiring
    if (!this.isOver) await this.#device.rewire(this)
  }

  /** A compiled handler takes a message once all it may send has room, so each of its rings must be able to hold that. */
  #requireRoom({ outputs }: Wiring): void {
    for (const [port, edges] of outputs.entries()) {
      const { name, emitsMax = 0 } = this.#assignment.emitted?.ports[port] ?? { name: '' }
      const small = edges.find((edge) => edge.capacity < emitsMax)
      if (small !== undefined) throw new DeviceError('cpu', `ring kernel '${this.plan.id}' may send ${emitsMax} messages to ${name} for each that it handles, but the connection holds ${small.capacity}: raise the capacity of the ring kernel that it leads to.`)
    }
  }

  async force(outcome: 'gone' | 'parked'): Promise<void> {
    if (outcome === 'gone') this.isOver = true
    const isAnswering = await this.#device.answers(this)
    // A body that waits for something else than a ring takes no message: it is as good as parked.
    if (isAnswering && outcome === 'parked') return
    if (isAnswering) { this.#wasCutOff = true; await this.#device.abandon(this) } else await this.#device.replace(this.worker, this)
  }

  async restart(how: Restart): Promise<boolean> {
    if (how.code !== undefined) {
      if (holdsMessage(this.plan.block)) return false
      this.plan = { ...this.plan, ...how.code }
      this.#assignment = assignmentOf(this.plan)
    }
    resetBody(this.plan.block, how)
    this.isOver = false
    await this.#device.assignAnew(this)
    return true
  }

  /** Everything it knows lies in the arena, which no worker writes while it is parked. */
  save(): Promise<SavedBody> {
    const { block, preparation } = this.plan
    const { compiled } = (preparation as CpuPreparation).code
    if (compiled === undefined) requireSavable(this.plan, 'cpu', 'message() schemas')
    return Promise.resolve({ ...(compiled === undefined ? {} : keptFrame(compiled, block)), state: keptState(block) })
  }

  forget(): boolean {
    this.isOver = true
    this.#device.remove(this)
    return !this.#wasCutOff
  }

  /** Does the host wait for it: an unanswered command, or messages that an active ring kernel has not taken? */
  get isWaitedFor(): boolean {
    const { words } = this.plan.block.arena
    const control = this.plan.block.offset >>> 2
    const at = (index: number): number => Atomics.load(words, control + index)
    const [asked, state] = [at(word.command), at(word.state)]
    if (state === deviceState.done || state === deviceState.failed) return false
    if (asked === command.stop) return true
    if (asked === command.park) return state !== deviceState.parked
    if (asked === command.idle) return false
    return state !== deviceState.running || at(word.inTail) !== at(word.inHead) || this.#wiring.inputs.some(hasMessages)
  }
}

function hasMessages(edge: Edge): boolean { return edge.at.kind === 'arena' && new RingConsumer(edgeRing(edge.at.block.arena, edge.at.block.offset, edge)).depth() > 0 }

function edgeText(edge: Edge, other: DeviceActor): EdgeText {
  if (edge.at.kind !== 'arena') throw new RangeError(`the ring ${edge.number} between ring kernels lies in the memory of another device than cpu`)
  const { arena, offset } = edge.at.block
  return {
    number: edge.number, arena: arena.memory, offset, capacity: edge.capacity, payloadBytes: edge.payloadBytes, whenFull: edge.whenFull, schema: edge.schemaText,
    from: { arena: edge.fromBlock.arena.memory, control: edge.fromBlock.offset >>> 2 },
    peer: other instanceof CpuActor ? other.worker?.place : undefined,
  }
}
