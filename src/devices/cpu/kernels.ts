// One-shot kernels on the CPU device, as the main thread sees them: one worker, made when the first is launched, runs them one after the other.
import { Worker } from 'node:worker_threads'
import { describeElement } from '../../schema/index.js'
import { captureBody } from '../../source/index.js'
import { DeviceError, KernelError } from '../../runtime/errors.js'
import type { KernelPlan } from '../../runtime/device.js'
import { sharedMemoryOf } from '../body/shared-memory.js'
import type { FromKernelWorker, KernelLetter } from './letters.js'

export class CpuKernels {
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** @throws KernelError with what the body threw; DeviceError when its thread ended; the signal's reason when it was given up. */
  async run(plan: KernelPlan): Promise<void> {
    const body = await captureBody(plan.body, { name: plan.name })
    const letter: KernelLetter = {
      body, values: plan.values, threads: plan.threads,
      buffers: plan.buffers.map(({ name, element, block, offset, count }) => ({ name, element: describeElement(element), memory: sharedMemoryOf(block), offset, count })),
    }
    const run = this.#last.then(() => this.#run(plan, letter))
    this.#last = run.catch(() => undefined)
    return run
  }

  async close(): Promise<void> { await this.#end() }

  async #run(plan: KernelPlan, letter: KernelLetter): Promise<void> {
    plan.signal.throwIfAborted()
    const worker = (this.#worker ??= new Worker(new URL('./kernel-worker.js', import.meta.url), { execArgv: [], name: 'ringlab cpu kernels' }))
    let aborted = (): void => undefined
    // While a kernel runs, its thread keeps the process alive.
    worker.ref()
    try {
      await new Promise<void>((resolve, reject) => {
        worker.on('message', (answer: FromKernelWorker) => {
          if (answer.kind === 'log') plan.log(answer.line)
          else if (answer.kind === 'done') resolve()
          else reject(faultOf(plan.name, answer))
        })
        worker.on('error', (error: Error) => { this.#worker = undefined; reject(new DeviceError('cpu', `kernel '${plan.name}' failed: its worker ended: ${error.message}`, { cause: error })) })
        worker.on('exit', (code) => { if (this.#worker === worker) this.#worker = undefined; reject(new DeviceError('cpu', `kernel '${plan.name}' failed: its worker exited with code ${code}`)) })
        // A loop cannot be told to stop: its thread is ended, and the next kernel gets another.
        aborted = () => { void this.#end(); reject(plan.signal.reason as Error) }
        plan.signal.addEventListener('abort', aborted, { once: true })
        worker.postMessage(letter)
      })
    } finally {
      plan.signal.removeEventListener('abort', aborted)
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
      worker.unref()
    }
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}

function faultOf(kernel: string, { error, name, place, index }: Extract<FromKernelWorker, { kind: 'failed' }>): KernelError {
  Object.defineProperty(error, 'name', { value: name, configurable: true })
  return new KernelError(kernel, error, index, place)
}
