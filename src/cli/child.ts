// Runs a child process in this one's place: same terminal, same signals, same end. Used where Node must start again with other flags.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Time between passing a signal on and killing the child that ignores it. */
const graceMs = 5_000
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Starts the command, passes signals on to it, and resolves with its exit code (128 + the signal's number when a signal ended it).
 * A child that outlives a signal by 5 s is killed, so nothing is left behind.
 */
export function runChild(command: string, words: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: 'inherit', ...(options.env === undefined ? {} : { env: options.env }) })
    let killer: NodeJS.Timeout | undefined
    const pass = (signal: NodeJS.Signals): void => {
      child.kill(signal)
      killer ??= setTimeout(() => child.kill('SIGKILL'), graceMs)
    }
    for (const signal of passedOn) process.on(signal, pass)
    const settled = (): void => {
      clearTimeout(killer)
      for (const signal of passedOn) process.off(signal, pass)
    }
    child.on('error', (error) => { settled(); reject(error) })
    child.on('close', (code, signal) => { settled(); resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])) })
  })
}
