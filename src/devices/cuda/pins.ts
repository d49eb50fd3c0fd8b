// Pages of the host's arenas that the GPU can reach. They are pinned in windows of 2 MiB as ring kernels come to lie in them, because pinning a whole
// arena would cost its whole address space in memory; and they stay pinned until their runtime leaves, because unpinning waits for the GPU.
import { CudaError, type CudaDriver, type DeviceAddress } from '../../driver/index.js'

/** Bytes pinned at once: a huge page, and a few ring kernels. */
const WINDOW_BYTES = 2n << 20n
const PAGE_BYTES = 4096n

/** CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED. */
const ALREADY_REGISTERED = 712

/** `isOurs`: whoever pinned a window unpins it. */
interface Pinned { readonly address: bigint; readonly device: bigint; readonly isOurs: boolean }

export class Pins {
  readonly #driver: CudaDriver
  /** By address: each letter brings an object of its own for the same shared memory. */
  readonly #arenas = new Map<bigint, { readonly runtime: number; readonly arena: SharedArrayBuffer; readonly windows: Map<bigint, Pinned> }>()

  constructor(driver: CudaDriver) { this.#driver = driver }

  /** Where kernels find these bytes of the arena; pins what is not pinned yet. Nothing may be resident on the GPU. */
  pin(runtime: number, arena: SharedArrayBuffer, offset: number, bytes: number): DeviceAddress {
    const first = this.#driver.addressOf(new Uint8Array(arena))
    let known = this.#arenas.get(first)
    if (known === undefined) {
      known = { runtime, arena, windows: new Map() }
      this.#arenas.set(first, known)
    }
    const start = first + BigInt(offset)
    // An arena ends inside a page of its own: pages are pinned whole, and no further than the last one that holds a byte of it.
    const low = floor(first, PAGE_BYTES)
    const high = floor(first + BigInt(arena.byteLength) + PAGE_BYTES - 1n, PAGE_BYTES)
    let shift: bigint | undefined
    for (const window of windowsOf(start, bytes)) {
      let pinned = known.windows.get(window)
      if (pinned === undefined) {
        const from = window < low ? low : window
        const to = window + WINDOW_BYTES > high ? high : window + WINDOW_BYTES
        const isOurs = this.#register(from, Number(to - from))
        pinned = { address: from, device: this.#driver.hostDeviceAddress(from), isOurs }
        known.windows.set(window, pinned)
      }
      const here = pinned.device - pinned.address
      if (shift !== undefined && here !== shift) throw new Error('the GPU maps pages that lie side by side apart from each other, so rings cannot lie in them: please report it')
      shift = here
    }
    return start + (shift ?? 0n)
  }

  /**
   * False when another GPU of this process has pinned the window: pins are portable, so it counts for this one, too. It stays so for as long as anything lies
   * there, because a runtime ends all of its ring kernels before its devices leave.
   */
  #register(address: bigint, bytes: number): boolean {
    try {
      this.#driver.hostRegister(address, bytes)
      return true
    } catch (error) {
      if (error instanceof CudaError && error.code === ALREADY_REGISTERED) return false
      throw error
    }
  }

  /** Unpins what a runtime had pinned. Nothing of it may be resident. */
  release(runtime: number): void {
    for (const [first, { runtime: owner, windows }] of this.#arenas) {
      if (owner !== runtime) continue
      this.#arenas.delete(first)
      for (const { address, isOurs } of windows.values()) if (isOurs) unpin(this.#driver, address)
    }
  }

  /** After the context was reset nothing is pinned any more. */
  forget(): void { this.#arenas.clear() }
}

/** A lost device has unpinned everything itself. */
function unpin(driver: CudaDriver, address: bigint): void {
  try { driver.hostUnregister(address) } catch (error) { if (!(error instanceof CudaError)) throw error }
}

function windowsOf(start: bigint, bytes: number): bigint[] {
  const windows: bigint[] = []
  for (let window = floor(start, WINDOW_BYTES); window < start + BigInt(bytes); window += WINDOW_BYTES) windows.push(window)
  return windows
}

function floor(address: bigint, unit: bigint): bigint { return address - (address % unit) }
