// Holds one JupyterLab server as a child process and sees that it ends with us. What it serves is decided elsewhere.
import { spawn, type ChildProcess } from 'node:child_process'

/** How long the server may take to stop its kernels after it was asked to; then it is killed. */
const stopMsMax = 15_000
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Starts the server and resolves when it ended: 0 when a person ended it, else its own exit code.
 * The server has a process group of its own, so that Ctrl-C reaches it once, from here, and its helpers end with it.
 */
export function serveUntilEnd(program: string, words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'], detached: process.platform !== 'win32' })
    let asked = false
    let killer: NodeJS.Timeout | undefined
    const stop = (): void => {
      if (asked) signalGroup(server, 'SIGKILL')
      else {
        asked = true
        signalGroup(server, 'SIGINT')
        killer = setTimeout(() => { signalGroup(server, 'SIGKILL') }, stopMsMax)
      }
    }
    for (const signal of endings) process.on(signal, stop)
    const ended = (): void => {
      clearTimeout(killer)
      for (const signal of endings) process.off(signal, stop)
    }
    server.on('error', (error) => { ended(); reject(error) })
    server.on('close', (code) => { ended(); resolve(asked ? 0 : (code ?? 1)) })
  })
}

function signalGroup(server: ChildProcess, signal: NodeJS.Signals): void {
  if (server.pid === undefined) return
  try { process.kill(process.platform === 'win32' ? server.pid : -server.pid, signal) } catch { server.kill(signal) }
}
