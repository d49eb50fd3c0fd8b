// The kernelspec goes where Jupyter finds it, starts this very Node by full path, and leaves without a trace.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jupyterDataFolder, knownDataFolders } from '#ringlab/cli/jupyter-paths.js'
import { nodeFlags } from '#ringlab/jupyter/flags.js'
import { root } from '../environment/paths.js'
import { ringlab, temporaryFolder } from './ringlab.js'

interface Spec { argv: string[]; display_name: string; language: string; interrupt_mode: string; env: Record<string, string> }

describe('install', () => {
  test('writes a kernelspec with full paths, message interrupts and all logos, and uninstall removes it', async () => {
    using folder = temporaryFolder()
    const installed = await ringlab(['install', '--prefix', folder.path])
    expect(installed).toMatchObject({ code: 0, stderr: '' })
    const spec = join(folder.path, 'share', 'jupyter', 'kernels', 'ringlab')
    expect(installed.stdout).toContain(spec)
    const json = JSON.parse(readFileSync(join(spec, 'kernel.json'), 'utf8')) as Spec
    expect(json.argv).toEqual([process.execPath, ...nodeFlags(), join(root, 'dist', 'jupyter', 'main.js'), '{connection_file}'])
    expect(json).toMatchObject({ display_name: 'TypeScript (ringlab)', language: 'typescript', interrupt_mode: 'message' })
    expect(Object.values(json.env).every((value) => typeof value === 'string')).toBe(true)
    for (const logo of ['logo-32x32.png', 'logo-64x64.png', 'logo-svg.svg']) expect(existsSync(join(spec, logo)), logo).toBe(true)
    expect(await ringlab(['uninstall', '--prefix', folder.path])).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(spec)).toBe(false)
  })

  test('goes to the user\'s Jupyter data folder unless told otherwise, under another name when asked', async () => {
    using folder = temporaryFolder()
    const env = { JUPYTER_DATA_DIR: join(folder.path, 'data') }
    await ringlab(['install', '--name', 'ringlab-dev'], { env })
    expect(existsSync(join(folder.path, 'data', 'kernels', 'ringlab-dev', 'kernel.json'))).toBe(true)
    const wrong = await ringlab(['uninstall', '--prefix', folder.path, '--name', 'ringlab-dev'], { env })
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain(`there is one in ${join(folder.path, 'data', 'kernels', 'ringlab-dev')}`)
  })

  test('uninstall leaves a kernelspec of the same name alone that ringlab did not make', async () => {
    using folder = temporaryFolder()
    const spec = join(folder.path, 'share', 'jupyter', 'kernels', 'ringlab')
    mkdirSync(spec, { recursive: true })
    writeFileSync(join(spec, 'kernel.json'), JSON.stringify({ argv: ['someone-else'] }))
    const { code, stderr } = await ringlab(['uninstall', '--prefix', folder.path])
    expect(code).toBe(1)
    expect(stderr).toContain('was not made by ringlab')
    expect(existsSync(spec)).toBe(true)
  })

  test('a folder that cannot be written is one sentence, not a stack', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'file'), '')
    const { code, stderr } = await ringlab(['install', '--prefix', join(folder.path, 'file')])
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/cannot write the kernelspec into .* \(ENOTDIR\)/)
  })
})

describe('Jupyter\'s data folders without Python', () => {
  test.each([
    ['linux', {}, '/home/a/.local/share/jupyter'],
    ['linux', { XDG_DATA_HOME: '/x' }, '/x/jupyter'],
    ['linux', { JUPYTER_DATA_DIR: '/j', XDG_DATA_HOME: '/x' }, '/j'],
    ['darwin', {}, '/home/a/Library/Jupyter'],
    ['darwin', { JUPYTER_PLATFORM_DIRS: '1' }, '/home/a/Library/Application Support/Jupyter'],
    ['win32', { APPDATA: '/home/a/AppData/Roaming' }, '/home/a/AppData/Roaming/jupyter'],
    ['win32', { APPDATA: '/r', LOCALAPPDATA: '/l', JUPYTER_PLATFORM_DIRS: 'true' }, '/l/Jupyter'],
  ] as const)('on %s with %j it is %s', (platform, env, expected) => {
    expect(jupyterDataFolder({ platform, env, home: '/home/a' })).toBe(expected)
  })

  test('an active environment and JUPYTER_PATH are looked in too', () => {
    const folders = knownDataFolders({ platform: 'linux', env: { VIRTUAL_ENV: '/venv', JUPYTER_PATH: '/one:/two' }, home: '/home/a' })
    expect(folders).toEqual(expect.arrayContaining(['/one', '/two', '/venv/share/jupyter', '/home/a/.local/share/jupyter']))
  })
})
