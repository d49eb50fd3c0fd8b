// What compiling one body gives: plain data that crosses threads. Shapes and the error only.
import type { LinkedUnit } from './cuda/units.js'
import type { Repr, Where } from './ir.js'

/** One finding. Errors stop the launch; notes are advice (speed, meaning). */
export interface Diagnostic {
  /** `RL1012`. */
  readonly code: string
  readonly category: 'error' | 'warning' | 'note'
  readonly message: string
  /** What to write instead, where there is one thing to write. */
  readonly fix?: string
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly length: number
  /** The source line it points at. */
  readonly excerpt: string
}

export interface CompiledSite {
  readonly kind: 'fault' | 'log'
  readonly text: string
  /** The class of the error that a fault stands for, by name; default Error. */
  readonly error?: string | undefined
  readonly parts: readonly (string | { readonly repr: Repr })[]
  /** `file:line:column`. */
  readonly place: string
}

/** What makes the frame of a parked body readable on every device. */
export interface CompiledFrame {
  /** In the order in which the JavaScript text numbers its suspension points, from 1: the number that each has in the program, and in the CUDA text. */
  readonly points: readonly number[]
  /** Equal for bodies whose frames mean the same. */
  readonly hash: string
}

/** A body ready to run on the CPU device and to be compiled for a GPU. */
export interface CompiledBody {
  readonly name: string
  readonly form: 'loop' | 'handler' | 'messages' | 'one-shot'
  /** Text of a function (see javascript/). */
  readonly javascript: string
  /** Whole CUDA C++ translation unit, prelude included; its entry is `extern "C" ringlab_<name>`. */
  readonly cuda: string
  /** The same to be linked to what of the prelude was compiled before; undefined for one-shot kernels. */
  readonly cudaLinked: LinkedUnit | undefined
  readonly entry: string
  /** From a line of the emitted CUDA (counted from 1, after the prelude's end marker) to where it came from. */
  readonly lines: readonly (Where | undefined)[]
  /** Threads of the block that the CUDA text was written for; it runs with any number. */
  readonly cudaThreads: number
  /** Dynamic shared memory of a launch. */
  readonly sharedBytes: number
  /** Device memory for slots that do not fit shared memory, and bytes of a record of the log ring. */
  readonly scratchBytes: number
  readonly logStride: number
  readonly files: readonly string[]
  readonly frameBytes: number
  /** Bytes of the frame before its arrays. */
  readonly localBytes: number
  readonly frame: CompiledFrame
  readonly constants: Uint8Array
  readonly stateBytes: number
  readonly sites: readonly CompiledSite[]
  readonly points: number
  readonly ports: readonly { readonly name: string; readonly bytes: number; readonly emitsMax: number | undefined }[]
  readonly inputBytes: number
  readonly buffers: readonly string[]
  /** Those of them that it writes to. */
  readonly writtenBuffers?: readonly string[]
  readonly notes: readonly Diagnostic[]
  /** Equal for equal results: names the body in caches. */
  readonly hash: string
}

export type CompileOutcome =
  | { readonly ok: true; readonly body: CompiledBody }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
