// Device memory for unified buffers where the device has none of its own: a SharedArrayBuffer a block, apart from the host's copy, so that a body sees what
// the host wrote only once it was copied, as on a GPU. Threads that run bodies get the SharedArrayBuffer itself; the last one to let go frees it.
import type { DeviceBlock, RawMemory } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'

export interface SharedBlock extends DeviceBlock { readonly memory: SharedArrayBuffer }

/** The memory of a block that `sharedMemory` made. */
export function sharedMemoryOf(block: DeviceBlock): SharedArrayBuffer { return (block as SharedBlock).memory }

export function sharedMemory(device: string): RawMemory {
  return {
    allocate(bytes) {
      try { return Promise.resolve<SharedBlock>({ bytes, pointer: undefined, memory: new SharedArrayBuffer(bytes) }) } catch (error) {
        return Promise.reject(new DeviceError(device, `the ${device} device cannot allocate ${bytes} bytes for a unified buffer: ${error instanceof Error ? error.message : String(error)}`))
      }
    },
    clear(block) { new Uint8Array(sharedMemoryOf(block)).fill(0); return Promise.resolve() },
    upload(block, offset, bytes) { new Uint8Array(sharedMemoryOf(block)).set(bytes, offset); return Promise.resolve() },
    download(block, offset, bytes) { bytes.set(new Uint8Array(sharedMemoryOf(block), offset, bytes.length)); return Promise.resolve() },
    release() { /* Whoever still holds the SharedArrayBuffer keeps it; the collector does the rest. */ },
  }
}
