// How the Jupyter kernel ends: the session stops, the sockets close, the process goes. Each step has a deadline, the last resort is `_exit`,
// because a thread stuck in a native call would hold up an ordinary exit for ever.

/** From the request to the end of the process. */
const totalMs = 1_900
/** Of which the session (actors, `using`, workers) may take this much. */
const sessionMs = 1_300
/** ZeroMQ's own thread needs a moment to put the last frames on the wire; its queues cannot be asked. */
const deliveryMs = 60
/** Main runs its exit listeners in this time. */
const listenersMs = 250

export interface LeavingSteps {
  /** Ends what main runs now. */
  interrupt(): void
  /** Asks main to shut the session down. */
  stopSession(deadlineMs: number): void
  /** Last output out, inspector disconnected, sockets closed. */
  closeWire(): Promise<void>
  /** Ends the children that are still there. */
  endChildren(): void
  /** Main runs the user's exit listeners. */
  leaveMain(code: number): void
  exitNow(code: number): void
}

export class Leaving {
  #begun = false
  #closing = false
  #code = 0

  constructor(private readonly steps: LeavingSteps) {}

  get begun(): boolean { return this.#begun }

  begin(code: number): void {
    if (this.#begun) return
    this.#begun = true
    this.#code = code
    setTimeout(() => { this.steps.exitNow(code) }, totalMs)
    this.steps.interrupt()
    this.steps.stopSession(sessionMs)
    setTimeout(() => { void this.#close() }, sessionMs + patienceMs)
  }

  /** The session is down. */
  onStopped(): void { void this.#close() }
  /** Main's exit listeners ran: after our own goodbye, or because user code called process.exit. */
  onMainLeft(code: number): void {
    if (this.#closing) { this.steps.exitNow(code); return }
    this.#begun = true
    this.#closing = true
    void this.steps.closeWire().then(() => setTimeout(() => { this.steps.exitNow(code) }, deliveryMs))
  }

  async #close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.steps.endChildren()
    await this.steps.closeWire()
    setTimeout(() => {
      setTimeout(() => { this.steps.exitNow(this.#code) }, listenersMs)
      this.steps.leaveMain(this.#code)
    }, deliveryMs)
  }
}

/** A session that missed its deadline is not waited for longer than this. */
const patienceMs = 100
