// The interface a device implements, and the register through which the runtime finds devices without importing them.
//
// Traffic and commands do not go through this interface: they go through the control block and the rings of the actor's memory. What is here
// is the rest: putting an actor on the device, waking it, and taking it off by force when it does not answer.
import type { Block } from '../ring/arena.js'
import type { WhenFull } from '../ring/edge.js'
import type { Envelope } from '../ring/envelope.js'
import type { BoundCodec, Codec, Element, Fields, Schema, SchemaText } from '../schema/index.js'
import type { Definition } from './definition.js'
import { DeviceError } from './errors.js'
import type { CpuOptions } from './cpu-options.js'
import type { HostOptions } from './host-options.js'
import type { MemoryOptions, PooledMemory } from './memory-pool.js'

/** What went wrong in a body, as it crossed from its thread. */
export interface Fault { readonly error: Error; readonly place: string | undefined }

/** A message that a body was not given, or did not finish, as its device tells of it. */
export interface DeviceLetter {
  /** `failed`: the body failed while it held the message; `expired`: its time-to-live had ended when its turn came. */
  readonly reason: 'failed' | 'expired'
  readonly envelope: Envelope
  /** Envelope and payload, copied before the slot was given back; in a buffer of its own. Undefined where the message never lay in bytes. */
  readonly slot: Uint8Array | undefined
  /** The message itself, where it is no struct: such a value may have no bytes. */
  readonly message?: unknown
  readonly fault?: Fault
  /** Of a compiled body: the number of what it failed at in its table of sites. */
  readonly site?: number
  /** The declared state as it was when the body took the message, and the compiled body's frame at that receive; only while recording. */
  readonly state?: Uint8Array
  readonly frame?: Uint8Array
}

/** A piece of a device's memory; what else a device keeps of it is its own affair. */
export interface DeviceBlock {
  readonly bytes: number
  /** What other libraries address it by; undefined where the device's memory has no addresses of its own. */
  readonly pointer: bigint | undefined
}

/** Who holds a block of a device's memory. */
export interface MemoryHolder {
  /** In words: `a unified buffer of 1000 f32`, `the ring from 'a' to 'b'`. */
  readonly what: string
  readonly kind: 'buffer' | 'ring'
  readonly bytes: number
  /** Where the user made it, as `file:line:column` or `cell [n]:line:column`; undefined where nobody can tell. */
  readonly madeAt: string | undefined
}

/** What a device itself can do with its memory. Offsets in bytes. The pool is in front of it (memory-pool.ts). */
export interface RawMemory {
  /** Zeroed memory, aligned to 256 bytes or as well as the device can. @throws DeviceError when there is not enough. */
  allocate(bytes: number): Promise<DeviceBlock>
  /** Zeroes the whole block. @throws when its memory was lost. */
  clear(block: DeviceBlock): Promise<void>
  /** Copies host bytes into the block; once it resolves, ring kernels that run see them with their next message. */
  upload(block: DeviceBlock, offset: number, bytes: Uint8Array): Promise<void>
  /** Fills `bytes` from the block, also beside ring kernels that run and write there. */
  download(block: DeviceBlock, offset: number, bytes: Uint8Array): Promise<void>
  /** Frees the block, at once or when the device can; nothing uses it any more. */
  release(block: DeviceBlock): void
  /** Page-locks `bytes` of host memory from `offset` on that is copied from and to, where that makes copies faster; resolves with how to undo it. @throws DeviceError */
  pin?(host: ArrayBufferLike, offset: number, bytes: number): Promise<() => void>
}

/** A device's memory for unified buffers and, where it says so, for rings between its ring kernels. */
export interface DeviceMemory extends Omit<RawMemory, 'allocate' | 'clear'> {
  /** Zeroed memory. @throws DeviceError when there is not enough, or the runtime's limit leaves no room: it says who holds the most. */
  allocate(bytes: number, holder: MemoryHolder): Promise<DeviceBlock>
  /** As `release`, for what somebody may still write to: nobody gets it again. */
  discard(block: DeviceBlock): void
}

/** A unified buffer, or a slice of one, as a body sees it under `name`: `count` elements from byte `offset` of the block on. */
export interface BufferPlan {
  readonly name: string
  readonly element: Element
  readonly block: DeviceBlock
  readonly offset: number
  readonly count: number
}

/**
 * A ring from one ring kernel to another (K2K), or to the host. Its record: a line of the producer, a line of the consumer, then the slots, as ring/edge.ts
 * lays them out. The producer writes it and the consumer polls it, each directly.
 */
