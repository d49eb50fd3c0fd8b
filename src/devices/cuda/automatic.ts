// What `auto` means here. Looking for the driver's file comes first: on a machine without a GPU nothing is loaded and no thread is started.
import { findDriver } from '../../driver/driver-file.js'
import { GpuThread } from './gpu-thread.js'

let found: Promise<{ name: string; reason: string | undefined }> | undefined

/** `cuda` when the first GPU of this machine can be used, else `cpu` and the reason. Found once a process. */
export function automaticDevice(): Promise<{ name: string; reason: string | undefined }> {
  found ??= find()
  return found
}

async function find(): Promise<{ name: string; reason: string | undefined }> {
  if (findDriver() === undefined) return { name: 'cpu', reason: 'there is no NVIDIA driver on this machine' }
  try {
    const thread = await GpuThread.share(0)
    // Whoever wanted to know opens the device next, and holds it then.
    setTimeout(() => { void thread.release() }, HOLD_MS).unref()
    return { name: 'cuda', reason: undefined }
  } catch (error) { return { name: 'cpu', reason: error instanceof Error ? error.message : String(error) } }
}

/** How long the GPU's thread is kept for the runtime that asked, ms. */
const HOLD_MS = 1_000
