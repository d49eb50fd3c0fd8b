// What top-level `using` holds: until its name is redefined, or the session ends.

type Dispose = () => unknown

export class Disposables {
  readonly #held = new Map<string, Dispose>()

  /** Takes the value of `using name = value`; nothing is held for null and undefined. */
  own(name: string, value: unknown, isAsync: boolean): unknown {
    if (value === null || value === undefined) return value
    const object = value as Partial<Record<symbol, unknown>>
    const dispose = (isAsync ? object[Symbol.asyncDispose] : undefined) ?? object[Symbol.dispose]
    if (typeof dispose !== 'function') throw new TypeError(`'${name}' cannot be used with ${isAsync ? 'await using' : 'using'}: it has no [Symbol.${isAsync ? 'asyncDispose' : 'dispose'}]()`)
    this.#held.set(name, () => dispose.call(value) as unknown)
    return value
  }

  /** Ends what the name held, before it gets a new value. */
  release(name: string): unknown {
    const dispose = this.#held.get(name)
    this.#held.delete(name)
    return dispose?.()
  }

  /** Ends everything, the last first; errors are collected and returned. */
  async releaseAll(): Promise<unknown[]> {
    const faults: unknown[] = []
    for (const name of [...this.#held.keys()].reverse()) try { await this.release(name) } catch (fault) { faults.push(fault) }
    return faults
  }
}
