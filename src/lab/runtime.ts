// The runtime that magics and `lab` act on.
import { liveRuntimes } from '../runtime/registry.js'
import { RingKernelRuntime } from '../runtime/ring-kernel-runtime.js'

/** The newest live runtime; where there is none, a new one on the device that `%device` names. */
export function labRuntime(): RingKernelRuntime { return liveRuntimes().at(-1) ?? new RingKernelRuntime() }
