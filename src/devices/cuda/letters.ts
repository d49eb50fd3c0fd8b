// What is posted between the main thread and the thread of a GPU. Structured-clonable; traffic never goes this way.
import type { CompiledSite } from '../../compiler/compiled.js'
import type { LinkedUnit } from '../../compiler/cuda/units.js'
import type { SavedBody } from '../../runtime/device.js'
import type { BodyLetter } from '../body/letters.js'

/** How the thread of a GPU is set up. */
export interface GpuStart {
  readonly ordinal: number
  /** Its own lines, through which it is woken (see cpu/worker-line.ts). */
  readonly lines: SharedArrayBuffer
}

/** What a ring kernel is made of: CUDA C++ for this machine's compiler, or an image that the driver loads as it is. */
export type KernelCode =
  | { readonly kind: 'cuda'; readonly text: string; readonly options: readonly string[]; /** In place of `text`, where it can be linked. */ readonly linked: LinkedUnit | undefined }
  | { readonly kind: 'image'; readonly image: Uint8Array | string }

/** A unified buffer, or a part of one. */
export interface BufferAsk { readonly block: number; readonly offset: number; readonly count: number }

/** One ring kernel to load. */
export interface LaunchAsk {
  /** Unique in the process. */
  readonly actor: number
  readonly runtime: number
  readonly id: string
  readonly origin: number
  readonly code: KernelCode
  /** The name of the kernel in the code. */
  readonly entry: string
  readonly threads: number
  readonly arena: SharedArrayBuffer
  readonly controlOffset: number
  readonly blockBytes: number
  readonly frameBytes: number
  readonly stateBytes: number
  /** Dynamic shared memory of its grid; undefined: the code says it, in the word `ENTRY_shared_bytes`. */
  readonly sharedBytes: number | undefined
  readonly scratchBytes: number
  /** Bytes of a record of its log. */
  readonly logStride: number
  /** `output`, and further ports. */
  readonly outputCount: number
  readonly constants: Uint8Array
  readonly buffers: readonly BufferAsk[]
  readonly sites: readonly CompiledSite[]
  /** What of that a message met is kept until it is finished, in bytes; 0 for what is not. */
  readonly met: { readonly stateBytes: number; readonly frameBytes: number }
  /** What it goes on with, in place of zeros. */
  readonly initial: Pick<SavedBody, 'state' | 'frame' | 'nowNs'>
}

/** A ring between two ring kernels: its record in an arena, or in a block of the GPU's memory. */
export interface EdgeAsk {
  readonly number: number
  readonly at: { readonly kind: 'arena'; readonly arena: SharedArrayBuffer; readonly offset: number; readonly bytes: number } | { readonly kind: 'device'; readonly block: number }
  readonly capacity: number
  readonly payloadBytes: number
}

export interface WireAsk { readonly actor: number; readonly inputs: readonly EdgeAsk[]; readonly outputs: readonly (readonly EdgeAsk[])[] }

export interface RestartAsk { readonly actor: number; readonly keepState: boolean; readonly keepFrame: boolean; /** Other code from now on. */ readonly launch: LaunchAsk | undefined }

/** One run of a one-shot kernel. */
export interface RunAsk {
  /** Unique in the process. */
  readonly run: number
  readonly name: string
  readonly code: KernelCode
  readonly entry: string
  readonly threads: number
  readonly constants: Uint8Array
  readonly scalars: Uint8Array
  readonly buffers: readonly BufferAsk[]
  readonly count: number
}

export interface RunAnswer {
  readonly fault: { readonly site: number; readonly index: number; readonly value: number } | undefined
}

/** `wasWhole`: why its whole text was compiled, which takes longer than linking. `pointer`: its control block, as kernels address it. */
export interface Launched { readonly compiledMs: number; readonly isCached: boolean; readonly wasWhole: string | undefined; readonly pointer: bigint }

export interface GpuDescription { readonly name: string; readonly architecture: string; readonly multiprocessors: number }

/** A part of page-locked memory of the host, which the GPU copies from and to by itself. */
export interface PinnedPart { readonly pin: number; readonly offset: number; readonly bytes: number }

