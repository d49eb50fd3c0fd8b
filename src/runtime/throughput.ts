// Messages a second, over a window that is stated with the number. Counted from looks at a counter: nothing runs between them.

/** The window that is aimed at, ms. */
const WINDOW_MS = 5_000
/** Looks that are nearer to the one before are not kept, ms. */
const APART_MS = 100
/** Looks kept: enough for the window. */
const KEPT_MAX = 2 + WINDOW_MS / APART_MS

export class Throughput {
  /** Oldest first. The first one may be older than the window: then nobody looked meanwhile. */
  readonly #looks: { readonly atMs: number; readonly count: number }[]

  constructor(nowMs: number) { this.#looks = [{ atMs: nowMs, count: 0 }] }

  /** `count` is what was counted until now. */
  look(nowMs: number, count: number): { readonly perSecond: number; readonly windowMs: number } {
    const looks = this.#looks
    // One at the window's far end, or before it, stays.
    while (looks.length > 1 && nowMs - (looks[1]?.atMs ?? nowMs) >= WINDOW_MS) looks.shift()
    const from = looks[0] as { atMs: number; count: number }
    if (nowMs - (looks.at(-1)?.atMs ?? nowMs) >= APART_MS && looks.length < KEPT_MAX) looks.push({ atMs: nowMs, count })
    const windowMs = nowMs - from.atMs
    return { perSecond: windowMs > 0 ? (count - from.count) / (windowMs / 1000) : 0, windowMs }
  }
}
