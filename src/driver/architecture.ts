// Which architecture to compile for: the compute capability of a GPU against those that a compiler knows. No library is touched here.
import type { CudaVersion } from './types.js'

/**
 * The architecture to compile for on a GPU of this compute capability: a CUBIN where the compiler knows the GPU's family
 * (a CUBIN runs on GPUs of the same major and a minor at least as high; CUDA C++ Programming Guide, Binary Compatibility),
 * else the newest older PTX, which the driver compiles.
 * @returns undefined when the compiler knows nothing that runs there
 */
export function architectureFor(capability: CudaVersion, supported: readonly number[]): `sm_${number}` | `compute_${number}` | undefined {
  const wanted = capability.major * 10 + capability.minor
  const older = supported.filter((each) => each <= wanted)
  const newest = Math.max(...older)
  if (older.length === 0) return undefined
  return Math.floor(newest / 10) === capability.major ? `sm_${newest}` : `compute_${newest}`
}
