// A thread that sees SIGINT while the main thread blocks. Node gives signals to the main thread's event loop only; but a script run with
// `breakOnSigint` is ended by Node's own signal thread, in any thread. So this one sleeps in such a script, and tells when it was woken.

import { Script } from 'node:vm'
import { parentPort } from 'node:worker_threads'

const sleep = new Script('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)')

for (;;) {
  try {
    sleep.runInThisContext({ breakOnSigint: true })
  } catch {
    parentPort?.postMessage('SIGINT')
  }
}
