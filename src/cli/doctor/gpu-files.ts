// Where the NVIDIA driver and NVRTC lie, by looking for their files only: nothing is loaded, so a broken driver cannot break the search.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { answerOf } from '../programs.js'
import type { Python } from '../python.js'

/** A library that was found: its file, and its version where the name or the driver tells it. */
export interface LibraryFile { readonly path: string; readonly version?: string }

const driverName = process.platform === 'win32' ? /^nvcuda\.dll$/i : /^libcuda\.so(\.1)?$/
const nvrtcName = process.platform === 'win32' ? /^nvrtc64_\d+_\d+\.dll$/i : /^libnvrtc\.so(\.\d+)*$/

/** The driver's user library (libcuda), or undefined. */
export async function findDriver(): Promise<LibraryFile | undefined> {
  const folders = process.platform === 'win32' ? [join(process.env.SystemRoot ?? 'C:\\Windows', 'System32')]
    : [...pathFolders(process.env.LD_LIBRARY_PATH), '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/lib/wsl/lib', '/usr/local/nvidia/lib64']
  const path = firstFile(folders, driverName) ?? (await knownToLinker('libcuda.so.1'))
  const version = driverVersion()
  return path === undefined ? undefined : { path, ...(version === undefined ? {} : { version }) }
}

/** The CUDA runtime compiler: RINGLAB_NVRTC, the CUDA toolkit, the linker's folders, and pip's nvidia packages, in this order. */
export async function findNvrtc(python: Python | undefined): Promise<LibraryFile | undefined> {
  const named = process.env.RINGLAB_NVRTC
  if (named !== undefined && existsSync(named)) return library(named)
  const toolkits = [process.env.CUDA_PATH, process.env.CUDA_HOME, ...toolkitFolders()].filter((folder) => folder !== undefined && folder !== '') as string[]
  const inToolkit = toolkits.flatMap((folder) => ['lib64', 'lib', join('lib', 'x64'), join('targets', 'x86_64-linux', 'lib'), 'bin'].map((name) => join(folder, name)))
  const path = firstFile([...inToolkit, ...pathFolders(process.env.LD_LIBRARY_PATH)], nvrtcName) ?? (await knownToLinker('libnvrtc.so')) ?? firstFile(await pipFolders(python), nvrtcName)
  return path === undefined ? undefined : library(path)
}

function library(path: string): LibraryFile {
  const version = /libnvrtc\.so\.(\d+(?:\.\d+)*)/.exec(resolved(path))?.[1] ?? /nvrtc64_(\d+)_\d+/.exec(path)?.[1]
  return { path, ...(version === undefined ? {} : { version }) }
}

/** /usr/local/cuda, and the versioned folders beside it, newest first. */
function toolkitFolders(): string[] {
  return names('/usr/local').filter((name) => /^cuda(-\d+(\.\d+)?)?$/.test(name)).sort().reverse().map((name) => join('/usr/local', name))
}

/** pip's nvidia-cuda-nvrtc puts the library in site-packages/nvidia/<package>/lib (or bin). */
async function pipFolders(python: Python | undefined): Promise<string[]> {
  if (python === undefined) return []
  const answer = await answerOf(python.path, ['-c', 'import sysconfig, site; print(sysconfig.get_paths()["purelib"]); print(site.getusersitepackages())'])
  return (answer ?? '').split(/\r?\n/).flatMap((site) => {
    const nvidia = join(site, 'nvidia')
    return names(nvidia).flatMap((name) => ['lib', 'bin'].map((folder) => join(nvidia, name, folder)))
  })
}

/** The running kernel module says its version, also where the user library's name does not. */
function driverVersion(): string | undefined {
  try { return /Module\s+(?:for \S+\s+)?(\d+\.\d+(?:\.\d+)?)/.exec(readFileSync('/proc/driver/nvidia/version', 'utf8'))?.[1] } catch { return undefined }
}

async function knownToLinker(name: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const listed = (await answerOf('ldconfig', ['-p'])) ?? (await answerOf('/sbin/ldconfig', ['-p'])) ?? ''
  return listed.split('\n').find((line) => line.trim().startsWith(name))?.split('=> ')[1]?.trim()
}

function firstFile(folders: readonly string[], name: RegExp): string | undefined {
  for (const folder of folders) {
    const found = names(folder).find((file) => name.test(file))
    if (found !== undefined) return join(folder, found)
  }
  return undefined
}

function names(folder: string): string[] {
  try { return readdirSync(folder) } catch { return [] }
}

function resolved(path: string): string {
  try { return realpathSync(path) } catch { return path }
}

function pathFolders(list: string | undefined): string[] {
  return (list ?? '').split(delimiter).filter((folder) => folder !== '')
}
