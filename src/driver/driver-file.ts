// Where the NVIDIA driver's libraries lie: libcuda and the management library beside it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesIn, foldersOf, knownToLinker } from './folders.js'

/** The name under which the system's own search knows the driver. */
export const driverName = process.platform === 'win32' ? 'nvcuda.dll' : 'libcuda.so.1'
const driverFile = process.platform === 'win32' ? /^nvcuda\.dll$/i : /^libcuda\.so\.1$/
const managementFile = process.platform === 'win32' ? /^nvml\.dll$/i : /^libnvidia-ml\.so\.1$/

/** The driver's file, and the driver's own version (such as 580.65.06) where the kernel module tells it. */
export interface DriverFile { readonly path: string; readonly version?: string }

/** libcuda: the file RINGLAB_CUDA_DRIVER names, else the system's; undefined where there is none. */
export function findDriver(): DriverFile | undefined {
  const named = process.env.RINGLAB_CUDA_DRIVER
  if (named !== undefined && named !== '') return { path: named }
  const path = systemLibrary(driverFile)
  const version = moduleVersion()
  return path === undefined ? undefined : { path, ...(version === undefined ? {} : { version }) }
}

/** The management library (NVML): the file RINGLAB_NVML names, else the system's. */
export function findNvml(): string | undefined {
  const named = process.env.RINGLAB_NVML
  return named !== undefined && named !== '' ? (existsSync(named) ? named : undefined) : systemLibrary(managementFile)
}

/** In the order of the dynamic linker: LD_LIBRARY_PATH, its cache, its folders; then where containers and WSL mount the driver. */
function systemLibrary(name: RegExp): string | undefined {
  if (process.platform === 'win32') return filesIn(join(process.env.SystemRoot ?? 'C:\\Windows', 'System32'), name)[0]
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/lib/wsl/lib', '/usr/local/nvidia/lib64']
  return foldersOf(process.env.LD_LIBRARY_PATH).flatMap((folder) => filesIn(folder, name))[0]
    ?? knownToLinker(name)[0]
    ?? folders.flatMap((folder) => filesIn(folder, name))[0]
}

/** The running kernel module says its version, also where the library's name does not. */
function moduleVersion(): string | undefined {
  try { return /Module\s+(?:for \S+\s+)?(\d+\.\d+(?:\.\d+)?)/.exec(readFileSync('/proc/driver/nvidia/version', 'utf8'))?.[1] } catch { return undefined }
}
