// SIGINT while a cell holds the main thread: starts the watching thread (sigint-watch.ts) once a cell runs for a while, so that a Jupyter
// kernel with short cells never pays for it. Before that, main's own listener is enough.

import { Worker } from 'node:worker_threads'

/** A cell that runs this long may need a signal to stop. */
const longCellMs = 300

export class SigintWatch {
  #timer: NodeJS.Timeout | undefined
  #worker: Worker | undefined

  constructor(private readonly onSignal: () => void) {}

  setRunning(running: boolean): void {
    clearTimeout(this.#timer)
    if (running && this.#worker === undefined) this.#timer = setTimeout(() => { this.#start() }, longCellMs)
  }

  #start(): void {
    this.#worker = new Worker(new URL('./sigint-watch.js', import.meta.url), { name: 'ringlab signals', resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 } })
    this.#worker.on('message', this.onSignal)
    this.#worker.on('error', () => { this.#worker = undefined })
  }
}
