// What the main thread and the wire worker say to each other: plain data over the worker's port, and a few shared numbers.
// Types and indices only. Bundles travel as JSON text, so that what cannot be cloned fails where the user's value is.

import type { MessagePort } from 'node:worker_threads'
import type { ExecuteRequest, CellError } from '../session/front-end.js'
import type { ActorRow } from '../ring/counters.js'
import type { LiveSpec } from '../view/live-spec.js'
import type { Connection } from './connection.js'

export interface WireStart {
  readonly connection: Connection
  /** Int32 words of `Board`. */
  readonly board: SharedArrayBuffer
  readonly heapLimitBytes: number
  /** Tells main's text from other bytes in the pipe; see text-frames.ts. */
  readonly mark: Uint8Array
}

/** Indices into the shared board of Int32 words. */
export const Board = {
  /** The number of main's newest message that the wire worker took: main waits on it when a flood outruns the wire. */
  taken: 0,
  /** A prompt's answer: see PromptState. */
  prompt: 1,
  /** Where the real stderr went when fd 2 was captured; 0 before. */
  realStderr: 2,
  /** Main waits on this word while the wire worker ends the process; 1: the wire worker cannot. */
  exit: 3,
  words: 8,
} as const

export const PromptState = { waiting: 0, answered: 1, refused: 2 } as const

export type CommKind = 'open' | 'message' | 'close'

export type ToMain =
  | { readonly kind: 'execute'; readonly request: ExecuteRequest }
  /** Interrupt, step 1. `token` is the cell meant; undefined when none was running. */
  | { readonly kind: 'interrupt'; readonly token: number | undefined; readonly probe: number }
  /** Interrupt, step 3 was taken: the running cell cannot settle itself. */
  | { readonly kind: 'settle'; readonly token: number }
  | { readonly kind: 'comm'; readonly comm: CommKind; readonly id: number; readonly content: Record<string, unknown>; readonly buffers: readonly Uint8Array[] }
  | { readonly kind: 'shutdown'; readonly deadlineMs: number }
  /** The sockets cannot be bound. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The sockets are closed: exit now. */
  | { readonly kind: 'leave'; readonly code: number }

/** An outcome with its bundles as JSON. */
export type Outcome =
  | { readonly status: 'ok'; readonly executionCount: number; readonly resultText?: string; readonly resultMetadataText: string; readonly resultPlain?: string
      readonly userExpressionsText: string; readonly payloadText: string }
  | { readonly status: 'error'; readonly executionCount: number; readonly error: CellError; readonly interrupted: boolean }

/** Main counts its messages, so that text on another way can say which came before it. */
export interface NumberedToWire { readonly message: ToWire; readonly number: number }

export type ToWire =
  | { readonly kind: 'ready'; readonly language: MessagePort }
  | { readonly kind: 'display'; readonly token: number; readonly dataText: string; readonly metadataText: string; readonly displayId: string | undefined; readonly update: boolean }
  | { readonly kind: 'clear'; readonly token: number; readonly wait: boolean }
  | { readonly kind: 'comm'; readonly token: number; readonly comm: CommKind; readonly contentText: string; readonly buffers: readonly Uint8Array[] }
  | { readonly kind: 'comm handled'; readonly id: number }
  | { readonly kind: 'done'; readonly token: number; readonly outcome: Outcome }
  /** Main's event loop turned: the interrupt's first step arrived. */
  | { readonly kind: 'alive'; readonly probe: number }
  | { readonly kind: 'prompt'; readonly token: number; readonly text: string; readonly password: boolean; readonly answer: MessagePort }
  /** A live figure: what to follow, whom to follow from now on, and its end. */
  | { readonly kind: 'figure'; readonly token: number | undefined; readonly spec: LiveSpec }
  | { readonly kind: 'figure rows'; readonly id: string; readonly rows: readonly ActorRow[] }
  | { readonly kind: 'figure end'; readonly id: string }
  /** SIGINT reached main's event loop. */
  | { readonly kind: 'sigint' }
  /** The session is shut down: close the sockets. */
  | { readonly kind: 'stopped' }
  /** Main is done with everything and waits for the end of the process. */
  | { readonly kind: 'left'; readonly code: number }
