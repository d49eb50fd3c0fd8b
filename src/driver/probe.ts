// What of CUDA is on this machine, asked in a process of its own: a broken driver may crash or hang whoever loads it, and only that process suffers.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findDriver } from './driver-file.js'
import type { CudaVersion, DeviceFacts } from './types.js'

/** Longest that the driver may take to start; 1 to 4 s is usual on a machine with many GPUs whose driver is not kept loaded. */
const probeMsMax = 30_000

export interface DriverReport {
  readonly state: 'found' | 'missing' | 'broken' | 'too-old' | 'no-device'
  readonly path: string | undefined
  /** The newest CUDA version it runs; undefined where it did not start. */
  readonly cuda: CudaVersion | undefined
  /** The driver's own version, such as 580.65.06. */
  readonly version: string | undefined
  /** What is wrong and what to do; undefined when it is found. */
  readonly message: string | undefined
}

export interface CompilerReport {
  readonly path: string | undefined
  readonly from: string | undefined
  readonly version: CudaVersion | undefined
  /** What it compiles for on the first GPU, such as sm_90. */
  readonly architecture: string | undefined
  readonly refused: readonly { readonly path: string; readonly reason: string }[]
  /** What to do when none was chosen. */
  readonly advice: string | undefined
}

export interface GpuReport { readonly driver: DriverReport; readonly devices: readonly DeviceFacts[]; readonly compiler: CompilerReport }

/** Looks at driver, GPUs and compiler. Never throws: what goes wrong is in the report. */
export function probeGpu(): Promise<GpuReport> {
  const script = fileURLToPath(new URL('./probe-child.js', import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [script], { timeout: probeMsMax, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024, windowsHide: true }, (error, stdout) => {
      resolve(reportIn(stdout) ?? crashReport(error))
    })
  })
}

function reportIn(printed: string): GpuReport | undefined {
  // The driver may print lines of its own before.
  try { return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as GpuReport } catch { return undefined }
}

function crashReport(error: { killed?: boolean; signal?: string | null; code?: unknown } | null): GpuReport {
  const path = findDriver()?.path
  const how = error?.killed === true ? `did not answer within ${probeMsMax / 1000} s` : `ended the process that loaded it (${error?.signal ?? `exit code ${String(error?.code)}`})`
  const message = `the NVIDIA driver or a CUDA compiler ${how}: check \`nvidia-smi\`, restart the machine, or install the driver again`
  return {
    driver: { state: 'broken', path, cuda: undefined, version: undefined, message },
    devices: [],
    compiler: { path: undefined, from: undefined, version: undefined, architecture: undefined, refused: [], advice: 'it is looked for once the driver answers' },
  }
}
