// What fits on a GPU at once. A ring kernel never ends by itself, so a grid that does not fit would wait for ever: it is never launched.

/** Grids that run at the same time on GPUs from compute capability 7.0 on (CUDA C++ Programming Guide, table of technical specifications). */
const GRIDS_MAX = 128

export class Residency {
  readonly #multiprocessors: number
  readonly #shares = new Map<number, number>()

  constructor(multiprocessors: number) { this.#multiprocessors = multiprocessors }

  get count(): number { return this.#shares.size }

  /** Would a block fit beside the others, of which one multiprocessor holds `perMultiprocessor` at once? */
  hasRoom(perMultiprocessor: number): boolean {
    if (this.#shares.size >= GRIDS_MAX) return false
    // As long as there are fewer blocks than multiprocessors, each can have one for itself; past that, the shares must add up.
    if (this.#shares.size < this.#multiprocessors) return true
    const used = [...this.#shares.values()].reduce((sum, share) => sum + share, 0)
    return used + 1 / perMultiprocessor <= this.#multiprocessors
  }

  enter(actor: number, perMultiprocessor: number): void { this.#shares.set(actor, 1 / perMultiprocessor) }
  leave(actor: number): void { this.#shares.delete(actor) }
  clear(): void { this.#shares.clear() }
}
