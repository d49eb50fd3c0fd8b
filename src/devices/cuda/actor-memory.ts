// The memory of one ring kernel on the GPU: frame, state, constants, buffers and scratch in one allocation; the tables of its rings in another, since they change.
import { bufferTable, edgeTable, portTable, type EdgeEntry } from '../../compiler/cuda/abi.js'
import type { CudaDriver, DeviceAddress, Handle, HostAddress } from '../../driver/index.js'

/** The strictest alignment of any part: a line. */
const ALIGN_BYTES = 128

export interface MemoryShape {
  readonly frameBytes: number
  readonly stateBytes: number
  /** What they begin with, in place of zeros. */
  readonly frame?: Uint8Array | undefined
  readonly state?: Uint8Array | undefined
  readonly scratchBytes: number
  /** Of what the message in hand met. */
  readonly metBytes: number
  readonly constants: Uint8Array
  readonly buffers: readonly { readonly address: DeviceAddress; readonly count: number }[]
}

/** Rings in the order of the kernel's tables: entry 0 of both lists is the host's. `ports` says which outputs each output goes to. */
export interface RingTables {
  readonly inputs: readonly EdgeEntry[]
  readonly outputs: readonly EdgeEntry[]
  readonly ports: readonly { readonly first: number; readonly count: number }[]
}

export class ActorMemory {
  readonly frame: DeviceAddress
  readonly state: DeviceAddress
  readonly constants: DeviceAddress
  readonly buffers: DeviceAddress
  readonly scratch: DeviceAddress
  readonly met: DeviceAddress
  tables: { readonly inputs: DeviceAddress; readonly outputs: DeviceAddress; readonly ports: DeviceAddress; readonly inputCount: number }
  readonly #driver: CudaDriver
  readonly #base: DeviceAddress
  readonly #shape: MemoryShape
  #tableBase: DeviceAddress

  /** Allocates and fills; waits for the copies, so nothing may be resident on the GPU. */
  constructor(driver: CudaDriver, shape: MemoryShape, rings: RingTables) {
    this.#driver = driver
    this.#shape = shape
    const buffers = bufferTable(shape.buffers)
    const { base, addresses } = placed(driver, [shape.frame ?? new Uint8Array(shape.frameBytes), shape.state ?? new Uint8Array(shape.stateBytes), shape.constants, buffers, new Uint8Array(shape.scratchBytes), new Uint8Array(shape.metBytes)])
    this.#base = base
    const [frame = 0n, state = 0n, constants = 0n, bufferAddress = 0n, scratch = 0n, met = 0n] = addresses
    this.frame = frame
    this.state = state
    this.constants = constants
    this.buffers = bufferAddress
    this.scratch = scratch
    this.met = met
    try {
      const made = tablesOf(driver, rings)
      this.#tableBase = made.base
      this.tables = made.tables
    } catch (error) {
      driver.free(base)
      throw error
    }
  }

  /** The body starts from its beginning the next time. */
  clearFrame(stream: Handle): void { this.#driver.fillAsync(this.frame, 0, Math.max(this.#shape.frameBytes, 1), stream) }

  clearState(stream: Handle): void { this.#driver.fillAsync(this.state, 0, Math.max(this.#shape.stateBytes, 1), stream) }

  /** What the frame holds; waits for the copy, so nothing may be resident on the GPU. */
  readFrame(): Uint8Array {
    const frame = new Uint8Array(this.#shape.frameBytes)
    if (frame.byteLength > 0) this.#driver.copyToHost(frame, this.frame)
    return frame
  }

  get hasState(): boolean { return this.#shape.stateBytes > 0 }

  copyStateToHost(to: HostAddress, stream: Handle): void { this.#driver.copyToHostAsync(to, this.state, this.#shape.stateBytes, stream) }

  /** Other rings from the next launch on; nothing may be resident on the GPU. */
  replaceTables(rings: RingTables): void {
    const made = tablesOf(this.#driver, rings)
    this.#driver.free(this.#tableBase)
    this.#tableBase = made.base
    this.tables = made.tables
  }

  release(): void {
    this.#driver.free(this.#tableBase)
    this.#driver.free(this.#base)
  }
}

function tablesOf(driver: CudaDriver, rings: RingTables): { base: DeviceAddress; tables: ActorMemory['tables'] } {
  const { base, addresses: [inputs = 0n, outputs = 0n, ports = 0n] } = placed(driver, [edgeTable(rings.inputs), edgeTable(rings.outputs), portTable(rings.ports)])
  return { base, tables: { inputs, outputs, ports, inputCount: rings.inputs.length } }
}

/** One allocation with these parts one after the other. */
function placed(driver: CudaDriver, parts: readonly Uint8Array[]): { base: DeviceAddress; addresses: DeviceAddress[] } {
  let bytes = 0
  const offsets = parts.map((part) => {
    const offset = bytes
    bytes += Math.ceil(Math.max(part.byteLength, 1) / ALIGN_BYTES) * ALIGN_BYTES
    return offset
  })
  // Whole, since fresh memory holds anything.
  const image = new Uint8Array(bytes)
  parts.forEach((part, i) => { image.set(part, offsets[i]) })
  const base = driver.allocate(bytes)
  try { driver.copyToDevice(base, image) } catch (error) { driver.free(base); throw error }
  return { base, addresses: offsets.map((offset) => base + BigInt(offset)) }
}
