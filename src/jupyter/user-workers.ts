// Makes the Workers that user code starts write to fds 1 and 2 themselves. Our own workers and those whose output the user reads are left alone.

import nodeModule, { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Worker, WorkerOptions } from 'node:worker_threads'

const preload = fileURLToPath(new URL('./worker-output.cjs', import.meta.url))
const ownFolder = new URL('..', import.meta.url).href

/** Replaces `Worker` of node:worker_threads, for require and import alike. */
export function captureUserWorkers(): void {
  const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker }
  const Original = threads.Worker
  threads.Worker = class Worker extends Original {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, reachesMain(file, options) ? options : { ...options, execArgv: [...(options.execArgv ?? process.execArgv), '--require', preload] })
    }
  }
  nodeModule.syncBuiltinESMExports()
}

function reachesMain(file: string | URL, options: WorkerOptions): boolean {
  return options.stdout === true || options.stderr === true || String(file).startsWith(ownFolder) || (typeof file === 'string' && file.startsWith(fileURLToPath(ownFolder)))
}
