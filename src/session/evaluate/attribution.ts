// Whose output is it? From Node 24 on each cell runs in an asynchronous context of its own, so that a timer an hour later still prints under its
// cell. Before, AsyncLocalStorage would switch async hooks on, and then an interrupt aborts the process: there it is the latest cell's.
import { AsyncLocalStorage } from 'node:async_hooks'

/** The cell output belongs to: the front end's token and the label of its error lines. */
export interface Owner { readonly token: number; readonly label: string }

const carriesContext = Number(process.versions.node.split('.')[0]) >= 24

export class Attribution {
  readonly #storage = carriesContext ? new AsyncLocalStorage<Owner>() : undefined
  #latest: Owner = { token: 0, label: 'session' }

  /** Runs a cell's code: what it prints, now or later, is its own. */
  run<T>(owner: Owner, code: () => T): T {
    this.#latest = owner
    return this.#storage ? this.#storage.run(owner, code) : code()
  }

  /** Code of a cell is on its way, now or in a callback it left; known from Node 24 on. */
  get isInCell(): boolean { return this.#storage?.getStore() !== undefined }

  get current(): Owner { return this.#storage?.getStore() ?? this.#latest }
}
