// The ABI between the host and the kernels, from the host's side: parameters, tables and the log ring as bytes. Its twin is cuda/ring.cuh, which asserts
// the same sizes and offsets; a test lets g++ compare the two. No calls to a driver here, and no memory of its own.

/** A line has one writer (ring/control.ts has the same). */
const LINE_BYTES = 128

/** Bytes of one entry of the edge, port and buffer tables, of a fault record, and of the kernels' parameters. */
export const abiBytes = { edge: 32, port: 8, buffer: 16, actor: 112, oneShot: 64, firstFault: 24 } as const

/** Fields of the parameter `RlActor`: addresses are the device's; a field left out is 0. */
export interface ActorFields {
  /** The control block. */
  readonly control: bigint
  /** Tables made by `edgeTable` and `portTable`. Entry 0 of both edge tables is the host's ring. */
  readonly inputs: bigint
  readonly outputs: bigint
  readonly ports: bigint
  /** `frameBytes`, zeroed before the first launch and kept over a park. */
  readonly frame: bigint
  readonly state?: bigint
  readonly constants?: bigint
  /** A table made by `bufferTable`. */
  readonly buffers?: bigint
  readonly log?: bigint
  /** `scratchBytes` of the emitted text; may be left out when that is 0. */
  readonly scratch?: bigint
  /** The host's monotonic clock minus the device's globaltimer, ns. */
  readonly clockOffsetNs: bigint
  /** When the ring kernel was activated, on the host's monotonic clock, ns. */
  readonly activatedAtNs: bigint
  readonly inputCount: number
  /** Records in the log ring, a power of two. */
  readonly logCapacity?: number
  readonly epoch: number
  readonly origin: number
}

/** The bytes of `RlActor`. */
export function actorParameters(fields: ActorFields): Uint8Array {
  const bytes = new Uint8Array(abiBytes.actor)
  const view = new DataView(bytes.buffer)
  const addresses = [fields.control, fields.inputs, fields.outputs, fields.ports, fields.frame, fields.state, fields.constants, fields.buffers, fields.log, fields.scratch]
  addresses.forEach((address, i) => { view.setBigUint64(i * 8, address ?? 0n, true) })
  view.setBigInt64(80, fields.clockOffsetNs, true)
  view.setBigUint64(88, fields.activatedAtNs, true)
  view.setUint32(96, fields.inputCount, true)
  view.setUint32(100, (fields.logCapacity ?? 1) - 1, true)
  view.setUint32(104, fields.epoch >>> 0, true)
  view.setUint32(108, fields.origin >>> 0, true)
  return bytes
}

/** One end of a ring. */
export interface EdgeEntry {
  /** Address of the edge's record; 0n for the host's own ring, whose indices are in the control block. */
  readonly record: bigint
  /** Address of slot 0. */
  readonly slots: bigint
  readonly capacity: number
  /** What `waitsEdge` says of it; 0 for the host's ring. */
  readonly number: number
  /** `device`: both ends run on this GPU and the record lies in its memory. */
  readonly scope: 'system' | 'device'
}

export function edgeTable(edges: readonly EdgeEntry[]): Uint8Array {
  const bytes = new Uint8Array(edges.length * abiBytes.edge)
  const view = new DataView(bytes.buffer)
  edges.forEach((edge, i) => {
    const at = i * abiBytes.edge
    view.setBigUint64(at, edge.record, true)
    view.setBigUint64(at + 8, edge.slots, true)
    view.setUint32(at + 16, edge.capacity - 1, true)
    view.setUint32(at + 20, edge.number >>> 0, true)
    view.setUint32(at + 24, edge.scope === 'device' ? 1 : 0, true)
  })
  return bytes
}

/** Which output edges each output goes to, by index into the output edge table: `{ first: 0, count: 1 }` is the host's ring. */
export function portTable(ports: readonly { readonly first: number; readonly count: number }[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(ports.flatMap(({ first, count }) => [first, count])).buffer)
}

export function bufferTable(buffers: readonly { readonly address: bigint; readonly count: number }[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(buffers.flatMap(({ address, count }) => [address, BigInt(count)])).buffer)
}

/** Fields of the parameter `RlOneShot`; a field left out is 0. */
export interface OneShotFields {
  readonly arguments?: bigint
  readonly buffers?: bigint
  readonly constants?: bigint
  /** A log ring in device memory. */
  readonly log?: bigint
  /** A record made by `noFault()`, in device memory. */
  readonly fault: bigint
  /** A word in pinned host memory: what is not 0 there ends the kernel early. */
  readonly stop: bigint
  readonly count: number
  readonly logCapacity?: number
}

/** The bytes of `RlOneShot`. */
export function oneShotParameters(fields: OneShotFields): Uint8Array {
  const bytes = new Uint8Array(abiBytes.oneShot)
  const view = new DataView(bytes.buffer)
  const addresses = [fields.arguments, fields.buffers, fields.constants, fields.log, fields.fault, fields.stop]
  addresses.forEach((address, i) => { view.setBigUint64(i * 8, address ?? 0n, true) })
  view.setUint32(48, fields.count, true)
  view.setUint32(52, (fields.logCapacity ?? 1) - 1, true)
  return bytes
}

