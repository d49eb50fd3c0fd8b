// What the operating system knows of a thread's time: how long it computed, and how long it would have, had a core been free. Linux tells it
// (/proc/<process>/task/<thread>/schedstat: nanoseconds on a core, nanoseconds in the queue for one, turns; Documentation/scheduler/sched-stats.rst).
import { readFileSync, readlinkSync } from 'node:fs'

export interface ThreadTime {
  readonly computedMs: number
  /** Ready to compute, while others had the cores. */
  readonly queuedMs: number
}

const NS_A_MS = 1_000_000

/** What the operating system calls the calling thread; 0 where it does not say. */
export function threadNumber(): number {
  try { return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0) } catch { return 0 }
}

/** Of a thread of this process, since it began; undefined where the operating system does not say. */
export function threadTime(thread: number): ThreadTime | undefined {
  if (thread === 0) return undefined
  try {
    const [computedNs = NaN, queuedNs = NaN] = readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ').map(Number)
    return Number.isNaN(computedNs + queuedNs) ? undefined : { computedMs: computedNs / NS_A_MS, queuedMs: queuedNs / NS_A_MS }
  } catch { return undefined }
}
