// What a run of the GPU suite gives: checks that passed or failed, figures that were measured, and on what. Shapes, and the file they go to.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One promise kept or broken; `seen` says what was seen, in words or numbers. */
export interface CheckResult { readonly name: string; readonly passed: boolean; readonly seen: string; readonly seconds: number }
/** One figure; `unit` is µs, ms, msg/s … */
export interface Figure { readonly name: string; readonly value: number; readonly unit: string; readonly note?: string }

export interface Machine {
  readonly device: string
  readonly computeCapability: string
  readonly memoryGiB: number
  readonly multiprocessors: number
  readonly driver: string
  readonly nvrtc: string
  readonly node: string
  readonly cpu: string
  /** True on the simulated driver: then no figure says anything of a GPU. */
  readonly isSimulated: boolean
}

export class Report {
  readonly machine: Machine
  readonly startedAt = new Date()
  readonly checks: CheckResult[] = []
  readonly figures: Figure[] = []
  readonly #folder: string

  constructor(machine: Machine, folder: string) {
    this.machine = machine
    this.#folder = folder
  }

  figure(name: string, value: number, unit: string, note?: string): void {
    this.figures.push({ name, value: rounded(value), unit, ...(note === undefined ? {} : { note }) })
    console.log(`      ${name}: ${rounded(value)} ${unit}${this.machine.isSimulated ? ' (simulated)' : ''}${note === undefined ? '' : `  ${note}`}`)
  }

  /** `<device>-<date>.json`; written again after each check, so that a run that breaks off leaves what it has. */
  write(): string {
    const name = `${this.machine.device.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${this.startedAt.toISOString().slice(0, 10)}.json`
    const path = join(this.#folder, name)
    writeFileSync(path, `${JSON.stringify({ machine: this.machine, startedAt: this.startedAt.toISOString(), checks: this.checks, figures: this.figures }, undefined, 2)}\n`)
    return path
  }
}

/** Four digits: more would claim a precision that no run has. */
function rounded(value: number): number { return Number(value.toPrecision(4)) }

/** The value below which `fraction` of the sorted samples lie. */
export function percentile(samples: readonly number[], fraction: number): number {
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN
}
