// Which worker a ring kernel is given: the one with the fewest, a new one while there may be more, and none that a body holds if that can be helped.
import { availableParallelism } from 'node:os'
import type { CpuOptions } from '../../runtime/cpu-options.js'
import { DeviceError } from '../../runtime/errors.js'
import type { CpuWorker } from './cpu-worker.js'
import { HELD_MS } from './held-watch.js'

/** Workers that share the ring kernels: one core is left to the main thread. */
const WORKERS_DEFAULT = Math.max(1, availableParallelism() - 1)

export class Placement {
  readonly #workersMax: number
  readonly #actorsMax: number
  readonly #shared: ReadonlySet<CpuWorker>
  readonly #open: () => CpuWorker

  constructor(options: CpuOptions, shared: ReadonlySet<CpuWorker>, open: () => CpuWorker) {
    this.#workersMax = options.workers ?? WORKERS_DEFAULT
    this.#actorsMax = options.actorsPerWorker ?? Infinity
    this.#shared = shared
    this.#open = open
  }

  /** For a new ring kernel. @throws DeviceError when every worker has as many as it may. */
  forNew(id: string): CpuWorker {
    const open = [...this.#shared].filter((worker) => worker.actors.size < this.#actorsMax)
    if (open.length === 0 && this.#shared.size >= this.#workersMax) {
      throw new DeviceError('cpu', `the cpu device has no room for ring kernel '${id}': ${this.#workersMax === 1 ? 'its worker has' : `each of its ${this.#workersMax} workers has`} ${this.#actorsMax} ring kernel${this.#actorsMax === 1 ? '' : 's'}, the most that new RingKernelRuntime({ cpu: { actorsPerWorker } }) allows. Terminate one first, or raise actorsPerWorker or workers.`)
    }
    return this.#best(open)
  }

  /** For one that another worker lost: it was let in before. */
  forMoved(): CpuWorker { return this.#best([...this.#shared]) }

  #best(candidates: readonly CpuWorker[]): CpuWorker {
    const free = candidates.filter((worker) => worker.running === 0 || worker.heldMs() < HELD_MS)
    const least = fewest(free)
    if (least?.actors.size === 0) return least
    if (this.#shared.size < this.#workersMax) return this.#open()
    return least ?? fewest(candidates) ?? this.#open()
  }
}

function fewest(workers: readonly CpuWorker[]): CpuWorker | undefined {
  return workers.reduce<CpuWorker | undefined>((best, worker) => (best === undefined || worker.actors.size < best.actors.size ? worker : best), undefined)
}
