// The pool in front of one device's memory: a limit, statistics, who holds what, and freed blocks that the next ones of their size use again. The same on
// every device; what a device itself can do is behind it.
//
// Sizes are rounded up so that blocks of about one size fit each other: to a power of two up to 4 KiB, then to an eighth of the next lower power of two, which
// wastes an eighth at most. What nobody holds stays allocated up to a bound, and goes first when the limit or the device itself leaves no room.
import { inspect } from 'node:util'
import type { DeviceBlock, DeviceMemory, MemoryHolder, RawMemory } from './device.js'
import { DeviceError } from './errors.js'

/** What a runtime is told about each of its devices' memory. */
export interface MemoryOptions {
  /** The most bytes that unified buffers and the rings between ring kernels may take on each device; default: what the device has. */
  readonly limitBytes?: number
  /** The most bytes of freed blocks that a device keeps for those who come next; default 64 MiB, 0 keeps none. */
  readonly idleBytes?: number
}

/** Of one device, in bytes and blocks, since it was opened. */
export interface MemoryStatistics {
  readonly device: string
  /** Undefined where only the device itself is the limit. */
  readonly limitBytes: number | undefined
  /** Taken from the device: what is in use, rounded up to block sizes, and what is idle. */
  readonly allocatedBytes: number
  /** Asked for by whoever holds it now, and the most that was held at once. */
  readonly inUseBytes: number
  readonly peakBytes: number
  /** Freed, and kept for those who come next. */
  readonly idleBytes: number
  readonly inUse: number
  readonly idle: number
  /** Requests that were granted, how many of them by a block that was used before, and requests that were refused. */
  readonly allocations: number
  readonly reused: number
  readonly refused: number
  /** Page-locked on the host for this device's copies. */
  readonly pinnedBytes: number
}

/** The memory of one device of a runtime. */
export interface MemoryPool {
  readonly device: string
  readonly statistics: MemoryStatistics
  /** Who holds memory now, the most first. */
  readonly holders: readonly MemoryHolder[]
  /** Gives the idle blocks back to the device; returns how many bytes. */
  trim(): number
}

/** What the runtime itself uses of a pool. */
export interface PooledMemory extends DeviceMemory, MemoryPool { close(): void }

const IDLE_BYTES_DEFAULT = 64 * 1024 * 1024
/** Idle blocks, whatever their size. */
const IDLE_BLOCKS_MAX = 256
const SMALLEST_BYTES = 64
const STEPS_FROM_BYTES = 4096

interface Held { readonly raw: DeviceBlock; readonly bytes: number; readonly holder: MemoryHolder }

export function pooled(device: string, raw: RawMemory, options: MemoryOptions = {}): PooledMemory {
  const pool = new Pool(device, raw, options)
  return {
    device,
    get statistics() { return pool.statistics },
    get holders() { return pool.holders },
    trim: () => pool.trim(),
    allocate: (bytes, holder) => pool.allocate(bytes, holder),
    release: (block) => { pool.release(block) },
    discard: (block) => { pool.discard(block) },
    upload: (block, offset, bytes) => raw.upload(block, offset, bytes),
    download: (block, offset, bytes) => raw.download(block, offset, bytes),
    ...(raw.pin === undefined ? {} : { pin: async (host: ArrayBufferLike, offset: number, bytes: number) => pool.pinned(bytes, await raw.pin?.(host, offset, bytes)) }),
    close: () => { pool.close() },
  }
}

class Pool {
  readonly #device: string
  readonly #raw: RawMemory
  readonly #limitBytes: number | undefined
  readonly #idleBytesMax: number
  readonly #held = new Map<DeviceBlock, Held>()
  /** The one freed longest ago first. */
  #idle: DeviceBlock[] = []
  #allocatedBytes = 0
  #inUseBytes = 0
  #peakBytes = 0
  #idleBytes = 0
  #pinnedBytes = 0
  #allocations = 0
  #reused = 0
  #refused = 0

  constructor(device: string, raw: RawMemory, { limitBytes, idleBytes }: MemoryOptions) {
    this.#device = device
    this.#raw = raw
    this.#limitBytes = limitBytes
    this.#idleBytesMax = idleBytes ?? IDLE_BYTES_DEFAULT
  }

  get statistics(): MemoryStatistics {
    return Object.freeze({
      device: this.#device, limitBytes: this.#limitBytes, allocatedBytes: this.#allocatedBytes, inUseBytes: this.#inUseBytes, peakBytes: this.#peakBytes, idleBytes: this.#idleBytes,
      inUse: this.#held.size, idle: this.#idle.length, allocations: this.#allocations, reused: this.#reused, refused: this.#refused, pinnedBytes: this.#pinnedBytes,
    })
  }

