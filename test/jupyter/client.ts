// A Jupyter client for tests: starts a kernel as a server does, speaks to it over real ZeroMQ sockets, and keeps all it hears.
// Every wait has a deadline and says what was heard instead.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Dealer, Subscriber } from 'zeromq'
import { nodeFlags } from '#ringlab/jupyter/flags.js'

export interface Heard {
  readonly channel: 'shell' | 'control' | 'iopub' | 'stdin'
  readonly type: string
  readonly content: Record<string, unknown>
  readonly metadata: Record<string, unknown>
  readonly parentId: string | undefined
  readonly buffers: readonly Buffer[]
  readonly atMs: number
}

export interface Executed {
  readonly reply: Record<string, unknown>
  readonly messages: readonly Heard[]
  readonly stdout: string
  readonly stderr: string
  readonly result: string | undefined
  readonly elapsedMs: number
}

/** Between two looks at what was heard: looking after every message would be slower than a flood of them. */
const lookAgainMs = 3

type Asked = 'shell' | 'control' | 'stdin'

export class KernelClient {
  readonly heard: Heard[] = []
  readonly #byParent = new Map<string, Heard[]>()
  readonly #key = randomUUID()
  stderr = ''
  stdout = ''
  startedAtMs = 0

  private constructor(readonly connectionFile: string, readonly ports: Record<string, number>, readonly signed: boolean,
    readonly sockets: { shell: Dealer; control: Dealer; stdin: Dealer; iopub: Subscriber; heartbeat: Dealer }) {}

  process!: ChildProcess

