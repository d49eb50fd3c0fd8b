// The watchdog's thread: a clock for the running cell, the person's wish to stop, and the three steps of an interrupt.
// As a last resort it ends the process, when native code holds the main thread.
import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { signalChildren } from '../../jupyter/children.js'
import { Interrupter } from '../../jupyter/interrupt.js'
import { MainInspector } from '../../jupyter/main-inspector.js'
import { reasonNumbers, type FromWatchdog, type StopReason, type ToWatchdog, type WatchdogStart } from './watchdog.js'

/** A cell that is still running so long after it was told to stop is held by native code, which nothing can interrupt. */
const lastResortMs = 8_000

const port = parentPort
if (port === null) throw new Error('watchdog-worker.js is a worker thread, started by watchdog.js')
const start = workerData as WatchdogStart
const inspector = new MainInspector()
let running: number | undefined
let clock: NodeJS.Timeout | undefined
let lastResort: NodeJS.Timeout | undefined

const interrupter = new Interrupter({
  running: () => running,
  tellMain: (_token, attempt) => { tell({ kind: 'interrupt', attempt }) },
  signalChildren: () => { signalChildren('SIGINT') },
  terminate: (done) => { inspector.terminateExecution(done) },
  settle: () => { tell({ kind: 'settle' }) },
  hold: (held) => { if (!held) tell({ kind: 'released' }) },
})

port.on('message', (message: ToWatchdog) => {
  switch (message.kind) {
    case 'started': { started(message.token, message.endsInMs); return; }
    case 'ended': { ended(); return; }
    case 'alive': { interrupter.onAlive(message.attempt); return; }
  }
})
listenForThePerson()

function started(token: number, endsInMs: number | undefined): void {
  running = token
  if (endsInMs !== undefined) clock = setTimeout(() => { stop('timeout') }, endsInMs)
}

function ended(): void {
  running = undefined
  clearTimeout(clock)
  clearTimeout(lastResort)
  lastResort = undefined
}

function stop(reason: StopReason): void {
  if (running === undefined) return
  Atomics.store(start.reason, 0, reasonNumbers[reason])
  interrupter.request()
  lastResort ??= setTimeout(() => {
    writeSync(2, 'ringlab: the cell does not stop; native code holds it, so the run was ended and its notebook is not written\n')
    process.kill(process.pid, 'SIGKILL')
  }, lastResortMs)
}

function listenForThePerson(): void {
  const { controlFd } = start
  if (controlFd === undefined) return
  const control = new Socket({ fd: controlFd, readable: true, writable: false })
  control.on('data', () => { stop('person') })
  control.on('error', () => undefined)
  // The launching process is gone without a word: nobody would ever end this one.
  control.on('end', () => process.kill(process.pid, 'SIGKILL'))
}

function tell(message: FromWatchdog): void { port?.postMessage(message) }
