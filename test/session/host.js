// A process with one real session in it, driven over IPC: as a front end drives it, without a protocol. Started by driver.ts.
import { Worker } from 'node:worker_threads'
import { createSession } from '#ringlab/session/session.js'

/** @type {(message: object) => void} */
const send = (message) => { process.send?.(message) }

/** @type {import('#ringlab/session/front-end.js').OutputSink} */
const sink = {
  stream(cell, name, text) {
    // A cell that says so is terminated a moment later, whatever it does then.
    if (text === 'block\n') asker.postMessage({})
    if (text === 'terminate me\n') terminator.postMessage(50)
    send({ kind: 'output', cell, output: { name, text } })
  },
  display(cell, bundle, options) { send({ kind: 'output', cell, output: { name: 'display', bundle, options } }) },
  clear(cell, wait) { send({ kind: 'output', cell, output: { name: 'clear', wait } }) },
}

// Ends what holds the main thread, as a front end does from another thread.
const terminator = new Worker(`
  const { parentPort } = require('node:worker_threads'); const inspector = require('node:inspector')
  const session = new inspector.Session(); session.connectToMainThread()
  parentPort.on('message', (afterMs) => afterMs < 0 ? (session.disconnect(), parentPort.close()) : setTimeout(() => session.post('Runtime.terminateExecution', () => parentPort.postMessage('terminated')), afterMs))`, { eval: true })
terminator.unref()

const asker = new Worker(new URL('asker.js', import.meta.url))


const options = /** @type {import('#ringlab/session/session.js').SessionOptions} */ (JSON.parse(process.argv[2] ?? '{}'))
const session = await createSession({ ...options, sink })
const port = session.languagePort()
asker.postMessage({ port }, [port])
asker.on('message', (/** @type {{ texts: string[], at: number }} */ { texts, at }) => { send({ kind: 'asked', texts, waitedMs: Date.now() - at }) })
terminator.on('message', () => { session.settleTerminated() })

/** @type {Record<string, (...parameters: any[]) => unknown>} */
const calls = {
  execute: (/** @type {import('#ringlab/session/front-end.js').ExecuteRequest} */ request) => session.execute(request),
  ready: () => session.ready,
  interrupt: () => { session.interrupt() },
  complete: (/** @type {string} */ code, /** @type {number} */ offset) => session.complete(code, offset),
  inspect: (/** @type {string} */ code, /** @type {number} */ offset, /** @type {0 | 1} */ detail) => session.inspect(code, offset, detail),
  isComplete: (/** @type {string} */ code) => session.isComplete(code),
  shutdown: async (/** @type {number} */ deadlineMs) => {
    await session.shutdown(deadlineMs)
    // An inspector that is still connected holds the process.
    terminator.postMessage(-1)
    await asker.terminate()
  },
}

process.on('message', (/** @type {{ number: number, call: string, parameters: unknown[] }} */ { number, call, parameters }) => {
  Promise.resolve(calls[call]?.(...parameters)).then(
    (value) => { send({ kind: 'answer', number, value }) },
    (/** @type {unknown} */ fault) => { send({ kind: 'answer', number, fault: fault instanceof Error ? fault.stack : String(fault) }) })
})
// What user code left running would hold the process; that something did is its exit code.
process.on('disconnect', () => { setTimeout(() => process.exit(9), 1500).unref() })
send({ kind: 'up' })
