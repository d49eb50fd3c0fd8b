// The interrupt, in three steps: a message to main, SIGINT to its children, and the end of whatever JavaScript still holds main.
// Decides when; what each step does is handed in.

/** Main has this long to answer before its JavaScript is terminated. */
const patienceMs = 100
/** Timers may each hold main again: so many are terminated, one after the other. */
const terminationsMax = 30
/** A cell whose abort was seen has this long to settle before it is settled for it, so many times. */
const settleMs = 150
const settlesMax = 10
/** The number of a message whose answer does not count. */
const noProbe = 0

export interface InterruptSteps {
  /** The cell that runs now. */
  readonly running: () => number | undefined
  /** Aborts the cell and asks main to answer with the probe's number. */
  readonly tellMain: (token: number | undefined, probe: number) => void
  /** SIGINT to the children that are not in `signalled`; they join it. */
  readonly signalChildren: (signalled: Set<number>) => void
  /** Ends main's JavaScript, or its next callback when none runs; `done` is called once it struck. */
  readonly terminate: (done: () => void) => void
  /** The running cell lost its own code: main must settle it. */
  readonly settle: (token: number) => void
  /** While an interrupt is under way no new cell goes to main: a termination could strike it. */
  readonly hold: (held: boolean) => void
}

export class Interrupter {
  /** Only main's answer to the newest probe counts: after a termination, older answers say nothing. */
  #probe = noProbe
  #timer: NodeJS.Timeout | undefined
  #token: number | undefined
  #signalled = new Set<number>()

  constructor(private readonly steps: InterruptSteps) {}

  /** Interrupts what runs now. A second request while one is under way starts over. */
  request(): void {
    this.#token = this.steps.running()
    this.steps.hold(true)
    this.steps.tellMain(this.#token, ++this.#probe)
    this.#signalled = new Set()
    this.steps.signalChildren(this.#signalled)
    this.#after(patienceMs, () => { this.#terminate(1) })
  }

  /** Main's event loop took the message with this probe. */
  onAlive(probe: number): void {
    if (probe !== this.#probe || probe === noProbe) return
    this.#probe++
    this.steps.hold(false)
    this.#after(settleMs, () => { this.#settle(1) })
  }

  stop(): void {
    this.#probe++
    clearTimeout(this.#timer)
  }

  #terminate(count: number): void {
    const probe = ++this.#probe
    this.steps.terminate(() => { if (this.#probe === probe) this.steps.tellMain(this.#token, probe) })
    // A termination that finds main idle strikes its next callback: let it be this message.
    this.steps.tellMain(this.#token, noProbe)
    // Main may have been about to start a child and to wait for it.
    this.steps.signalChildren(this.#signalled)
    this.#after(patienceMs, () => {
      if (count < terminationsMax) this.#terminate(count + 1)
      else this.onAlive(probe) // a native call holds main: give the queue back, the cell ends when that call does
    })
  }

  #settle(count: number): void {
    if (this.#token === undefined || this.steps.running() !== this.#token) return
    this.steps.settle(this.#token)
    if (count < settlesMax) this.#after(settleMs, () => { this.#settle(count + 1) })
  }

  #after(ms: number, action: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(action, ms)
  }
}
