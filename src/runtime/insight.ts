// What parts of the library that neither the runtime nor the lab may know tell those who show it: the GPUs of this machine, and the code that bodies became.
// The package's entry says who answers, as it does for devices.
import type { Definition } from './definition.js'

/** One GPU, as the driver and its management library see it now; undefined is what they do not tell. */
export interface GpuReading {
  /** `cuda:0`. */
  readonly device: string
  readonly name: string
  /** `9.0`. */
  readonly computeCapability: string
  readonly multiprocessors: number
  readonly memoryBytes: number
  readonly freeBytes: number | undefined
  readonly temperatureCelsius: number | undefined
  /** Part of the last moments in which some kernel ran, 0 to 1. */
  readonly utilization: number | undefined
  /** Other processes that compute on it. */
  readonly otherProcesses: number | undefined
}

export interface GpuReport {
  readonly gpus: readonly GpuReading[]
  /** One sentence: the driver and the compiler, or why no GPU can be used. */
  readonly notes: readonly string[]
}

export type CodeForm = 'cuda' | 'js' | 'ptx'

/** Emitted code and where each of its lines came from. */
export interface EmittedCode {
  readonly lines: readonly string[]
  /** For each line, the line of the source that led to it. */
  readonly sourceLines: readonly (number | undefined)[]
  /** What holds the source: a file, or `cell [3]`. */
  readonly sourceName: string
  /** A line of it, as it was written. */
  sourceText(line: number): string
  readonly notes: readonly string[]
}

interface Insight {
  gpus(): Promise<GpuReport>
  code(definition: Definition, form: CodeForm): Promise<EmittedCode>
}

let insight: (() => Promise<Insight>) | undefined

export function provideInsight(load: () => Promise<Insight>): void { insight = load }

/** The GPUs of this machine, now. */
export async function gpuReport(): Promise<GpuReport> { return (await provided()).gpus() }

/** The code that the body of `definition` becomes. @throws CompileError, CaptureError, DeviceError. */
export async function emittedCode(definition: Definition, form: CodeForm): Promise<EmittedCode> { return (await provided()).code(definition, form) }

async function provided(): Promise<Insight> {
  if (insight === undefined) throw new Error('nothing tells of GPUs and emitted code here: import ringlab by its entry')
  return insight()
}
