// What parts of the library that neither the runtime nor the lab may know tell those who show it: the GPUs of this machine, and the code that bodies became.
// The package's entry says who answers, as it does for devices.
import type { Definition } from './definition.js'
import type { Fault } from './device.js'

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

/** A message to run again, with what it met. */
export interface ReplayRequest {
  readonly definition: Definition
  /** Envelope and payload. */
  readonly slot: Uint8Array | undefined
  /** Zeros where it is undefined; and the beginning of the body. */
  readonly state: Uint8Array | undefined
  readonly frame: Uint8Array | undefined
  /** Copies of the unified buffers, by name. */
  readonly buffers: Readonly<Record<string, { readonly memory: ArrayBufferLike; readonly offset: number; readonly count: number }>>
}

type Scalar = number | bigint | boolean

/** The body is about to go on with a line. */
export interface ReplayedStep {
  readonly line: number
  /** Variables that hold something else than at the step before, and all variables. */
  readonly changed: readonly (readonly [name: string, value: Scalar])[]
  readonly values: readonly (readonly [name: string, value: Scalar])[]
}

export interface Replayed {
  /** The last of them, in order; how many came before is `omitted`. */
  readonly steps: readonly ReplayedStep[]
  readonly omitted: number
  /** `endless`: it still computed after some seconds, and was cut off. */
  readonly outcome: 'failed' | 'finished' | 'endless'
  readonly fault: Fault | undefined
  readonly stateAfter: Uint8Array | undefined
  /** Does the body read `ctx.nowNs`, which is another now? Is it a loop, which has locals between messages? */
  readonly readsClock: boolean
  readonly isLoop: boolean
  readonly sourceName: string
  sourceText(line: number): string
}

interface Insight {
  gpus(): Promise<GpuReport>
  code(definition: Definition, form: CodeForm): Promise<EmittedCode>
  replay(request: ReplayRequest): Promise<Replayed>
}

let insight: (() => Promise<Insight>) | undefined

export function provideInsight(load: () => Promise<Insight>): void { insight = load }

/** The GPUs of this machine, now. */
export async function gpuReport(): Promise<GpuReport> { return (await provided()).gpus() }

/** The code that the body of `definition` becomes. @throws CompileError, CaptureError, DeviceError. */
export async function emittedCode(definition: Definition, form: CodeForm): Promise<EmittedCode> { return (await provided()).code(definition, form) }

/** Runs a message again as the CPU device runs it, line by line. @throws CompileError, CaptureError, DeviceError. */
export async function replayed(request: ReplayRequest): Promise<Replayed> { return (await provided()).replay(request) }

async function provided(): Promise<Insight> {
  if (insight === undefined) throw new Error('nothing tells of GPUs and emitted code here: import ringlab by its entry')
  return insight()
}
