// Who may act on a body: commands of the life cycle go side by side, as their callers wish; what acts on the body behind their back (a restart, other code)
// does so alone. Each waits for the other, and nobody for itself.
export class Interventions {
  readonly #commands = new Set<Promise<unknown>>()
  #current: Promise<unknown> | undefined

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
