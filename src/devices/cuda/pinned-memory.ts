// Host memory that is page-locked for copies, as the GPU's thread knows it. Unlike the windows of pins.ts, kernels do not reach it: only copies do.
import { CudaError, type HostAddress } from '../../driver/index.js'
import type { Gpu } from './gpu.js'
import { Refusal } from './refusal.js'

/** CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED. */
const ALREADY_REGISTERED = 712

/** `host` keeps shared memory alive; `isOurs` is false where somebody else had page-locked it before. */
interface PinnedMemory { readonly address: HostAddress; readonly host: SharedArrayBuffer | bigint; readonly isOurs: boolean }

export class PinnedMemories {
  readonly #gpu: Gpu
  readonly #all = new Map<number, PinnedMemory>()
  #last = 0

  constructor(gpu: Gpu) { this.#gpu = gpu }

  /** @throws Refusal that says why it cannot be page-locked. */
  async pin(host: SharedArrayBuffer | bigint, offset: number, bytes: number): Promise<number> {
    const { driver, facts, name } = this.#gpu
    if (!facts.canRegisterHostMemory) throw new Refusal(`${name} cannot page-lock memory of a process that is allocated already`)
    const address = (typeof host === 'bigint' ? host : driver.addressOf(new Uint8Array(host))) + BigInt(offset)
    const isOurs = await this.#gpu.quietly(`page-lock ${bytes} bytes`, () => {
      try { driver.hostRegister(address, bytes) } catch (error) {
        if (error instanceof CudaError && error.code === ALREADY_REGISTERED) return false
        throw error
      }
      return true
    })
    this.#last++
    this.#all.set(this.#last, { address, host, isOurs })
    return this.#last
  }

  addressOf(pin: number, offset: number): HostAddress {
    const found = this.#all.get(pin)
    if (found === undefined) throw new Refusal(`page-locked memory was lost with the other contents of ${this.#gpu.name}: make a new unified buffer`)
    return found.address + BigInt(offset)
  }

  /** Once nothing is resident: it waits for the GPU. */
  unpin(pin: number): Promise<void> {
    const found = this.#all.get(pin)
    this.#all.delete(pin)
    if (found === undefined) return Promise.resolve()
    return new Promise((resolve) => { this.#gpu.discard(() => { try { this.#unregister(found) } finally { resolve() } }) })
  }

  forget(): void { this.#all.clear() }

  close(): void {
    for (const pinned of this.#all.values()) this.#unregister(pinned)
    this.#all.clear()
  }

  #unregister({ address, isOurs }: PinnedMemory): void { if (isOurs) this.#gpu.driver.hostUnregister(address) }
}
