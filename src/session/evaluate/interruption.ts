// The interrupt of one cell: the signal its waits listen to, and the end of waits at the cell's own level.

export class InterruptError extends Error {
  override readonly name = 'Interrupted'
  constructor() { super('Interrupted: the cell was stopped, variables are kept') }
}

export class Interruption {
  readonly #controller = new AbortController()
  #told = false

  get signal(): AbortSignal { return this.#controller.signal }
  get happened(): boolean { return this.#controller.signal.aborted }

  interrupt(): void { if (!this.happened) this.#controller.abort(new InterruptError()) }

  /**
   * `await` at a cell's top level. An interrupt rejects the wait once, so that `finally` and `using` run; a later wait of the same cell, in a loop
   * that swallowed the error, never ends.
   */
  wait(value: unknown): unknown {
    if (this.happened) return this.#told ? new Promise(() => { /* never */ }) : this.#tell()
    if (!isThenable(value)) return value
    const { signal } = this
    return new Promise((resolve, reject) => {
      const stop = (): void => { this.#told = true; reject(signal.reason as Error) }
      signal.addEventListener('abort', stop, { once: true })
      const settle = (then: () => void) => (): void => { if (this.happened) return; signal.removeEventListener('abort', stop); then() }
      value.then((result) => { settle(() => { resolve(result) })() }, (reason: unknown) => { settle(() => { Reflect.apply(reject, undefined, [reason]) })() })
    })
  }

  /** `for await` at a cell's top level: each turn is such a wait. */
  iterate(iterable: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown> {
    const open = (): AsyncIterator<unknown> | Iterator<unknown> => Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]()
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = open()
        const isAsync = Symbol.asyncIterator in iterable
        return {
          next: async () => {
            const turn = await this.#turn(iterator)
            return isAsync || turn.done === true ? turn : { done: false, value: await this.wait(turn.value) }
          },
          return: async (value?: unknown) => (await iterator.return?.(value)) ?? { done: true, value },
        }
      },
    }
  }

  async #turn(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<IteratorResult<unknown>> {
    try { return await this.wait(iterator.next()) as IteratorResult<unknown> } catch (fault) {
      // `for await` does not close an iterator whose turn failed; one that was interrupted is still open.
      if (fault === this.signal.reason) void Promise.resolve(iterator.return?.()).catch(() => { /* it ends as it can */ })
      throw fault
    }
  }

  #tell(): Promise<never> { this.#told = true; return Promise.reject(this.signal.reason as Error) }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
