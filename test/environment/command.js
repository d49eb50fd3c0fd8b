// Runs one command of the test environment and says how it went. No decision about what to install lives here.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Longest that one installing command may take. */
const commandMsMax = 15 * 60_000

/**
 * Runs a command to its end and returns what it printed; rejects with the end of its output when it fails.
 * @param {string} command @param {readonly string[]} words @param {{ env?: Record<string, string> }} [options]
 * @returns {Promise<string>}
 */
export function runCommand(command, words, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env }, timeout: commandMsMax })
    let printed = ''
    /** @param {Buffer} chunk */
    const keep = (chunk) => { printed += chunk.toString() }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`${command} ${words.join(' ')} ended with ${code ?? 'a signal'}:\n${printed.slice(-2000)}`))
    })
  })
}

/**
 * The full path of the first of these programs that is on PATH.
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** @param {string} path */
export function isExecutable(path) {
  try { accessSync(path, constants.X_OK); return true } catch { return false }
}

/**
 * Installs Debian packages; only root can, and only where apt-get is.
 * @param {readonly string[]} packages
 */
export async function aptInstall(...packages) {
  if (onPath('apt-get') === undefined || process.getuid?.() !== 0) throw new Error('only root on Debian or Ubuntu can have it installed from here')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await runCommand('apt-get', ['update', '-qq'], { env })
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
}
