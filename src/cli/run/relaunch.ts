// `ringlab run` starts Node a second time, with the flags that a session needs, and waits for it. This is the waiting side.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Writable } from 'node:stream'
import { nodeFlags } from '../../jupyter/flags.js'
import { packageFile } from '../package-files.js'

/** The variable that tells the second Node the descriptor on which stop requests come. */
export const controlVariable = 'RINGLAB_RUN_CONTROL'
const controlFd = 3

/** After a request to stop: time for the cell to end, the notebook to be written and the ring kernels to stop. */
const stopMsMax = 12_000
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Whether this Node has the flags already, or must be started again with them. */
export function isRelaunched(): boolean { return process.env[controlVariable] !== undefined }

/** Runs the same command in a Node with the flags; resolves with its exit code. Ctrl-C stops the running cell; a second one ends everything. */
export function relaunch(words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeFlags(), packageFile('dist/cli/main.js'), ...words], {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env: { ...process.env, [controlVariable]: String(controlFd) },
    })
    const control = child.stdio[controlFd] as Writable
    control.on('error', () => undefined)
    let killer: NodeJS.Timeout | undefined
    const stop = (): void => {
      if (killer !== undefined) child.kill('SIGKILL')
      else {
        control.write('s')
        killer = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
      }
    }
    for (const signal of stopSignals) process.on(signal, stop)
    const settled = (): void => {
      clearTimeout(killer)
      for (const signal of stopSignals) process.off(signal, stop)
    }
    child.on('error', (error) => { settled(); reject(error) })
    child.on('close', (code, signal) => {
      settled()
      // Killed after a request to stop: as any program that Ctrl-C ended. Killed by the watchdog: a cell that failed.
      resolve(code ?? (killer !== undefined ? 128 + constants.signals.SIGINT : signal === 'SIGKILL' ? 1 : 128 + (signal === null ? 0 : constants.signals[signal])))
    })
  })
}
