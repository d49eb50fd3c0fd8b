// The memory of a CUDA device as the runtime holds it on the main thread: blocks by number, and copies that the GPU's thread makes.
import type { DeviceBlock, RawMemory } from '../../runtime/device.js'
import type { GpuThread } from './gpu-thread.js'
import { PinnedHosts } from './pinned-hosts.js'

/** Copies of gigabytes take seconds, and wait for those before them. */
const COPY_MS_MAX = 60_000

interface CudaBlock extends DeviceBlock { readonly number: number }

/** What the GPU's thread knows a block by. */
export function blockNumber(block: DeviceBlock): number { return (block as CudaBlock).number }

export function cudaMemory(thread: GpuThread): RawMemory {
  const pinned = new PinnedHosts(thread)
  return {
    async allocate(bytes) {
      const { block, pointer } = await thread.ask('allocate', { bytes }, COPY_MS_MAX)
      const made: CudaBlock = { bytes, pointer, number: block }
      return made
    },
    async clear(block) { await thread.ask('clear', { block: blockNumber(block) }, COPY_MS_MAX) },
    async upload(block, offset, bytes) { await thread.ask('upload', { block: blockNumber(block), offset, bytes: pinned.partOf(bytes) ?? bytes }, COPY_MS_MAX) },
    async download(block, offset, bytes) {
      const copied = await thread.ask('download', { block: blockNumber(block), offset, into: pinned.partOf(bytes) ?? sharedOrNew(bytes) }, COPY_MS_MAX)
      if (copied !== null) bytes.set(copied)
    },
    release(block) { thread.post({ kind: 'release', block: blockNumber(block) }) },
    pin: (host, offset, bytes) => pinned.pin(host, offset, bytes),
  }
}

/** Shared memory is filled where it lies; other memory gets a copy. */
function sharedOrNew(bytes: Uint8Array): Uint8Array | number { return bytes.buffer instanceof SharedArrayBuffer ? bytes : bytes.byteLength }
