// Opens the CUDA driver of this machine: finds libcuda, sets what it must find in the environment, and says in a sentence why there is none.
import { Caller } from './check.js'
import { contextCalls, deviceCalls } from './device-calls.js'
import { driverName, findDriver } from './driver-file.js'
import { entryPointsOf } from './entry-points.js'
import { CudaError, DriverUnavailableError } from './errors.js'
import { has, loadLibrary, setNativeEnvironment, type Library } from './koffi.js'
import { linkCalls } from './link-calls.js'
import { memoryCalls } from './memory-calls.js'
import { moduleCalls } from './module-calls.js'
import { graphCalls, streamCalls } from './stream-calls.js'
import type { CudaDriver, CudaVersion } from './types.js'

/** The oldest CUDA version that a driver must run: what ringlab emits and the graphs' calls are of CUDA 12. */
const oldestVersion: CudaVersion = { major: 12, minor: 0 }

/**
 * What libcuda reads when it starts. Kernels that are loaded on their first launch wait for resident ones, hence eager; and streams that
 * share one of the default 8 hardware queues wait for each other, hence 32 (CUDA C++ Programming Guide, CUDA Environment Variables).
 */
const environment = { CUDA_MODULE_LOADING: 'EAGER', CUDA_DEVICE_MAX_CONNECTIONS: '32' } as const

/**
 * Opens the CUDA driver, and starts it in this process on first use.
 * @throws DriverUnavailableError when there is no driver, none that works, an old one, or no GPU
 */
export function openCuda(): CudaDriver {
  const path = findDriver()?.path ?? driverName
  const library = loaded(path)
  for (const [name, value] of Object.entries(environment)) setNativeEnvironment(name, value)
  const cuda = new Caller(entryPointsOf(library))
  const version = startedVersion(cuda, path)
  const driver: CudaDriver = { path, version, isSimulated: has(library, 'ringlabSimulatorCounts'), ...deviceCalls(cuda), ...contextCalls(cuda), ...memoryCalls(cuda), ...streamCalls(cuda), ...moduleCalls(cuda), ...linkCalls(cuda), ...graphCalls(cuda) }
  if (driver.deviceCount() === 0) throw noDevice()
  return driver
}

function loaded(path: string): Library {
  try { return loadLibrary(path) } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (path === driverName) throw new DriverUnavailableError('missing', `there is no NVIDIA driver on this machine (${driverName} was not found): install it to use the GPU; everything runs on the CPU device meanwhile`)
    throw new DriverUnavailableError('broken', `the NVIDIA driver ${path} cannot be loaded (${reason}): install the driver again`)
  }
}

/** The version comes first: it can be asked before cuInit, and an old driver's other functions are not worth asking. */
function startedVersion(cuda: Caller, path: string): CudaVersion {
  const number = refusalsExplained(path, () => cuda.integer('cuDriverGetVersion'))
  const version = { major: Math.floor(number / 1000), minor: Math.floor((number % 1000) / 10) }
  if (version.major < oldestVersion.major) {
    throw new DriverUnavailableError('too-old', `the NVIDIA driver ${path} runs CUDA ${version.major}.${version.minor}, but ringlab needs CUDA ${oldestVersion.major}.${oldestVersion.minor}: update the driver to 525 or later`)
  }
  refusalsExplained(path, () => cuda.call('cuInit', 0))
  return version
}

function refusalsExplained<T>(path: string, ask: () => T): T {
  const noDeviceCode = 100, stubCode = 34
  try { return ask() } catch (error) {
    if (error instanceof CudaError && error.code === noDeviceCode) throw noDevice()
    if (error instanceof CudaError && error.code === stubCode) throw new DriverUnavailableError('missing', `${path} is the CUDA toolkit's stand-in for the NVIDIA driver: install the driver itself, or take the stubs folder out of LD_LIBRARY_PATH`)
    const reason = error instanceof CudaError ? `${error.status} from ${error.call}` : error instanceof Error ? error.message : String(error)
    throw new DriverUnavailableError('broken', `the NVIDIA driver ${path} does not start (${reason}): restart the machine or install the driver again`)
  }
}

function noDevice(): DriverUnavailableError {
  return new DriverUnavailableError('no-device', 'the NVIDIA driver sees no GPU: check `nvidia-smi`, and CUDA_VISIBLE_DEVICES if it is set; everything runs on the CPU device meanwhile')
}
