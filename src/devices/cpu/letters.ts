// What the main thread and a CPU worker post to each other. Structured-clonable; traffic never goes this way.
import type { WhenFull } from '../../ring/edge.js'
import type { FieldText, SchemaText } from '../../schema/index.js'
import type { EmittedKernel, EmittedKernelFault } from '../body/emitted-kernel.js'
import type { EmittedBody } from '../body/emitted-runner.js'
import type { BodyLetter } from '../body/letters.js'
import type { ForeignMemory } from '../../compiler/javascript/actor.js'
import type { CapturedBody } from '../../source/index.js'

/** How a worker is set up. */
export interface WorkerStart {
  readonly arena: SharedArrayBuffer
  /** Byte offset of the worker's lines in the arena. */
  readonly lines: number
  readonly bellArena: SharedArrayBuffer
  /** Byte offset of the runtime's doorbell page. */
  readonly bell: number
}

/** One end of a ring between ring kernels. */
export interface EdgeText {
  readonly number: number
  readonly arena: SharedArrayBuffer
  /** Byte offset of the record in the arena. */
  readonly offset: number
  readonly capacity: number
  readonly payloadBytes: number
  readonly whenFull: WhenFull
  readonly schema: SchemaText
  /** The control block of the ring kernel that writes. */
  readonly from: { readonly arena: SharedArrayBuffer; readonly control: number }
  /** The lines of the worker at the other end; undefined when the host wakes whoever stands there. */
  readonly peer: { readonly arena: SharedArrayBuffer; readonly lines: number } | undefined
}
export interface WiringText { readonly inputs: readonly EdgeText[]; readonly outputs: readonly (readonly EdgeText[])[] }

export interface BufferText { readonly name: string; readonly element: FieldText; readonly memory: SharedArrayBuffer; readonly offset: number; readonly count: number }

/** One ring kernel to take over: anew, or where another worker left it. */
export interface Assignment {
  readonly number: number
  readonly id: string
  readonly body: CapturedBody
  /** In place of `body`, where it was compiled. */
  readonly emitted: EmittedBody | undefined
  readonly arena: SharedArrayBuffer
  readonly controlOffset: number
  readonly origin: number
  /** Whether what messages meet is kept; undefined: by size. */
  readonly record: boolean | undefined
  readonly input: SchemaText
  readonly output: SchemaText
  readonly sends: boolean
  readonly state: SchemaText | undefined
  readonly buffers: readonly BufferText[]
  readonly ports: readonly { readonly name: string; readonly schema: SchemaText }[]
  readonly wiring: WiringText
}

export type ToWorker =
  /** `restarts`: in place of what this or another worker ran of it until now. */
  | { readonly kind: 'assign'; readonly assignment: Assignment; readonly restarts: boolean }
  | { readonly kind: 'wire'; readonly number: number; readonly wiring: WiringText }
  /** Asks for a sign of life. */
  | { readonly kind: 'present'; readonly number: number }
  /** Ends a ring kernel that did not stop by itself, although its thread goes on. */
  | { readonly kind: 'abandon'; readonly number: number }
  /** The actor has ended: nothing of it may be touched any more. */
  | { readonly kind: 'forget'; readonly number: number }

export type FromWorker =
  | { readonly kind: 'assigned' | 'wired' | 'abandoned' | 'present' | 'returned' | 'forgotten'; readonly number: number }
  | { readonly kind: 'refused' | 'failed'; readonly number: number; readonly error: Error; readonly name: string; readonly place: string | undefined; readonly letter?: BodyLetter | undefined }
  | { readonly kind: 'log'; readonly number: number; readonly line: string }
  /** A message was given up, and its ring kernel goes on. */
  | { readonly kind: 'deadLetter'; readonly number: number; readonly letter: BodyLetter }

/** One one-shot kernel, posted to the worker of kernels. */
export interface KernelLetter {
  readonly body: EmittedKernel
  /** The scalars, as the struct that the compiler laid out. */
  readonly argumentBytes: Uint8Array
  /** In the order of the compiled body. */
  readonly buffers: readonly ForeignMemory[]
  readonly threads: number
}

/** All of it ran, or up to the fault. */
export interface FromKernelWorker { readonly fault: EmittedKernelFault | undefined }
