// The compiler for the GPU of this machine, as the driver room chooses it.
import { chooseNvrtc, nvrtcCandidates, openNvrtc, type CudaDriver, type Nvrtc } from '#ringlab/driver/index.js'

/** @throws Error with the advice of the search when none can be used. */
export function nvrtcHere(cuda: CudaDriver): Nvrtc {
  const choice = chooseNvrtc(nvrtcCandidates(), { driver: cuda.version, computeCapability: cuda.deviceFacts(0).computeCapability })
  if (choice.chosen === undefined) throw new Error(choice.advice)
  return openNvrtc(choice.chosen)
}
