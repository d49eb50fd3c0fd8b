// What the driver does beside a resident kernel: pinning the arena, which calls block, and what a killed process leaves behind. Each in a process of its own
// that is ended at a deadline, since a call that blocks cannot be interrupted.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Check } from './check.js'

/** Calls that are tried beside a resident kernel. */
const calls = ['moduleLoad', 'allocate', 'free', 'hostAllocate', 'hostFree', 'hostRegister', 'hostUnregister', 'copyToDeviceAsync', 'copyToHostAsync', 'fillAsync', 'streamCreate', 'eventCreate', 'launchBeside', 'moduleUnload'] as const
/** A call that takes this long beside a resident kernel is taken for blocked, ms. */
const BLOCKED_MS = 4000

export const machinery: readonly Check[] = [
  {
    name: 'memory of a SharedArrayBuffer can be pinned and mapped, and a kernel sees its stores',
    run: async () => { const { said } = await child('arena', 30_000); return said },
  },
  {
    name: 'calls beside a resident kernel return, or are known to block', secondsMax: 120,
    run: async (report) => {
      const rows: string[] = []
      for (const call of calls) {
        const { said, code } = await child(`beside:${call}`, BLOCKED_MS)
        rows.push(`${call} ${code === 0 ? said : `blocks (more than ${BLOCKED_MS} ms)`}`)
        if (code === 0) report.figure(`beside a resident kernel: ${call}`, Number.parseFloat(said), 'ms')
        else report.figure(`beside a resident kernel: ${call}`, Infinity, 'ms', 'blocks')
      }
      return rows.join(', ')
    },
  },
  {
    name: 'a killed host process leaves the GPU usable', secondsMax: 60,
    run: async () => {
      const killed = await child('resident', 3000)
      if (killed.code === 0) throw new Error('the process with the resident kernel ended by itself')
      const after = await child('arena', 20_000)
      if (after.code !== 0) throw new Error(`after killing a process with a resident kernel, a new one failed: ${after.said}`)
      return `killed after 3 s; a new process: ${after.said}`
    },
  },
]

/** Runs driver-alone.js with one task; resolves with its last line and its exit code, or −1 when it was killed at the deadline. */
function child(task: string, deadlineMs: number): Promise<{ said: string; code: number }> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [fileURLToPath(new URL('driver-alone.js', import.meta.url)), task], { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    started.stdout.on('data', (chunk: Buffer) => { text += chunk.toString() })
    started.stderr.on('data', (chunk: Buffer) => { text += chunk.toString() })
    const timer = setTimeout(() => started.kill('SIGKILL'), deadlineMs)
    started.on('error', reject)
    started.on('exit', (code) => {
      clearTimeout(timer)
      const said = text.trim().split('\n').at(-1) ?? ''
      if (code !== null && code !== 0) reject(new Error(`${task}: ${said}`))
      else resolve({ said, code: code ?? -1 })
    })
  })
}
