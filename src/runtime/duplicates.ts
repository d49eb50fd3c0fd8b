// The ids of the latest messages that were given one, so that the same message, sent again, is known.

export class RecentIds {
  readonly #window: number
  /** Oldest first: a Set keeps the order in which its items came. */
  readonly #ids = new Set<bigint>()

  /** @param window ids that are remembered. */
  constructor(window: number) { this.#window = window }

  has(id: bigint): boolean { return this.#ids.has(id) }

  add(id: bigint): void {
    this.#ids.add(id)
    if (this.#ids.size > this.#window) for (const oldest of this.#ids) { this.#ids.delete(oldest); break }
  }

  /** The message was not delivered after all, so it may come again. */
  forget(id: bigint): void { this.#ids.delete(id) }
}
