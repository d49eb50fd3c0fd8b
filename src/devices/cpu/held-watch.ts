// Watches for ring kernels that hold their worker, and tells where they were launched. It looks only while some worker is awake: what sleeps is held by
// nobody, and a process that is idle has no timer of it.
import type { CpuActor } from './cpu-actor.js'
import type { CpuWorker } from './cpu-worker.js'

/** A body that keeps its worker from everybody else on it for so long is told of, ms. */
export const HELD_MS = 50
/** Between two looks, ms: one that holds on for this much longer than `HELD_MS` is seen for sure. */
const LOOK_MS = 10
/** Further times of the same ring kernel are counted for so long, and told with the next line, ms. */
const SILENT_MS = 10_000

interface Told { atMs: number; since: number }

export class HeldWatch {
  readonly #workers: () => Iterable<CpuWorker>
  readonly #actorOf: (number: number) => CpuActor | undefined
  /** Workers whose present episode was noticed already. */
  readonly #noticed = new WeakSet<CpuWorker>()
  readonly #told = new WeakMap<CpuActor, Told>()
  #timer: NodeJS.Timeout | undefined

  constructor(workers: () => Iterable<CpuWorker>, actorOf: (number: number) => CpuActor | undefined) {
    this.#workers = workers
    this.#actorOf = actorOf
  }

  /** A worker was woken: somebody may come to hold it. */
  woken(): void { this.#timer ??= setTimeout(() => { this.#look() }, LOOK_MS).unref() }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    let isAwake = false
    for (const worker of this.#workers()) {
      if (worker.isEnding) continue
      if (!worker.isAsleep) isAwake = true
      const heldMs = worker.heldMs()
      if (heldMs < HELD_MS) this.#noticed.delete(worker)
      else if (!this.#noticed.has(worker)) {
        this.#noticed.add(worker)
        const holder = this.#actorOf(worker.running)
        if (holder !== undefined) this.#tell(holder, worker, heldMs)
      }
    }
    if (isAwake) this.#timer?.refresh()
    else this.close()
  }

  #tell(holder: CpuActor, worker: CpuWorker, heldMs: number): void {
    const now = performance.now()
    const told = this.#told.get(holder)
    if (told !== undefined && now - told.atMs < SILENT_MS) { told.since++; return }
    this.#told.set(holder, { atMs: now, since: 0 })
    const others = worker.actors.size - 1
    const again = told === undefined || told.since === 0 ? '' : `, as ${told.since === 1 ? 'once' : `${told.since} times`} before since the last line about it`
    holder.plan.log(`ring kernel '${holder.plan.id}' has held its worker for ${Math.round(heldMs)} ms${again}: ${others === 0 ? '' : `${others} other${others === 1 ? '' : 's'} on it ${others === 1 ? 'waits' : 'wait'}, and `}new ring kernels go to other workers. Give a long computation to a GPU, or divide it among messages.`)
  }
}