/** Everything main may ask, and what the answer carries. */
export interface Asks {
  /** Opens the driver and the GPU's context; the first ask. */
  open: { readonly ask: object; readonly answer: GpuDescription }
  /** A runtime uses this GPU from now on; its doorbell. */
  join: { readonly ask: { readonly runtime: number; readonly bellArena: SharedArrayBuffer; readonly bell: number }; readonly answer: null }
  /** A runtime is done: everything of it leaves the GPU. */
  leave: { readonly ask: { readonly runtime: number }; readonly answer: null }
  launch: { readonly ask: LaunchAsk; readonly answer: Launched }
  /** The ring kernel did not answer a command by its deadline. */
  force: { readonly ask: { readonly actor: number; readonly outcome: 'gone' | 'parked' }; readonly answer: 'obeyed' | 'abandoned' }
  /** Its body starts again, on the memory and the rings it has. */
  restart: { readonly ask: RestartAsk; readonly answer: Launched | 'restarted' | 'holding' }
  run: { readonly ask: RunAsk; readonly answer: RunAnswer }
  /** What a parked ring kernel keeps in its frame. */
  save: { readonly ask: { readonly actor: number }; readonly answer: { readonly frame: Uint8Array; readonly rings: readonly number[]; readonly nowNs: number | undefined } }
  /** Replaces all connections of a ring kernel. */
  wire: { readonly ask: WireAsk; readonly answer: null }
  allocate: { readonly ask: { readonly bytes: number }; readonly answer: { readonly block: number; readonly pointer: bigint } }
  clear: { readonly ask: { readonly block: number }; readonly answer: null }
  upload: { readonly ask: { readonly block: number; readonly offset: number; readonly bytes: Uint8Array | PinnedPart }; readonly answer: null }
  /** Into shared or page-locked memory, or, given a count, into what the answer carries. */
  download: { readonly ask: { readonly block: number; readonly offset: number; readonly into: Uint8Array | PinnedPart | number }; readonly answer: Uint8Array | null }
  /** Page-locks memory of this process: shared memory, or other memory by its address, which main keeps alive until `unpin` is answered. */
  pin: { readonly ask: { readonly host: SharedArrayBuffer | bigint; readonly offset: number; readonly bytes: number }; readonly answer: number }
  /** Answers once it is no longer page-locked. */
  unpin: { readonly ask: { readonly pin: number }; readonly answer: null }
  /** Gives the context back; the last ask. */
  close: { readonly ask: object; readonly answer: null }
}
export type AskKind = keyof Asks

export type ToGpu = { [K in AskKind]: { readonly kind: K; readonly ticket: number } & Asks[K]['ask'] }[AskKind]
  /** The ring kernel has ended: nothing of it may be touched any more. Has no answer. */
  | { readonly kind: 'forget'; readonly actor: number }
  | { readonly kind: 'release'; readonly block: number }
  /** Nobody waits for this run any more: it is told to end. */
  | { readonly kind: 'giveUp'; readonly run: number }

export type FromGpu =
  | { readonly kind: 'answer'; readonly ticket: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly ticket: number; readonly sentence: string; readonly cause: Error | undefined }
  | GpuEvent

/** What the thread reports of a ring kernel by itself. */
export type GpuEvent =
  | { readonly kind: 'log'; readonly actor: number; readonly line: string }
  /** A message faulted, or came too late, and its ring kernel goes on. */
  | { readonly kind: 'deadLetter'; readonly actor: number; readonly letter: BodyLetter }
  /** Nothing more will be heard of it. */
  | { readonly kind: 'forgotten'; readonly actor: number }
  | { readonly kind: 'returned'; readonly actor: number }
  /** The device failed under it. */
  | { readonly kind: 'failed'; readonly actor: number; readonly sentence: string; readonly cause: Error | undefined }
  /** Its body failed at one of its sites, with one value, and with this message if it held one. */
  | { readonly kind: 'faulted'; readonly actor: number; readonly site: number; readonly value: number; readonly letter: BodyLetter | undefined }
  /** It cannot run now, and goes on waiting where it is. */
  | { readonly kind: 'declined'; readonly actor: number; readonly sentence: string }
