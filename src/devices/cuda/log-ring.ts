// The lines that a body logs on a GPU: a ring in pinned memory that the grid writes and the GPU's thread empties. The layout is cuda/ring.cuh's.
import { format } from 'node:util'
import type { CompiledSite } from '../../compiler/compiled.js'
import { logBytes, readLogRecord } from '../../compiler/cuda/abi.js'
import type { CudaDriver, DeviceAddress, HostAddress } from '../../driver/index.js'
import { LINE_BYTES } from '../../ring/control.js'
import type { BodyLetter } from '../body/letters.js'

/** Lines that may wait for this thread; past that the grid drops and counts them. A power of two. */
const RECORDS = 256
const RECORDS_OFFSET = 2 * LINE_BYTES

/** A line of the body, or a message that it gave up. */
export type Logged = string | BodyLetter

export class LogRing {
  readonly address: DeviceAddress
  readonly capacity: number
  readonly #driver: CudaDriver
  readonly #host: HostAddress
  readonly #stride: number
  readonly #sites: readonly CompiledSite[]
  readonly #words: Int32Array
  readonly #view: DataView

  /** `stride` is the length of the body's records; 0 when it logs nothing. Pins memory, so nothing may be resident on the GPU. */
  constructor(driver: CudaDriver, stride: number, sites: readonly CompiledSite[]) {
    this.#driver = driver
    this.#stride = stride
    this.#sites = sites
    this.capacity = stride === 0 ? 0 : RECORDS
    const bytes = stride === 0 ? 0 : logBytes(RECORDS, stride)
    this.#host = bytes === 0 ? 0n : driver.hostAllocate(bytes)
    this.address = bytes === 0 ? 0n : driver.hostDeviceAddress(this.#host)
    const memory = bytes === 0 ? new ArrayBuffer(RECORDS_OFFSET) : driver.viewOf(this.#host, bytes)
    new Uint8Array(memory).fill(0)
    this.#words = new Int32Array(memory)
    this.#view = new DataView(memory)
  }

  get hasLines(): boolean { return this.#tail !== this.#head }

  /** What was logged since the last time, formatted as console.log does. */
  take(): Logged[] {
    const lines: Logged[] = []
    for (let left = (this.#tail - this.#head) | 0; left > 0; left--) {
      const record = readLogRecord(this.#view, RECORDS_OFFSET + (this.#head & (RECORDS - 1)) * this.#stride)
      const site = this.#sites[record.site]
      if (record.kind === 'line' && site !== undefined) lines.push(...lineOf(site, this.#view, record.values).split('\n'))
      if (record.kind === 'dead-letter') lines.push({ reason: 'failed', site: record.site, value: this.#view.getFloat64(record.values, true), slot: this.#slot(record.slot) })
      Atomics.store(this.#words, LINE_BYTES / 4, (this.#head + 1) | 0)
    }
    return lines
  }

  /** Of a message that was given up: its record ends with its slot. */
  #slot(slot: number): Uint8Array {
    const end = slot - ((slot - RECORDS_OFFSET) % this.#stride) + this.#stride
    return new Uint8Array(this.#view.buffer, slot, end - slot).slice()
  }

  release(): void { if (this.capacity > 0) this.#driver.hostFree(this.#host) }

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
