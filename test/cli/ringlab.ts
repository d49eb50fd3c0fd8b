// Runs the built command line as a person does: its own process, its own home. The promises about it are in the tests beside this file.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../environment/paths.js'

export interface Ended { readonly code: number | null; readonly stdout: string; readonly stderr: string }
export interface How { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; /** Another node than this one. */ readonly node?: string; readonly deadlineMs?: number }

/** The built command line. */
export const mainFile = join(root, 'dist', 'cli', 'main.js')

/** Runs `ringlab …words` to its end. */
export function ringlab(words: readonly string[], how: How = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(how.node ?? process.execPath, [mainFile, ...words], { cwd: how.cwd ?? root, env: { ...process.env, ...how.env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString() })
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
    const killer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`ringlab ${words.join(' ')} did not end in time; it printed:\n${stdout}\n${stderr}`))
    }, how.deadlineMs ?? 60_000)
    child.on('close', (code) => {
      clearTimeout(killer)
      resolve({ code, stdout, stderr })
    })
  })
}

/** A folder that is gone when the test is over: `using folder = temporaryFolder()`. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'ringlab-cli-'))
  return { path, [Symbol.dispose]: () => { rmSync(path, { recursive: true, force: true }) } }
}
