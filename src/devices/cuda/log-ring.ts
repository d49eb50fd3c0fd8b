// The lines that a body logs on a GPU: a ring in pinned memory that the grid writes and the GPU's thread empties. The layout is cuda/ring.cuh's.
import { format } from 'node:util'
import type { CompiledSite } from '../../compiler/compiled.js'
import { letterLayout, logBytes, readLogRecord, type LetterShape } from '../../compiler/cuda/abi.js'
import type { CudaDriver, DeviceAddress, HostAddress } from '../../driver/index.js'
import { LINE_BYTES } from '../../ring/control.js'
import { LetterRing } from './letter-ring.js'

/** Lines that may wait for this thread; past that the grid drops and counts them. A power of two. */
const RECORDS = 256
const RECORDS_OFFSET = 2 * LINE_BYTES

export interface LogShape {
  /** The length of the body's records. */
  readonly stride: number
  readonly sites: readonly CompiledSite[]
  readonly letters: LetterShape
  /** Where the grid keeps what the message in hand met. */
  readonly met: DeviceAddress
}

export class LogRing {
  readonly address: DeviceAddress
  readonly capacity = RECORDS
  /** Behind the lines, in the same memory. */
  readonly letters: LetterRing
  readonly #driver: CudaDriver
  readonly #host: HostAddress
  readonly #stride: number
  readonly #sites: readonly CompiledSite[]
  readonly #words: Int32Array
  readonly #view: DataView

  /** Pins memory, so nothing may be resident on the GPU. */
  constructor(driver: CudaDriver, { stride, sites, letters, met }: LogShape) {
    this.#driver = driver
    this.#stride = stride
    this.#sites = sites
    const layout = letterLayout(letters, logBytes(RECORDS, stride))
    const bytes = layout.offset + layout.capacity * layout.stride
    this.#host = driver.hostAllocate(bytes)
    this.address = driver.hostDeviceAddress(this.#host)
    const memory = driver.viewOf(this.#host, bytes)
    new Uint8Array(memory).fill(0)
    this.#words = new Int32Array(memory)
    this.#view = new DataView(memory)
    this.letters = new LetterRing(memory, layout, met)
  }

  get hasLines(): boolean { return this.#tail !== this.#head }

  /** What was logged since the last time, formatted as console.log does. */
  take(): string[] {
    const lines: string[] = []
    for (let left = (this.#tail - this.#head) | 0; left > 0; left--) {
      const record = readLogRecord(this.#view, RECORDS_OFFSET + (this.#head & (RECORDS - 1)) * this.#stride)
      const site = this.#sites[record.site]
      if (site !== undefined) lines.push(...lineOf(site, this.#view, record.values).split('\n'))
      Atomics.store(this.#words, LINE_BYTES / 4, (this.#head + 1) | 0)
    }
    return lines
  }

  release(): void { this.#driver.hostFree(this.#host) }

  get #tail(): number { return Atomics.load(this.#words, 0) }
  get #head(): number { return this.#words[LINE_BYTES / 4] as number }
}

/** A record's text: literals and values as they stand in the call, put together as console.log puts arguments together. */
function lineOf(site: CompiledSite, view: DataView, offset: number): string {
  let at = offset
  const values = site.parts.map((part) => {
    if (typeof part === 'string') return part
    const value = valueAt(part.repr, view, at)
    at += 8
    return value
  })
  return format(...values)
}

function valueAt(repr: string, view: DataView, at: number): unknown {
  switch (repr) {
    case 'f64': case 'f32': return view.getFloat64(at, true)
    case 'i32': return Number(view.getBigInt64(at, true))
    case 'u32': return Number(view.getBigUint64(at, true))
    case 'i64': return view.getBigInt64(at, true)
    case 'u64': return view.getBigUint64(at, true)
    case 'bool': return view.getBigUint64(at, true) !== 0n
    default: return undefined
  }
}
