// The parts of the test environment: how each is found, and how it is installed when it is missing.
// Each returns a path or throws with the reason; what that means for the tests is decided elsewhere.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aptInstall, isExecutable, onPath, runCommand } from './command.js'
import { environment } from './paths.js'

/** The other Node versions that the session's rules are tested on; npm's node-<platform>-<arch> packages carry the binaries. */
const nodeVersions = { 24: '24.21.0', 26: '26.10.0' }

/** NVIDIA's runtime compiler and linker, from PyPI; they need neither a GPU nor a driver. */
const nvrtcVersion = '13.0.88'
const nvjitlinkVersion = '13.0.88'

/** @typedef {{ name: string, install: string, get: () => Promise<string> }} Part */
/** @type {readonly Part[]} */
export const parts = [
  { name: 'python', install: 'Python 3.10 or later with its venv module (Debian: apt-get install python3-venv)', get: python },
  { name: 'chromium', install: 'Chromium or Chrome (Debian: apt-get install chromium)', get: chromium },
  { name: 'node24', install: `Node ${nodeVersions[24]} from the npm registry`, get: () => node(24) },
  { name: 'node26', install: `Node ${nodeVersions[26]} from the npm registry`, get: () => node(26) },
  { name: 'gxx', install: 'g++ (Debian: apt-get install g++)', get: gxx },
  { name: 'nvrtc', install: `nvidia-cuda-nvrtc ${nvrtcVersion} from PyPI (Linux on x86-64 or arm64)`, get: () => cudaLibrary('nvidia-cuda-nvrtc', nvrtcVersion, `nvrtc-${nvrtcVersion}`, 'libnvrtc.so.13') },
  { name: 'nvjitlink', install: `nvidia-nvjitlink ${nvjitlinkVersion} from PyPI (Linux on x86-64 or arm64)`, get: () => cudaLibrary('nvidia-nvjitlink', nvjitlinkVersion, `nvjitlink-${nvjitlinkVersion}`, 'libnvJitLink.so.13') },
]

/** A virtual environment with JupyterLab, nbclient, nbconvert, jupyter_kernel_test and pytest; returns its python. */
async function python() {
  const folder = join(environment, 'python')
  const requirements = new URL('requirements.txt', import.meta.url)
  const wanted = await readFile(requirements, 'utf8')
  const python = join(folder, 'bin', 'python')
  const stamp = join(folder, 'installed-requirements.txt')
  if (isExecutable(python) && existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return python
  await rm(folder, { recursive: true, force: true })
  if (onPath('python3') === undefined) await aptInstall('python3', 'python3-venv')
  try { await runCommand('python3', ['-m', 'venv', folder]) } catch {
    // Debian's python3 comes without ensurepip.
    await aptInstall('python3-venv')
    await runCommand('python3', ['-m', 'venv', '--clear', folder])
  }
  await runCommand(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--requirement', requirements.pathname])
  await writeFile(stamp, wanted)
  return python
}

async function chromium() {
  const find = () => onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
    ?? ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find(isExecutable)
  if (find() === undefined) await aptInstall('chromium')
  const found = find()
  if (found === undefined) throw new Error('no chromium on PATH after its package was installed')
  return found
}

/** @param {24 | 26} major */
async function node(major) {
  const name = `node-${process.platform}-${process.arch}`
  const version = nodeVersions[major]
  const folder = join(environment, `node-${version}`)
  const binary = join(folder, 'node_modules', name, 'bin', 'node')
  if (!isExecutable(binary)) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    await runCommand('npm', ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`])
  }
  const answer = (await runCommand(binary, ['--version'])).trim()
  if (answer !== `v${version}`) throw new Error(`${binary} says ${answer}, not v${version}`)
  return binary
}

async function gxx() {
  const find = () => onPath('g++', 'clang++')
  if (find() === undefined) await aptInstall('g++')
  const found = find()
  if (found === undefined) throw new Error('no g++ on PATH after its package was installed')
  return found
}

/** A library of a pinned package of NVIDIA's, in a folder of its own. @param {string} name @param {string} version @param {string} home @param {string} file */
async function cudaLibrary(name, version, home, file) {
  const folder = join(environment, home)
  const library = join(folder, 'nvidia', 'cu13', 'lib', file)
  // The library is written long before the installation ends; the stamp is written after it.
  const stamp = join(folder, 'installed')
  if (!existsSync(stamp)) {
    await rm(folder, { recursive: true, force: true })
    await runCommand(await python(), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', folder, `${name}==${version}`])
    await writeFile(stamp, '')
  }
  if (!existsSync(library)) throw new Error(`${folder} has no ${library} after its package was installed`)
  return library
}
