// Runs a one-shot kernel as the function it is, one index after the other: what it means.
import { elementsOf, type Element } from '../../schema/index.js'

/** A buffer of a kernel in memory that this thread can reach. */
interface KernelBuffer { readonly name: string; readonly element: Element; readonly memory: SharedArrayBuffer; readonly offset: number; readonly count: number }

/** A kernel's body failed at one index. */
export class KernelFault extends Error {
  readonly index: number
  override readonly cause: Error

  constructor(index: number, thrown: unknown) {
    super('a one-shot kernel failed')
    this.index = index
    this.cause = thrown instanceof Error ? thrown : new Error(String(thrown))
  }
}

/** @throws KernelFault with the body's error at the first index that fails; later indices are not run. */
export function runKernelHere(body: (args: never, i: number) => unknown, values: Readonly<Record<string, unknown>>, buffers: readonly KernelBuffer[], threads: number): void {
  const views = buffers.map(({ name, element, memory, offset, count }) => [name, elementsOf(element, memory, offset, count)] as const)
  const args = Object.freeze({ ...values, ...Object.fromEntries(views) }) as never
  for (let i = 0; i < threads; i++) {
    let result: unknown
    try { result = body(args, i) } catch (thrown) { throw new KernelFault(i, thrown) }
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function') throw new KernelFault(i, new TypeError('the body of a one-shot kernel has nothing to await: write it as a plain function, not an async one'))
  }
}
