// doctor's rows about the GPU: what the probe of driver, GPUs and compiler found, and what to do about what it did not.
import { probeGpu, type CompilerReport, type DriverReport } from '../../driver/probe.js'
import type { CudaVersion, DeviceFacts } from '../../driver/index.js'
import type { Check } from './checks.js'

/** Driver, each GPU, and the compiler. Loads them in a process of its own; changes nothing. */
export async function gpuChecks(): Promise<Check[]> {
  const { driver, devices, compiler } = await probeGpu()
  return [driverCheck(driver), ...devices.map(deviceCheck), compilerCheck(compiler)]
}

function driverCheck({ state, path, cuda, version, message }: DriverReport): Check {
  const seen = [cuda === undefined ? undefined : `CUDA ${text(cuda)}`, version, path].filter((each) => each !== undefined).join(' ')
  const part = 'NVIDIA driver'
  if (state === 'found') return { part, state, seen, need: 'optional' }
  const advice = message === undefined ? {} : { advice: message }
  return { part, state: state === 'missing' ? 'missing' : state === 'too-old' ? 'outdated' : 'broken', seen: seen === '' ? 'no libcuda' : seen, ...advice, need: 'optional' }
}

function deviceCheck(device: DeviceFacts): Check {
  const seen = `${device.name}, compute capability ${text(device.computeCapability)}, ${gibibytes(device.memoryBytes)} GiB`
  const advice = device.hasKernelTimeout ? { advice: 'the system ends kernels that run for seconds beside a display: ringlab parks and relaunches ring kernels in time' } : {}
  return { part: `GPU ${device.ordinal}`, state: 'found', seen, ...advice, need: 'optional' }
}

function compilerCheck({ path, from, version, architecture, refused, advice }: CompilerReport): Check {
  const part = 'NVRTC'
  const passedOver = refused.map((each) => `passed over ${each.path}: ${each.reason}`)
  if (path === undefined || version === undefined) return { part, state: 'missing', seen: 'no libnvrtc', advice: [...passedOver, advice].filter((each) => each !== undefined).join('; '), need: 'optional' }
  const found: Check = { part, state: 'found', seen: `${text(version)} ${path} (${[from, architecture].filter((each) => each !== undefined).join(', ')})`, need: 'optional' }
  return passedOver.length === 0 ? found : { ...found, advice: passedOver.join('; ') }
}

function text({ major, minor }: CudaVersion): string { return `${major}.${minor}` }

function gibibytes(bytes: number): string { return (bytes / 2 ** 30).toFixed(bytes < 2 ** 33 ? 1 : 0) }
