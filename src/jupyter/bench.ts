// Measures the Jupyter kernel as a client meets it: start, first cell, memory, and a trivial cell end to end over ZeroMQ.
// Returns rows; whoever asked prints them. It starts real kernels, one after another, and ends each.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Dealer } from 'zeromq'
import { nodeFlags } from './flags.js'

/** What was measured, each number one sample. */
export interface KernelBench {
  /** From spawn to kernel_info_reply, a sample a start. */
  readonly kernelInfoMs: readonly number[]
  /** From spawn to the first cell's reply. */
  readonly firstCellMs: readonly number[]
  /** Resident memory after the first cell, a sample a start; 0 where the system does not say. */
  readonly memoryMB: readonly number[]
  /** From request to reply, a sample a cell; each cell uses the one before it. */
  readonly cellMs: readonly number[]
  /** Resident memory of the last kernel, after all its cells. */
  readonly memoryAfterCellsMB: number
  /** A completion after all the cells: as many names as cells. */
  readonly completionMs: readonly number[]
}

/** A reply that takes longer means that the kernel is broken. */
const replyMs = 30_000
const completions = 20

/** Measures this package's kernel on this Node: `starts` kernels, and `cells` chained cells in the last; rejects when a kernel does not answer. */
export async function benchKernel(starts: number, cells: number): Promise<KernelBench> {
  const kernelInfoMs: number[] = [], firstCellMs: number[] = [], memoryMB: number[] = [], cellMs: number[] = [], completionMs: number[] = []
  let memoryAfterCellsMB = 0
  for (let start = 0; start < starts; start++) {
    const kernel = await BenchedKernel.start(process.execPath)
    try {
      kernelInfoMs.push(await kernel.ask('kernel_info_request', {}) - kernel.spawnedAtMs)
      firstCellMs.push(await kernel.execute('const x: number = 1 + 1') - kernel.spawnedAtMs)
      memoryMB.push(kernel.megabytes())
      if (start < starts - 1) continue
      for (let index = 0; index < cells; index++) cellMs.push(-performance.now() + await kernel.execute(`const y${index}: number = ${index === 0 ? 'x' : `y${index - 1}`} + 1`))
      memoryAfterCellsMB = kernel.megabytes()
      for (let index = 0; index < completions; index++) completionMs.push(-performance.now() + await kernel.ask('complete_request', { code: 'y1', cursor_pos: 2 }))
    } finally {
      await kernel.stop()
    }
  }
  return { kernelInfoMs, firstCellMs, memoryMB, cellMs, memoryAfterCellsMB, completionMs }
}

class BenchedKernel {
  readonly #key = randomUUID()
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringlab-bench-'))
  readonly #shell = new Dealer({ linger: 0, reconnectInterval: 2, reconnectMaxInterval: 5, receiveTimeout: replyMs })
  #process!: ChildProcess
  spawnedAtMs = 0

  static async start(node: string): Promise<BenchedKernel> {
    const kernel = new BenchedKernel()
    const names = ['shell_port', 'control_port', 'stdin_port', 'hb_port', 'iopub_port']
    const ports = await freePorts(names.length)
    const file = join(kernel.#folder, 'connection.json')
    writeFileSync(file, JSON.stringify({ transport: 'tcp', ip: '127.0.0.1', key: kernel.#key, signature_scheme: 'hmac-sha256', ...Object.fromEntries(names.map((name, index) => [name, ports[index]])) }))
    kernel.#shell.connect(`tcp://127.0.0.1:${ports[0]}`)
    kernel.spawnedAtMs = performance.now()
    kernel.#process = spawn(node, [...nodeFlags(), fileURLToPath(new URL('./main.js', import.meta.url)), file], { stdio: ['ignore', 'ignore', 'inherit'], cwd: kernel.#folder, env: { ...process.env, RINGLAB_DATA: kernel.#folder } })
    return kernel
  }

  execute(code: string): Promise<number> {
    return this.ask('execute_request', { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true })
  }

  /** Sends a request; resolves with the time its reply came. */
  async ask(type: string, content: object): Promise<number> {
    const parts = [{ msg_id: randomUUID(), msg_type: type, session: 'bench', username: 'bench', version: '5.4', date: new Date().toISOString() }, {}, {}, content].map(part => JSON.stringify(part))
    const hmac = createHmac('sha256', this.#key)
    for (const part of parts) hmac.update(part)
    await this.#shell.send(['<IDS|MSG>', hmac.digest('hex'), ...parts])
    const frames = await this.#shell.receive()
    const cameAtMs = performance.now()
    const reply = JSON.parse(String(frames.at(-1))) as { status?: string; evalue?: string }
    if (reply.status !== 'ok') throw new Error(`the kernel answered ${type} with ${reply.status ?? 'no status'}: ${reply.evalue ?? ''}`)
    return cameAtMs
  }

  /** Resident memory now; 0 where the system does not say. */
  megabytes(): number {
    try { return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#process.pid}/status`, 'utf8'))?.[1] ?? 0) / 1_000 } catch { return 0 }
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
    this.#shell.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}
