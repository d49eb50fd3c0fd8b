// Host copies of unified buffers that are page-locked for one GPU, as the main thread knows them: which bytes a copy may take without passing through
// pinned memory of our own.
import { addressOf } from '../../driver/index.js'
import type { GpuThread } from './gpu-thread.js'
import type { PinnedPart } from './letters.js'

/** How long page-locking may take, ms: everybody on the GPU parks for it, and gigabytes take seconds. */
const PIN_MS_MAX = 30_000
/** How long memory that is no longer wanted is kept for the GPU's thread to let go of it, ms: that waits until nothing runs. */
const UNPIN_MS_MAX = 600_000

interface Pinned { readonly pin: number; readonly offset: number; readonly bytes: number }

export class PinnedHosts {
  readonly #thread: GpuThread
  readonly #pinned = new WeakMap<ArrayBufferLike, Pinned[]>()
  /** What the GPU may still copy from and to. */
  readonly #kept = new Map<number, ArrayBufferLike>()

  constructor(thread: GpuThread) { this.#thread = thread }

  /** @throws DeviceError when it cannot be page-locked. */
  async pin(host: ArrayBufferLike, offset: number, bytes: number): Promise<() => void> {
    // Only shared memory can be told to another thread; of other memory its address, which does not change while it is kept.
    const ask = host instanceof SharedArrayBuffer ? { host, offset, bytes } : { host: addressOf(new Uint8Array(host)), offset, bytes }
    const pin = await this.#thread.ask('pin', ask, PIN_MS_MAX)
    this.#kept.set(pin, host)
    this.#pinned.set(host, [...this.#pinned.get(host) ?? [], { pin, offset, bytes }])
    return () => {
      this.#pinned.set(host, (this.#pinned.get(host) ?? []).filter((each) => each.pin !== pin))
      this.#thread.ask('unpin', { pin }, UNPIN_MS_MAX, 'unreferenced').catch(() => undefined).finally(() => this.#kept.delete(pin))
    }
  }

  /** Undefined where these bytes are not page-locked. */
  partOf(bytes: Uint8Array): PinnedPart | undefined {
    const found = this.#pinned.get(bytes.buffer)?.find(({ offset, bytes: length }) => bytes.byteOffset >= offset && bytes.byteOffset + bytes.byteLength <= offset + length)
    return found === undefined ? undefined : { pin: found.pin, offset: bytes.byteOffset - found.offset, bytes: bytes.byteLength }
  }
}
