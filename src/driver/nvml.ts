// The driver's management library (NVML): how warm and how busy a GPU is, and who uses it. It is often absent (containers, WSL), so every answer may be undefined.
import { findNvml } from './driver-file.js'
import { bind, loadLibrary, textIn, type Call, type Library, type Values } from './koffi.js'
import type { MemoryAmounts } from './types.js'

/** A process that computes on a GPU; `memoryBytes` is undefined where the system hides it. */
export interface GpuProcess { readonly processId: number; readonly memoryBytes: number | undefined }

/** One GPU as NVML sees it now. */
export interface GpuReadings {
  readonly temperatureCelsius: number | undefined
  /** Part of the last moments in which a kernel ran, 0 to 1: a resident ring kernel makes it 1. */
  readonly utilization: number | undefined
  readonly memory: MemoryAmounts | undefined
  readonly processes: readonly GpuProcess[] | undefined
}

export interface Nvml {
  readonly path: string
  /** Such as 580.65.06. */
  readonly driverVersion: string | undefined
  /** Reads the GPU with the PCI bus id that the CUDA driver gives; undefined where NVML knows no such GPU. */
  read(pciBusId: string): GpuReadings | undefined
  close(): void
}

const declarations = {
  nvmlInit_v2: 'void',
  nvmlShutdown: 'void',
  nvmlSystemGetDriverVersion: 'void *version, uint32_t length',
  nvmlDeviceGetHandleByPciBusId_v2: 'const char *id, void *device',
  nvmlDeviceGetTemperature: 'uint64_t device, int sensor, void *celsius',
  nvmlDeviceGetUtilizationRates: 'uint64_t device, void *rates',
  nvmlDeviceGetMemoryInfo: 'uint64_t device, void *memory',
  nvmlDeviceGetComputeRunningProcesses_v3: 'uint64_t device, void *count, void *processes',
} as const
type EntryPoint = keyof typeof declarations

/** Loads and starts NVML; undefined where it is not there or does not start. */
export function openNvml(): Nvml | undefined {
  const path = findNvml()
  if (path === undefined) return undefined
  let library: Library
  try { library = loadLibrary(path) } catch { return undefined }
  const call = callsOf(library)
  if (!call('nvmlInit_v2')) return undefined
  const version = new Uint8Array(96)
  return {
    path,
    driverVersion: call('nvmlSystemGetDriverVersion', version, version.length) ? textIn(version) : undefined,
    read: (pciBusId) => {
      const device = new BigUint64Array(1)
      return call('nvmlDeviceGetHandleByPciBusId_v2', pciBusId, device) ? readingsOf(call, device[0] ?? 0n) : undefined
    },
    close: () => { call('nvmlShutdown') },
  }
}

type Ask = (name: EntryPoint, ...values: Values) => boolean

/** Calls by name; false where the library lacks the function or refuses the call. */
function callsOf(library: Library): Ask {
  const bound = new Map<EntryPoint, Call | undefined>()
  return (name, ...values) => {
    if (!bound.has(name)) bound.set(name, optional(() => bind(library, `int ${name}(${declarations[name]})`)))
    return bound.get(name)?.(...values) === 0
  }
}

function optional<T>(make: () => T): T | undefined {
  try { return make() } catch { return undefined }
}

/** NVML_TEMPERATURE_GPU. */
const sensorOfGpu = 0

function readingsOf(call: Ask, device: bigint): GpuReadings {
  const celsius = new Uint32Array(1)
  // nvmlUtilization_t: { gpu, memory } in percent. nvmlMemory_t: { total, free, used }.
  const rates = new Uint32Array(2)
  const memory = new BigUint64Array(3)
  return {
    temperatureCelsius: call('nvmlDeviceGetTemperature', device, sensorOfGpu, celsius) ? celsius[0] : undefined,
    utilization: call('nvmlDeviceGetUtilizationRates', device, rates) ? (rates[0] ?? 0) / 100 : undefined,
    memory: call('nvmlDeviceGetMemoryInfo', device, memory) ? { totalBytes: Number(memory[0]), freeBytes: Number(memory[1]) } : undefined,
    processes: processesOf(call, device),
  }
}

/** More processes than share any one GPU in practice; NVML refuses when there are more. */
const processesMax = 256
/** nvmlProcessInfo_t of the _v3 calls: { pid: u32, padding, usedGpuMemory: u64, gpuInstanceId: u32, computeInstanceId: u32 }. */
const processBytes = 24
const notAvailable = 0xffff_ffff_ffff_ffffn

function processesOf(call: Ask, device: bigint): GpuProcess[] | undefined {
  const count = new Uint32Array([processesMax])
  const table = new DataView(new ArrayBuffer(processesMax * processBytes))
  if (!call('nvmlDeviceGetComputeRunningProcesses_v3', device, count, table)) return undefined
  return Array.from({ length: count[0] ?? 0 }, (_, i) => {
    const memory = table.getBigUint64(i * processBytes + 8, true)
    return { processId: table.getUint32(i * processBytes, true), memoryBytes: memory === notAvailable ? undefined : Number(memory) }
  })
}
