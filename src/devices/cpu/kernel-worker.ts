// The entry of the worker that runs one-shot kernels for the CPU device: apart from ring kernels, which a long kernel would hold up.
import { parentPort } from 'node:worker_threads'
import { elementFrom } from '../../schema/index.js'
import { reviveBody } from '../../source/index.js'
import { placeOfFault } from '../body/fault-place.js'
import { KernelFault, runKernelHere } from '../body/run-kernel.js'
import { bodyConsole } from './body-console.js'
import type { FromKernelWorker, KernelLetter } from './letters.js'

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread of the CPU device only')

function post(letter: FromKernelWorker): void { port?.postMessage(letter) }

globalThis.console = bodyConsole((line) => { post({ kind: 'log', line }) })
port.on('message', (letter: KernelLetter) => {
  try {
    runKernelHere(reviveBody(letter.body) as (args: never, i: number) => unknown, letter.values, letter.buffers.map((buffer) => ({ ...buffer, element: elementFrom(buffer.element) })), letter.threads)
    post({ kind: 'done' })
  } catch (thrown) { fail(thrown) }
})

function fail(thrown: unknown): void {
  const [index, error] = thrown instanceof KernelFault ? [thrown.index, thrown.cause] : [0, thrown instanceof Error ? thrown : new Error(String(thrown))]
  const place = placeOfFault(error)
  // What hangs on an error may not be clonable: its words are.
  const plain = new Error(error.message)
  plain.stack = error.stack ?? ''
  post({ kind: 'failed', error: plain, name: error.name, place, index })
}
