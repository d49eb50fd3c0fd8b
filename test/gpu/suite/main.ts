// The GPU suite: the promises that only a GPU can break, then the figures, in one run on one machine. Prints as it goes and writes one JSON file.
import { cpus } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { codeOf } from '#ringlab/devices/body/compiled-code.js'
import { openCuda } from '#ringlab/driver/index.js'
import { conformance } from './conformance.js'
import { figures } from './figures.js'
import { lifeCycle } from './life-cycle.js'
import { machinery } from './machinery.js'
import { Report, type Machine } from './report.js'
import { nvrtcHere } from './nvrtc-here.js'
import type { Check } from './check.js'

/** The event loop of Node may be held this long at most, ms: longer, and a notebook stutters. */
const LOOP_DELAY_MS_MAX = 20

const argument = (name: string): string | undefined => { const at = process.argv.indexOf(name); return at < 0 ? undefined : process.argv[at + 1] }

process.exitCode = await main()
// A resident kernel that somebody forgot must not hold this process.
setTimeout(() => process.exit(), 5000).unref()

async function main(): Promise<number> {
  let machine: Machine
  try { machine = describeMachine() } catch (error) {
    console.error(`The GPU suite needs a GPU, and there is none that can be used here: ${(error as Error).message}`)
    return 1
  }
  console.log(`${machine.device} (${machine.computeCapability}, ${machine.multiprocessors} multiprocessors, ${machine.memoryGiB} GiB), CUDA ${machine.driver}, NVRTC ${machine.nvrtc}, Node ${machine.node}${machine.isSimulated ? ' SIMULATED' : ''}`)
  const report = new Report(machine, argument('--results') ?? '.')
  const only = argument('--only')
  for (const check of [...machinery, ...lifeCycle, ...conformance, ...figures]) if (only === undefined || check.name.includes(only)) await runCheck(check, report)
  const failed = report.checks.filter((check) => !check.passed)
  console.log(`\n${report.checks.length - failed.length} of ${report.checks.length} checks passed, ${report.figures.length} figures; written to ${report.write()}`)
  for (const check of failed) console.log(`FAILED ${check.name}: ${check.seen}`)
  return failed.length > 0 ? 1 : 0
}

function describeMachine(): Machine {
  const cuda = openCuda()
  const facts = cuda.deviceFacts(0)
  const { version } = nvrtcHere(cuda)
  const dotted = ({ major, minor }: { major: number; minor: number }): string => `${major}.${minor}`
  return {
    device: facts.name, computeCapability: dotted(facts.computeCapability), memoryGiB: Math.round(facts.memoryBytes / 2 ** 30), multiprocessors: facts.multiprocessors,
    driver: dotted(cuda.version), nvrtc: dotted(version), node: process.versions.node, cpu: `${cpus()[0]?.model ?? ''} × ${cpus().length}`,
    isSimulated: process.env.RINGLAB_CUDA_DRIVER !== undefined,
  }
}

async function runCheck(check: Check, report: Report): Promise<void> {
  for (const definition of check.definitions ?? []) await codeOf(definition)
  const started = performance.now()
  const loop = monitorEventLoopDelay({ resolution: 1 })
  if (check.watchesLoop === true) loop.enable()
  let passed = true
  let seen: string
  try { seen = await withDeadline(check.run(report), check.secondsMax ?? 60) } catch (error) {
    passed = false
    seen = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
  loop.disable()
  if (check.watchesLoop === true && passed) {
    const delayMs = loop.max / 1e6
    seen = `${seen}; event loop held ${delayMs.toFixed(1)} ms at most`
    if (delayMs > LOOP_DELAY_MS_MAX && !report.machine.isSimulated) passed = false
  }
  const seconds = Number(((performance.now() - started) / 1000).toFixed(2))
  report.checks.push({ name: check.name, passed, seen, seconds })
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${check.name} (${seconds} s): ${seen}`)
  report.write()
}

async function withDeadline(work: Promise<string>, seconds: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new Error(`not done after ${seconds} s`)) }, seconds * 1000) })
  try { return await Promise.race([work, late]) } finally { clearTimeout(timer) }
}
