// How a Jupyter kernel begins and ends: quickly, with its reasons, and leaving nothing behind.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { nodeFlags } from '#ringlab/jupyter/flags.js'
import { KernelClient, executeContent } from './client.js'
import { nodes } from './nodes.js'

const main = fileURLToPath(import.meta.resolve('#ringlab/jupyter/main.js'))

/** Processes whose command line names this text. */
function processesNaming(text: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(pid => {
    try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text) } catch { return false }
  })
}

describe.each(nodes)('on $name', ({ path }) => {
  test('shutdown answers, then ends within two seconds, also while a cell blocks, and takes children along', async () => {
    const kernel = await (await KernelClient.start({ node: path })).ready()
    const marker = `3${String(Date.now()).slice(-6)}`
    await kernel.execute(`import { spawn } from 'node:child_process'\nspawn('sleep', ['${marker}'])\nsetInterval(() => {}, 1000); null`)
    expect(processesNaming(marker)).toHaveLength(1)
    const blocked = kernel.send('execute_request', executeContent('console.log("started"); while (true) {}'))
    await kernel.until(() => kernel.text(blocked, 'stdout') === 'started\n' || undefined, 5_000, 'the cell')
    const from = performance.now()
    expect(await kernel.ask('shutdown_request', { restart: false }, 'control')).toEqual({ status: 'ok', restart: false })
    expect(await kernel.exited(3_000)).toBe(0)
    expect(performance.now() - from).toBeLessThan(2_000)
    expect(kernel.stderr).toBe('')
    expect(processesNaming(marker)).toHaveLength(0)
    await kernel.stop()
  })

  test('restart is answered as one', async () => {
    const kernel = await (await KernelClient.start({ node: path })).ready()
    expect(await kernel.ask('shutdown_request', { restart: true })).toEqual({ status: 'ok', restart: true })
    expect(await kernel.exited(3_000)).toBe(0)
    await kernel.stop()
  })

  test('a thread stuck in a native call does not hold up the end', async () => {
    const kernel = await (await KernelClient.start({ node: path })).ready()
    const koffi = JSON.stringify(fileURLToPath(import.meta.resolve('koffi')))
    const stuck = `const koffi = require(${koffi}); require('fs').writeSync(1, 'asleep'); koffi.load(null).func('unsigned int sleep(unsigned int seconds)')(60)`
    const { messages } = await kernel.execute(`import { Worker } from 'node:worker_threads'\nnew Worker(${JSON.stringify(stuck)}, { eval: true }); await new Promise(resolve => setTimeout(resolve, 300))`)
    await kernel.until(() => kernel.text(messages[0]?.parentId ?? '', 'stdout').includes('asleep') || undefined, 5_000, 'the worker')
    const from = performance.now()
    await kernel.ask('shutdown_request', { restart: false }, 'control')
    await kernel.exited(4_000)
    expect(performance.now() - from).toBeLessThan(2_500)
    await kernel.stop()
  })

  test('the first reply and the first cell come soon after the start', async () => {
    const kernel = await KernelClient.start({ node: path })
    await kernel.ask('kernel_info_request', {})
    const infoMs = performance.now() - kernel.startedAtMs
    await kernel.execute('1 + 1')
    const cellMs = performance.now() - kernel.startedAtMs
    // The budgets are 200 ms and 1 s on a quiet machine; tests may share it.
    expect(infoMs).toBeLessThan(1_000)
    expect(cellMs).toBeLessThan(4_000)
    await kernel.stop()
  })
})

test('a kernel whose server is killed ends by itself', async () => {
  // A server in small: it starts the kernel and waits; the kernel has JPY_PARENT_PID, as jupyter_client sets it.
  const server = `const { spawn } = require('child_process'); const child = spawn(process.argv[1], process.argv.slice(2), { stdio: 'ignore', env: { ...process.env, JPY_PARENT_PID: String(process.pid) } }); setInterval(() => {}, 1e6)`
  const kernel = await (await KernelClient.start({ wrap: argv => [process.execPath, '-e', server, '--', ...argv] })).ready()
  await kernel.execute('1')
  expect(processesNaming(kernel.connectionFile).length).toBeGreaterThan(1)
  kernel.process.kill('SIGKILL')
  await kernel.exited(1_000)
  const end = performance.now() + 6_000
  while (processesNaming(kernel.connectionFile).length > 0 && performance.now() < end) await new Promise(resolve => setTimeout(resolve, 50))
  expect(processesNaming(kernel.connectionFile)).toEqual([])
  for (const socket of Object.values(kernel.sockets)) socket.close()
})

test('two kernels run side by side and know nothing of each other', async () => {
  const [one, two] = await Promise.all([KernelClient.start(), KernelClient.start()])
  await Promise.all([one.ready(), two.ready()])
  await Promise.all([one.execute('const who = "one"'), two.execute('const who = "two"')])
  expect([(await one.execute('who')).result, (await two.execute('who')).result]).toEqual(['\'one\'', '\'two\''])
  await one.stop()
  expect((await two.execute('who')).result).toBe('\'two\'')
  await two.stop()
})

describe('a connection file that is no good: one sentence and exit 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringlab-connection-'))
  const good = { transport: 'tcp', ip: '127.0.0.1', key: '', signature_scheme: 'hmac-sha256', shell_port: 1, control_port: 2, stdin_port: 3, hb_port: 4, iopub_port: 5 }
  const run = (argument?: string): { status: number | null; stderr: string } => spawnSync(process.execPath, [...nodeFlags(), main, ...(argument === undefined ? [] : [argument])], { encoding: 'utf8', timeout: 10_000 })
  const file = (text: string): string => {
    const path = join(folder, `${Math.random()}.json`)
    writeFileSync(path, text)
    return path
  }
  test.each([
    ['missing argument', undefined, /its path is missing/],
    ['missing file', '/no/such/file.json', /no such file/],
    ['not JSON', file('{ "shell_port": 12'), /is not JSON/],
    ['an array', file('[]'), /is not a JSON object/],
    ['no port', file(JSON.stringify({ ...good, iopub_port: undefined })), /"iopub_port" must be a port number/],
    ['a wild port', file(JSON.stringify({ ...good, hb_port: 70_000 })), /"hb_port" must be a port number/],
    ['an unknown scheme', file(JSON.stringify({ ...good, signature_scheme: 'rot13' })), /"signature_scheme" is "rot13"/],
    ['an unknown transport', file(JSON.stringify({ ...good, transport: 'pigeon' })), /"transport" is "pigeon"/],
    ['an address that is not ours', file(JSON.stringify({ ...good, ip: '203.0.113.7' })), /cannot listen on/],
  ])('%s', (_, argument, sentence) => {
    const { status, stderr } = run(argument)
    expect(stderr).toMatch(sentence)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(1)
  })
})
