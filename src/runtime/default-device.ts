// Where a new runtime runs what names no device itself: `auto`, unless `%device` said otherwise; and what `auto` is for a launch.
import type { Schema } from '../schema/index.js'
import { automaticDevice } from './device.js'
import { currentBodyLog } from './registry.js'
import type { Device } from './types.js'

let device: Device = 'auto'

export function defaultDevice(): Device { return device }

/** Runtimes that exist keep theirs. */
export function setDefaultDevice(name: Device): void { device = name }

let hasToldReason = false

/** The device of `auto`; the first time in a process that a GPU which should be there cannot be used, the cell that launches is told why. */
export async function automaticFor(schemas: readonly Schema[]): Promise<string> {
  // Values without fixed bytes can be sent to no GPU.
  if (schemas.some((schema) => schema.kind === 'message')) return 'cpu'
  const { name, reason, isSurprising } = await automaticDevice()
  if (reason !== undefined && isSurprising && !hasToldReason) {
    hasToldReason = true
    currentBodyLog()(`device 'auto' is ${name}: ${reason}`)
  }
  return name
}
