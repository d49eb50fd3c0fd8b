// Whether a GPU of this machine can be used, and so what `auto` means here. Looking for the driver's file comes first: without one, nothing is loaded
// and no thread is started.
import { findDriver } from '../../driver/index.js'
import type { AutomaticDevice } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'
import { GpuThread, ordinalOf } from './gpu-thread.js'

/** How long the GPU's thread is kept for whoever asked whether there is one, ms: the next thing is to use it. */
const HOLD_MS = 1_000

let found: Promise<AutomaticDevice> | undefined

/** `cuda` when the first GPU of this machine can be used, else `cpu` and the reason. Found once a process. */
export function automaticDevice(): Promise<AutomaticDevice> {
  found ??= probeGpu('cuda').then(() => ({ name: 'cuda', reason: undefined, isSurprising: false }), (error: unknown) => ({ name: 'cpu', reason: error instanceof Error ? error.message : String(error), isSurprising: findDriver() !== undefined }))
  return found
}

/** @throws DeviceError when the GPU cannot be used, with what to do about it. */
export async function probeGpu(name: string): Promise<void> {
  if (findDriver() === undefined) throw new DeviceError(name, `${name} cannot be used: there is no NVIDIA driver on this machine. Ring kernels run on cpu and host meanwhile.`)
  const thread = await GpuThread.share(ordinalOf(name))
  setTimeout(() => { void thread.release() }, HOLD_MS).unref()
}
