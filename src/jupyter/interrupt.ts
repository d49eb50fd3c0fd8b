// The interrupt, in three steps: a message to main, SIGINT to its children, and the end of whatever JavaScript still holds main.
// Decides when; what each step does is handed in.

/** Main has this long to answer before its JavaScript is terminated. */
const patienceMs = 100
/** A termination that finds main idle strikes the next callback, which may be our own message: so the question is put twice. */
const secondProbeMs = 30
/** Timers may each hold main again: so many are terminated, one after the other. */
const terminationsMax = 30
/** A cell whose abort was seen has this long to settle before it is settled for it, so many times. */
const settleMs = 150
const settlesMax = 10

export interface InterruptSteps {
  /** The cell that runs now. */
  running(): number | undefined
  /** Aborts the cell and asks main to answer with the attempt's number. */
  tellMain(token: number | undefined, attempt: number): void
  signalChildren(): void
  terminate(): void
  /** The running cell lost its own code: main must settle it. */
  settle(token: number): void
  /** While an interrupt is under way no new cell goes to main: a termination could strike it. */
  hold(held: boolean): void
}

export class Interrupter {
  #attempt = 0
  #timer: NodeJS.Timeout | undefined
  #token: number | undefined

  constructor(private readonly steps: InterruptSteps) {}

  /** Interrupts what runs now. A second request while one is under way starts over. */
  request(): void {
    const attempt = ++this.#attempt
    this.#token = this.steps.running()
    this.steps.hold(true)
    this.steps.tellMain(this.#token, attempt)
    this.steps.signalChildren()
    this.#after(patienceMs, () => { this.#terminate(attempt, 1) })
  }

  /** Main's event loop took the message of this attempt. */
  onAlive(attempt: number): void {
    if (attempt !== this.#attempt) return
    this.#attempt++ // what else was asked of this attempt is answered
    this.steps.hold(false)
    this.#after(settleMs, () => { this.#settle(1) })
  }

  stop(): void {
    this.#attempt++
    clearTimeout(this.#timer)
  }

  #terminate(attempt: number, count: number): void {
    if (attempt !== this.#attempt) return
    this.steps.terminate()
    this.steps.tellMain(this.#token, attempt)
    this.#after(secondProbeMs, () => {
      this.steps.tellMain(this.#token, attempt)
      this.#after(patienceMs, () => {
        if (count < terminationsMax) this.#terminate(attempt, count + 1)
        else this.onAlive(attempt) // a native call holds main: give the queue back, the cell ends when that call does
      })
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
