// ringlab's own JupyterLab, for a machine that has none: a Python environment under the user's data folder, made once, used by `ringlab lab` only.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { CommandError } from './command-error.js'
import { prefixDataFolder, type Place } from './jupyter-paths.js'
import { findPython, isAtLeast, oldestPython } from './python.js'

/** The JupyterLab that ringlab's tests run against. */
const jupyterLabVersion = '4.6.6'

export interface PrivateJupyterLab { readonly folder: string; readonly program: string; readonly dataFolder: string; readonly version: string; /** Written last: without it the installation is not whole. */ readonly stamp: string }

/** Where ringlab's own JupyterLab lies, whether or not it is there. */
export function privateJupyterLab(place: Place): PrivateJupyterLab {
  const folder = join(userDataFolder(place), `jupyterlab-${jupyterLabVersion}`)
  const programs = place.platform === 'win32' ? join(folder, 'Scripts') : join(folder, 'bin')
  return { folder, program: join(programs, place.platform === 'win32' ? 'jupyter-lab.exe' : 'jupyter-lab'), dataFolder: prefixDataFolder(folder), version: jupyterLabVersion, stamp: join(folder, 'installed-by-ringlab') }
}

/**
 * Makes ringlab's own JupyterLab unless it is there, saying what it does line by line.
 * Throws CommandError when there is no Python that can, or the installation fails.
 */
export async function ensurePrivateJupyterLab(place: Place, say: (line: string) => void): Promise<PrivateJupyterLab> {
  const own = privateJupyterLab(place)
  if (existsSync(own.stamp) && existsSync(own.program)) return own
  const python = await findPython()
  if (python === undefined) throw new CommandError(`JupyterLab needs Python ${oldestPython} or later, and none is on PATH; install it (Debian: apt-get install python3-venv), or run a notebook without it: ringlab run FILE`)
  if (!isAtLeast(python.version, oldestPython)) throw new CommandError(`JupyterLab needs Python ${oldestPython} or later, and ${python.path} is ${python.version}`)
  say(`No JupyterLab on PATH: installing JupyterLab ${own.version} once, in ${own.folder}`)
  rmSync(own.folder, { recursive: true, force: true })
  mkdirSync(dirname(own.folder), { recursive: true })
  say('making a Python environment …')
  await shown(python.path, ['-m', 'venv', own.folder], say, 'python could not make an environment; Debian and Ubuntu need: apt-get install python3-venv')
  const inside = join(dirname(own.program), place.platform === 'win32' ? 'python.exe' : 'python')
  await shown(inside, ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', `jupyterlab==${own.version}`], say,
    'pip could not install JupyterLab; with a JupyterLab of your own on PATH, `ringlab lab` uses that one')
  writeFileSync(own.stamp, `jupyterlab ${own.version}\n`)
  return own
}

/** Where programs keep a user's data: XDG_DATA_HOME, ~/Library/Application Support, LOCALAPPDATA. */
function userDataFolder({ platform, env, home }: Place): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'ringlab')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'ringlab')
  return join(env.XDG_DATA_HOME === undefined || env.XDG_DATA_HOME === '' ? join(home, '.local', 'share') : env.XDG_DATA_HOME, 'ringlab')
}

/** Runs a step, passing on its lines as progress; a failure shows its last lines. */
function shown(program: string, words: readonly string[], say: (line: string) => void, failure: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        const progress = /^\s*(Collecting|Installing collected packages|Successfully installed)\b[^(]*/.exec(line)?.[0]
        if (progress !== undefined) say(progress.trim().slice(0, 78))
      })
    }
    child.on('error', (error) => reject(new CommandError(`${failure} (${error.message})`)))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new CommandError(`${failure} (exit code ${code ?? 'none'}):\n${lines.slice(-8).join('\n')}`))
    })
  })
}
