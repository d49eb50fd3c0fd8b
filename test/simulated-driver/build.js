// Builds the simulated CUDA driver by g++, once for each state of its sources, and says how to use it. Plain JavaScript, as the rest of the test environment.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { environment } from '../environment/paths.js'
import { part } from '../environment/read.js'

const sources = fileURLToPath(new URL('./', import.meta.url))
const libraryName = 'libcuda-simulated.so'
/** What kernels include; they lie beside the library, which looks for them there. */
const headersOfKernels = ['shim.h', 'shim-intrinsics.h']
/** Longest that the build may take: 12 s of one quiet core. */
const buildMsMax = 300_000
const options = ['-std=c++20', '-O2', '-g1', '-Wall', '-Wextra', '-fPIC', '-shared', '-fvisibility=hidden', '-pthread',
  // Its threads outlive whoever closes the library.
  '-Wl,-z,nodelete']

/**
 * The simulated driver's library, built on first use, and the variables by which ringlab takes it for the CUDA driver, NVRTC and NVML.
 * @returns {{ path: string, environment: { RINGLAB_CUDA_DRIVER: string, RINGLAB_NVRTC: string, RINGLAB_NVML: string, RINGLAB_SIM_GXX: string } }}
 */
export function simulatedDriver() {
  const compiler = compilerHere()
  const names = readdirSync(sources).filter((name) => /\.(cpp|h)$/.test(name)).sort()
  const path = built(compiler, names, libraryName)
  return { path, environment: { RINGLAB_CUDA_DRIVER: path, RINGLAB_NVRTC: path, RINGLAB_NVML: path, RINGLAB_SIM_GXX: compiler } }
}

/**
 * The simulated driver with a compiler that calls the real NVRTC for every program and hands out the simulated image: launches take NVRTC's own time.
 * @param {string} realNvrtc
 */
export function simulatedDriverWithNvrtc(realNvrtc) {
  const { path, environment } = simulatedDriver()
  const forwarding = built(compilerHere(), ['forwarding/nvrtc.cpp'], 'libnvrtc-forwarding.so')
  return { path, environment: { ...environment, RINGLAB_NVRTC: forwarding, RINGLAB_SIM_REAL_NVRTC: realNvrtc, RINGLAB_SIM_LIBRARY: path } }
}

function compilerHere() {
  const compiler = part('gxx')
  if (compiler === undefined) throw new Error('the simulated driver needs g++: install it, then run `node test/environment/prepare.js`')
  return compiler
}

/** The library of these sources, in a folder named by their content. @param {string} compiler @param {readonly string[]} names @param {string} library */
function built(compiler, names, library) {
  const hash = createHash('sha256').update(JSON.stringify([process.arch, compiler, options]))
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(sources, name)))
  const folder = join(environment, 'simulated-driver', hash.digest('hex').slice(0, 16))
  if (!existsSync(join(folder, library))) build(compiler, names.filter((name) => name.endsWith('.cpp')), folder, library)
  return join(folder, library)
}

/** @param {string} compiler @param {readonly string[]} files @param {string} folder @param {string} library */
function build(compiler, files, folder, library) {
  mkdirSync(join(folder, '..'), { recursive: true })
  const half = mkdtempSync(`${folder}-`)
  try {
    for (const header of headersOfKernels) copyFileSync(join(sources, header), join(half, header))
    execFileSync(compiler, [...options, ...files, '-o', join(half, library), '-ldl'], { cwd: sources, stdio: ['ignore', 'inherit', 'inherit'], timeout: buildMsMax })
    renameSync(half, folder)
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    // Another process was faster: its library is the same.
    if (!existsSync(join(folder, library))) throw error
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(simulatedDriver().path)
