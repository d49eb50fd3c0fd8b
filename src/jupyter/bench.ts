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

export interface KernelBenchRow {
  readonly name: string
  readonly value: number
  readonly unit: 'ms' | 'MB'
  /** What the design allows. */
  readonly budget: number
  /** How many measurements `value` stands for. */
  readonly samples: number
}

export interface KernelBenchOptions {
  /** The Node to measure; default this one. */
  readonly node?: string
  /** Kernels started for the medians of the start; default 5. */
  readonly starts?: number
  /** Cells run for the medians of a cell; default 100. */
  readonly cells?: number
}

/** A reply that takes longer means that the kernel is broken. */
const replyMs = 30_000

/** Measures; rejects when a kernel does not answer. */
export async function benchKernel(options: KernelBenchOptions = {}): Promise<KernelBenchRow[]> {
  const node = options.node ?? process.execPath
  const starts = options.starts ?? 5, cells = options.cells ?? 100
  const info: number[] = [], first: number[] = [], memory: number[] = [], cell: number[] = []
  for (let start = 0; start < starts; start++) {
    const kernel = await BenchedKernel.start(node)
    try {
      info.push(await kernel.ask('kernel_info_request', {}) - kernel.spawnedAtMs)
      first.push(await kernel.execute('const x: number = 1 + 1') - kernel.spawnedAtMs)
      memory.push(kernel.megabytes())
      if (start === starts - 1) for (let index = 0; index < cells; index++) cell.push(-performance.now() + await kernel.execute(`const y${index}: number = ${index === 0 ? 'x' : `y${index - 1}`} + 1`))
    } finally {
      await kernel.stop()
    }
  }
  const newer = Number(process.versions.node.split('.')[0]) >= 24
  return [
    { name: 'spawn → kernel_info_reply', value: share(info, 0.5), unit: 'ms', budget: 200, samples: starts },
    { name: 'spawn → first cell done', value: share(first, 0.5), unit: 'ms', budget: newer ? 800 : 1_000, samples: starts },
    { name: `trivial cell end to end, ${cells} chained cells, median`, value: share(cell, 0.5), unit: 'ms', budget: cells > 100 ? 12 : 8, samples: cells },
    { name: `trivial cell end to end, ${cells} chained cells, p90`, value: share(cell, 0.9), unit: 'ms', budget: 25, samples: cells },
    { name: 'memory after the first cell', value: share(memory, 0.5), unit: 'MB', budget: 220, samples: starts },
  ]
}

function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
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
