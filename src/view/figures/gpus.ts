// The GPUs of a machine as a table, with who is resident on them.
import type { Figure } from '../figure.js'
import { counted, formatNumber } from '../text.js'

/** What is known of one GPU; undefined is what the driver does not tell. */
export interface GpuRow {
  readonly device: string; readonly name: string; readonly computeCapability: string; readonly multiprocessors: number; readonly memoryBytes: number
  readonly freeBytes: number | undefined; readonly temperatureCelsius: number | undefined; readonly utilization: number | undefined; readonly otherProcesses: number | undefined
  readonly residents: readonly string[]
}

const gibibyte = 2 ** 30

export function gpuFigure(gpus: readonly GpuRow[], notes: readonly string[]): Figure {
  if (gpus.length === 0) return { title: 'No GPU can be used', notes }
  const known = (value: number | undefined, text: (value: number) => string): string => (value === undefined ? '–' : text(value))
  const rows = gpus.map((gpu) => [
    gpu.device, gpu.name, gpu.computeCapability, formatNumber(gpu.multiprocessors), `${known(gpu.freeBytes, (free) => formatNumber(Math.round((gpu.memoryBytes - free) / gibibyte * 100) / 100, 3))} / ${formatNumber(gpu.memoryBytes / gibibyte, 3)}`,
    known(gpu.utilization, (share) => `${formatNumber(Math.round(share * 100))} %`), known(gpu.temperatureCelsius, (degrees) => `${formatNumber(degrees)} °C`), gpu.residents.length === 0 ? 'none' : gpu.residents.join(', '),
  ])
  const shared = gpus.filter((gpu) => (gpu.otherProcesses ?? 0) > 0)
    .map((gpu) => `Other processes (${formatNumber(gpu.otherProcesses ?? 0)}) compute on ${gpu.device}, too: they take turns on it, so each ring kernel answers more slowly.`)
  const left = ['device', 'name'].map((label) => ({ label, align: 'left' as const }))
  const right = ['capability', 'SMs', 'GiB used', 'load', 'temperature'].map((label) => ({ label, align: 'right' as const }))
  return { title: counted(gpus.length, 'GPU'), table: { columns: [...left, ...right, { label: 'ring kernels', align: 'left' }], rows }, notes: [...shared, ...notes] }
}
