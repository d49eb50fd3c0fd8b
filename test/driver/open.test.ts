// Opening the driver: where it is looked for, what must be in the environment, and the sentence for each reason why there is none.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, expect, test } from 'vitest'
import { DriverUnavailableError, openCuda } from '#ringlab/driver/index.js'
import { simulatedCuda, simulatedEnvironment, simulation } from './gpu.js'

const folder = mkdtempSync(join(tmpdir(), 'ringlab-driver-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })
afterEach(() => { simulation.reset() })

function refusal(open: () => unknown): DriverUnavailableError {
  try { open() } catch (error) {
    if (error instanceof DriverUnavailableError) return error
    throw error
  }
  return expect.fail('the driver was opened')
}

test('the simulated driver says what it is', () => {
  const cuda = simulatedCuda({ RINGLAB_SIM_DEVICES: '2', RINGLAB_SIM_SMS: '3', RINGLAB_SIM_MEMORY: '123456789', RINGLAB_SIM_CAPABILITY: '75', RINGLAB_SIM_ATTRIBUTES: '17=1,99=0' })
  expect(cuda).toMatchObject({ path: simulatedEnvironment.RINGLAB_CUDA_DRIVER, version: { major: 13, minor: 0 }, isSimulated: true })
  expect(cuda.deviceCount()).toBe(2)
  expect(cuda.deviceFacts(1)).toMatchObject({ ordinal: 1, name: 'Simulated GPU', computeCapability: { major: 7, minor: 5 }, memoryBytes: 123456789, multiprocessors: 3, warpThreads: 32,
    hasKernelTimeout: true, canRegisterHostMemory: false, canMapHostMemory: true, isIntegrated: false, hasConcurrentKernels: true, pciBusId: '0000:02:00.0' })
  expect(() => cuda.deviceFacts(2)).toThrow('the CUDA driver knows no GPU of that number')
  for (const name of ['RINGLAB_SIM_DEVICES', 'RINGLAB_SIM_SMS', 'RINGLAB_SIM_MEMORY', 'RINGLAB_SIM_CAPABILITY', 'RINGLAB_SIM_ATTRIBUTES']) Reflect.deleteProperty(process.env, name)
})

test('a driver older than CUDA 12.0 is refused before anything else is asked of it', () => {
  const error = refusal(() => simulatedCuda({ RINGLAB_SIM_FAULTS: 'driver-version=11040,cuInit:999' }))
  expect(error.reason).toBe('too-old')
  expect(error.message).toContain('runs CUDA 11.4, but ringlab needs CUDA 12.0: update the driver')
})

test.each([
  ['no GPU', { RINGLAB_SIM_FAULTS: 'cuInit:100' }, 'no-device', 'sees no GPU: check `nvidia-smi`'],
  ['a GPU count of 0', { RINGLAB_SIM_DEVICES: '0' }, 'no-device', 'CUDA_VISIBLE_DEVICES'],
  ['the stub of the toolkit', { RINGLAB_SIM_FAULTS: 'cuInit:34' }, 'missing', 'stand-in for the NVIDIA driver: install the driver itself'],
  ['a driver that does not start', { RINGLAB_SIM_FAULTS: 'cuInit:999' }, 'broken', 'does not start (CUDA_ERROR_UNKNOWN from cuInit)'],
] as const)('%s', (_what, settings, reason, words) => {
  const error = refusal(() => simulatedCuda(settings))
  expect(error.reason).toBe(reason)
  expect(error.message).toContain(words)
})

test('a file that is no library, and a library that is no driver, are called broken with their path', () => {
  const text = join(folder, 'libcuda.so.1')
  writeFileSync(text, 'no library')
  process.env.RINGLAB_CUDA_DRIVER = text
  expect(refusal(() => openCuda())).toMatchObject({ reason: 'broken', message: expect.stringMatching(/^the NVIDIA driver .*libcuda\.so\.1 cannot be loaded \(.+\): install/) as string })
  process.env.RINGLAB_CUDA_DRIVER = process.platform === 'linux' ? 'libc.so.6' : text
  expect(refusal(() => openCuda()).message).toMatch(/does not start \(.*cuDriverGetVersion/)
  process.env.RINGLAB_CUDA_DRIVER = ''
})

test('in a worker thread the driver finds its variables in the C environment, which process.env of a worker does not reach', async () => {
  Object.assign(process.env, simulatedEnvironment)
  simulation.reset()
  const script = `const { parentPort } = require('node:worker_threads')
    process.env.RINGLAB_PROBE = 'here'
    import(${JSON.stringify(new URL('../../dist/driver/index.js', import.meta.url).href)}).then(({ openCuda }) => parentPort.postMessage(openCuda().version.major))`
  const worker = new Worker(script, { eval: true })
  const major = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await worker.terminate()
  expect(major).toBe(13)
  expect(simulation.environmentVariable('CUDA_MODULE_LOADING')).toBe('EAGER')
  expect(simulation.environmentVariable('CUDA_DEVICE_MAX_CONNECTIONS')).toBe('32')
  expect(simulation.environmentVariable('RINGLAB_PROBE')).toBeUndefined()
})