/** `RlFirstFault` before a one-shot kernel runs. */
export function noFault(): Uint8Array {
  const bytes = new Uint8Array(abiBytes.firstFault)
  new DataView(bytes.buffer).setUint32(8, 0xffff_ffff, true)
  return bytes
}

/** What a one-shot kernel left in its `RlFirstFault`. */
export function readFault(bytes: Uint8Array): { readonly site: number; readonly index: number; readonly value: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const index = view.getUint32(8, true)
  return index === 0xffff_ffff ? undefined : { site: view.getUint32(4, true), index, value: view.getFloat64(16, true) }
}

/** Bytes of a log ring: a line of the device {tail, tail of the letters}, a line of the host, then the records. Letters come behind them. */
export function logBytes(capacity: number, stride: number): number { return 2 * LINE_BYTES + capacity * stride }

/** One record of a log ring, at byte `offset`. */
export interface LogRecord {
  readonly site: number
  /** Input index of the message in hand, and the number of the edge it came from. */
  readonly index: number
  readonly edge: number
  /** Where its values begin: 8 bytes each, floats as f64, signed integers as i64, the others as u64. */
  readonly values: number
}

export function readLogRecord(view: DataView, offset: number): LogRecord {
  return { site: view.getUint32(offset + 4, true), index: view.getUint32(offset + 8, true), edge: view.getUint32(offset + 12, true), values: offset + 16 }
}

/** Words of the two lines at the beginning of a log ring that tell of letters: the device's tail, the host's head. */
export const letterWord = { tail: 1, head: LINE_BYTES / 4 + 1 } as const

/** What goes with a message that was given up, in bytes: its slot, and what it met, 0 where that is not kept. */
export interface LetterShape { readonly slotBytes: number; readonly stateBytes: number; readonly frameBytes: number }

/** How the ring of dead letters lies behind the log's records. */
export interface LetterLayout extends LetterShape { readonly offset: number; readonly stride: number; readonly capacity: number }

const LETTER_HEAD_BYTES = 32
/** Bytes of a ring of letters, unless even two letters take more, and how many of them it has at most. */
const LETTERS_BYTES_MAX = 64 * 1024
const LETTERS_MAX = 256

/** `offset`: where the log's records end. */
export function letterLayout(shape: LetterShape, offset: number): LetterLayout {
  const stride = LETTER_HEAD_BYTES + shape.slotBytes + units(shape.stateBytes) + units(shape.frameBytes)
  const fitting = Math.min(LETTERS_MAX, Math.max(2, Math.floor(LETTERS_BYTES_MAX / stride)))
  return { ...shape, offset, stride, capacity: 2 ** Math.floor(Math.log2(fitting)) }
}

/** Bytes in the GPU's memory that hold what the message in hand met. */
export function metBytes({ stateBytes, frameBytes }: Pick<LetterShape, 'stateBytes' | 'frameBytes'>): number {
  return stateBytes + frameBytes === 0 ? 0 : 16 + units(stateBytes) + units(frameBytes)
}

/** Tells the device where letters go; `met` is the address of `metBytes`, zeroed. Before the first launch. */
export function writeLetterLayout(view: DataView, { offset, stride, capacity, slotBytes, stateBytes, frameBytes }: LetterLayout, met: bigint): void {
  const at = LINE_BYTES + 8
  ;[offset, stride, capacity - 1, slotBytes, units(stateBytes), units(frameBytes)].forEach((value, i) => { view.setUint32(at + 4 * i, value, true) })
  view.setBigUint64(LINE_BYTES + 32, met, true)
}

/** One dead letter. */
export interface LetterRecord {
  /** `given-up`: the body failed with the message and goes on; `last`: it failed and ends; `expired`: it was not given the message. */
  readonly reason: 'given-up' | 'expired' | 'last'
  readonly site: number
  readonly value: number
  /** In buffers of their own. What it met is undefined where that was not kept. */
  readonly slot: Uint8Array
  readonly state: Uint8Array | undefined
  readonly frame: Uint8Array | undefined
}

export function readLetter(view: DataView, index: number, { offset, stride, capacity, slotBytes, stateBytes, frameBytes }: LetterLayout): LetterRecord {
  const at = offset + (index & (capacity - 1)) * stride
  const bytes = (from: number, count: number): Uint8Array => new Uint8Array(view.buffer, view.byteOffset + from, count).slice()
  const slotAt = at + LETTER_HEAD_BYTES, stateAt = slotAt + slotBytes, hasMet = view.getUint32(at + 24, true) !== 0
  return {
    reason: (['given-up', 'expired', 'last'] as const)[view.getUint32(at, true)] ?? 'last', site: view.getUint32(at + 4, true), value: view.getFloat64(at + 16, true),
    slot: bytes(slotAt, slotBytes), state: hasMet && stateBytes > 0 ? bytes(stateAt, stateBytes) : undefined, frame: hasMet && frameBytes > 0 ? bytes(stateAt + units(stateBytes), frameBytes) : undefined,
  }
}

/** Everything is copied in units of 16 bytes. */
function units(bytes: number): number { return Math.ceil(bytes / 16) * 16 }
