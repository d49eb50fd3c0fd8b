// Memory of a GPU for unified buffers and for rings between ring kernels. Copies go through pinned memory of our own, piece by piece, in a stream of their
// own, and are waited for by asking: so they run beside ring kernels, and this thread is never held.
import type { DeviceAddress, HostAddress } from '../../driver/index.js'
import type { Gpu } from './gpu.js'
import type { PinnedPart } from './letters.js'
import type { Loop } from './loop.js'
import { PinnedMemories } from './pinned-memory.js'
import { Refusal } from './refusal.js'

/** Bytes of the pinned memory that copies pass through: long enough for the bus, short enough to be had. */
const STAGE_BYTES = 4 << 20
/** Bytes that are copied at once where nothing passes through it. */
const DIRECT_BYTES = 256 << 20
/** How long one piece may take, ms. */
const COPY_MS_MAX = 10_000

interface Piece { readonly address: DeviceAddress; readonly bytes: number }

export class GpuMemory {
  /** Host memory that copies need not pass through ours. */
  readonly hosts: PinnedMemories
  readonly #gpu: Gpu
  readonly #loop: Loop
  readonly #blocks = new Map<number, Piece>()
  readonly #held = new Map<number, 'wanted' | 'released'>()
  #lastBlock = 0
  #stage: HostAddress = 0n
  #stageView = new Uint8Array(0)
  #copies: Promise<unknown> = Promise.resolve()

  constructor(gpu: Gpu, loop: Loop) {
    this.hosts = new PinnedMemories(gpu)
    this.#gpu = gpu
    this.#loop = loop
  }

  /** Zeroed. @throws Refusal when there is not enough. */
  async allocate(bytes: number): Promise<{ block: number; pointer: bigint }> {
    const { driver } = this.#gpu
    const address = await this.#gpu.quietly(`allocate ${bytes} bytes`, () => {
      if (this.#stage === 0n) this.#openStage()
      const fresh = driver.allocate(Math.max(bytes, 1))
      driver.fillAsync(fresh, 0, Math.max(bytes, 1), this.#gpu.copyStream)
      return fresh
    })
    await this.#copied()
    const block = ++this.#lastBlock
    this.#blocks.set(block, { address, bytes })
    return { block, pointer: address }
  }

  /** Where a kernel finds these bytes of a block. */
  addressOf(block: number, offset: number): DeviceAddress { return this.#of(block).address + BigInt(offset) }

  /** Zeroes the whole block, by copies: a kernel that fills memory might wait for a place among those that never end. */
  clear(block: number): Promise<void> {
    return this.#inTurn(async () => {
      const { bytes } = this.#of(block)
      this.#stageView.fill(0)
      for (let done = 0; done < bytes; done += STAGE_BYTES) this.#gpu.driver.copyToDeviceAsync(this.addressOf(block, done), this.#stage, Math.min(bytes - done, STAGE_BYTES), this.#gpu.copyStream)
      await this.#copied()
    })
  }

  upload(block: number, offset: number, bytes: Uint8Array | PinnedPart): Promise<void> {
    return this.#inTurn(async () => {
      if ('pin' in bytes) {
        await this.#directly(bytes, (host, at, count) => { this.#gpu.driver.copyToDeviceAsync(this.addressOf(block, offset + at), host, count, this.#gpu.copyStream) })
        return
      }
      for (let done = 0; done < bytes.byteLength; done += STAGE_BYTES) {
        const count = Math.min(bytes.byteLength - done, STAGE_BYTES)
        this.#stageView.set(bytes.subarray(done, done + count))
        this.#gpu.driver.copyToDeviceAsync(this.addressOf(block, offset + done), this.#stage, count, this.#gpu.copyStream)
        await this.#copied()
      }
    })
  }

  /** Fills `bytes`, which may be shared memory. */
  download(block: number, offset: number, bytes: Uint8Array | PinnedPart): Promise<void> {
    return this.#inTurn(async () => {
      if ('pin' in bytes) {
        await this.#directly(bytes, (host, at, count) => { this.#gpu.driver.copyToHostAsync(host, this.addressOf(block, offset + at), count, this.#gpu.copyStream) })
        return
      }
      for (let done = 0; done < bytes.byteLength; done += STAGE_BYTES) {
        const count = Math.min(bytes.byteLength - done, STAGE_BYTES)
        this.#gpu.driver.copyToHostAsync(this.#stage, this.addressOf(block, offset + done), count, this.#gpu.copyStream)
        await this.#copied()
        bytes.set(this.#stageView.subarray(0, count), done)
      }
    })
  }

  /** Keeps a block that is released meanwhile until `unhold`. */
  hold(block: number): void { this.#held.set(block, 'wanted') }

  unhold(block: number): void {
    const isReleased = this.#held.get(block) === 'released'
    this.#held.delete(block)
    if (isReleased) this.release(block)
  }

  release(block: number): void {
    const piece = this.#blocks.get(block)
    if (piece === undefined) return
    if (this.#held.has(block)) { this.#held.set(block, 'released'); return }
    this.#blocks.delete(block)
    this.#gpu.discard(() => this.#gpu.driver.free(piece.address))
  }

  /** The context is gone, and everything in it. */
  forget(): void {
    this.hosts.forget()
    this.#blocks.clear()
    this.#held.clear()
    this.#stage = 0n
    this.#stageView = new Uint8Array(0)
  }

  /** Gives everything back; nothing may be resident. */
  close(): void {
    for (const { address } of this.#blocks.values()) this.#gpu.driver.free(address)
    if (this.#stage !== 0n) this.#gpu.driver.hostFree(this.#stage)
    this.hosts.close()
    this.forget()
  }

  /** Copies from or to page-locked memory, so many bytes at once that each piece has a deadline. */
  async #directly({ pin, offset, bytes }: PinnedPart, copy: (host: HostAddress, at: number, count: number) => void): Promise<void> {
    for (let done = 0; done < bytes; done += DIRECT_BYTES) {
      copy(this.hosts.addressOf(pin, offset + done), done, Math.min(bytes - done, DIRECT_BYTES))
      await this.#copied()
    }
  }

  #openStage(): void {
    this.#stage = this.#gpu.driver.hostAllocate(STAGE_BYTES)
    this.#stageView = new Uint8Array(this.#gpu.driver.viewOf(this.#stage, STAGE_BYTES))
  }

  #of(block: number): Piece {
    const piece = this.#blocks.get(block)
    if (piece === undefined) throw new Refusal(`this memory of ${this.#gpu.name} was lost with the GPU's other contents, or freed: make a new unified buffer`)
    return piece
  }

  #inTurn(copy: () => Promise<void>): Promise<void> {
    const turn = this.#copies.then(copy)
    this.#copies = turn.catch(() => undefined)
    return turn
  }

  async #copied(): Promise<void> {
    const { driver, copyStream } = this.#gpu
    if (!await this.#loop.until(() => driver.streamIsDone(copyStream), COPY_MS_MAX)) throw new Refusal(`a copy on ${this.#gpu.name} did not finish within ${COPY_MS_MAX} ms: see \`nvidia-smi\``)
  }
}
