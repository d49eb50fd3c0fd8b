// The public types of ring kernels and runtimes: shapes only, no code.
import type { Envelope } from '../ring/envelope.js'
import type { ArrayOf, Columns, Element, Infer, Init, Message, Schema, Struct } from '../schema/index.js'
import type { LatencyBucket } from '../ring/histogram.js'
import type { CpuOptions } from './cpu-options.js'
import type { DeadLetterOptions, DeadLetterQueue } from './dead-letters.js'
import type { InputQueue } from './input-queue.js'
import type { HostOptions } from './host-options.js'
import type { State } from './life-cycle.js'
import type { Supervisor, SupervisorOptions } from './supervisor.js'
import type { MemoryOptions } from './memory-pool.js'
import type { CheckpointSummary } from './take-checkpoint.js'
import type { UnifiedBuffer } from './unified-buffer.js'

/** Where ring kernels run: `auto` takes the GPU when it is usable, else the embedded CPU device; `host` is this thread's event loop. */
export type Device = 'auto' | 'cpu' | 'cuda' | `cuda:${number}` | 'host'

export interface MessageOptions {
  /** 0–255, default 128; carried in the envelope. In bands (SYSTEM from 224, HIGH from 160, NORMAL from 64, LOW) a higher one overtakes messages of lower ones that still wait. */
  priority?: number
  /** Carried in the envelope, and by what the body sends while this message is in hand. */
  correlationId?: bigint
  /** From the moment it is sent, ms: later nobody is given it any more. 0, the default: for ever. */
  timeToLiveMs?: number
  /**
   * Of your own making, 1n … 2n ** 64n − 1n, in place of the one that every message gets: the same id again is the same message, sent again. The receiver
   * reads its upper 16 bits as the sender's number. In a body's own sends it is refused.
   */
  id?: bigint
}
export interface WaitOptions {
  /** Without it a wait ends at termination, failure or interrupt. */
  timeoutMs?: number
  signal?: AbortSignal
}
export interface SendOptions extends MessageOptions, WaitOptions {}

/** What a full input queue does: wait, refuse with a QueueFullError, or drop and count. */
export type Backpressure = 'block' | 'reject' | 'dropOldest' | 'dropNewest'

export interface RingKernelOptions<I, O, S, B, P> {
  input: I
  output?: O
  /** Further outputs, wired by connect(). */
  ports?: P
  /** Fields kept over park and restart; zero at launch. */
  state?: S
  /** Element types of the unified buffers that the body uses as `ctx.buffers`; a launch names one for each. */
  buffers?: B
  /** Default: the runtime's device. */
  device?: Device
  /** Messages a ring holds: a power of two, 16 … 1,048,576; default 1024. */
  capacity?: number
  /** Default: `block`. */
  backpressure?: Backpressure
  /** How many ids given to messages are remembered, 16 … 1024: a message with one of them is the same, sent again, and is left out. Default: none. */
  deduplicate?: number
  /** Threads a block, on a GPU: a multiple of 32 up to 1024; default 32. */
  threads?: number
  /** Handlers without state: a GPU may handle many messages at once. Results and their order are the same everywhere. */
  parallel?: 'messages'
  /** `exact` (the default): what JavaScript computes, to the bit, on every device. `fast`: a GPU may use its own approximations of sin, exp, pow … */
  math?: 'exact' | 'fast'
}

/** What both forms of a body see. */
export interface Context<S, B, P, Sent> {
  readonly shouldTerminate: boolean
  /** Nanoseconds since activation. */
  readonly nowNs: number
  /** Of the message in hand. */
  readonly envelope: Envelope
  readonly state: Infer<Struct<S>>
  readonly buffers: { readonly [K in keyof B]: Infer<ArrayOf<B[K]>> }
  readonly ports: { readonly [K in keyof P]: { send(message: Init<P[K]>, options?: MessageOptions): Sent } }
  /** `body(0)` … `body(count − 1)`, in any order: an iteration may write only what its own `i` names. */
  each(count: number, body: (i: number) => void): void
  /** Folds `map(i)` with `combine` in one fixed order, the same on every device; `initial` when `count` is 0. */
  reduce(count: number, map: (i: number) => number, combine: (a: number, b: number) => number, initial: number): number
}

