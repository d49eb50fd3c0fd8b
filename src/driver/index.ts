// The room's door: the CUDA driver, its compiler and its management library, for those who drive a GPU. Nothing is loaded before it is opened.
export type * from './types.js'
export { CudaError, DriverUnavailableError, NvrtcError } from './errors.js'
export { findDriver } from './driver-file.js'
export { openCuda } from './cuda.js'
export { chooseNvrtc, nvrtcCandidates, openNvrtc } from './nvrtc.js'
export { architectureFor } from './architecture.js'
export { openNvml } from './nvml.js'
export type { Nvml } from './nvml.js'
