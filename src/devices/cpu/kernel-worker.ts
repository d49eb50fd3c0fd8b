// The entry of the worker that runs one-shot kernels for the CPU device: apart from ring kernels, which a long kernel would hold up.
import { parentPort } from 'node:worker_threads'
import { runEmittedKernel } from '../body/emitted-kernel.js'
import type { FromKernelWorker, KernelLetter } from './letters.js'

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread of the CPU device only')

port.on('message', ({ body, argumentBytes, buffers, threads }: KernelLetter) => {
  const answer: FromKernelWorker = { fault: runEmittedKernel(body, argumentBytes, buffers, threads) }
  port.postMessage(answer)
})
