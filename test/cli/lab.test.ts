// `ringlab lab`: JupyterLab with the kernel in it, and nothing left when it ends; without Python, a sentence that says what to do.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../environment/paths.js'
import { part } from '../environment/read.js'
import { mainFile, ringlab, temporaryFolder } from './ringlab.js'

const python = part('python')

const addressMsMax = 90_000

/** Folders of a user who never used Jupyter. Jupyter would look in the test environment's own folders first, and those stay as they are. */
function newUser(folder: string): Record<string, string> {
  return { HOME: folder, XDG_DATA_HOME: join(folder, 'data'), JUPYTER_DATA_DIR: join(folder, 'jupyter'), JUPYTER_CONFIG_DIR: join(folder, 'config'), JUPYTER_RUNTIME_DIR: join(folder, 'runtime'), JUPYTER_PREFER_ENV_PATH: '0' }
}

test.skipIf(python === undefined)('serves the first notebook in the JupyterLab on PATH, with the kernelspec where that one looks, and Ctrl-C ends all of it', async () => {
  using folder = temporaryFolder()
  const env = { ...process.env, ...newUser(folder.path), PATH: `${dirname(python ?? '')}:${process.env.PATH ?? ''}` }
  const lab = spawn(process.execPath, [mainFile, 'lab', '--no-browser', '--port', '18917'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => { lab.kill('SIGINT') })
  let printed = ''
  const address = new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => { reject(new Error(`no address after ${addressMsMax / 1000} s; it printed:\n${printed}`)) }, addressMsMax)
    lab.on('exit', () => { clearTimeout(late) })
    for (const stream of [lab.stdout, lab.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        const found = /http:\/\/127\.0\.0\.1:\d+\/lab\S*token=\w+/.exec(printed)?.[0]
        if (found !== undefined) resolve(found)
      })
    }
  })
  const ended = once(lab, 'exit') as Promise<[number]>
  const url = new URL(await address)
  expect(url.pathname).toContain('01-first-ring-kernel.ipynb')
  expect(existsSync(join(folder.path, 'jupyter', 'kernels', 'ringlab', 'kernel.json'))).toBe(true)
  const answer = await fetch(`${url.origin}/api/kernelspecs${url.search}`, { signal: AbortSignal.timeout(10_000) })
  expect(Object.keys(((await answer.json()) as { kernelspecs: Record<string, unknown> }).kernelspecs)).toContain('ringlab')
  const kernel = await fetch(`${url.origin}/api/kernels${url.search}`, { method: 'POST', body: JSON.stringify({ name: 'ringlab' }), signal: AbortSignal.timeout(30_000) })
  expect(kernel.status).toBe(201)
  lab.kill('SIGINT')
  expect((await ended)[0]).toBe(0)
  // A Jupyter kernel whose server was gone before it looked notices that within a second or two.
  await expect.poll(() => processesNaming(folder.path), { timeout: 15_000 }).toEqual([])
})

test('without JupyterLab and without Python it says what to install, and how to do without', async () => {
  using folder = temporaryFolder()
  const { code, stderr } = await ringlab(['lab'], { env: { ...newUser(folder.path), PATH: join(folder.path, 'empty') } })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^ringlab: JupyterLab needs Python 3\.10 or later, and none is on PATH; install it .*, or run a notebook without it: ringlab run FILE\n$/)
})

/** The processes whose command line or environment names this folder: the server, and every Jupyter kernel it started. */
function processesNaming(folder: string): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return `${line}${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(folder) ? [line.replaceAll('\0', ' ')] : []
    } catch { return [] }
  })
}
