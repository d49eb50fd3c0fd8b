// The results file of one run of the GPU suite: `<device>-<date>.json`, written again after everything that comes in, so that a run that breaks off leaves
// what it has. Beside it, all that was printed.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckResult, Figure, Machine } from './check.js'

export class Results {
  readonly machine: Machine
  readonly checks: CheckResult[] = []
  readonly figures: Figure[] = []
  readonly #startedAt = new Date()
  readonly #path: string
  #endedHow = 'it broke off'

  constructor(machine: Machine, folder: string) {
    this.machine = machine
    this.#path = join(folder, `${machine.isSimulated ? 'simulated-' : ''}${machine.device.toLowerCase().replace(/^simulated /, '').replaceAll(/[^a-z0-9]+/g, '-')}-${this.#startedAt.toISOString().slice(0, 10)}`)
    writeFileSync(`${this.#path}.log`, '')
    this.write()
  }

  get path(): string { return `${this.#path}.json` }

  /** Prints it, and keeps it in the log. */
  say(text: string): void {
    console.log(text)
    appendFileSync(`${this.#path}.log`, `${text}\n`)
  }

  figure(figure: Figure): void {
    const { name, value, unit, note } = figure
    this.figures.push(figure)
    this.say(`      ${name}: ${value === null ? 'none' : `${value} ${unit}`}${this.machine.isSimulated ? ' (simulated)' : ''}${note === undefined ? '' : `  ${note}`}`)
    this.write()
  }

  check(result: CheckResult): void {
    this.checks.push(result)
    this.say(`${{ passed: 'ok  ', failed: 'FAIL', skipped: 'skip' }[result.outcome]}  ${result.name} (${result.seconds} s): ${result.seen}`)
    this.write()
  }

  /** `how` is 'complete' when everything had its turn. */
  end(how: string): void {
    this.#endedHow = how
    this.write()
  }

  /** Whole or not at all: the run may be ended at any moment. */
  write(): void {
    const { machine, checks, figures } = this
    const text = JSON.stringify({ machine, run: this.#endedHow, startedAt: this.#startedAt.toISOString(), seconds: Math.round((Date.now() - this.#startedAt.getTime()) / 1000), checks, figures }, undefined, 2)
    writeFileSync(`${this.path}.partial`, `${text}\n`)
    renameSync(`${this.path}.partial`, this.path)
  }
}
