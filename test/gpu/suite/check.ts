// What one check of the GPU suite is, and what it may tell while it runs. Types only.
import type { Definition } from '#ringlab/runtime/definition.js'

export interface Check {
  /** The promise it keeps. */
  readonly name: string
  /** Resolves with what was seen; rejects when the promise is broken. */
  run(report: Report): Promise<string>
  /** Its process is ended after so long. */
  readonly secondsMax?: number
  /** Node's event loop must stay free meanwhile. */
  readonly watchesLoop?: true
  /** Compiled before the watch begins: in a library TypeScript is compiled in the thread that launches, once; in a notebook in another thread. */
  readonly definitions?: readonly Definition[]
  /** Why it would mean nothing on the simulated driver, where it is then left out. */
  readonly meaninglessSimulated?: string
}

/** What a check tells: figures at once, so that they are kept when it hangs later. */
export interface Report {
  readonly machine: Machine
  /** Seconds this check may take. */
  readonly secondsMax: number
  /** `value` is undefined where there is nothing to measure, and the note says why. */
  figure(name: string, value: number | undefined, unit: string, note?: string): void
  /** The value of a figure of an earlier check of this run. */
  earlier(name: string): number | undefined
  /** How far it is: said when it hangs. */
  at(progress: string): void
}

/** One promise kept or broken; `seen` says what was seen, in words or numbers. */
export interface CheckResult { readonly name: string; readonly outcome: 'passed' | 'failed' | 'skipped'; readonly seen: string; readonly seconds: number }
/** One figure; `unit` is µs, ms, msg/s … */
export interface Figure { readonly name: string; readonly value: number | null; readonly unit: string; readonly note?: string }

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

/** What the process of a check is told. */
export interface Task { readonly check: string; readonly secondsMax: number; readonly machine: Machine; readonly figures: readonly Figure[] }

/** What it tells, a line of JSON each. */
export type Told = { readonly kind: 'figure'; readonly figure: Figure } | { readonly kind: 'at'; readonly progress: string } | { readonly kind: 'stray'; readonly text: string }
  | { readonly kind: 'result'; readonly passed: boolean; readonly seen: string } | { readonly kind: 'machine'; readonly machine: Machine }
