// The session's scope: one box a name, `{ v }`. Cells and the functions they leave behind hold the boxes themselves, so a name means its latest
// definition everywhere. A box without a value reads through its prototype: an import reads its namespace, anything else throws.

export interface Box { v: unknown }

/** What a box without a value of its own means. */
type Absence =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'declared'; readonly cell: string; readonly state: 'running' | 'failed' }
  | { readonly kind: 'import'; readonly read: () => unknown }

export class Scope {
  readonly #boxes = new Map<string, { box: Box; absence: Absence }>()

  /** The box of a name, made when there is none. */
  box(name: string): Box { return this.#entry(name).box }

  /** Whether reading the name gives a value. */
  has(name: string): boolean {
    const entry = this.#boxes.get(name)
    return entry !== undefined && (Object.hasOwn(entry.box, 'v') || entry.absence.kind === 'import')
  }

  get(name: string): unknown { return this.#boxes.get(name)?.box.v }

  /** A cell is about to declare the name: until it has a value, reading it says so. An earlier value stays. */
  declare(name: string, cell: string): void {
    const entry = this.#entry(name)
    if (entry.absence.kind !== 'import') entry.absence = { kind: 'declared', cell, state: 'running' }
  }

  /** The cell ended; a name still without a value says which cell failed. */
  ended(name: string): void {
    const entry = this.#boxes.get(name)
    if (entry?.absence.kind === 'declared') entry.absence = { ...entry.absence, state: 'failed' }
  }

  /** The name reads from somewhere else from now on. */
  import(name: string, read: () => unknown): void {
    const entry = this.#entry(name)
    entry.absence = { kind: 'import', read }
    delete (entry.box as Partial<Box>).v
  }

  /** %reset: names have no value and no cell. */
  clear(): void {
    for (const entry of this.#boxes.values()) { entry.absence = { kind: 'nothing' }; delete (entry.box as Partial<Box>).v }
  }

  #entry(name: string): { box: Box; absence: Absence } {
    const known = this.#boxes.get(name)
    if (known) return known
    // A prototype of its own gives each box a hidden class of its own, so that V8 keeps numbers in it unboxed: measured 0.9 instead of 6.6 ns.
    const prototype = {
      get v(): unknown { return absent(name, entry.absence) },
      set v(value: unknown) { Object.defineProperty(this, 'v', { value, writable: true, enumerable: true, configurable: true }) },
    }
    const entry: { box: Box; absence: Absence } = { box: Object.create(prototype) as Box, absence: { kind: 'nothing' } }
    this.#boxes.set(name, entry)
    return entry
  }
}

function absent(name: string, absence: Absence): unknown {
  switch (absence.kind) {
    case 'import': return absence.read()
    case 'nothing': throw new ReferenceError(`${name} is not defined`)
    case 'declared': throw new ReferenceError(absence.state === 'running' ? `Cannot access '${name}' before initialization`
      : `${name} was declared in ${absence.cell}, which failed before giving it a value`)
  }
}
