// The one way a call of libcuda is made: by name, with its status turned into a CudaError where it is not success.
import { koffi, type Values } from './koffi.js'
import { CudaError } from './errors.js'
import type { EntryPoint, EntryPoints } from './entry-points.js'

/** CUDA_SUCCESS and CUDA_ERROR_NOT_READY. */
const success = 0, notReady = 600

export class Caller {
  /** What calls fill: two words, because no call used here fills more. Valid until the next call. */
  readonly #words = new BigUint64Array(2)
  readonly #integers = new Int32Array(this.#words.buffer)
  readonly #entryPoints: EntryPoints

  constructor(entryPoints: EntryPoints) { this.#entryPoints = entryPoints }

  call(name: EntryPoint, ...values: Values): void {
    this.check(this.#entryPoints(name)(...values), name)
  }

  /** Throws unless the status is success; `detail` is added to the message. */
  check(status: number, call: EntryPoint, detail?: string): void {
    if (status !== success) throw new CudaError(status, this.#nameOf(status), call, detail)
  }

  /** The status itself, where the caller tells several good ones apart. */
  status(name: EntryPoint, ...values: Values): number { return this.#entryPoints(name)(...values) }

  /** Whether a query says done; anything but done and not ready is thrown. */
  isDone(name: EntryPoint, handle: bigint): boolean {
    const status = this.#entryPoints(name)(handle)
    if (status === notReady) return false
    this.check(status, name)
    return true
  }

  /** Calls a function that fills its first argument with a handle, an address or a size. */
  word(name: EntryPoint, ...values: Values): bigint {
    this.#words[0] = 0n
    this.call(name, this.#words, ...values)
    return this.#words[0]
  }

  /** The same, of a function that fills its first two arguments. */
  words(name: EntryPoint, ...values: Values): readonly [bigint, bigint] {
    this.#words.fill(0n)
    this.call(name, this.#words.subarray(0, 1), this.#words.subarray(1, 2), ...values)
    return [this.#words[0] ?? 0n, this.#words[1] ?? 0n]
  }

  /** The same, of a function that fills a C int. */
  integer(name: EntryPoint, ...values: Values): number {
    this.#integers[0] = 0
    this.call(name, this.#integers, ...values)
    return this.#integers[0]
  }

  #nameOf(status: number): string {
    const unknown = 'an unknown CUDA error'
    if (this.#entryPoints('cuGetErrorName')(status, this.#words) !== success || this.#words[0] === undefined || this.#words[0] === 0n) return unknown
    return koffi().decode(this.#words[0], 'char', -1) as string
  }
}
