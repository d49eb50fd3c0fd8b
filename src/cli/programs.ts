// Finding and running other programs: Python, Jupyter. How they are found on PATH, and bounded runs of them; no decision about what they are for.
import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Longest that a program may take to say its version or its folders: a cold Python with JupyterLab takes 5 s on a slow disk. */
const answerMsMax = 30_000

/** The full path of the first of these programs on PATH, or undefined. On Windows the endings of PATHEXT are tried. */
export function programOnPath(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const endings = process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : ['']
  for (const name of names) {
    for (const folder of folders) {
      const found = endings.map((ending) => join(folder, name + ending)).find(isProgram)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** What a program prints on stdout, trimmed; undefined when it fails, is missing, or takes too long. */
export function answerOf(program: string, words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...words], { timeout: answerMsMax, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      resolve(error === null ? stdout.trim() : undefined)
    })
  })
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch { return false }
}
