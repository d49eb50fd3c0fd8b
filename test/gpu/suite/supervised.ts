// One process of the suite under a deadline. Whatever a check does (hang in a native call, crash, leave a thread behind), only its process suffers.
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Told } from './check.js'

/** How long a process that told its result may take to be gone, ms: a thread that is held in the driver keeps it. */
const EXIT_MS_MAX = 5_000
/** Lines of output kept for the end of a process that dies. */
const TAIL_LINES = 5

export interface Ears {
  heard(told: Told): void
  printed(line: string): void
}

export interface Ending { readonly how: 'exited' | 'deadline' | 'stayed'; readonly code: string; readonly tail: string }

const living = new Set<ChildProcess>()

/** Ends everything that runs, descendants included. */
export function endAll(): void { for (const child of living) end(child) }

/** Runs one-check.js with this argument; resolves once it is gone, or given up. */
export function supervised(argument: string, deadlineMs: number, ears: Ears): Promise<Ending> {
  const child = started(argument, 'ignore')
  const tail: string[] = []
  listen(child, ears, tail)
  return new Promise((resolve) => {
    let how: Ending['how'] = 'exited'
    const finish = (code: string): void => {
      clearTimeout(timer)
      living.delete(child)
      resolve({ how, code, tail: tail.join(' | ') })
    }
    const giveUp = (why: Ending['how']) => (): void => {
      how = why
      end(child)
      // A process that even this does not end is left behind.
      timer = setTimeout(() => { finish('it could not even be killed') }, EXIT_MS_MAX)
    }
    let timer = setTimeout(giveUp('deadline'), deadlineMs)
    child.on('error', (error) => { finish(error.message) })
    resultOf(child, () => { clearTimeout(timer); timer = setTimeout(giveUp('stayed'), EXIT_MS_MAX) })
    child.on('close', (code, signal) => { finish(signal ?? `exit code ${String(code)}`) })
  })
}

/** Starts the process that describes the machine and holds the driver; resolves with its first word. It ends with its input. */
export function holder(deadlineMs: number, ears: Ears): Promise<{ told: Told | undefined; release(): void }> {
  const child = started('machine', 'pipe')
  const tail: string[] = []
  return new Promise((resolve) => {
    const done = (told: Told | undefined): void => {
      clearTimeout(timer)
      if (told === undefined) end(child)
      resolve({ told, release: () => { child.stdin?.end(); end(child) } })
    }
    const timer = setTimeout(() => { done(undefined) }, deadlineMs)
    listen(child, { ...ears, heard: (told) => { if (told.kind === 'machine') done(told); else ears.heard(told) } }, tail)
    child.on('exit', () => { living.delete(child); done(undefined) })
  })
}

function started(argument: string, stdin: 'ignore' | 'pipe'): ChildProcess {
  const script = fileURLToPath(new URL('one-check.js', import.meta.url))
  // A group of its own, so that what it started ends with it.
  const child = spawn(process.execPath, ['--expose-gc', script, argument], { stdio: [stdin, 'pipe', 'pipe', 'pipe'], detached: true })
  living.add(child)
  return child
}

function listen(child: ChildProcess, ears: Ears, tail: string[]): void {
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) {
    createInterface({ input: stream }).on('line', (line) => {
      ears.printed(line)
      tail.push(line)
      if (tail.length > TAIL_LINES) tail.shift()
    })
  }
  toldBy(child, (told) => { ears.heard(told) })
}

function resultOf(child: ChildProcess, then: () => void): void { toldBy(child, (told) => { if (told.kind === 'result') then() }) }

function toldBy(child: ChildProcess, then: (told: Told) => void): void {
  const lines = child.stdio[3]
  if (lines === null || lines === undefined) throw new Error('the process of a check has no descriptor 3')
  let rest = ''
  lines.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) then(JSON.parse(part) as Told)
  })
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return
  try { process.kill(-child.pid, 'SIGKILL') } catch { /* It is gone. */ }
}
