// The Python that is on PATH: its version, its prefix, and the JupyterLab that belongs to it. Python is looked for only by commands that need it.
import { dirname, join } from 'node:path'
import { CommandError } from './command-error.js'
import { answerOf, isProgram, programOnPath } from './programs.js'

/** JupyterLab 4.6 asks for it. */
export const oldestPython = '3.10'

export interface Python { readonly path: string; readonly version: string; readonly prefix: string }
export interface JupyterLab { readonly path: string; readonly version: string; /** Where it looks for kernelspecs, first place first. */ readonly dataFolders: readonly string[] }

/** The `python3` (else `python`) on PATH, or undefined when none answers. */
export async function findPython(): Promise<Python | undefined> {
  const path = programOnPath('python3', 'python')
  if (path === undefined) return undefined
  const answer = await answerOf(path, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.prefix)'])
  const [version, prefix] = (answer ?? '').split(/\r?\n/)
  return version === undefined || prefix === undefined ? undefined : { path, version, prefix }
}

/** The prefix in which `--sys-prefix` installs. Throws CommandError when there is no Python. */
export async function pythonPrefix(): Promise<string> {
  const python = await findPython()
  if (python === undefined) throw new CommandError('--sys-prefix needs a Python, and none is on PATH; activate its environment, or use --user or --prefix DIR')
  return python.prefix
}

/** The JupyterLab on PATH, or undefined when there is none or it does not start. */
export async function findJupyterLab(): Promise<JupyterLab | undefined> {
  const path = programOnPath('jupyter-lab')
  return path === undefined ? undefined : jupyterLabAt(path)
}

/** The JupyterLab that this `jupyter-lab` program starts. */
async function jupyterLabAt(path: string): Promise<JupyterLab | undefined> {
  const [version, paths] = await Promise.all([answerOf(path, ['--version']), dataFoldersBeside(path)])
  return version === undefined || !/^\d+\./.test(version) ? undefined : { path, version, dataFolders: paths }
}

/** Asks the `jupyter` beside this `jupyter-lab`, since each Python's Jupyter looks in its own prefix too. */
async function dataFoldersBeside(jupyterLab: string): Promise<string[]> {
  const beside = join(dirname(jupyterLab), process.platform === 'win32' ? 'jupyter.exe' : 'jupyter')
  const jupyter = isProgram(beside) ? beside : programOnPath('jupyter')
  const answer = jupyter === undefined ? undefined : await answerOf(jupyter, ['--paths', '--json'])
  if (answer === undefined) return []
  try { return (JSON.parse(answer) as { data: string[] }).data } catch { return [] }
}

/** Whether `version` is at least `oldest`, both as 3.10 or 3.10.4. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [have, need] = [version, oldest].map((text) => text.split('.').map(Number))
  for (const [index, part] of (need ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - part
    if (difference !== 0) return difference > 0
  }
  return true
}