export interface Edge {
  /** From 1; what `word.waitsEdge` of a ring kernel says that waits for room in it. */
  readonly number: number
  /** The record lies in the host's arena, or, when both ends are on one device whose `edgesIn` is `device`, in that device's memory. */
  readonly at: { readonly kind: 'arena'; readonly block: Block } | { readonly kind: 'device'; readonly block: DeviceBlock }
  readonly capacity: number
  /** What happens to a message that finds no room. */
  readonly whenFull: WhenFull
  readonly payloadBytes: number
  readonly schema: Schema
  readonly schemaText: SchemaText
  readonly from: DeviceActor
  readonly to: DeviceActor
  /** The producer's control block: whoever makes room wakes a producer that waits for it. */
  readonly fromBlock: Block
  /** How payloads lie in it, where the host takes them: a device in this thread writes with the codec that the host reads with. */
  readonly hostCodec: BoundCodec | undefined
}

/** All connections of one ring kernel. */
export interface Wiring {
  /** Served round robin with the host's own ring. */
  readonly inputs: readonly Edge[]
  /**
   * A list for each output: first `output`, then `ports` in the order they are declared. A message goes to every edge of its list. An empty first list
   * stands for the host's ring; what goes to an empty list of a port is counted as dropped.
   */
  readonly outputs: readonly (readonly Edge[])[]
}

/** A one-shot kernel to run: `body(args, i)` for i = 0 … threads − 1. */
export interface KernelPlan {
  readonly name: string
  readonly body: (args: never, i: number) => void
  /** Types of the scalar arguments, and their values, converted to those types. */
  readonly scalars: Fields
  readonly values: Readonly<Record<string, unknown>>
  readonly buffers: readonly BufferPlan[]
  readonly threads: number
  readonly math: 'exact' | 'fast'
  /** Aborts when the caller no longer waits: end the kernel if it can be ended. */
  readonly signal: AbortSignal
}

/** What a device made of a definition before memory is allocated for a ring kernel of it; what else a device keeps in it is its own affair. */
export interface Preparation {
  /** Bytes of the ring kernel's block in which its body keeps its place and locals; 0 for none. */
  readonly frameBytes: number
  /** Names of the unified buffers that the body writes to; undefined where nobody knows. */
  readonly writtenBuffers?: readonly string[] | undefined
  /** Names the body: equal for bodies whose saved frames mean the same, on every device. Undefined where a body keeps no frame. */
  readonly frameHash?: string | undefined
}

/** What a parked ring kernel was doing, in the form that every device takes. */
export interface SavedBody {
  /**
   * Where a compiled loop stands, and its locals: word 0 is the suspension point, word 1 is 1 when a message is in hand; then the locals as the compiler laid them out.
   * Undefined for a handler, which has no locals between messages, and for a loop that has not begun.
   */
  readonly frame?: Uint8Array | undefined
  /** The ring of the message in hand: 0 is the host's, else a connection's number. That message is the first of its ring. */
  readonly hand?: number | undefined
  /** The declared state in its C layout. */
  readonly state?: Uint8Array | undefined
  /** What `ctx.nowNs` was. */
  readonly nowNs?: number | undefined
}

export interface LaunchPlan {
  readonly id: string
  /** Unique in the runtime; stands for the actor in envelopes and control lines. */
  readonly number: number
  /** Does the device keep what each message meets (see `DeviceLetter.state`)? undefined: where that costs next to nothing. */
  readonly record: boolean | undefined
  /** Second word of the id of every message it sends. */
  readonly origin: number
  readonly definition: Definition
  /** What the device's own `prepare` gave. */
  readonly preparation: Preparation | undefined
  readonly block: Block
  readonly input: BoundCodec
  readonly output: BoundCodec
  readonly stateFields: Fields | undefined
  /** What it goes on with, in place of zeros; the message in hand, if any, is the first in the host's ring. */
  readonly initial?: SavedBody | undefined
  /** In the order the definition declares them. */
  readonly buffers: readonly BufferPlan[]
  /** Where lines the body logs go. */
  readonly log: (line: string) => void
  /** What becomes of messages that were given up; called before `failed`, when the body fails with one. */
  readonly deadLetter: (letter: DeviceLetter) => void
  /** The device reports the end of the body here: at most one of the two, at most once. */
  readonly failed: (fault: Fault) => void
  readonly returned: () => void
  readonly outputFormat: Codec
  /** For devices in this thread, in place of the bell: the device moved a ring; it answered a command. */
  readonly moved: () => void
  readonly answered: () => void
}

/** How a body is started again in the memory it has. */
export interface Restart {
  /** The declared state stays as it is; otherwise it is zero again. */
  readonly keepState: boolean
  /** The body goes on where it was parked, with its locals; otherwise it begins anew. */
  readonly keepFrame: boolean
  /** Other code from now on. */
  readonly code?: {
    readonly definition: Definition
    readonly preparation: Preparation | undefined
    readonly stateFields: Fields | undefined
    /** Where its state and its frame lie, in the arena of the block. */
    readonly memory: { readonly stateOffset: number; readonly stateBytes: number; readonly frameOffset: number; readonly frameBytes: number }
  }
}