  /** Starts a kernel. `entry` replaces the package's own main. */
  static async start(options: { node?: string; entry?: string; env?: Record<string, string>; cwd?: string; signed?: boolean; wrap?: (argv: string[]) => string[] } = {}): Promise<KernelClient> {
    const ports = await freePorts(['shell_port', 'control_port', 'stdin_port', 'hb_port', 'iopub_port'])
    const folder = mkdtempSync(join(tmpdir(), 'ringlab-kernel-'))
    const identity = randomUUID()
    const quick = { routingId: identity, linger: 0, reconnectInterval: 5, reconnectMaxInterval: 20, sendHighWaterMark: 0, receiveHighWaterMark: 0 }
    const sockets = { shell: new Dealer(quick), control: new Dealer(quick), stdin: new Dealer(quick), heartbeat: new Dealer(quick), iopub: new Subscriber({ linger: 0, reconnectInterval: 5, reconnectMaxInterval: 20, receiveHighWaterMark: 0 }) }
    const client = new KernelClient(join(folder, 'connection.json'), ports, options.signed ?? true, sockets)
    writeFileSync(client.connectionFile, JSON.stringify({ transport: 'tcp', ip: '127.0.0.1', key: client.signed ? client.#key : '', signature_scheme: 'hmac-sha256', ...ports }))
    for (const [name, socket] of [['shell', sockets.shell], ['control', sockets.control], ['stdin', sockets.stdin], ['hb', sockets.heartbeat], ['iopub', sockets.iopub]] as const) socket.connect(`tcp://127.0.0.1:${ports[`${name}_port`]}`)
    sockets.iopub.subscribe('')
    for (const channel of ['shell', 'control', 'stdin', 'iopub'] as const) void client.#listen(channel)
    const entry = options.entry ?? fileURLToPath(import.meta.resolve('#ringlab/jupyter/main.js'))
    const argv = [options.node ?? process.execPath, ...nodeFlags(), entry, client.connectionFile]
    const [command, ...rest] = (options.wrap?.(argv) ?? argv) as [string, ...string[]]
    client.startedAtMs = performance.now()
    client.process = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, cwd: options.cwd ?? folder, env: { ...process.env, NODE_OPTIONS: '', JPY_PARENT_PID: String(process.pid), RINGLAB_DATA: join(folder, 'data'), ...options.env } })
    client.process.stderr?.setEncoding('utf8').on('data', (text: string) => { client.stderr += text })
    client.process.stdout?.setEncoding('utf8').on('data', (text: string) => { client.stdout += text })
    return client
  }

  /** Waits until the kernel answers and a first subscription is in force. */
  async ready(): Promise<this> {
    await this.ask('kernel_info_request', {})
    await this.until(() => this.heard.find(message => message.type === 'iopub_welcome'), 10_000, 'iopub_welcome')
    return this
  }

  send(type: string, content: object, channel: Asked = 'shell', options: { buffers?: Buffer[]; key?: string; parent?: object } = {}): string {
    const frames = this.frames(type, content, options)
    void this.sockets[channel].send([...frames.list])
    return frames.id
  }

  /** The frames of a message, so that tests can spoil them. */
  frames(type: string, content: object, options: { buffers?: Buffer[]; key?: string; parent?: object } = {}): { id: string; list: (Buffer | string)[] } {
    const id = randomUUID()
    const header = { msg_id: id, msg_type: type, session: 'test', username: 'test', version: '5.4', date: new Date().toISOString() }
    const parts = [header, options.parent ?? {}, {}, content].map(part => JSON.stringify(part))
    return { id, list: [...this.sign(parts, options.key), ...(options.buffers ?? [])] }
  }

  /** Four parts as frames with a signature. */
  sign(parts: readonly string[], key = this.signed ? this.#key : ''): (Buffer | string)[] {
    const hmac = createHmac('sha256', key)
    for (const part of parts) hmac.update(part)
    return ['<IDS|MSG>', key === '' ? '' : hmac.digest('hex'), ...parts]
  }

  /** Sends a request and waits for its reply. */
  async ask(type: string, content: object, channel: Asked = 'shell', deadlineMs = 20_000): Promise<Record<string, unknown>> {
    const id = this.send(type, content, channel)
    return (await this.reply(id, deadlineMs)).content
  }

  reply(id: string, deadlineMs = 20_000): Promise<Heard> {
    return this.until(() => this.#of(id).findLast(message => message.channel === 'shell' || message.channel === 'control'), deadlineMs, `the reply to ${id}`)
  }

  idle(id: string, deadlineMs = 20_000): Promise<Heard> {
    return this.until(() => this.#of(id).findLast(message => message.type === 'status' && message.content['execution_state'] === 'idle'), deadlineMs, `idle after ${id}`)
  }

  /** Runs a cell and waits for its reply and for idle. */
  async execute(code: string, options: Record<string, unknown> & { deadlineMs?: number } = {}): Promise<Executed> {
    const { deadlineMs = 30_000, ...content } = options
    return this.outcome(this.send('execute_request', executeContent(code, content)), deadlineMs)
  }

  async outcome(id: string, deadlineMs = 30_000): Promise<Executed> {
    const from = performance.now()
    const reply = await this.reply(id, deadlineMs)
    await this.idle(id, deadlineMs)
    const messages = this.of(id)
    return { reply: reply.content, messages, stdout: this.text(id, 'stdout'), stderr: this.text(id, 'stderr'), result: at(messages.find(message => message.type === 'execute_result')?.content, 'data', 'text/plain') as string | undefined, elapsedMs: performance.now() - from }
  }

  /** What iopub said about a request. */
  of(id: string): Heard[] { return this.#of(id).filter(message => message.channel === 'iopub') }

  #of(id: string): readonly Heard[] { return this.#byParent.get(id) ?? [] }

  #siblings(id: string): Heard[] {
    const known = this.#byParent.get(id)
    if (known !== undefined) return known
    const begun: Heard[] = []
    this.#byParent.set(id, begun)
    return begun
  }

  text(id: string, name: 'stdout' | 'stderr'): string {
    return this.of(id).filter(message => message.type === 'stream' && message.content['name'] === name).map(message => String(message.content['text'])).join('')
  }

  /** Waits for something heard. */
  async until<T>(look: () => T | undefined, deadlineMs: number, what: string): Promise<T> {
    const end = performance.now() + deadlineMs
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      const left = end - performance.now()
      if (left <= 0 || this.gone) {
        const tail = this.heard.slice(-8).map(message => `${message.channel} ${message.type} ${JSON.stringify(message.content).slice(0, 200)}`).join('\n')
        throw new Error(`${this.gone ? `the kernel ended (${this.process.exitCode ?? this.process.signalCode}) before` : `not within ${deadlineMs} ms:`} ${what}\nheard last:\n${tail}\nstderr: ${this.stderr.slice(-2_000)}`)
      }
      await new Promise(resolve => setTimeout(resolve, lookAgainMs))
    }
  }

  get gone(): boolean { return this.process.exitCode !== null || this.process.signalCode !== null }

  /** Waits for the end of the process. */
  async exited(deadlineMs: number): Promise<number | string> {
    if (!this.gone) await Promise.race([once(this.process, 'exit'), new Promise((_, reject) => setTimeout(() => reject(new Error(`the kernel still runs after ${deadlineMs} ms; stderr: ${this.stderr.slice(-2_000)}`)), deadlineMs).unref())])
    return this.process.exitCode ?? this.process.signalCode ?? 'unknown'
  }

  /** Ends the kernel, politely if it lives, and closes the sockets. */
  async stop(): Promise<void> {
    try {
      if (!this.gone) {
        this.send('shutdown_request', { restart: false }, 'control')
        await this.exited(4_000)
      }
    } finally {
      if (!this.gone) this.process.kill('SIGKILL')
      for (const socket of Object.values(this.sockets)) socket.close()
      rmSync(dirname(this.connectionFile), { recursive: true, force: true })
    }
  }

  async #listen(channel: 'shell' | 'control' | 'stdin' | 'iopub'): Promise<void> {
    for await (const frames of this.sockets[channel] as AsyncIterable<Buffer[]>) {
      const at = frames.findIndex(frame => frame.toString() === '<IDS|MSG>')
      const [header, parent, metadata, content] = frames.slice(at + 2, at + 6).map(frame => JSON.parse(frame.toString()) as Record<string, unknown>)
      const message: Heard = { channel, type: header?.['msg_type'] as string, content: content ?? {}, metadata: metadata ?? {}, parentId: parent?.['msg_id'] as string | undefined, buffers: frames.slice(at + 6), atMs: performance.now() }
      this.heard.push(message)
      if (message.parentId !== undefined) this.#siblings(message.parentId).push(message)
    }
  }
}

export function executeContent(code: string, options: Record<string, unknown> = {}): object {
  return { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true, ...options }
}

async function freePorts<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const servers = await Promise.all(names.map(async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  const ports = Object.fromEntries(names.map((name, index) => [name, (servers[index]?.address() as AddressInfo).port])) as Record<Name, number>
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

/** What lies at a path inside JSON; undefined where there is nothing. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inside, key) => typeof inside === 'object' && inside !== null ? (inside as Record<string, unknown>)[key] : undefined, value)
}
