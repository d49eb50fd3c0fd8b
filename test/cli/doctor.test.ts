// doctor looks, changes nothing, and says for every missing part what to do.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeCheck, type Check } from '#ringlab/cli/doctor/checks.js'
import { ringlab, temporaryFolder } from './ringlab.js'

/** A machine with this Node and nothing else: no Python, no Jupyter, no CUDA. */
function bareMachine(folder: string): Record<string, string> {
  return { PATH: join(folder, 'bin'), HOME: folder, XDG_DATA_HOME: join(folder, 'data'), JUPYTER_DATA_DIR: join(folder, 'jupyter'), JUPYTER_PATH: '', VIRTUAL_ENV: '', CONDA_PREFIX: '', CUDA_PATH: '', CUDA_HOME: '', LD_LIBRARY_PATH: '', RINGLAB_NVRTC: '' }
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

test('the driver and NVRTC are found by their files, with NVRTC\'s version', async () => {
  using folder = temporaryFolder()
  const libraries = join(folder.path, 'cuda', 'lib64')
  mkdirSync(libraries, { recursive: true })
  for (const name of ['libcuda.so.1', 'libnvrtc.so.12.6.85']) writeFileSync(join(libraries, name), '')
  symlinkSync('libnvrtc.so.12.6.85', join(libraries, 'libnvrtc.so'))
  const found = await checks({ ...bareMachine(folder.path), CUDA_HOME: join(folder.path, 'cuda'), LD_LIBRARY_PATH: libraries })
  expect(found.get('NVIDIA driver')).toMatchObject({ state: 'found' })
  expect(found.get('NVRTC')?.seen).toBe(`12.6.85 ${join(libraries, 'libnvrtc.so')}`)
})

test('doctor writes nothing', async () => {
  using folder = temporaryFolder()
  await ringlab(['doctor'], { env: bareMachine(folder.path) })
  for (const name of ['data', 'jupyter', '.jupyter', '.local']) expect(existsSync(join(folder.path, name)), name).toBe(false)
})

test.each([['20.20.0', 'found'], ['24.1.0', 'found'], ['20.19.9', 'outdated'], ['18.20.4', 'outdated']])('Node %s is %s', (version, state) => {
  expect(nodeCheck(version).state).toBe(state)
})
