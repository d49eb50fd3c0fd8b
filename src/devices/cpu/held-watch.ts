// Watches for ring kernels that hold their worker, and tells where they were launched. It looks only while some worker is awake: what sleeps is held by
// nobody, and a process that is idle has no timer of it.
//
// A worker that does not come round is not held by a body for that: the machine may have given its core to somebody else. So what counts is what its thread
// computed meanwhile, where the operating system tells that (thread-time.ts); it is asked only about workers that seem held.
import type { CpuActor } from './cpu-actor.js'
import type { CpuWorker } from './cpu-worker.js'
import { threadTime, type ThreadTime } from '../body/thread-time.js'

/** A body that keeps its worker from everybody else on it for so long is told of, ms. */
export const HELD_MS = 50
/** A body that waits without computing (Atomics.wait, a read that blocks) is told of after so long, ms: until then, the thread may have waited for a core. */
const BLOCKED_MS = 200
/** Between two looks, ms: one that holds on for two of them longer than `HELD_MS` is seen for sure. */
const LOOK_MS = 10
/** Looks at nothing but sleeping workers before it stops to look: one that is about to sleep may find a message at the last moment, which wakes nobody here. */
const IDLE_LOOKS = 10
/** Further times of the same ring kernel are counted for so long, and told with the next line, ms. */
const SILENT_MS = 10_000

/** A time in which a worker did not come round. */
interface Episode { readonly heldMs: number; readonly time: ThreadTime | undefined; isTold: boolean }
interface Told { atMs: number; since: number }

export class HeldWatch {
  readonly #workers: () => Iterable<CpuWorker>
  readonly #actorOf: (number: number) => CpuActor | undefined
  readonly #timeOf: (thread: number) => ThreadTime | undefined
  readonly #episodes = new WeakMap<CpuWorker, Episode>()
  readonly #told = new WeakMap<CpuActor, Told>()
  #timer: NodeJS.Timeout | undefined
  #idleLooks = 0

  constructor(workers: () => Iterable<CpuWorker>, actorOf: (number: number) => CpuActor | undefined, timeOf = threadTime) {
    this.#timeOf = timeOf
    this.#workers = workers
    this.#actorOf = actorOf
  }

  /** A worker was woken: somebody may come to hold it. */
  woken(): void {
    this.#idleLooks = 0
    this.#timer ??= setTimeout(() => { this.#look() }, LOOK_MS).unref()
  }

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
      // It came round since the last look.
      if (heldMs === 0) { this.#episodes.delete(worker); continue }
      const episode = this.#episodes.get(worker)
      if (episode === undefined) { this.#episodes.set(worker, { heldMs, time: this.#timeOf(worker.thread), isTold: false }); continue }
      if (episode.isTold || heldMs < HELD_MS || !isHeld(heldMs, episode, () => this.#timeOf(worker.thread))) continue
      episode.isTold = true
      const holder = this.#actorOf(worker.running)
      if (holder !== undefined) this.#tell(holder, worker, heldMs)
    }
    this.#idleLooks = isAwake ? 0 : this.#idleLooks + 1
    if (this.#idleLooks < IDLE_LOOKS) this.#timer?.refresh()
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

/** Was it the body that had the worker for so long, or has the machine been busy with others? */
function isHeld(heldMs: number, { heldMs: firstMs, time: first }: Episode, now: () => ThreadTime | undefined): boolean {
  if (first === undefined) return true
  const last = now()
  if (last === undefined || last.computedMs - first.computedMs >= HELD_MS) return true
  return heldMs - firstMs - (last.queuedMs - first.queuedMs) >= BLOCKED_MS
}
