// The wire worker's entry: this thread owns the sockets, the captured output, the interrupt and the end of the process, so that all of
// them go on while user code holds the main thread. It binds, then puts the parts together (wire.ts), then lets cells run.

import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { Board } from './link.js'
import type { ToMain, WireStart } from './link.js'
import { bindSockets, closeSockets } from './sockets.js'
import { Wire } from './wire.js'

const start = workerData as WireStart
const main = parentPort as MessagePort
const board = new Int32Array(start.board)

/** What goes wrong in here must not end the Jupyter kernel; it belongs in the server's log. */
function report(error: unknown): void {
  const text = error instanceof Error ? error.stack ?? error.message : String(error)
  writeSync(Atomics.load(board, Board.realStderr) || 2, `ringlab wire worker: ${text}\n`)
}
process.on('uncaughtException', report)
process.on('unhandledRejection', report)

/** An open socket or inspector at the end of this thread would abort the process before main has said why. */
const cleanups: (() => void)[] = []
try {
  const sockets = await bindSockets(start.connection)
  cleanups.push(() => { closeSockets(sockets) })
  const wire = new Wire({ start, board, main, sockets, report })
  cleanups.push(() => { wire.disconnect() })
  wire.listen()
  // koffi is loaded after the sockets answer, and before any cell can run.
  wire.open(await import('./captured-output.js'), await import('./libc.js'))
} catch (error) {
  for (const cleanup of cleanups.reverse()) cleanup()
  // Main may be waiting for us to end the process.
  Atomics.store(board, Board.exit, 1)
  Atomics.notify(board, Board.exit)
  main.postMessage({ kind: 'refused', reason: (error as Error).message } satisfies ToMain)
}
