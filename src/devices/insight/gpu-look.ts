// Looks at the GPUs of this machine in a thread of its own, since a driver's calls may take long and a broken driver may take forever.
import { parentPort } from 'node:worker_threads'
import { chooseNvrtc, nvrtcCandidates, openCuda, openNvml, type CudaDriver, type DeviceFacts, type Nvml } from '../../driver/index.js'
import type { GpuReading, GpuReport } from '../../runtime/insight.js'

parentPort?.postMessage(report())

function report(): GpuReport {
  let cuda: CudaDriver
  try { cuda = openCuda() } catch (error) { return { gpus: [], notes: [(error as Error).message] } }
  const nvml = openNvml()
  try {
    const facts = Array.from({ length: cuda.deviceCount() }, (_, ordinal) => cuda.deviceFacts(ordinal))
    return { gpus: facts.map((each) => readingOf(each, nvml)), notes: [driverText(cuda, nvml), ...facts.slice(0, 1).map((first) => compilerText(cuda, first)), ...(nvml === undefined ? ['NVML is not there, so load and temperature are not shown.'] : [])] }
  } catch (error) { return { gpus: [], notes: [(error as Error).message] } } finally { nvml?.close() }
}

function readingOf(facts: DeviceFacts, nvml: Nvml | undefined): GpuReading {
  const readings = nvml?.read(facts.pciBusId)
  const { major, minor } = facts.computeCapability
  return {
    device: `cuda:${facts.ordinal}`, name: facts.name, computeCapability: `${major}.${minor}`, multiprocessors: facts.multiprocessors, memoryBytes: facts.memoryBytes,
    freeBytes: readings?.memory?.freeBytes, temperatureCelsius: readings?.temperatureCelsius, utilization: readings?.utilization,
    otherProcesses: readings?.processes?.filter(({ processId }) => processId !== process.pid).length,
  }
}

function driverText(cuda: CudaDriver, nvml: Nvml | undefined): string {
  return `Driver ${nvml?.driverVersion === undefined ? '' : `${nvml.driverVersion} `}for CUDA ${cuda.version.major}.${cuda.version.minor} (${cuda.path}).`
}

function compilerText(cuda: CudaDriver, { computeCapability }: DeviceFacts): string {
  const choice = chooseNvrtc(nvrtcCandidates(), { driver: cuda.version, computeCapability })
  return choice.chosen === undefined ? choice.advice : `Compiler ${choice.chosen.path} (${choice.chosen.from}).`
}
