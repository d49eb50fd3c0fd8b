// One question to the driver or its compiler, in a thread that is given up at a deadline.
import { Worker } from 'node:worker_threads'
import { DeviceError } from '../../runtime/errors.js'
import type { GpuReport } from '../../runtime/insight.js'
import type { InsightAnswer, InsightTask } from './worker.js'

/** How long a driver may take to start and answer, and a compiler to load and compile, ms. */
const ANSWER_MS_MAX = 15_000

/** The GPUs of this machine; a driver that does not answer is a note of the report. */
export async function lookAtGpus(): Promise<GpuReport> {
  const answer = await ask({ kind: 'gpus' }, `The NVIDIA driver did not answer within ${ANSWER_MS_MAX / 1000} s; see whether nvidia-smi answers.`)
  return 'problem' in answer ? { gpus: [], notes: [answer.problem] } : answer.value as GpuReport
}

/** PTX of a whole translation unit. @throws DeviceError with the compiler's words, or with what to install. */
export async function ptxOf(source: string, name: string, options: readonly string[] = []): Promise<string> {
  const answer = await ask({ kind: 'ptx', source, name, options }, `the CUDA compiler did not answer within ${ANSWER_MS_MAX / 1000} s`)
  if ('problem' in answer) throw new DeviceError('cuda', `there is no PTX of '${name}': ${answer.problem}`)
  return answer.value as string
}

async function ask(task: InsightTask, late: string): Promise<InsightAnswer> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: task, execArgv: [], name: 'ringlab insight' })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<InsightAnswer>((resolve) => {
      timer = setTimeout(() => { resolve({ problem: late }) }, ANSWER_MS_MAX)
      worker.on('message', resolve)
      worker.on('error', (error) => { resolve({ problem: (error as Error).message }) })
      worker.on('exit', () => { resolve({ problem: 'the thread that asked the NVIDIA driver ended without an answer; see whether nvidia-smi answers.' }) })
    })
  } finally {
    clearTimeout(timer)
    void worker.terminate()
  }
}
