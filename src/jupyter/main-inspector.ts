// The inspector this worker holds on the main thread: stops what runs there and asks how full its heap is. Nothing else reaches into main.

import { Session } from 'node:inspector'

export class MainInspector {
  readonly #session = new Session()
  #open = true

  constructor() { this.#session.connectToMainThread() }

  /** Stops the JavaScript that main runs now, whatever it is, or else its next callback. `done`: it happened. */
  terminateExecution(done: () => void): void {
    if (this.#open) this.#session.post('Runtime.terminateExecution', done)
  }

  /** Bytes of main's heap in use. Answered even while main runs a loop. */
  heapUsedBytes(answer: (bytes: number) => void): void {
    if (!this.#open) return
    this.#session.post('Runtime.getHeapUsage', (error, usage) => {
      if (error === null) answer((usage as { usedSize: number }).usedSize)
    })
  }

  /** An inspector still connected at exit makes Node wait for a debugger. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#session.disconnect()
  }
}
