// The loop of a GPU's thread: reads letters, looks at every ring kernel, and sleeps in between, never longer than what it looks at allows.
// Nothing here blocks: a thread that is held in a native call could not be ended.
import { workerWord } from '../cpu/worker-line.js'

export interface LoopParts {
  /** Reads one posted letter; true when there was one. */
  readonly readMail: () => boolean
  /** One look at everything; true when anything moved. */
  readonly look: () => boolean
  /** How long the thread may sleep when nothing moved for `stillMs`. */
  readonly rest: (stillMs: number) => number
}

/** While somebody waits for a condition of this thread, ms between looks: a futex wakes about as late. */
const WATCH_MS = 0.05

interface Watch { readonly look: () => boolean; readonly resolve: (isTrue: boolean) => void; readonly until: number }

export class Loop {
  readonly #words: Int32Array
  readonly #watches = new Set<Watch>()
  #ended = false

  constructor(lines: SharedArrayBuffer) { this.#words = new Int32Array(lines) }

  /** Looks in every round; false at the deadline. What `look` throws rejects. */
  async until(look: () => boolean, timeoutMs: number): Promise<boolean> {
    if (look()) return true
    return new Promise((resolve, reject) => {
      const guarded = (): boolean => { try { return look() } catch (error) { reject(error instanceof Error ? error : new Error(String(error))); return true } }
      this.#watches.add({ look: guarded, resolve, until: performance.now() + timeoutMs })
    })
  }

  end(): void { this.#ended = true }

  async run(parts: LoopParts): Promise<void> {
    let stillSince = performance.now()
    while (!this.#ended) {
      let moved = false
      while (this.#hasMail() && parts.readMail()) moved = true
      if (parts.look()) moved = true
      if (this.#watch()) moved = true
      // Reactions to what was found run now: some wait for what this round saw.
      await turn()
      const now = performance.now()
      if (moved) { stillSince = now; continue }
      const rest = this.#watches.size > 0 ? WATCH_MS : parts.rest(now - stillSince)
      if (rest > 0) this.#sleep(rest)
    }
  }

  #watch(): boolean {
    if (this.#watches.size === 0) return false
    const now = performance.now()
    let moved = false
    for (const watch of this.#watches) {
      const isTrue = watch.look()
      if (!isTrue && now < watch.until) continue
      this.#watches.delete(watch)
      watch.resolve(isTrue)
      moved = true
    }
    return moved
  }

  #hasMail(): boolean { return Atomics.load(this.#words, workerWord.mail) !== this.#words[workerWord.mailRead] }

  /** The count first: a ring that comes once the flag is up then ends the sleep at once. */
  #sleep(ms: number): void {
    const heard = Atomics.load(this.#words, workerWord.bell)
    Atomics.store(this.#words, workerWord.sleeping, 1)
    if (!this.#hasMail()) Atomics.wait(this.#words, workerWord.bell, heard, ms)
    Atomics.store(this.#words, workerWord.sleeping, 0)
  }
}

function turn(): Promise<void> { return new Promise((resolve) => setImmediate(resolve)) }
