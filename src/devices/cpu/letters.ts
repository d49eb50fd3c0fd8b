// What the main thread and a CPU worker post to each other. Structured-clonable; traffic never goes this way.
import type { SchemaText } from '../../schema/index.js'
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

/** One ring kernel to take over: anew, or where another worker left it. */
export interface Assignment {
  readonly number: number
  readonly id: string
  readonly body: CapturedBody
  readonly arena: SharedArrayBuffer
  readonly controlOffset: number
  readonly origin: number
  readonly input: SchemaText
  readonly output: SchemaText
  readonly sends: boolean
  readonly state: SchemaText | undefined
}

export type ToWorker =
  | { readonly kind: 'assign'; readonly assignment: Assignment }
  /** Asks for a sign of life. */
  | { readonly kind: 'present'; readonly number: number }
  /** Ends a ring kernel that did not stop by itself, although its thread goes on. */
  | { readonly kind: 'abandon'; readonly number: number }
  /** The actor has ended: nothing of it may be touched any more. */
  | { readonly kind: 'forget'; readonly number: number }

export type FromWorker =
  | { readonly kind: 'assigned' | 'abandoned' | 'present' | 'returned'; readonly number: number }
  | { readonly kind: 'refused' | 'failed'; readonly number: number; readonly error: Error; readonly name: string; readonly place: string | undefined }
  | { readonly kind: 'log'; readonly number: number; readonly line: string }
