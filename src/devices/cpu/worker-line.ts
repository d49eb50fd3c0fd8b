// Two lines of the arena a worker, so that it and the main thread can tell each other what no ring says. Layout and doorbells only.
import { LINE_BYTES } from '../../ring/control.js'

export const WORKER_LINES_BYTES = 2 * LINE_BYTES

/** Word indices from the lines' start. */
export const workerWord = {
  // Line 0: the host's. `bell` counts rings, `mail` counts posted letters, `lettersRead` those of the worker about messages that were given up.
  bell: 0, mail: 1, lettersRead: 2,
  // Line 1: the worker's. `sleeping` is also cleared by whoever wakes it. `running` is the number of the ring kernel whose body has control, or 0.
  // `thread` is what the operating system calls its thread, or 0 where that is not told.
  sleeping: 32, beat: 33, running: 34, mailRead: 35, thread: 36,
} as const

/** Wakes the worker when it sleeps; one load when it does not. */
export function wakeWorker(words: Int32Array, at: number): void {
  if (Atomics.load(words, at + workerWord.sleeping) === 0) return
  if (Atomics.compareExchange(words, at + workerWord.sleeping, 1, 0) === 1) nudgeWorker(words, at)
}

/** Wakes the worker in any case. */
export function nudgeWorker(words: Int32Array, at: number): void {
  Atomics.add(words, at + workerWord.bell, 1)
  Atomics.notify(words, at + workerWord.bell)
}