/** Loop form. `receive` does not return once the ring kernel is terminated: the body unwinds there. */
export interface LoopContext<I, O, S = {}, B = {}, P = {}> extends Context<S, B, P, Promise<void>> {
  receive(): Promise<Infer<I>>
  tryReceive(): Infer<I> | undefined
  /** Resolves when the message is in the output ring. */
  send(message: Init<O>, options?: MessageOptions): Promise<void>
  /** As `send`, with the correlation id of the message of `to`. */
  reply(to: Envelope, message: Init<O>): Promise<void>
}

/** Handler form: nothing to await; what is sent leaves when the handler returns. */
export interface HandlerContext<_I, O, S = {}, B = {}, P = {}> extends Context<S, B, P, void> {
  send(message: Init<O>, options?: MessageOptions): void
  reply(to: Envelope, message: Init<O>): void
}
export interface Handler<I, O, S, B, P> {
  onMessage(message: Infer<I>, ctx: HandlerContext<I, O, S, B, P>): void | Promise<void>
}
export type LoopBody<I, O, S, B, P> = (ctx: LoopContext<I, O, S, B, P>) => Promise<void>

/** What `ringKernel()` makes; launch it as often as you like, under different ids. */
export interface RingKernelDefinition<I extends Schema = any, O extends Schema = any, B = any, P = any> {
  readonly name: string
  readonly input: I
  readonly output: O
  readonly buffers: B
  readonly ports: P
}

/** The output of a ring kernel that declares none: nothing can be sent. */
export type NoOutput = Message<'no output declared'>

/** Filled in by augmentation, `{ summer: typeof summer }`, so that names complete and are typed. */
export interface RingKernels {}
export type Name = keyof RingKernels | (string & {})
export type Launchable = Name | RingKernelDefinition
export type Target = Launchable | RingKernel
export type DefinitionOf<T> = T extends keyof RingKernels ? RingKernels[T] : T
export type InputOf<T> = DefinitionOf<T> extends { readonly input: infer I } ? Init<I> : unknown
export type OutputOf<T> = DefinitionOf<T> extends { readonly output: infer O } ? Infer<O> : unknown
export type Launched<T> = DefinitionOf<T> extends RingKernelDefinition<infer I, infer O, any, infer P> ? RingKernel<I, O, P> : RingKernel

/** What `launch` and `spawn` take after the target: a definition that declares `buffers` needs one of each. */
export type LaunchArguments<T> = DefinitionOf<T> extends RingKernelDefinition<any, any, infer B>
  ? {} extends B ? [options?: LaunchOptions] : [options: LaunchOptions & { buffers: { readonly [K in keyof B]: B[K] extends Element ? UnifiedBuffer<B[K]> : never } }]
  : [options?: LaunchOptions & { buffers?: Readonly<Record<string, UnifiedBuffer>> }]

