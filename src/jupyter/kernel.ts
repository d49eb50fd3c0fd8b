// The main thread's side of a Jupyter kernel: it starts the wire worker, opens the session, and makes every exit go through the worker.
// Running cells is cells.ts; no sockets and no message types here.

import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import nodeModule from 'node:module'
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { OutputSink, Session } from '../session/front-end.js'
import { setLiveHost } from '../session/live-host.js'
import { Cells } from './cells.js'
import { readConnection } from './connection.js'
import type { Connection } from './connection.js'
import { figureHost } from './figure-host.js'
import { Board } from './link.js'
import type { ToMain, ToWire, WireStart } from './link.js'
import { MainVoice } from './main-voice.js'
import { blockingPrompt } from './stdin.js'
import { captureUserWorkers } from './user-workers.js'
import { wireSink } from './wire-sink.js'

/** The wire worker ends the process within its own deadlines; this is for the case that it is itself dead. */
const wireEndsProcessMs = 3_000

/** V8's heap_size_limit counts the young generation too: 48 MiB on Node 20, up to 192 on 24 (measured). */
const youngGenerationBytesMax = 192 << 20

/** Node's own last step of an exit; what `process.exit` calls after the exit listeners ran. */
const internals = process as unknown as { reallyExit(code?: number | string): never }
const exitAtOnce = internals.reallyExit.bind(process)

/** Starts a Jupyter kernel on this thread. Resolves when the session is there; the process ends when Jupyter says so. */
export async function startKernel(connectionFile: string | undefined, openSession: (sink: OutputSink) => Promise<Session>): Promise<void> {
  const board = new Int32Array(new SharedArrayBuffer(Board.words * Int32Array.BYTES_PER_ELEMENT))
  const complain = (reason: string): void => { writeSync(Atomics.load(board, Board.realStderr) || 2, `ringlab: ${reason}\n`) }
  const die = (reason: string): void => {
    complain(reason)
    exitAtOnce(1)
  }
  const connection = connectionOr(connectionFile, die)
  const mark = Buffer.concat([Buffer.of(0), randomBytes(7)])
  const wire = startWire(connection, board, mark)
  wire.on('error', error => { die(`the wire worker failed: ${textOf(error)}`) })
  wire.on('exit', () => { die('the wire worker ended') })
  const voice = new MainVoice(wire, board, mark)
  const post = (message: ToWire, transfer: MessagePort[] = []): void => { voice.post(message, transfer) }
  const cells = new Cells(post)
  wire.on('message', (message: ToMain) => {
    if (message.kind === 'refused') die(message.reason)
    else cells.take(message)
  })
  leaveThroughWire(board, post)
  process.on('SIGINT', () => { post({ kind: 'sigint' }) })
  captureUserWorkers()
  setLiveHost(figureHost(post, () => cells.running))
  Object.defineProperty(globalThis, 'prompt', { value: blockingPrompt(board, post, () => cells.running), writable: true, configurable: true })
  try {
    const session = await openSession(wireSink(voice))
    cells.open(session)
    const language = session.languagePort()
    post({ kind: 'ready', language }, [language])
  } catch (error) {
    complain(`the session cannot start: ${textOf(error)}`)
    process.exit(1)
  }
}

function connectionOr(file: string | undefined, die: (reason: string) => void): Connection {
  try {
    return readConnection(file)
  } catch (error) {
    die((error as Error).message)
    throw error
  }
}

function textOf(error: unknown): string { return error instanceof Error ? error.stack ?? error.message : String(error) }

function startWire(connection: Connection, board: Int32Array, mark: Uint8Array): Worker {
  const start: WireStart = { connection, mark, board: board.buffer as SharedArrayBuffer, heapLimitBytes: oldGenerationBytes() }
  return new Worker(new URL('./wire-worker.js', import.meta.url), { workerData: start, name: 'ringlab wire', trackUnmanagedFds: false })
}

/**
 * Makes the last step of every exit the wire worker's: it closes the sockets (one left open in a worker at exit aborts the process, measured)
 * and calls `_exit`, which no thread can hold up. Exit listeners have run by then.
 */
function leaveThroughWire(board: Int32Array, post: (message: ToWire) => void): void {
  internals.reallyExit = (code = process.exitCode ?? 0): never => {
    // Node 22 and later keep compiled code on disk, and would write it at an ordinary exit.
    ;(nodeModule as { flushCompileCache?: () => void }).flushCompileCache?.()
    post({ kind: 'left', code: Number(code) })
    Atomics.wait(board, Board.exit, 0, wireEndsProcessMs)
    return exitAtOnce(code)
  }
}

/** The heap dies when its old generation is full: at the size the user gave, else at V8's own. */
function oldGenerationBytes(): number {
  const given = /--max[-_]old[-_]space[-_]size[= ](\d+)/.exec([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' '))?.[1]
  return given === undefined ? getHeapStatistics().heap_size_limit - youngGenerationBytesMax : Number(given) * (1 << 20)
}
