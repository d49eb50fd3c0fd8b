// A real JupyterLab server for the tests of the page: its own home, its own data folders, the kernelspec installed by `ringlab install`.
// What is done in the page lives in notebook-page.ts.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { part } from '../environment/read.js'
import { root } from '../environment/paths.js'

/** A cold JupyterLab on two busy cores. */
const startMsMax = 90_000
const stopMsMax = 20_000

/** A running server. `folder` is where its notebooks lie; `url(path)` is a page of it, with the token. */
export class JupyterLabServer {
  readonly folder: string
  readonly #home: string
  readonly #process: ChildProcess
  readonly #port: number
  #log = ''

  /** Starts a server with the given notebooks copied into its folder. Needs the test environment's python. */
  static async start(notebooks: readonly string[] = []): Promise<JupyterLabServer> {
    const server = new JupyterLabServer(await freePort())
    for (const notebook of notebooks) copyFileSync(notebook, join(server.folder, basename(notebook)))
    await server.#ready()
    return server
  }

  private constructor(port: number) {
    this.#port = port
    this.#home = mkdtempSync(join(tmpdir(), 'ringlab-lab-'))
    this.folder = join(this.#home, 'work')
    mkdirSync(this.folder)
    quietSettings(join(this.#home, 'config'))
    const env = { ...process.env, ...this.environment() }
    execFileSync(process.execPath, ['dist/cli/main.js', 'install', '--prefix', join(this.#home, 'prefix')], { cwd: root, env })
    this.#process = spawn(part('python') ?? 'python3', ['-m', 'jupyterlab', '--no-browser', '--allow-root', `--port=${port}`, '--ServerApp.port_retries=0',
      '--IdentityProvider.token=test', `--ServerApp.root_dir=${this.folder}`], { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.on('data', (chunk: Buffer) => { this.#log += chunk.toString() })
  }

  /** The variables that keep this server away from the user's own Jupyter. */
  environment(): Record<string, string> {
    const home = this.#home
    return {
      HOME: home, JUPYTER_CONFIG_DIR: join(home, 'config'), JUPYTER_DATA_DIR: join(home, 'data'), JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
      JUPYTER_PATH: join(home, 'prefix', 'share', 'jupyter'), IPYTHONDIR: join(home, 'ipython'), XDG_DATA_HOME: join(home, 'xdg'),
    }
  }

  /** The address of a notebook's page (or of JupyterLab itself), in a workspace of its own. */
  url(notebook = ''): string {
    return `http://127.0.0.1:${this.#port}/lab/workspaces/test/tree/${notebook}?token=test&reset`
  }

  /** The processes of this server's Jupyter kernels that are alive: those whose command line names its runtime folder. */
  kernelProcesses(): number[] {
    const runtime = join(this.#home, 'runtime')
    return readdirSync('/proc').map(Number).filter((pid) => Number.isInteger(pid) && pid !== this.#process.pid && commandLine(pid).includes(runtime))
  }

  /** What the server printed, for a failing test's message. */
  get log(): string { return this.#log }

  /** Ends the server as Ctrl-C does, and removes its folders. */
  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.pid !== undefined) {
      const ended = once(this.#process, 'exit')
      process.kill(this.#process.pid, 'SIGTERM')
      const killer = setTimeout(() => this.#process.kill('SIGKILL'), stopMsMax)
      await ended
      clearTimeout(killer)
    }
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 })
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + startMsMax
    while (Date.now() < deadline && this.#process.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/api/status?token=test`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
      if (answer?.ok === true) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const log = this.#log
    await this.stop()
    throw new Error(`JupyterLab did not start within ${startMsMax / 1000} s:\n${log.slice(-3000)}`)
  }
}

/** No questions about news, no update checks: the page shows what a person sees after the first visit. */
function quietSettings(config: string): void {
  const file = join(config, 'lab', 'user-settings', '@jupyterlab', 'apputils-extension', 'notification.jupyterlab-settings')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '{ "fetchNews": "false", "checkForUpdates": false }')
}

function commandLine(pid: number): string {
  const file = `/proc/${pid}/cmdline`
  try { return existsSync(file) ? readFileSync(file, 'utf8') : '' } catch { return '' }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
