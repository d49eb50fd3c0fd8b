// How much of a program a block holds at once: strides, batches, threads, and what of it goes to scratch memory. Numbers only; cuda/actor.cuh uses them.
import type { Program } from '../ir.js'

const ENVELOPE_BYTES = 32
const SLOT_ALIGN = 16
/** Bytes of input slots, and of output slots, that a block may keep in shared memory: both, the lanes and the histogram stay below the 48 KiB that need no opt-in. */
const SLOTS_SHARED_BYTES_MAX = 16_384
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
  return {
    inStride, inBatch, outStrides, outStride, outBatch,
    scratchBytes: scratchOf(inStride * inBatch) + scratchOf(outStride * outBatch),
    logStride: logStride(program, isMessages ? inStride : 0),
    threads: isParallel ? THREADS_PARALLEL : THREADS_SCALAR,
  }
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

function scratchOf(bytes: number): number { return bytes > SLOTS_SHARED_BYTES_MAX ? bytes : 0 }

function logStride(program: Program, deadLetterBytes: number): number {
  const most = Math.max(0, ...program.sites.map((site) => (site.kind === 'log' ? site.parts.filter((part) => typeof part !== 'string').length : 0)))
  const bytes = Math.max(RECORD_HEAD_BYTES + 8 * Math.max(2, most), deadLetterBytes > 0 ? RECORD_HEAD_BYTES + 16 + deadLetterBytes : 0)
  return Math.ceil(bytes / SLOT_ALIGN) * SLOT_ALIGN
}
