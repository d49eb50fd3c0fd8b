// !command: a command of the shell, its output streamed while it runs, stopped with all its children when the cell is interrupted.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { currentSignal } from '../../lab/cell.js'
import type { MagicContext, MagicUse } from './context.js'

/** From the first, polite signal to the next, stricter one. */
const patienceMs = 700
/** Output kept for `const x = !command`; what is beyond is cut, and said. */
const keptBytesMax = 64 * 1024 * 1024

/** Runs `command`. Resolves with the lines of its stdout, where they are wanted; rejects when the cell is interrupted or the shell cannot start. */
export async function runShell(context: MagicContext, command: string, use: MagicUse | undefined): Promise<readonly string[] | undefined> {
  const signal = currentSignal()
  signal.throwIfAborted()
  // A process group of its own, so that one signal reaches whatever the command started.
  const child = spawn(process.env['SHELL'] ?? '/bin/sh', ['-c', command], { cwd: context.directory(), detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const kept = new KeptOutput()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (use !== 'value') context.print(text, 'stdout')
    if (use !== 'statement') kept.add(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { context.print(text, 'stderr') })
  const { code, killedBy } = await ended(child, signal)
  signal.throwIfAborted()
  if (code !== 0) context.print(`!${command} ended ${killedBy === null ? `with exit code ${String(code)}` : `by ${killedBy}`}.\n`, 'stderr')
  if (use === 'statement') return undefined
  if (kept.isCut) context.print(`Only the first ${keptBytesMax / 1024 / 1024} MiB of !${command} are kept.\n`, 'stderr')
  return kept.lines(code)
}

function ended(child: ChildProcess, signal: AbortSignal): Promise<{ code: number | null; killedBy: string | null }> {
  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = []
    const stop = (): void => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
      signals.forEach((name, i) => { timers.push(setTimeout(() => { killGroup(child, name) }, i * patienceMs)) })
    }
    const settle = (): void => {
      signal.removeEventListener('abort', stop)
      timers.forEach(clearTimeout)
    }
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', (error) => { settle(); reject(new Error(`The shell could not be started: ${error.message}`)) })
    child.once('close', (code, killedBy) => { settle(); resolve({ code, killedBy }) })
  })
}

function killGroup(child: ChildProcess, name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // The group is gone already.
  }
}

class KeptOutput {
  private text = ''
  isCut = false

  add(text: string): void {
    if (this.text.length + text.length > keptBytesMax) this.isCut = true
    else this.text += text
  }

  /** Lines without their ends; the exit code is a property that printing does not show. */
  lines(exitCode: number | null): readonly string[] {
    const lines = this.text === '' ? [] : this.text.replace(/\r?\n$/, '').split(/\r?\n/)
    return Object.defineProperty(lines, 'exitCode', { value: exitCode, enumerable: false })
  }
}
