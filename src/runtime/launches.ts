// Launches under way in one runtime: one an id at a time, and whoever ends the runtime may wait for them.
export class Launches {
  readonly #underWay = new Map<string, Promise<void>>()

  has(id: string): boolean { return this.#underWay.has(id) }

  async of<T>(id: string, launch: () => Promise<T>): Promise<T> {
    const done = launch()
    this.#underWay.set(id, done.then(() => undefined, () => undefined))
    try { return await done } finally { this.#underWay.delete(id) }
  }

  /** Resolves once those under way now have come to an end, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.#underWay.size === 0) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => { timer = setTimeout(resolve, timeoutMs) })
    await Promise.race([Promise.all(this.#underWay.values()), late])
    clearTimeout(timer)
  }
}