export interface LaunchOptions {
  /** Default: the definition's name. */
  id?: string
  device?: Device
  /**
   * Keep what each message meets, the declared state and the body's locals, until it is finished, so that a message with which the body fails can be tried again as it
   * was. Default: only where both together have 256 bytes at most, which costs next to nothing.
   */
  record?: boolean
  /** Who restarts it when it fails: a supervisor, or the policy of one for it alone. Without one, a failure ends it. */
  supervisor?: Supervisor | SupervisorOptions
}
export interface RuntimeOptions {
  /** Where ring kernels run that name no device themselves; default what `%device` says, which is `auto` at the start. */
  device?: Device
  /** Bounds of what unified buffers take on each device; `runtime.memory` tells what is taken. */
  memory?: MemoryOptions
  /** How many workers the CPU device has, and how many ring kernels each takes. */
  cpu?: CpuOptions
  /** How many messages that were given up are kept. */
  deadLetters?: DeadLetterOptions
  /** How long a body of the host device may keep this thread. */
  host?: HostOptions
  /** `warn` (the default): at shutdown, one warning lists the unified buffers on its devices that were neither disposed nor collected. */
  leaks?: 'warn' | 'ignore'
}
export interface RestartOptions {
  /** Declared state afterwards: zero again (`reset`, the default), or as it is (`keep`). */
  state?: 'keep' | 'reset'
}
export interface RestoreOptions {
  /** Default: the id it had. */
  id?: string
  /** Default: as for a launch of the definition. It need not be the device that the ring kernel ran on. */
  device?: Device
  /** Default: the definition of the name it had. */
  definition?: RingKernelDefinition
  /** One of each of the definition's `buffers`. */
  buffers?: Readonly<Record<string, UnifiedBuffer>>
  /** Where the declared state has changed: values of fields, made of what the old state held. Other fields keep what the old one holds under the same name and type, and are zero elsewhere. */
  migrate?: (old: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
}
export interface TerminateOptions extends WaitOptions {
  /** `drain` lets the body finish the queued messages first; `discard` (the default) counts them as dropped. */
  pending?: 'drain' | 'discard'
}

export interface Telemetry {
  readonly processed: number
  readonly sent: number
  readonly dropped: number
  readonly errors: number
  /** Messages whose time-to-live ended before the body took them. */
  readonly expired: number
  /** Messages left out because the same one was sent within the deduplication window. */
  readonly duplicates: number
  /** Messages given up, with a reason. */
  readonly deadLetters: number
  /** How often the ring kernel was started again after a failure. */
  readonly restarts: number
  /** Input messages queued now, in all its rings; and the most there were at once in any one of them, as whoever filled it saw. */
  readonly depth: number
  readonly depthMax: number
  /** Messages processed a second, over the last `windowMs` before this look: about five seconds where it was looked at before, else since the launch. */
  readonly throughput: { readonly perSecond: number; readonly windowMs: number }
  /** From `send` to the moment the body had finished the message and its answers lay in the output ring. */
  readonly latencyNs: Latencies
  /** Each ring that messages come through: the host's first, then those of connected ring kernels. */
  readonly inputs: readonly RingTelemetry[]
  /** Each ring that its outputs go to: the host's where no connection took its place, then those of connected ring kernels. */
  readonly outputs: readonly RingTelemetry[]
  /** The circle of ring kernels that wait for each other, where it stands in one: `deadlock: a → b → a, both rings full (64)`. */
  readonly deadlock?: string
}

/** Latencies of all messages processed, in nanoseconds; each within 6.25 %, and never too good. 0 before the first. */
export interface Latencies {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** How many took from `fromNs` to `toNs`, both included: 16 buckets a doubling, those with messages only, the fastest first. */
  readonly buckets: readonly LatencyBucket[]
}

/** One ring, as its producer counts. Of a ring in a GPU's memory: as last measured (see `measure`). */
export interface RingTelemetry {
  /** Who fills it and who empties it: `host`, a ring kernel's id, or one of its outputs (`tokenizer.ports.errors`). */
  readonly from: string
  readonly to: string
  readonly capacity: number
  /** Messages sent through it since it was made. */
  readonly sent: number
  /** Messages in it now, and the most there were at once. */
  readonly depth: number
  readonly depthMax: number
}

export interface Source<O> { readonly output: O }
export interface Sink<I> { readonly input: I }

/** A launched ring kernel. */
export interface RingKernel<I extends Schema = any, O extends Schema = any, P = any> extends Source<O>, Sink<I>, AsyncDisposable {
  readonly id: string
  /** The device it runs on: `cpu`, `host`, `cuda:0`. */
  readonly device: string
  readonly state: State
  /**
   * Where kernels of other libraries find its control block (laid out as `cuda/ring.cuh` says) and, behind it, its rings, while it is live on a GPU: in mapped
   * memory of the host. A ring lies as many bytes behind the block's state as its offset word exceeds the state's. Undefined on `cpu` and `host`.
   */
  readonly devicePointer: bigint | undefined
  readonly ports: { readonly [K in keyof P]: Source<P[K]> }
  /** Messages from the host that wait to be taken: look at them, or take them out. */
  readonly queue: InputQueue<Infer<I>>
  /** Messages of its that were given up, and why, as far as the runtime still has them; also after its end. */
  readonly deadLetters: DeadLetterQueue
  /** Resolves at TERMINATED, rejects at FAILED with the body's error. Does not keep the process alive by itself. */
  readonly closed: Promise<void>
  activate(): Promise<this>
  deactivate(): Promise<this>
  reactivate(): Promise<this>
  /**
   * Processes exactly `count` of the queued messages, or as many as there are, and parks again: the way to look at a body message by message.
   * Legal in LAUNCHED and DEACTIVATED; resolves with how many were processed, fewer when the output ring became full. Messages of connected ring kernels are
   * not held back.
   *
   * @throws TimeoutError when the body has not finished them by `timeoutMs` (default 10 s); it is parked all the same.
   */
  step(count?: number, options?: WaitOptions): Promise<number>
  /**
   * Begins the body anew, with what is queued, the connections and the id kept; legal in LAUNCHED, ACTIVE and DEACTIVATED, and the state afterwards is the same.
   *
   * @throws DeviceError when the device cannot, which ends nothing.
   */
  restart(options?: RestartOptions): Promise<this>
  /**
   * Writes everything the ring kernel consists of to the file at `path`: its declared state, its place and locals, its queued messages (also the one in hand), and
   * the outputs that nobody has received. One that runs is parked for that, and goes on. The file is written as a whole or not at all; `runtime.restore(path)`
   * launches a ring kernel that goes on from it. Contents of unified buffers are not in it, nor are connections.
   *
   * Legal in LAUNCHED, ACTIVE and DEACTIVATED.
   * @throws DeviceError when the body cannot be saved (a loop on the host device); TimeoutError when it does not come to a receive or send within a second;
   * CheckpointError when the file cannot be written.
   */
  checkpoint(path: string): Promise<CheckpointSummary>
  terminate(options?: TerminateOptions): Promise<void>
  /** Resolves when the message is queued; under `block`, waits for room. @throws QueueFullError, TimeoutError, MessageError, RingKernelStateError */
  send(message: Init<I>, options?: SendOptions): Promise<void>
  /** False when there is no room; never waits. */
  trySend(message: Init<I>): boolean
  /** The next output. */
  receive(options?: WaitOptions): Promise<Infer<O>>
  tryReceive(): Infer<O> | undefined
  /** Sends, and resolves with the first output that carries the message's correlation id. */
  ask(message: Init<I>, options?: SendOptions): Promise<Infer<O>>
  /** Every output from now on; ends at termination. */
  outputs(options?: WaitOptions): AsyncIterableIterator<Infer<O>>
  envelopes(options?: WaitOptions): AsyncIterableIterator<{ readonly message: Infer<O>; readonly envelope: Envelope }>
  /** Sends all, in order; waits for room as it goes. */
  sendBatch(messages: Iterable<Init<I>>, options?: SendOptions): Promise<void>
  /** Sends one message a row of the columns (one TypedArray a field). */
  sendColumns(columns: Columns<I>, options?: SendOptions): Promise<void>
  receiveColumns(count: number, options?: WaitOptions): Promise<Columns<O>>
  telemetry(): Telemetry
  /** The same, with rings that lie in a GPU's memory read first. @throws DeviceError when the GPU does not answer. */
  measure(): Promise<Telemetry>
}
