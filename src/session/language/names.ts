// The names of a session as the type checker knows them: which cell declared each, and as what. A cell's names count from the moment it
// compiled, so that magics in it see them; when it fails, those that got no value go back to what they were.
import type { CellRecord, DeclaredName, SessionName } from './protocol.js'

export class SessionNames {
  readonly #names = new Map<string, SessionName>()
  /** What each unsettled cell replaced. */
  readonly #before = new Map<number, Map<string, SessionName | undefined>>()
  /** Ring kernels by their own names: the cell and variable that hold the definition. */
  readonly kernels = new Map<string, { cell: number; variable: string }>()

  get(name: string): SessionName | undefined { return this.#names.get(name) }
  has(name: string): boolean { return this.#names.has(name) }
  all(): IterableIterator<SessionName> { return this.#names.values() }

  /** Takes over a whole table, from a thread that knows better. */
  replace(names: readonly SessionName[]): void {
    this.#names.clear()
    for (const name of names) this.#names.set(name.name, name)
  }

  declare(cell: number, names: readonly DeclaredName[]): void {
    const before = new Map<string, SessionName | undefined>()
    for (const name of names) {
      before.set(name.name, this.#names.get(name.name))
      this.#names.set(name.name, { ...name, cell })
    }
    this.#before.set(cell, before)
  }

  /** The cell ended: a name whose statement was not reached is what it was before, or stays as one that throws when read. */
  settle(cell: number, reached: number | 'all', valued: readonly string[]): void {
    const before = this.#before.get(cell)
    this.#before.delete(cell)
    if (!before || reached === 'all') return
    for (const [name, old] of before) {
      const now = this.#names.get(name)
      if (now?.cell !== cell || now.step < reached || now.kind === 'type' || valued.includes(name)) continue
      if (old) this.#names.set(name, old)
    }
    for (const [kernel, { cell: owner, variable }] of this.kernels) if (owner === cell && this.#names.get(variable)?.cell !== cell) this.kernels.delete(kernel)
  }

  /** %reset: all names, or some. */
  forget(names: readonly string[] | 'all'): void {
    if (names === 'all') { this.#names.clear(); this.#before.clear(); this.kernels.clear() } else for (const name of names) this.#names.delete(name)
  }

  keepKernels(record: CellRecord): void { for (const [kernel, variable] of record.kernels) this.kernels.set(kernel, { cell: record.id, variable }) }
}
