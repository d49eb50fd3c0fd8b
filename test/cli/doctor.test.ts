// doctor looks, changes nothing, and says for every missing part what to do.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeCheck, type Check } from '#ringlab/cli/doctor/checks.js'
import { simulatedDriver } from '../simulated-driver/build.js'
import { ringlab, temporaryFolder } from './ringlab.js'

/** A machine with this Node and nothing else: no Python, no Jupyter, no CUDA. */
function bareMachine(folder: string): Record<string, string> {
  return { PATH: join(folder, 'bin'), HOME: folder, XDG_DATA_HOME: join(folder, 'data'), JUPYTER_DATA_DIR: join(folder, 'jupyter'), JUPYTER_PATH: '', VIRTUAL_ENV: '', CONDA_PREFIX: '', CUDA_PATH: '', CUDA_HOME: '', LD_LIBRARY_PATH: '', RINGLAB_CUDA_DRIVER: '', RINGLAB_NVRTC: '', RINGLAB_NVML: '' }
}

async function checks(env: Record<string, string>): Promise<Map<string, Check>> {
  const { code, stdout } = await ringlab(['doctor', '--json'], { env })
  expect(code).toBe(0)
  return new Map((JSON.parse(stdout) as Check[]).map((check) => [check.part, check]))
}

test('on a bare machine every missing part comes with what to do, and scripts still run', async () => {
  using folder = temporaryFolder()
  const found = await checks(bareMachine(folder.path))
  expect([...found.keys()]).toEqual(['Node', 'Python', 'JupyterLab', 'kernelspec', 'NVIDIA driver', 'NVRTC'])
  expect(found.get('Node')?.state).toBe('found')
  for (const part of ['Python', 'JupyterLab', 'kernelspec']) {
    expect(found.get(part)?.state, part).toBe('missing')
    expect(found.get(part)?.advice, part).toMatch(/install/)
  }
  const { stdout } = await ringlab(['doctor'], { env: bareMachine(folder.path) })
  expect(stdout).toContain('Ready for scripts (ringlab run FILE). For notebooks: Python, JupyterLab, kernelspec.')
})

test('an installed kernelspec is found, and one that starts another Node is called outdated', async () => {
  using folder = temporaryFolder()
  const env = bareMachine(folder.path)
  await ringlab(['install'], { env })
  expect((await checks(env)).get('kernelspec')?.state).toBe('found')
  writeFileSync(join(folder.path, 'jupyter', 'kernels', 'ringlab', 'kernel.json'), JSON.stringify({ argv: ['/old/node', '/old/dist/jupyter/main.js'] }))
  const outdated = (await checks(env)).get('kernelspec')
  expect(outdated).toMatchObject({ state: 'outdated', advice: 'run `ringlab install` again' })
  expect(outdated?.seen).toContain('/old/node')
})

test('a driver, its GPUs and the compiler that suits them are said with their versions', async () => {
  using folder = temporaryFolder()
  const { path, environment } = simulatedDriver()
  const found = await checks({ ...bareMachine(folder.path), ...environment, RINGLAB_SIM_DEVICES: '2', RINGLAB_SIM_MEMORY: '17179869184', RINGLAB_SIM_CAPABILITY: '86' })
  expect(found.get('NVIDIA driver')).toMatchObject({ state: 'found', seen: `CUDA 13.0 simulated ${path}` })
  for (const part of ['GPU 0', 'GPU 1']) expect(found.get(part)).toMatchObject({ state: 'found', seen: 'Simulated GPU, compute capability 8.6, 16 GiB' })
  expect(found.get('NVRTC')).toMatchObject({ state: 'found', seen: `13.0 ${path} (RINGLAB_NVRTC, sm_86)` })
})

test('a compiler that does not load, or does not suit, is passed over with the reason', async () => {
  using folder = temporaryFolder()
  const libraries = join(folder.path, 'cuda', 'lib64')
  mkdirSync(libraries, { recursive: true })
  for (const name of ['libnvrtc.so.12.6.85', 'libnvrtc.so.14.0.1']) writeFileSync(join(libraries, name), 'no library')
  const { RINGLAB_CUDA_DRIVER } = simulatedDriver().environment
  const nvrtc = (await checks({ ...bareMachine(folder.path), RINGLAB_CUDA_DRIVER, CUDA_HOME: join(folder.path, 'cuda') })).get('NVRTC')
  expect(nvrtc).toMatchObject({ state: 'missing', seen: 'no libnvrtc' })
  expect(nvrtc?.advice).toContain(`passed over ${join(libraries, 'libnvrtc.so.14.0.1')}: CUDA 14 is newer than the driver, which runs CUDA 13.0`)
  expect(nvrtc?.advice).toMatch(/passed over .*libnvrtc\.so\.12\.6\.85: NVRTC .* cannot be loaded \(/)
  expect(nvrtc?.advice).toContain('pip install nvidia-cuda-nvrtc')
})

test('a driver that is too old, broken or without a GPU is said as such, and doctor goes on', async () => {
  using folder = temporaryFolder()
  const { environment } = simulatedDriver()
  const driver = async (env: Record<string, string>) => (await checks({ ...bareMachine(folder.path), ...environment, ...env })).get('NVIDIA driver')
  expect(await driver({ RINGLAB_SIM_FAULTS: 'driver-version=11080' })).toMatchObject({ state: 'outdated', advice: expect.stringContaining('runs CUDA 11.8, but ringlab needs CUDA 12.0') as string })
  expect(await driver({ RINGLAB_SIM_DEVICES: '0' })).toMatchObject({ state: 'broken', advice: expect.stringContaining('sees no GPU') as string })
  const file = join(folder.path, 'libcuda.so.1')
  writeFileSync(file, 'no library')
  expect(await driver({ RINGLAB_CUDA_DRIVER: file })).toMatchObject({ state: 'broken', seen: file, advice: expect.stringContaining('cannot be loaded') as string })
  expect(await driver({ RINGLAB_SIM_FAULTS: 'crash' })).toMatchObject({ state: 'broken', advice: expect.stringMatching(/ended the process that loaded it \(SIG/) as string })
})

test('doctor writes nothing', async () => {
  using folder = temporaryFolder()
  await ringlab(['doctor'], { env: bareMachine(folder.path) })
  for (const name of ['data', 'jupyter', '.jupyter', '.local']) expect(existsSync(join(folder.path, name)), name).toBe(false)
})

test.each([['20.20.0', 'found'], ['24.1.0', 'found'], ['20.19.9', 'outdated'], ['18.20.4', 'outdated']])('Node %s is %s', (version, state) => {
  expect(nodeCheck(version).state).toBe(state)
})
