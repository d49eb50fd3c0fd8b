// The interface a device implements, and the register through which the runtime finds devices without importing them.
//
// Traffic and commands do not go through this interface: they go through the control block and the rings of the actor's memory. What is here
// is the rest: putting an actor on the device, waking it, and taking it off by force when it does not answer.
import type { Block } from '../ring/arena.js'
import type { BoundCodec, Codec, Fields, Schema } from '../schema/index.js'
import type { Definition } from './definition.js'
import { DeviceError } from './errors.js'

/** What went wrong in a body, as it crossed from its thread. */
export interface Fault { readonly error: Error; readonly place: string | undefined }

export interface LaunchPlan {
  readonly id: string
  /** Unique in the runtime; stands for the actor in envelopes and control lines. */
  readonly number: number
  /** Second word of the id of every message it sends. */
  readonly origin: number
  readonly definition: Definition
  readonly block: Block
  readonly input: BoundCodec
  readonly output: BoundCodec
  readonly stateFields: Fields | undefined
  /** Where lines the body logs go. */
  readonly log: (line: string) => void
  /** The device reports the end of the body here: at most one of the two, at most once. */
  readonly failed: (fault: Fault) => void
  readonly returned: () => void
  readonly outputFormat: Codec
  /** For devices in this thread, in place of the bell: the device moved a ring; it answered a command. */
  readonly moved: () => void
  readonly answered: () => void
}

/** One actor on a device, as the runtime holds it. */
export interface DeviceActor {
  /** The input ring or the host's line has something new. Cheap when the device is awake. */
  wake(): void
  /** Is the device sure to look soon (so that a short spin is worth it)? */
  readonly spinWorthwhile: boolean
  /** The device did not answer a command by its deadline: take the actor off by force (`gone`), or make it obey (`parked`). */
  force(outcome: 'gone' | 'parked'): Promise<void>
  /** The runtime is done with the actor: the device forgets it. False when a body that was cut off may still hold views of its memory. */
  forget(): boolean
}

export interface ActorDevice {
  readonly name: string
  /** How payloads of `schema` lie in the slots of this device's rings. */
  format(schema: Schema): Codec
  launch(plan: LaunchPlan): Promise<DeviceActor>
  /** Ends the device; every actor on it is already ended or forced. */
  close(): Promise<void>
}

/** What a device gets from the runtime that opens it. */
export interface DeviceHost {
  allocate(bytes: number): Block
  /** The page through which a device wakes this thread (see bell.ts). */
  readonly bell: Block
}

type DeviceOpener = (host: DeviceHost) => Promise<ActorDevice>
const openers = new Map<string, DeviceOpener>()

/** Registers a device by name; the package's entry does so for those that ship with it. */
export function provideDevice(name: string, open: DeviceOpener): void { openers.set(name, open) }

/** The devices of this ringlab; `auto` is one of them. */
export function deviceNames(): readonly string[] { return [...openers.keys()] }

/** Opens the device named `name`. @throws DeviceError when there is none. */
export async function openDevice(name: string, host: DeviceHost): Promise<ActorDevice> {
  const open = openers.get(name)
  if (open === undefined) throw new DeviceError(name, `there is no device '${name}' here; use ${[...openers.keys()].join(' or ')}, or device: 'auto'`)
  return open(host)
}
