// The process that probes: opens the driver and the compiler it would choose, and prints what it found as one line of JSON.
import { architectureFor } from './architecture.js'
import { openCuda } from './cuda.js'
import { findDriver } from './driver-file.js'
import { DriverUnavailableError, NvrtcError } from './errors.js'
import { chooseNvrtc, nvrtcCandidates, openNvrtc } from './nvrtc.js'
import { openNvml } from './nvml.js'
import type { CompilerReport, DriverReport, GpuReport } from './probe.js'
import type { CudaVersion, DeviceFacts, NvrtcCandidate } from './types.js'

console.log(JSON.stringify(report()))

function report(): GpuReport {
  const { driver, devices } = driverReport()
  return { driver, devices, compiler: compilerReport(driver.cuda, devices[0]?.computeCapability) }
}

function driverReport(): { driver: DriverReport; devices: DeviceFacts[] } {
  const file = findDriver()
  try {
    const cuda = openCuda()
    const devices = Array.from({ length: cuda.deviceCount() }, (_, ordinal) => cuda.deviceFacts(ordinal))
    return { driver: { state: 'found', path: cuda.path, cuda: cuda.version, version: file?.version ?? openNvml()?.driverVersion, message: undefined }, devices }
  } catch (error) {
    const state = error instanceof DriverUnavailableError ? error.reason : 'broken'
    return { driver: { state, path: file?.path, cuda: undefined, version: file?.version, message: error instanceof Error ? error.message : String(error) }, devices: [] }
  }
}

/** Where there is no GPU, the first compiler that loads is said. One that does not load is passed over, as if it were not there. */
function compilerReport(driver: CudaVersion | undefined, computeCapability: CudaVersion | undefined): CompilerReport {
  const all = [...nvrtcCandidates()]
  const refused: { path: string; reason: string }[] = []
  const none = { path: undefined, from: undefined, version: undefined, architecture: undefined }
  for (let left: readonly NvrtcCandidate[] = all; ;) {
    const choice = driver === undefined || computeCapability === undefined ? { chosen: left[0], refused: [], advice: 'pip install nvidia-cuda-nvrtc, or install the CUDA toolkit' } : chooseNvrtc(left, { driver, computeCapability })
    refused.push(...choice.refused.map(({ candidate, reason }) => ({ path: candidate.path, reason })))
    const { chosen } = choice
    if (chosen === undefined) return { ...none, refused, advice: choice.advice }
    try {
      const { path, version, supported } = openNvrtc(chosen)
      return { path, from: chosen.from, version, architecture: computeCapability === undefined ? undefined : architectureFor(computeCapability, supported), refused, advice: undefined }
    } catch (error) {
      if (!(error instanceof NvrtcError)) throw error
      refused.push({ path: chosen.path, reason: error.message })
      left = left.slice(left.indexOf(chosen) + 1)
    }
  }
}
