// What a ring kernel or a one-shot kernel is on a GPU: the compiled body, or the code its author wrote, as the GPU's thread loads it.
import { createHash } from 'node:crypto'
import type { CompiledBody, CompiledSite } from '../../compiler/compiled.js'
import { byHandPrelude } from '../../compiler/cuda/units.js'
import type { CudaCode, Definition } from '../../runtime/definition.js'
import type { KernelPlan } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'
import { struct, structCodec } from '../../schema/index.js'
import { codeOf, kernelCodeOf, requireRoom } from '../body/compiled-code.js'
import type { LaunchAsk, RunAsk } from './letters.js'

export type Kernel = Pick<LaunchAsk, 'code' | 'entry' | 'threads' | 'frameBytes' | 'stateBytes' | 'sharedBytes' | 'scratchBytes' | 'logStride' | 'constants' | 'sites'>

/** A block of a kernel written by hand, unless its definition says otherwise: one warp. */
const THREADS_BY_HAND = 32
/** Bytes of a record of its log, of which it has no lines (RL_ACTOR states the same). */
const LOG_STRIDE_BY_HAND = 32
/** What a kernel written by hand may keep over a park. */
const FRAME_BYTES = 4096

/** A ring kernel's code; what names its frame: undefined where the body keeps nothing in it between two messages; the buffers that it writes: undefined where nobody knows. */
export interface RingKernelCode { readonly kernel: Kernel; readonly frameHash: string | undefined; readonly writtenBuffers: readonly string[] | undefined }

/** @throws CaptureError; CompileError with everything found; DeviceError when a message has no fixed bytes. */
export async function kernelOf(definition: Definition, device: string): Promise<RingKernelCode> {
  const { name, cuda, state, threads } = definition
  requireStructs(definition, device)
  if (cuda !== undefined) {
    const stateBytes = state === undefined || Object.keys(state).length === 0 ? 0 : structCodec(struct('State', state)).bytes
    const kernel = { code: handWritten(cuda), entry: cuda.entry, threads: threads ?? THREADS_BY_HAND, frameBytes: FRAME_BYTES, stateBytes, sharedBytes: undefined, scratchBytes: 0, logStride: LOG_STRIDE_BY_HAND, constants: new Uint8Array(0), sites: [] }
    return { kernel, frameHash: createHash('sha256').update(cuda.source ?? cuda.image ?? '').update(cuda.entry).digest('hex'), writtenBuffers: undefined }
  }
  const { compiled } = await codeOf(definition)
  if (compiled === undefined) throw new DeviceError(device, `ring kernel '${name}' cannot be compiled for a GPU`)
  requireRoom(compiled, definition, device)
  const { constants, stateBytes, frameBytes, sharedBytes, scratchBytes, logStride, sites } = compiled
  const kernel = { code: codeFor(compiled), entry: compiled.entry, threads: blockThreads(threads, compiled), frameBytes, stateBytes, sharedBytes, scratchBytes, logStride, constants, sites }
  return { kernel, frameHash: compiled.form === 'loop' ? compiled.frame.hash : undefined, writtenBuffers: compiled.writtenBuffers }
}

/** As many as its author wants; a body that runs many messages at once was laid out for so many at most. */
function blockThreads(wanted: number | undefined, { form, cudaThreads }: CompiledBody): number {
  if (wanted === undefined) return cudaThreads
  return form === 'messages' ? Math.min(wanted, cudaThreads) : wanted
}

function requireStructs({ name, input, output, sends, ports }: Definition, device: string): void {
  const loose = [input, ...(sends ? [output] : []), ...Object.values(ports)].find((schema) => schema.kind !== 'struct')
  if (loose === undefined) return
  throw new DeviceError(device, `ring kernel '${name}' takes or sends ${loose.name}, a message() schema, which has no fixed bytes, so it cannot run on a GPU: use a struct(), or run it with { device: 'host' } or { device: 'cpu' }.`)
}

/** @throws CaptureError; CompileError. */
export async function oneShotOf(plan: KernelPlan): Promise<{ readonly ask: Pick<RunAsk, 'code' | 'entry' | 'threads' | 'constants'>; readonly sites: readonly CompiledSite[] }> {
  const compiled = await kernelCodeOf(plan)
  const { entry, cudaThreads: threads, constants, sites } = compiled
  return { ask: { code: codeFor(compiled), entry, threads, constants }, sites }
}

function codeFor({ cuda, cudaLinked }: CompiledBody): Kernel['code'] { return { kind: 'cuda', text: cuda, options: [], linked: cudaLinked } }

function handWritten(cuda: CudaCode): Kernel['code'] {
  if (cuda.image !== undefined) return { kind: 'image', image: cuda.image }
  return { kind: 'cuda', text: handWrittenText(cuda), options: cuda.options, linked: undefined }
}

/** The whole text that the compiler gets of code written by hand; its messages name the author's own lines. */
export function handWrittenText({ source = '', file, line }: CudaCode): string { return `${byHandPrelude()}\n#line ${line} ${JSON.stringify(file)}\n${source}\n` }
