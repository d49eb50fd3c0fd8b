// The runtime that magics and `lab` act on.
import { liveRuntimes } from '../runtime/registry.js'
import { RingKernelRuntime } from '../runtime/ring-kernel-runtime.js'
import type { Device } from '../runtime/types.js'

let device: Device = 'auto'

/** The newest live runtime; where there is none, a new one on the device that `%device` names. */
export function labRuntime(): RingKernelRuntime { return liveRuntimes().at(-1) ?? new RingKernelRuntime({ device }) }

/** Where a runtime that `lab` makes runs its ring kernels. */
export function labDevice(): Device { return device }

/** Sets it; runtimes that exist keep theirs. */
export function setLabDevice(name: Device): void { device = name }
