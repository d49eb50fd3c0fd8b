// `ringlab run FILE`: a notebook or a script with cells, run here without Python and without a browser.
import { type Command, Option } from 'commander'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { CommandError, UsageError } from '../command-error.js'
import { kernelMetadata, notebookText, readNotebook, type Notebook } from '../run/notebook.js'
import { notebookHtml } from '../run/html.js'
import { NotebookOutputs } from '../run/outputs.js'
import { controlVariable, isRelaunched, relaunch } from '../run/relaunch.js'
import { bothSinks, keepOutputs, runCells, type RunOptions } from '../run/runner.js'
import { processTerminal, TerminalOutputs } from '../run/terminal.js'
import { Watchdog } from '../run/watchdog.js'

interface Given { output?: string; html?: string; device?: string; timeoutSeconds?: string }
/** The same, checked: full paths of files that can be written, numbers as numbers. */
interface Plan { readonly file: string; readonly notebook: Notebook; readonly output?: string; readonly html?: string; readonly device?: string; readonly options: RunOptions }

/** How long ring kernels and workers may take to stop after the last cell. */
const shutdownMsMax = 5_000

/** Adds `run` to the command line. */
export function addRun(program: Command): void {
  program.command('run').description('run a notebook, or a .ts file with `// %%` cells, without Python').argument('<file>', 'the notebook (.ipynb) or script (.ts)')
    .option('--output <out.ipynb>', 'write the notebook with its outputs')
    .option('--html <out.html>', 'write a page with everything in it')
    .addOption(new Option('--device <device>', 'where ring kernels run: auto, cpu, host, cuda or cuda:N'))
    .option('--timeout-seconds <n>', 'stop when a cell runs longer')
    .action(async (file: string, given: Given) => {
      const plan = planOf(file, given)
      process.exitCode = isRelaunched() ? await run(plan) : await relaunch(process.argv.slice(2))
    })
}

async function run(plan: Plan): Promise<never> {
  const controlFd = Number(process.env[controlVariable])
  // User code and its children see the environment that the user gave.
  Reflect.deleteProperty(process.env, controlVariable)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const directory = dirname(plan.file)
  // A notebook runs in its own folder, as under Jupyter; a script where it is called from, as under node.
  if (extname(plan.file) === '.ipynb') process.chdir(directory)
  const terminal = processTerminal()
  const exit = process.exit.bind(process)
  const kept = new NotebookOutputs()
  const shown = new TerminalOutputs(terminal)
  const { createSession } = await import('../../session/session.js')
  const session = await createSession({
    sink: bothSinks(kept, shown), directory, notebookPath: plan.file, flags: { exitsProcess: true }, ...(plan.device === undefined ? {} : { device: plan.device }),
  })
  const keep = (): void => {
    keepOutputs(plan.notebook, kept)
    writeFiles(plan)
  }
  // `process.exit` in a cell comes here without a word; what the cells put out until then is kept all the same.
  process.once('exit', keep)
  // The clock of the first cell starts when TypeScript is there.
  await session.ready
  const watchdog = new Watchdog(session, controlFd)
  const end = await runCells(plan.notebook, session, watchdog, kept, shown, plan.options)
  await session.shutdown(shutdownMsMax)
  await watchdog.stop()
  shown.end()
  process.off('exit', keep)
  keep()
  if (end.problem !== undefined) terminal.write('stderr', `ringlab: ${end.problem}\n`)
  // Timers and sockets that cells left behind end here, as they do when a Jupyter kernel stops.
  return exit(end.exitCode)
}

function writeFiles(plan: Plan): void {
  plan.notebook.metadata = { ...kernelMetadata(), ...plan.notebook.metadata }
  const title = basename(plan.file)
  for (const [path, text] of [[plan.output, () => notebookText(plan.notebook)], [plan.html, () => notebookHtml(plan.notebook, title)]] as const) {
    if (path === undefined) continue
    try { writeFileSync(path, text()) } catch (error) { throw new CommandError(`the run is over, but ${path} cannot be written (${String(error)})`) }
  }
}

/** Checks everything before the first cell runs: nobody waits for a long run to learn of a wrong path. */
function planOf(file: string, given: Given): Plan {
  const path = resolve(file)
  const seconds = given.timeoutSeconds === undefined ? undefined : secondsOf(given.timeoutSeconds)
  return {
    file: path, notebook: readNotebook(path), options: seconds === undefined ? {} : { cellSecondsMax: seconds },
    ...(given.output === undefined ? {} : { output: writable(given.output, '.ipynb', '--output') }),
    ...(given.html === undefined ? {} : { html: writable(given.html, '.html', '--html') }),
    ...(given.device === undefined ? {} : { device: deviceOf(given.device) }),
  }
}

function writable(path: string, ending: string, option: string): string {
  const full = resolve(path)
  if (extname(full) !== ending) throw new UsageError(`${option} takes a file that ends in ${ending}, and '${path}' does not`)
  const folder = dirname(full)
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UsageError(`${option} names a file in ${folder}, and there is no such folder`)
  return full
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  // setTimeout's own bound: 2^31 - 1 ms.
  if (!(seconds > 0) || seconds > 2_147_483) throw new UsageError(`--timeout-seconds takes a number above 0, and '${text}' is none`)
  return seconds
}

function deviceOf(text: string): string {
  if (!/^(auto|cpu|host|cuda(:\d+)?)$/.test(text)) throw new UsageError(`there is no device '${text}'; the devices are auto, cpu, host, cuda and cuda:N`)
  return text
}
