// How much of a program a block holds at once: strides, batches, threads, and what of it goes to scratch memory. Numbers only; cuda/block.cuh uses them.
import type { Program } from '../ir.js'

const ENVELOPE_BYTES = 32
const SLOT_ALIGN = 16
/** Bytes of input slots, and of output slots, that a block may keep in shared memory. */
const SLOTS_SHARED_BYTES_MAX = 16_384
/** What a block may have of shared memory without asking for more. */
const SHARED_BYTES_MAX = 48 * 1024
/** Of RlBlock and RlOut (cuda/block.cuh); emitted text asserts the sum. */
const BLOCK_BYTES = 5376
const PORT_BYTES = 64
/** Flags of RlShape. */
const flag = { handler: 1, messages: 2, inScratch: 4, outScratch: 8 } as const
/** Slots the block moves at once. */
const BATCH = 16
const THREADS_SCALAR = 32
const THREADS_PARALLEL = 256
/** Of a record of the log ring: kind, site, index, edge. */
const RECORD_HEAD_BYTES = 16

export interface Shape {
  readonly inStride: number
  readonly inBatch: number
  /** Of each output's slots, and the longest of them. */
  readonly outStrides: readonly number[]
  readonly outStride: number
  readonly outBatch: number
  /** Bytes handed to parallel bodies. */
  readonly capture: number
  /** What else there is to say of it, as RlShape counts it. */
  readonly flags: number
  /** Dynamic shared memory of a launch. */
  readonly sharedBytes: number
  /** Device memory for slots that do not fit shared memory; 0 for most programs. */
  readonly scratchBytes: number
  /** Bytes of a record of the log ring. */
  readonly logStride: number
  /** Threads of the block the text was written for; it runs with any number. */
  readonly threads: number
}

export function shapeOf(program: Program): Shape {
  const inStride = slotStride(program.input?.bytes ?? 0)
  const outStrides = program.ports.map((port) => slotStride(port.layout.bytes))
  const outStride = Math.max(ENVELOPE_BYTES, ...outStrides)
  const isMessages = program.form === 'messages'
  const outputsEach = program.ports.reduce((sum, port) => sum + (port.emitsMax ?? 0), 0)
  const inBatch = isMessages ? messagesBatch(inStride, outStride * outputsEach) : batchOf(inStride)
  const outBatch = isMessages ? Math.max(1, inBatch * outputsEach) : batchOf(outStride)
  const isParallel = isMessages || program.parallels.length > 0
  const [inBytes, outBytes] = [inStride * inBatch, outStride * outBatch]
  const capture = captureBytes(program)
  const fixedBytes = BLOCK_BYTES + program.ports.length * PORT_BYTES + capture + (isMessages ? Math.ceil((program.ports.length * 12 + 2) * inBatch / SLOT_ALIGN) * SLOT_ALIGN : 0)
  const inScratch = inBytes > SLOTS_SHARED_BYTES_MAX
  const outScratch = outBytes > SLOTS_SHARED_BYTES_MAX || fixedBytes + (inScratch ? 0 : inBytes) + outBytes > SHARED_BYTES_MAX
  return {
    inStride, inBatch, outStrides, outStride, outBatch, capture,
    flags: (program.form === 'handler' ? flag.handler : 0) + (isMessages ? flag.messages : 0) + (inScratch ? flag.inScratch : 0) + (outScratch ? flag.outScratch : 0),
    sharedBytes: fixedBytes + (inScratch ? 0 : inBytes) + (outScratch ? 0 : outBytes),
    scratchBytes: (inScratch ? inBytes : 0) + (outScratch ? outBytes : 0),
    logStride: logStride(program),
    threads: isParallel ? THREADS_PARALLEL : THREADS_SCALAR,
  }
}

/** The longest of what the bodies of each and reduce read of the leader's variables. */
function captureBytes({ parallels, locals }: Program): number {
  const bytes = parallels.map(({ captures }) => captures.reduce((sum, local) => sum + (locals[local]?.repr.endsWith('64') === true ? 16 : 8), 0))
  return Math.ceil(Math.max(0, ...bytes) / SLOT_ALIGN) * SLOT_ALIGN
}

/** Bytes from one slot to the next for payloads of this size (ring/envelope.ts has the same rule). */
function slotStride(payloadBytes: number): number { return Math.ceil((ENVELOPE_BYTES + payloadBytes) / SLOT_ALIGN) * SLOT_ALIGN }

/** A batch of one would publish every message by itself: then slots lie in scratch memory, where a whole batch has room. */
function batchOf(stride: number): number {
  const fitting = Math.floor(SLOTS_SHARED_BYTES_MAX / stride)
  return fitting < 2 ? BATCH : Math.min(BATCH, fitting)
}

/** With a thread a message, a batch that fills less than a warp wastes the block. */
function messagesBatch(inStride: number, outBytesEach: number): number {
  const fitting = Math.floor(SLOTS_SHARED_BYTES_MAX / Math.max(inStride, outBytesEach))
  return fitting < THREADS_SCALAR ? THREADS_PARALLEL : Math.min(THREADS_PARALLEL, fitting)
}

function logStride(program: Program): number {
  const most = Math.max(0, ...program.sites.map((site) => (site.kind === 'log' ? site.parts.filter((part) => typeof part !== 'string').length : 0)))
  return Math.ceil((RECORD_HEAD_BYTES + 8 * Math.max(2, most)) / SLOT_ALIGN) * SLOT_ALIGN
}
