// Where compilers for CUDA C++ lie: every NVRTC that can be found, then nvcc. Files only; nothing is loaded.
import { existsSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { answerOf, filesIn, foldersOf, knownToLinker, namesIn, realPath } from './folders.js'
import type { CudaVersion, NvrtcCandidate } from './types.js'

const isWindows = process.platform === 'win32'
const nvrtcFile = isWindows ? /^nvrtc64_\d+_\d+\.dll$/i : /^libnvrtc\.so(\.\d+)*$/

/**
 * The compilers of this machine in the order in which they are tried: the file RINGLAB_NVRTC names, the CUDA toolkits of CUDA_PATH and CUDA_HOME,
 * those the dynamic linker knows, /usr/local/cuda*, pip's nvidia packages of $VIRTUAL_ENV and of the python on PATH, and nvcc at last.
 * Later ones cost more to find (a Python is started), so they are looked for only when somebody asks for the next.
 */
export function* nvrtcCandidates(): Generator<NvrtcCandidate> {
  const seen = new Set<string>()
  for (const { kind, path, from } of everywhere()) {
    const real = realPath(path)
    if (seen.has(real)) continue
    seen.add(real)
    yield { kind, path, from, version: kind === 'nvrtc' ? versionOf(real) : undefined }
  }
}

type Place = Pick<NvrtcCandidate, 'kind' | 'path' | 'from'>

function* everywhere(): Generator<Place> {
  const named = process.env.RINGLAB_NVRTC
  if (named !== undefined && named !== '') yield { kind: 'nvrtc', path: named, from: 'RINGLAB_NVRTC' }
  for (const variable of ['CUDA_PATH', 'CUDA_HOME'] as const) {
    const folder = process.env[variable]
    if (folder !== undefined && folder !== '') yield* inToolkit(folder, variable)
  }
  for (const folder of foldersOf(process.env.LD_LIBRARY_PATH)) yield* inFolder(folder, 'LD_LIBRARY_PATH')
  for (const path of knownToLinker(nvrtcFile)) yield { kind: 'nvrtc', path, from: 'ldconfig' }
  for (const folder of toolkitFolders()) yield* inToolkit(folder, folder)
  for (const { folder, from } of pythonFolders()) yield* inFolder(folder, from)
  for (const path of nvccPrograms()) yield { kind: 'nvcc', path, from: 'nvcc' }
}

function inFolder(folder: string, from: string): Place[] {
  return filesIn(folder, nvrtcFile).map((path) => ({ kind: 'nvrtc', path, from }))
}

function inToolkit(folder: string, from: string): Place[] {
  const names = isWindows ? ['bin', join('bin', 'x64')] : ['lib64', 'lib', join('targets', 'x86_64-linux', 'lib'), join('targets', 'sbsa-linux', 'lib')]
  return names.flatMap((name) => inFolder(join(folder, name), from))
}

/** /usr/local/cuda, and the versioned folders beside it, newest first. */
function toolkitFolders(): string[] {
  const versioned = filesIn('/usr/local', /^cuda-\d+(\.\d+)?$/)
  return existsSync('/usr/local/cuda') ? ['/usr/local/cuda', ...versioned] : versioned
}

/** pip's packages put the library in site-packages/nvidia/PACKAGE/lib (on Windows bin). */
function* pythonFolders(): Generator<{ folder: string; from: string }> {
  const environment = process.env.VIRTUAL_ENV
  if (environment !== undefined && environment !== '') {
    const sites = isWindows ? [join(environment, 'Lib', 'site-packages')] : namesIn(join(environment, 'lib')).map((name) => join(environment, 'lib', name, 'site-packages'))
    for (const site of sites) yield* nvidiaFolders(site, 'pip in VIRTUAL_ENV')
  }
  const asked = "import sysconfig, site; print(sysconfig.get_paths()['purelib']); print(site.getusersitepackages())"
  const answer = answerOf('python3', ['-c', asked]) ?? answerOf('python', ['-c', asked]) ?? ''
  for (const site of answer.split(/\r?\n/)) if (site !== '') yield* nvidiaFolders(site, 'pip of python')
}

function nvidiaFolders(site: string, from: string): { folder: string; from: string }[] {
  const nvidia = join(site, 'nvidia')
  return namesIn(nvidia).flatMap((name) => ['lib', 'bin', join('bin', 'x86_64')].map((part) => ({ folder: join(nvidia, name, part), from })))
}

function nvccPrograms(): string[] {
  const name = isWindows ? 'nvcc.exe' : 'nvcc'
  const toolkits = [process.env.CUDA_PATH, process.env.CUDA_HOME].filter((folder) => folder !== undefined && folder !== '') as string[]
  const folders = [...toolkits.map((folder) => join(folder, 'bin')), ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...toolkitFolders().map((folder) => join(folder, 'bin'))]
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path))
}

function versionOf(path: string): CudaVersion | undefined {
  // libnvrtc.so.12.6.85 and libnvrtc.so.13; on Windows nvrtc64_120_0.dll is 12.0, also for later minors.
  const [, major, minor] = /\.so\.(\d+)(?:\.(\d+))?/.exec(basename(path)) ?? /nvrtc64_(\d+)(\d)_/.exec(basename(path)) ?? []
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor ?? minorByBuiltins(path, major)) }
}

/** pip names the library by its major only; the built-ins beside it bear the minor. */
function minorByBuiltins(path: string, major: string): number {
  const [file] = filesIn(dirname(path), new RegExp(`^libnvrtc-builtins\\.so\\.${major}\\.\\d+`))
  return Number(/\.so\.\d+\.(\d+)/.exec(file ?? '')?.[1] ?? 0)
}
