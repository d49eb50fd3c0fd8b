// Where a new runtime runs what names no device itself: `auto`, unless `%device` said otherwise.
import type { Device } from './types.js'

let device: Device = 'auto'

export function defaultDevice(): Device { return device }

/** Runtimes that exist keep theirs. */
export function setDefaultDevice(name: Device): void { device = name }
