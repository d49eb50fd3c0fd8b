// The report of the GPUs, from a thread that is given up at a deadline.
import { Worker } from 'node:worker_threads'
import type { GpuReport } from '../../runtime/insight.js'

/** How long a driver may take to start and answer, ms. */
const LOOK_MS_MAX = 10_000

export async function lookAtGpus(): Promise<GpuReport> {
  const worker = new Worker(new URL('./gpu-look.js', import.meta.url), { execArgv: [], name: 'ringlab gpu look' })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<GpuReport>((resolve, reject) => {
      timer = setTimeout(() => { resolve({ gpus: [], notes: [`The NVIDIA driver did not answer within ${LOOK_MS_MAX / 1000} s; see whether nvidia-smi answers.`] }) }, LOOK_MS_MAX)
      worker.on('message', resolve)
      worker.on('error', reject)
      worker.on('exit', () => { resolve({ gpus: [], notes: ['The thread that asked the NVIDIA driver ended without an answer; see whether nvidia-smi answers.'] }) })
    })
  } finally {
    clearTimeout(timer)
    void worker.terminate()
  }
}
