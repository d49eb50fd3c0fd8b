// One-shot kernels on the CPU device, as the main thread sees them: one worker, made when the first is launched, runs them one after the other.
import { Worker } from 'node:worker_threads'
import { struct, structCodec } from '../../schema/index.js'
import { DeviceError, KernelError } from '../../runtime/errors.js'
import type { KernelPlan } from '../../runtime/device.js'
import { kernelCodeOf } from '../body/compiled-code.js'
import type { EmittedKernelFault } from '../body/emitted-kernel.js'
import { faultAt } from '../body/fault-text.js'
import { sharedMemoryOf } from '../body/shared-memory.js'
import type { FromKernelWorker, KernelLetter } from './letters.js'

export class CpuKernels {
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** @throws CompileError; KernelError with what the body threw; DeviceError when its thread ended; the signal's reason when it was given up. */
  async run(plan: KernelPlan): Promise<void> {
    const { name, javascript, frameBytes, constants, sites, buffers } = await kernelCodeOf(plan)
    const letter: KernelLetter = {
      body: { name, javascript, frameBytes, constants, sites, buffers }, argumentBytes: argumentBytesOf(plan), threads: plan.threads,
      buffers: buffers.flatMap((used) => plan.buffers.filter((buffer) => buffer.name === used).map(({ block, offset, count }) => ({ memory: sharedMemoryOf(block), offset, count }))),
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
          if (answer.fault === undefined) resolve()
          else reject(faultOf(plan.name, letter, answer.fault))
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

function faultOf(kernel: string, { body }: KernelLetter, { site, value, index }: EmittedKernelFault): KernelError {
  const { error, place } = faultAt(body.sites[site], value)
  return new KernelError(kernel, error, index, place)
}

/** The scalars as the struct that the body reads them from. */
export function argumentBytesOf({ scalars, values }: KernelPlan): Uint8Array {
  if (Object.keys(scalars).length === 0) return new Uint8Array(0)
  const schema = struct('Arguments', scalars)
  const bytes = new Uint8Array(Math.ceil(schema.bytes / 8) * 8)
  structCodec(schema).bind(bytes.buffer).write(0, values)
  return bytes
}
