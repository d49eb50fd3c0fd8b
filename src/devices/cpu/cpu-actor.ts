// One ring kernel of the CPU device: which worker has it, and what the runtime may do to it.
import { command, deviceState, word } from '../../ring/control.js'
import type { DeviceActor, LaunchPlan } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'
import type { CpuWorker } from './cpu-worker.js'
import type { CpuDevice } from './cpu-device.js'
import type { Assignment } from './letters.js'

export class CpuActor implements DeviceActor {
  readonly spinWorthwhile = true
  readonly plan: LaunchPlan
  readonly assignment: Assignment
  /** Set whenever some worker has it. */
  worker: CpuWorker | undefined
  /** It ended, or was never taken: workers have nothing more to do with it. */
  isOver = false
  restarts = 0
  readonly #device: CpuDevice
  #wasCutOff = false

  constructor(device: CpuDevice, plan: LaunchPlan, assignment: Assignment) {
    this.#device = device
    this.plan = plan
    this.assignment = assignment
  }

  wake(): void { this.worker?.wake() }

  wire(): Promise<void> { return Promise.reject(new DeviceError('cpu', 'the cpu device connects no ring kernels yet')) }

  async force(outcome: 'gone' | 'parked'): Promise<void> {
    if (outcome === 'gone') this.isOver = true
    const isAnswering = await this.#device.answers(this)
    // A body that waits for something else than a ring takes no message: it is as good as parked.
    if (isAnswering && outcome === 'parked') return
    if (isAnswering) { this.#wasCutOff = true; await this.#device.abandon(this) } else await this.#device.replace(this.worker, this)
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
    return state !== deviceState.running || at(word.inTail) !== at(word.inHead)
  }
}
