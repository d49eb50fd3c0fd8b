// %time and %timeit: how long code of the session takes.

import { inspect } from 'node:util'
import { currentSignal } from '../../lab/cell.js'
import type { Behaviour, MagicCall } from './behaviour.js'
import { MagicUsageError } from './parse-line.js'
import { magicTable, usageOf } from './table.js'

/** A round of %timeit lasts at least this long, as IPython's does, so that the clock's grain and a stray pause weigh little. */
const roundMsLeast = 200
const roundsDefault = 7

/** `%time CODE` and `%%time`: runs it once in the session; its value is the magic's. CPU time counts all threads. */
export const time: Behaviour = async (call) => {
  const code = codeOf('time', call)
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  try {
    return await call.context.execute(code)
  } finally {
    const wallMs = performance.now() - start
    const { user, system } = process.cpuUsage(cpuBefore)
    call.context.print(`Wall time: ${duration(wallMs)}, CPU time of all threads: ${duration((user + system) / 1000)}\n`)
  }
}

/** What `%timeit` measured; times of one run. */
export class Timing {
  constructor(readonly runs: number, readonly rounds: number, readonly bestNs: number, readonly meanNs: number, readonly deviationNs: number) {}

  toString(): string {
    const of = (ns: number): string => duration(ns / 1e6)
    return `${of(this.meanNs)} ± ${of(this.deviationNs)} a run (mean ± deviation of ${counted(this.rounds, 'round')} of ${counted(this.runs, 'run')}; best ${of(this.bestNs)})`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** `%timeit [-n N] [-r R] CODE` and `%%timeit`. The code runs as the body of a loop in a function of its own; it sees the session's names. */
export const timeit: Behaviour = async (call) => {
  const code = codeOf('timeit', call)
  const { options } = call.line
  const rounds = Math.round((options.get('-r') as number | undefined) ?? roundsDefault)
  const loop = await call.context.evaluate(loopText(code)) as (runs: number, now: () => number, signal: AbortSignal) => number | Promise<number>
  const timing = await measure(loop, options.get('-n') as number | undefined, rounds)
  if (call.use === 'value') return timing
  call.context.print(`${timing.toString()}\n`)
  return call.use === undefined ? timing : undefined
}

/** Times a loop in rounds; without `runs`, first finds how many fill a round. */
async function measure(loop: (runs: number, now: () => number, signal: AbortSignal) => number | Promise<number>, runs: number | undefined, rounds: number): Promise<Timing> {
  const signal = currentSignal()
  const now = (): number => performance.now()
  let count = Math.max(1, Math.round(runs ?? 1))
  if (runs === undefined) {
    for (let elapsed = await loop(count, now, signal); elapsed < roundMsLeast; elapsed = await loop(count, now, signal)) {
      signal.throwIfAborted()
      count = nextCount(count, elapsed)
    }
  }
  const perRunNs: number[] = []
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted()
    perRunNs.push(await loop(count, now, signal) * 1e6 / count)
  }
  const mean = perRunNs.reduce((sum, ns) => sum + ns, 0) / rounds
  const deviation = Math.sqrt(perRunNs.reduce((sum, ns) => sum + (ns - mean) ** 2, 0) / rounds)
  return new Timing(count, rounds, Math.min(...perRunNs), mean, deviation)
}

/** 1, 2, 5, 10, 20 …; at most a hundredfold at once, as the first runs are slower than those that follow. */
function nextCount(count: number, elapsedMs: number): number {
  const wanted = Math.min(count * 100, count * Math.max(2, roundMsLeast / Math.max(elapsedMs, 1e-3)))
  const power = 10 ** Math.floor(Math.log10(wanted))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= wanted && step > count) ?? count * 10
}

/** Asynchronous code looks at the signal each time around: an interrupted cell has nobody else to stop it. */
function loopText(code: string): string {
  const isAsync = /\bawait\b/.test(code)
  const check = isAsync ? '__signal.throwIfAborted(); ' : ''
  return `(${isAsync ? 'async ' : ''}(__runs: number, __now: () => number, __signal: AbortSignal) => { const __start = __now(); `
    + `for (let __run = 0; __run < __runs; __run++) { ${check}\n${code}\n} return __now() - __start })`
}

function codeOf(name: 'time' | 'timeit', call: MagicCall): string {
  const code = [call.line.code, call.body ?? ''].filter((part) => part.trim() !== '').join('\n')
  if (code === '') throw new MagicUsageError(name, `%${name} needs code to run: ${usageOf(name, magicTable[name])}, or %%${name} above a cell.`)
  return code
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/** Three digits and the unit that suits them. */
function duration(ms: number): string {
  const [value, unit] = ms >= 1000 ? [ms / 1000, 's'] as const : ms >= 1 ? [ms, 'ms'] as const : ms >= 1e-3 ? [ms * 1e3, 'µs'] as const : [ms * 1e6, 'ns'] as const
  return `${Number(value.toPrecision(3))} ${unit}`
}
