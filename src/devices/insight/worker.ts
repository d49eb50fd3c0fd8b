// Asks the driver and its compiler in a thread of its own, since their calls may take long and a broken driver may take forever.
import { parentPort, workerData } from 'node:worker_threads'
import { exactFlags } from '../../compiler/cuda/exact-flags.js'
import { chooseNvrtc, nvrtcCandidates, openCuda, openNvml, openNvrtc, type CudaDriver, type DeviceFacts, type Nvml } from '../../driver/index.js'
import { withoutWarnings } from '../cuda/kernel-compiler.js'
import type { GpuReading, GpuReport } from '../../runtime/insight.js'

/** What is wanted: the report of the GPUs, or the PTX of a translation unit. */
export type InsightTask = { readonly kind: 'gpus' } | { readonly kind: 'ptx'; readonly source: string; readonly name: string; readonly options: readonly string[] }
export type InsightAnswer = { readonly value: unknown } | { readonly problem: string }

/** The architecture of PTX where no GPU says its own. */
const architectureDefault = 90

parentPort?.postMessage(answer(workerData as InsightTask))

function answer(task: InsightTask): InsightAnswer {
  try { return { value: task.kind === 'gpus' ? report() : ptx(task) } } catch (error) { return { problem: error instanceof Error ? withoutWarnings(error.message) : String(error) } }
}

function ptx({ source, name, options }: Extract<InsightTask, { kind: 'ptx' }>): string {
  const architecture = ownArchitecture()
  for (const candidate of nvrtcCandidates()) {
    const compiler = openNvrtc(candidate)
    if (!compiler.supported.includes(architecture)) continue
    const { ptx: text } = compiler.compile({ source, name: `ringlab-${name}.cu`, architecture: `compute_${architecture}`, options: [...exactFlags, ...options] })
    if (text !== undefined) return text
  }
  throw new Error(`no CUDA compiler for sm_${architecture} is on this machine: pip install nvidia-cuda-nvrtc, or name an NVRTC library in RINGLAB_NVRTC.`)
}

function ownArchitecture(): number {
  try {
    const { major, minor } = openCuda().deviceFacts(0).computeCapability
    return major * 10 + minor
  } catch { return architectureDefault }
}

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
