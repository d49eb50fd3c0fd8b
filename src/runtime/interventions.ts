// Who may act on a body: commands of the life cycle go side by side, as their callers wish; what acts on the body behind their back (a restart, other code)
// does so alone. Each waits for the other, and nobody for itself.
export class Interventions {
  readonly #commands = new Set<Promise<unknown>>()
  #current: Promise<unknown> | undefined
  #starting: Promise<void> | undefined

  /** Settles once no body is told to run that has not answered yet; undefined when none is. */
  get starting(): Promise<void> | undefined { return this.#starting }

  /** A command that has the body run. */
  start<T>(work: () => Promise<T>): Promise<T> {
    return this.command(() => {
      const done = work()
      const started: Promise<void> = Promise.allSettled([this.#starting, done]).then(() => { if (this.#starting === started) this.#starting = undefined })
      this.#starting = started
      return done
    })
  }

  async command<T>(work: () => Promise<T>): Promise<T> {
    while (this.#current !== undefined) await this.#current
    const done = work()
    const settled = done.then(() => undefined, () => undefined)
    this.#commands.add(settled)
    try { return await done } finally { this.#commands.delete(settled) }
  }

  async intervene<T>(work: () => Promise<T>): Promise<T> {
    while (this.#current !== undefined) await this.#current
    const done = Promise.all(this.#commands).then(work)
    this.#current = done.then(() => undefined, () => undefined)
    try { return await done } finally { this.#current = undefined }
  }
}
