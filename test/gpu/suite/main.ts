// The GPU suite: the promises that only a GPU can break, then the figures, in one run on one machine. Prints as it goes and writes one JSON file.
// Each check runs in a process of its own with a deadline of its own, and all of them within the minutes of the run; this process never calls the driver.
import { mkdirSync } from 'node:fs'
import { probeGpu } from '#ringlab/driver/probe.js'
import { checks } from './checks.js'
import type { Check, Machine, Task } from './check.js'
import { Results } from './results.js'
import { endAll, holder, supervised, type Ending } from './supervised.js'

/** What the whole run may take, minutes: a lent machine ends a command after 10. */
const MINUTES_MAX = 8.7
/** What a check may take that says nothing else, s. */
const SECONDS_MAX = 45
/** With less time left than this, a check is not begun, s. */
const SECONDS_MIN = 5
/** How long the driver may take to start, ms. */
const MACHINE_MS_MAX = 60_000
/** Lines of one check's own output that are kept. */
const LINES_MAX = 60

const argument = (name: string): string | undefined => { const at = process.argv.indexOf(name); return at < 0 ? undefined : process.argv[at + 1] }
const endsAt = performance.now() + Number(argument('--minutes') ?? MINUTES_MAX) * 60_000

process.exitCode = await main()

async function main(): Promise<number> {
  const folder = argument('--results') ?? '.'
  mkdirSync(folder, { recursive: true })
  const lines: string[] = []
  const printed = (line: string): void => { lines.push(line) }
  const held = await holder(MACHINE_MS_MAX, { heard: (told) => { if (told.kind === 'stray') printed(told.text) }, printed })
  if (held.told?.kind !== 'machine') {
    console.error(`The GPU suite needs a GPU, and there is none that can be used here: ${lines.join('\n') || `the driver did not start within ${MACHINE_MS_MAX / 1000} s`}`)
    console.error(JSON.stringify(await probeGpu(), undefined, 2))
    return 1
  }
  const { machine } = held.told
  const results = new Results(machine, folder)
  results.say(`${machine.device} (${machine.computeCapability}, ${machine.multiprocessors} multiprocessors, ${machine.memoryGiB} GiB), CUDA ${machine.driver}, NVRTC ${machine.nvrtc}, Node ${machine.node}, ${machine.cpu}${machine.isSimulated ? ' SIMULATED' : ''}`)
  if (!machine.isSimulated) results.say(JSON.stringify(await probeGpu()))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {
    endAll()
    results.end(`ended by ${signal}`)
    process.exit(1)
  })
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.on(event, (reason: unknown) => { results.say(`the suite itself: ${event}: ${String(reason)}`) })
  await runAll(machine, results)
  held.release()
  return summary(results)
}

async function runAll(machine: Machine, results: Results): Promise<void> {
  const only = argument('--only')
  for (const check of checks) {
    if (only !== undefined && !only.split('|').some((part) => check.name.includes(part))) continue
    if (machine.isSimulated && check.meaninglessSimulated !== undefined) { results.check({ name: check.name, outcome: 'skipped', seen: check.meaninglessSimulated, seconds: 0 }); continue }
    const secondsLeft = (endsAt - performance.now()) / 1000
    if (secondsLeft < SECONDS_MIN) { results.check({ name: check.name, outcome: 'failed', seen: "not run: the run's time was over", seconds: 0 }); continue }
    await runOne(check, Math.min(check.secondsMax ?? SECONDS_MAX, secondsLeft), machine, results)
  }
  results.end('complete')
}

async function runOne(check: Check, secondsMax: number, machine: Machine, results: Results): Promise<void> {
  const task: Task = { check: check.name, secondsMax, machine, figures: results.figures }
  const started = performance.now()
  let result: { passed: boolean; seen: string } | undefined
  let progress = ''
  let lines = 0
  const ending = await supervised(JSON.stringify(task), secondsMax * 1000, {
    heard: (told) => {
      if (told.kind === 'figure') results.figure(told.figure)
      else if (told.kind === 'at') progress = told.progress
      else if (told.kind === 'stray') results.say(`      ${told.text}`)
      else if (told.kind === 'result') result = told
    },
    printed: (line) => { if (++lines <= LINES_MAX) results.say(`      | ${line}`) },
  })
  if (lines > LINES_MAX) results.say(`      | … and ${lines - LINES_MAX} more lines`)
  const { passed, seen } = judged(result, ending, secondsMax, progress)
  results.check({ name: check.name, outcome: passed ? 'passed' : 'failed', seen, seconds: Number(((performance.now() - started) / 1000).toFixed(2)) })
}

function judged(result: { passed: boolean; seen: string } | undefined, { how, code, tail }: Ending, secondsMax: number, progress: string): { passed: boolean; seen: string } {
  const where = progress === '' ? '' : ` (it was at: ${progress})`
  if (result === undefined) {
    const what = how === 'deadline' ? `not done after ${secondsMax.toFixed(0)} s` : `its process ended without a result (${code})`
    return { passed: false, seen: `${what}${where}${tail === '' ? '' : `; it printed: ${tail}`}` }
  }
  // The promise was kept, but whoever uses the library would wait for ever for the end of a process.
  if (how === 'stayed') return { passed: false, seen: `${result.seen}; but process.exit() did not end its process: a thread of it hangs in a call${where}` }
  return result
}

function summary(results: Results): number {
  const count = (outcome: string): number => results.checks.filter((check) => check.outcome === outcome).length
  const failed = results.checks.filter((check) => check.outcome === 'failed')
  results.say(`\n${count('passed')} of ${results.checks.length} checks passed, ${failed.length} failed, ${count('skipped')} skipped, ${results.figures.length} figures; written to ${results.path}`)
  for (const check of failed) results.say(`FAILED ${check.name}: ${check.seen}`)
  for (const check of results.checks) if (check.outcome === 'skipped') results.say(`skipped ${check.name}: ${check.seen}`)
  return failed.length > 0 || results.checks.length === 0 ? 1 : 0
}