  get holders(): readonly MemoryHolder[] { return [...this.#held.values()].map(({ holder }) => holder).sort((a, b) => b.bytes - a.bytes) }

  async allocate(bytes: number, holder: MemoryHolder): Promise<DeviceBlock> {
    const again = await this.#again(sizeOf(bytes))
    const raw = again ?? await this.#fresh(bytes, holder)
    this.#allocations++
    if (again !== undefined) this.#reused++
    this.#inUseBytes += bytes
    this.#peakBytes = Math.max(this.#peakBytes, this.#inUseBytes)
    // An object of its own: who releases a block twice releases nobody else's.
    const block = { ...raw }
    this.#held.set(block, { raw, bytes, holder })
    return block
  }

  /** Nobody uses it any more: it is kept for whoever asks for its size next. */
  release(block: DeviceBlock): void {
    const held = this.#letGo(block)
    if (held === undefined) return
    const { raw } = held
    if (raw.bytes > this.#idleBytesMax) { this.#giveBack(raw); return }
    this.#idle.push(raw)
    this.#idleBytes += raw.bytes
    while (this.#idleBytes > this.#idleBytesMax || this.#idle.length > IDLE_BLOCKS_MAX) this.#dropOldest()
  }

  /** As `release`, for what somebody may still write to: nobody gets it again. */
  discard(block: DeviceBlock): void {
    const held = this.#letGo(block)
    if (held !== undefined) this.#giveBack(held.raw)
  }

  trim(): number {
    const bytes = this.#idleBytes
    while (this.#idle.length > 0) this.#dropOldest()
    return bytes
  }

  /** Counts what is page-locked until `unpin` is called. */
  pinned(bytes: number, unpin: (() => void) | undefined): () => void {
    this.#pinnedBytes += bytes
    return () => { this.#pinnedBytes -= bytes; unpin?.() }
  }

  close(): void { this.trim() }

  async #again(size: number): Promise<DeviceBlock | undefined> {
    const at = this.#idle.findLastIndex((raw) => raw.bytes === size)
    if (at < 0) return undefined
    const [raw] = this.#idle.splice(at, 1) as [DeviceBlock]
    this.#idleBytes -= raw.bytes
    try {
      await this.#raw.clear(raw)
      return raw
    } catch {
      // What was idle was lost with the device's other contents.
      this.#giveBack(raw)
      this.trim()
      return undefined
    }
  }

  async #fresh(bytes: number, holder: MemoryHolder): Promise<DeviceBlock> {
    const size = this.#admit(bytes, holder)
    this.#allocatedBytes += size
    try {
      try { return await this.#raw.allocate(size) } catch (error) {
        // Perhaps what is idle was what it lacked.
        if (this.trim() === 0) throw error
        return await this.#raw.allocate(size)
      }
    } catch (error) {
      this.#allocatedBytes -= size
      this.#refused++
      const most = this.#mostHeld()
      if (!(error instanceof DeviceError) || most === '') throw error
      throw new DeviceError(this.#device, `${error.message} ${most.trimEnd()}`, { cause: error })
    }
  }

  /** The bytes to allocate for `bytes`. @throws DeviceError when the limit leaves no room for them. */
  #admit(bytes: number, holder: MemoryHolder): number {
    const limit = this.#limitBytes
    const size = sizeOf(bytes)
    if (limit === undefined || this.#allocatedBytes + size <= limit) return size
    while (this.#idle.length > 0 && this.#allocatedBytes + size > limit) this.#dropOldest()
    if (this.#allocatedBytes + size <= limit) return size
    // Rounded up it does not fit, as it is it does.
    if (this.#allocatedBytes + bytes <= limit) return bytes
    this.#refused++
    throw new DeviceError(this.#device, `${this.#device} has no room for ${whole(holder)}: ${byteText(bytes)} of the ${byteText(limit)} that this runtime may take there (memory.limitBytes). ${this.#mostHeld()}Dispose what is no longer needed, or raise the limit.`)
  }

  #mostHeld(): string {
    const [most] = this.holders
    if (most === undefined) return ''
    return `In use are ${byteText(this.#inUseBytes)}, most of it by ${whole(most)}: ${byteText(most.bytes)}. `
  }

  #letGo(block: DeviceBlock): Held | undefined {
    const held = this.#held.get(block)
    if (held === undefined) return undefined
    this.#held.delete(block)
    this.#inUseBytes -= held.bytes
    return held
  }

  #dropOldest(): void {
    const raw = this.#idle.shift()
    if (raw === undefined) return
    this.#idleBytes -= raw.bytes
    this.#giveBack(raw)
  }

  #giveBack(raw: DeviceBlock): void {
    this.#allocatedBytes -= raw.bytes
    this.#raw.release(raw)
  }
}

/** Bytes of the block that a request for `bytes` is given. */
function sizeOf(bytes: number): number {
  if (bytes <= SMALLEST_BYTES) return SMALLEST_BYTES
  const power = 2 ** Math.floor(Math.log2(bytes))
  const step = bytes <= STEPS_FROM_BYTES ? power : power / 8
  return Math.ceil(bytes / step) * step
}

function whole({ what, madeAt }: MemoryHolder): string { return madeAt === undefined ? what : `${what} (made at ${madeAt})` }

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function byteText(bytes: number): string {
  const unit = bytes === 0 ? 0 : Math.min(Math.max(Math.floor(Math.log2(bytes) / 10), 0), units.length - 1)
  return `${unit === 0 ? bytes : Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit] ?? ''}`
}

/** @throws TypeError when an option cannot be used. */
export function checkMemoryOptions(where: string, options: MemoryOptions | undefined): void {
  for (const name of ['limitBytes', 'idleBytes'] as const) {
    const value: unknown = options?.[name]
    if (value !== undefined && (!Number.isSafeInteger(value) || (value as number) < 0)) throw new TypeError(`${where}: memory.${name} must be a whole number of bytes, 0 or more, but is ${inspect(value)}`)
  }
}