/** One actor on a device, as the runtime holds it. */
export interface DeviceActor {
  /** The input ring or the host's line has something new. Cheap when the device is awake. */
  wake(): void
  /** Where kernels of other libraries find its control block; undefined where the device's memory has no addresses of its own. */
  readonly devicePointer?: bigint | undefined
  /** Is the device sure to look soon (so that a short spin is worth it)? */
  readonly spinWorthwhile: boolean
  /** The runtime saw that it runs, before whoever activated it is told. */
  running?(): void
  /** Why the device cannot run it now, once, after it was asked to. */
  takeRefusal?(): Error | undefined
  /** The device did not answer a command by its deadline: take the actor off by force (`gone`), or make it obey (`parked`). */
  force(outcome: 'gone' | 'parked'): Promise<void>
  /** Uses these connections from now on, in place of those it had; resolves once it does. Calls do not overlap. */
  wire(wiring: Wiring): Promise<void>
  /**
   * Starts the body again, on the same rings and connections; what is queued stays queued. Only when the body failed, ended or is parked: afterwards its state
   * word says `launched`, and it does what the host's command says. Other code is taken only by a body that has finished its message: false, and nothing has changed,
   * while it holds one. @throws DeviceError when the device does not take it.
   */
  restart(how: Restart): Promise<boolean>
  /**
   * What its body was doing; only while it is parked, or was never run. @throws DeviceError that says why this body cannot be saved.
   */
  save(): Promise<SavedBody>
  /** The runtime is done with the actor: the device forgets it. False when a body that was cut off may still hold views of its memory. */
  forget(): boolean
}

export interface ActorDevice {
  readonly name: string
  /** How payloads of `schema` lie in the slots of this device's rings. */
  format(schema: Schema): Codec
  /** Reads and compiles the body, where the device does so before it has memory for it. @throws CaptureError, CompileError. */
  prepare?(definition: Definition): Promise<Preparation>
  launch(plan: LaunchPlan): Promise<DeviceActor>
  readonly memory: PooledMemory
  /** Where rings between two ring kernels of this device lie. */
  readonly edgesIn: 'arena' | 'device'
  /** Can its ring kernels drop what finds no room in a ring to others, and take from one whose oldest are dropped? */
  readonly edgesDrop: boolean
  /** Runs a one-shot kernel; resolves when all threads are done. @throws KernelError with what the body threw; DeviceError; the signal's reason. */
  runKernel(plan: KernelPlan): Promise<void>
  /** Ends the device; every actor on it is already ended or forced. */
  close(): Promise<void>
}

/** What a device gets from the runtime that opens it. */
export interface DeviceHost {
  allocate(bytes: number): Block
  /** The page through which a device wakes this thread (see bell.ts). */
  readonly bell: Block
  /** What the runtime is told about its devices' memory. */
  readonly memory: MemoryOptions
  readonly cpu: CpuOptions
  readonly host: HostOptions
}

/** `name` is what was asked for: a device of several, `cuda:1`, is opened under the name before the colon. */
type DeviceOpener = (host: DeviceHost, name: string) => Promise<ActorDevice>
const openers = new Map<string, DeviceOpener>()

const probes = new Map<string, (name: string) => Promise<void>>()

/** Registers a device by name; the package's entry does so for those that ship with it. `probe` throws when the device cannot be used on this machine. */
export function provideDevice(name: string, open: DeviceOpener, probe?: (name: string) => Promise<void>): void {
  openers.set(name, open)
  if (probe !== undefined) probes.set(name, probe)
}

/** Resolves when the device named `name` can be used here. @throws DeviceError that says why not. */
export async function probeDevice(name: string): Promise<void> {
  openerOf(name)
  await probes.get(kindOf(name))?.(name)
}

/** The devices of this ringlab; `auto` is one of them. */
export function deviceNames(): readonly string[] { return [...openers.keys()] }

/** Opens the device named `name`. @throws DeviceError when there is none. */
export async function openDevice(name: string, host: DeviceHost): Promise<ActorDevice> { return openerOf(name)(host, name) }

function openerOf(name: string): DeviceOpener {
  const open = openers.get(kindOf(name))
  if (open === undefined) throw new DeviceError(name, `there is no device '${name}' here; use ${[...openers.keys()].join(' or ')}, or device: 'auto'`)
  return open
}

function kindOf(name: string): string { return name.split(':')[0] ?? name }

/** What `auto` means on this machine, and why it is no GPU where it is none; `isSurprising` where there is a driver, so that a GPU was to be expected. */
export interface AutomaticDevice { readonly name: string; readonly reason: string | undefined; readonly isSurprising: boolean }

let automatic = (): Promise<AutomaticDevice> => Promise.resolve({ name: 'cpu', reason: undefined, isSurprising: false })

/** Says how `auto` finds its device; the package's entry does. */
export function provideAutoDevice(find: () => Promise<AutomaticDevice>): void { automatic = find }
export function automaticDevice(): Promise<AutomaticDevice> { return automatic() }
