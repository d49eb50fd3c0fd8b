// What `ringlab doctor` looks at: one check a part, each found or missing, with what to do. How it is printed is the command's matter.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { knownDataFolders, thisPlace } from '../jupyter-paths.js'
import { defaultName, kernelspecFolder, staleReason } from '../kernelspec.js'
import { findJupyterLab, findPython, isAtLeast, oldestPython, type JupyterLab, type Python } from '../python.js'
import { privateJupyterLab } from '../private-python.js'
import { gpuChecks } from './gpu-checks.js'

/** One part: whether it is there, what was seen, and what to do when it is not as it should be. */
export interface Check {
  readonly part: string
  readonly state: 'found' | 'missing' | 'outdated' | 'broken'
  readonly seen: string
  readonly advice?: string
  /** Whether ringlab can do nothing at all without it. */
  readonly need: 'required' | 'notebooks' | 'optional'
}

/** ringlab's own lower bound, as package.json's `engines` says. */
const oldestNode = '20.20'

/** Looks at every part. Starts Python and JupyterLab to ask for their versions, and a process that loads the GPU's driver; changes nothing. */
export async function checkAll(): Promise<Check[]> {
  const [python, lab, gpu] = await Promise.all([findPython(), findJupyterLab(), gpuChecks()])
  return [nodeCheck(process.versions.node), pythonCheck(python), jupyterLabCheck(lab), kernelspecCheck(lab), ...gpu]
}

/** Whether this Node is new enough. */
export function nodeCheck(version: string): Check {
  return isAtLeast(version, oldestNode) ? { part: 'Node', state: 'found', seen: `${version} ${process.execPath}`, need: 'required' }
    : { part: 'Node', state: 'outdated', seen: `${version} ${process.execPath}`, advice: `install Node ${oldestNode} or later`, need: 'required' }
}

function pythonCheck(python: Python | undefined): Check {
  const advice = `install Python ${oldestPython} or later for JupyterLab (Debian: apt-get install python3-venv); \`ringlab run\` needs none`
  if (python === undefined) return { part: 'Python', state: 'missing', seen: 'no python3 on PATH', advice, need: 'notebooks' }
  const seen = `${python.version} ${python.path}`
  return isAtLeast(python.version, oldestPython) ? { part: 'Python', state: 'found', seen, need: 'notebooks' } : { part: 'Python', state: 'outdated', seen, advice, need: 'notebooks' }
}

function jupyterLabCheck(lab: JupyterLab | undefined): Check {
  if (lab !== undefined) {
    const seen = `${lab.version} ${lab.path}`
    return isAtLeast(lab.version, '4') ? { part: 'JupyterLab', state: 'found', seen, need: 'notebooks' }
      : { part: 'JupyterLab', state: 'outdated', seen, advice: 'install JupyterLab 4 (pip install --upgrade jupyterlab)', need: 'notebooks' }
  }
  const own = privateJupyterLab(thisPlace())
  return existsSync(own.stamp) ? { part: 'JupyterLab', state: 'found', seen: `${own.version} ${own.folder} (ringlab's own)`, need: 'notebooks' }
    : { part: 'JupyterLab', state: 'missing', seen: 'none on PATH', advice: 'run `ringlab lab`, which installs it in a folder of its own, or pip install jupyterlab', need: 'notebooks' }
}

function kernelspecCheck(lab: JupyterLab | undefined): Check {
  const place = thisPlace()
  const own = privateJupyterLab(place)
  const folders = [...new Set([...(lab?.dataFolders ?? []), ...knownDataFolders(place), ...(existsSync(own.stamp) ? [own.dataFolder] : [])])]
  const files = folders.map((folder) => join(kernelspecFolder(folder, defaultName), 'kernel.json')).filter((file) => existsSync(file))
  const file = files[0]
  if (file === undefined) return { part: 'kernelspec', state: 'missing', seen: `no '${defaultName}' where Jupyter looks`, advice: 'run `ringlab install`', need: 'notebooks' }
  const stale = staleReason(file)
  return stale === undefined ? { part: 'kernelspec', state: 'found', seen: file, need: 'notebooks' }
    : { part: 'kernelspec', state: 'outdated', seen: `${file}: ${stale}`, advice: 'run `ringlab install` again', need: 'notebooks' }
}
