// The process of one check: runs it and tells the suite by lines on descriptor 3, written at once, so that nothing said is lost when it hangs or dies.
// `machine` instead of a task says what the GPU is, and keeps the driver open until its input ends: a GPU that nobody holds takes seconds to start anew.
import { writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { codeOf } from '#ringlab/devices/body/compiled-code.js'
import { openCuda } from '#ringlab/driver/index.js'
import { checks } from './checks.js'
import type { Check, Machine, Report, Task, Told } from './check.js'
import { nvrtcHere } from './nvrtc-here.js'

/** The event loop of Node may be held this long, ms: longer, and a notebook stutters. Single turns may take longer where garbage is collected. */
const LOOP_DELAY_P99_MS_MAX = 20, LOOP_DELAY_MS_MAX = 100

const tell = (told: Told): void => { writeSync(3, `${JSON.stringify(told)}\n`) }
const strays: string[] = []
// A check may wait for what nobody keeps the process alive for.
setInterval(() => undefined, 1000)
process.on('unhandledRejection', stray('a rejection that nobody handled'))
process.on('uncaughtException', stray('an exception that nobody caught'))

const argument = process.argv[2] ?? ''
if (argument === 'machine') {
  try { await holdMachine() } catch (error) { tell({ kind: 'stray', text: (error as Error).message }); process.exit(1) }
} else {
  const task = JSON.parse(argument) as Task
  const check = checks.find(({ name }) => name === task.check)
  if (check === undefined) throw new Error(`there is no check '${task.check}'`)
  await run(check, task)
  // Whatever it left behind must not keep this process.
  process.exit(0)
}

function stray(what: string): (reason: unknown) => void {
  return (reason) => {
    const text = `${what}: ${reason instanceof Error ? reason.stack ?? reason.message : String(reason)}`
    strays.push(text)
    tell({ kind: 'stray', text })
  }
}

async function holdMachine(): Promise<void> {
  const machine = describeMachine()
  tell({ kind: 'machine', machine })
  process.stdin.resume()
  await new Promise((resolve) => { process.stdin.once('end', resolve).once('error', resolve) })
  process.exit(0)
}

function describeMachine(): Machine {
  const cuda = openCuda()
  const facts = cuda.deviceFacts(0)
  const { version } = nvrtcHere(cuda)
  const dotted = ({ major, minor }: { major: number; minor: number }): string => `${major}.${minor}`
  return {
    device: facts.name, computeCapability: dotted(facts.computeCapability), memoryGiB: Math.round(facts.memoryBytes / 2 ** 30), multiprocessors: facts.multiprocessors,
    driver: dotted(cuda.version), nvrtc: dotted(version), node: process.versions.node, cpu: `${cpus()[0]?.model ?? ''} × ${cpus().length}`, isSimulated: cuda.isSimulated,
  }
}

async function run(check: Check, task: Task): Promise<void> {
  const report = reportOf(task)
  for (const definition of check.definitions ?? []) await codeOf(definition)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  if (check.watchesLoop === true) loop.enable()
  try {
    let seen = await check.run(report)
    loop.disable()
    // What a promise left behind is said in the next turns.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (check.watchesLoop === true) {
      const p99 = loop.percentile(99) / 1e6, max = loop.max / 1e6
      seen = `${seen}; event loop held ${p99.toFixed(1)} ms (p99), ${max.toFixed(1)} ms (max)`
      if (!task.machine.isSimulated && (p99 > LOOP_DELAY_P99_MS_MAX || max > LOOP_DELAY_MS_MAX)) throw new Error(`${seen}: more than ${LOOP_DELAY_P99_MS_MAX} and ${LOOP_DELAY_MS_MAX} ms`)
    }
    tell({ kind: 'result', passed: strays.length === 0, seen: [seen, ...strays].join('; but ') })
  } catch (error) {
    tell({ kind: 'result', passed: false, seen: [error instanceof Error ? `${error.name}: ${error.message}` : String(error), ...strays].join('; and ') })
  }
}

function reportOf(task: Task): Report {
  const { machine, secondsMax, figures } = task
  return {
    machine, secondsMax,
    figure: (name, value, unit, note) => { tell({ kind: 'figure', figure: { name, value: value === undefined || !Number.isFinite(value) ? null : rounded(value), unit, ...(note === undefined ? {} : { note }) } }) },
    earlier: (name) => figures.find((figure) => figure.name === name)?.value ?? undefined,
    at: (progress) => { tell({ kind: 'at', progress }) },
  }
}

/** Four digits: more would claim a precision that no run has. */
function rounded(value: number): number { return Number(value.toPrecision(4)) }
