// What the driver does beside a resident kernel: pinning the arena, which calls block, how many kernels run at once, and what a killed process leaves behind.
// Each in a process of its own that is ended at a deadline, since a call that blocks cannot be interrupted.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Check, Report } from './check.js'

/** Calls that are tried beside a resident kernel: first those that ringlab makes there. */
const calls = ['copyToDeviceAsync', 'copyToHostAsync', 'fillAsync', 'launchBeside', 'streamCreate', 'eventCreate', 'moduleLoad', 'allocate', 'hostAllocate', 'hostRegister', 'copyToDevice',
  'launchWithMoreLocalMemory', 'streamDestroy', 'hostUnregister', 'hostFree', 'free', 'moduleUnload'] as const
/** Those of which ringlab's design says that they return: copies and launches are made beside ring kernels, everything else with nothing resident. */
const mustReturn: readonly string[] = ['copyToDeviceAsync', 'copyToHostAsync', 'launchBeside']
/** A call that takes this long beside a resident kernel is taken for blocked, ms. */
const BLOCKED_MS = 2500
/** How long a process may take to begin, ms: the driver, the compiler and the context. */
const BEGIN_MS = 20_000

export const machinery: readonly Check[] = [
  {
    name: 'memory of a SharedArrayBuffer can be pinned and mapped, and a kernel sees its stores',
    run: async () => {
      const { said, code } = await child('arena', BEGIN_MS)
      if (code !== 0) throw new Error(said.join(' | '))
      return said.at(-1) ?? ''
    },
  },
  { name: 'copies and launches return beside a resident kernel; which other calls block is known', secondsMax: 100, run: besideResident },
  ...[32, 33, 100, 128].map((count): Check => ({
    name: `${count} bare kernels run at once, and copies pass them`, secondsMax: 40,
    run: async (report) => {
      const { said } = await child(`many:${count}`, BEGIN_MS)
      const [, running = '0', ms = ''] = /^running (\d+) (\S+)/m.exec(said.join('\n')) ?? []
      const copied = /^copied (\S+)/m.exec(said.join('\n'))?.[1]
      report.figure(`${count} bare kernels: running at once`, Number(running), 'kernels')
      if (copied !== undefined) report.figure(`${count} bare kernels: 1 MiB there and back beside them`, Number(copied), 'ms')
      if (Number(running) < count) throw new Error(`only ${running} of ${count} started: ${said.join(' | ')}`)
      if (copied === undefined) throw new Error(`a copy beside ${count} kernels does not return: ${said.join(' | ')}`)
      return `all started within ${ms} ms, a copy beside them took ${copied} ms`
    },
  })),
  {
    name: 'a killed host process leaves the GPU usable', secondsMax: 60,
    run: async () => {
      const killed = await child('resident', BEGIN_MS, (line, kill) => { if (line === 'resident') kill() })
      if (killed.code === 0 || !killed.said.includes('resident')) throw new Error(`the process to be killed had no resident kernel: ${killed.said.join(' | ')}`)
      const started = performance.now()
      const after = await child('arena', BEGIN_MS)
      if (after.code !== 0) throw new Error(`after killing a process with a resident kernel, a new one failed: ${after.said.join(' | ')}`)
      return `killed with a resident kernel; a new process ${((performance.now() - started) / 1000).toFixed(1)} s later: ${after.said.at(-1) ?? ''}`
    },
  },
]

/** One process tries one call after the other until one blocks; then the next process goes on after it. */
async function besideResident(report: Report): Promise<string> {
  const rows = new Map<string, string>()
  for (let left: string[] = [...calls]; left.length > 0;) {
    let current: string | undefined
    let timer: NodeJS.Timeout | undefined
    const { said, code } = await child(`beside:${left.join(',')}`, BEGIN_MS, (line, kill, alive) => {
      const [word, call = '', alone = '', ...rest] = line.split(' ')
      if (word === 'begin') { report.at(call); current = call; timer = setTimeout(kill, BLOCKED_MS) }
      if (word !== 'done') return
      alive()
      clearTimeout(timer)
      current = undefined
      rows.set(call, rest.join(' '))
      const ms = Number(rest[0])
      report.figure(`beside a resident kernel: ${call}`, ms, 'ms', `${Number.isNaN(ms) ? rest.join(' ') : ''}${alone} ms without one`)
    })
    clearTimeout(timer)
    if (current !== undefined) {
      rows.set(current, `blocks (${code === -1 ? `more than ${BLOCKED_MS} ms` : said.join(' | ')})`)
      report.figure(`beside a resident kernel: ${current}`, undefined, 'ms', `blocks: not back after ${BLOCKED_MS} ms`)
    } else if (left.some((call) => !rows.has(call))) throw new Error(`the process that tries calls ended: ${said.join(' | ')}`)
    left = left.filter((call) => !rows.has(call))
  }
  const text = [...rows].map(([call, row]) => `${call} ${row}${Number.isNaN(Number(row)) ? '' : ' ms'}`).join(', ')
  if (mustReturn.some((call) => Number.isNaN(Number(rows.get(call))))) throw new Error(text)
  return text
}

/** Runs driver-alone.js with one task; resolves with its lines and its exit code, or −1 when it was killed. `alive` starts the deadline anew. */
function child(task: string, deadlineMs: number, heard?: (line: string, kill: () => void, alive: () => void) => void): Promise<{ said: readonly string[]; code: number }> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [fileURLToPath(new URL('driver-alone.js', import.meta.url)), task], { stdio: ['ignore', 'pipe', 'pipe'] })
    const said: string[] = []
    const kill = (): void => { started.kill('SIGKILL') }
    let timer = setTimeout(kill, deadlineMs)
    const alive = (): void => { clearTimeout(timer); timer = setTimeout(kill, deadlineMs) }
    for (const stream of [started.stdout, started.stderr]) createInterface({ input: stream }).on('line', (line) => { said.push(line); heard?.(line, kill, alive) })
    started.on('error', reject)
    started.on('close', (code) => {
      clearTimeout(timer)
      resolve({ said: said.slice(-12), code: code ?? -1 })
    })
  })
}
