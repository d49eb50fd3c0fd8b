// Runs one body: the captured function itself, on whatever thread calls `step`. This file is the seam where code emitted by a compiler
// takes the function's place: a runner needs only DeviceEnd, and is driven only by `step`.
import { command, deviceState, waitsFor } from '../../ring/control.js'
import type { Envelope } from '../../ring/envelope.js'
import { rejected } from '../../runtime/traffic.js'
import { BodyContext } from './context.js'
import type { DeviceEnd, OutputOptions } from './device-end.js'
import type { BodyLetter } from './letters.js'
import { checkOutputOptions } from './output-options.js'

/** What `step` did: nothing; moved messages; or gave the body control, which it keeps until it waits for a ring again. */
export type Step = 'idle' | 'moved' | 'resumed'

/** Whom a runner tells what happens to its body. */
export interface RunnerEvents {
  /** A ring moved: wake the host if it sleeps. */
  moved(): void
  /** The state word answers a command. */
  answered(): void
  /** The body waits for a ring again, or ended. */
  parked(): void
  returned(): void
  /** `letter` is the message that it failed with, when it had one in hand. */
  failed(error: Error, letter: BodyLetter | undefined): void
}

export interface Runner {
  step(): Step
  /** Does the body wait for a ring (and not for something else, or at all)? */
  readonly isParked: boolean
  readonly isOver: boolean
  /** Ends it now: whatever the body does later has no effect. */
  abandon(): void
  /** Ends it with an error that reached its thread outside of any call. */
  fail(error: unknown): void
}

export type LoopBody = (ctx: unknown) => unknown
export interface HandlerBody { onMessage(message: unknown, ctx: unknown): unknown }

/** A deep copy of an output that has to wait for room: the body may change its object meanwhile. */
export type CopyOutput = (message: unknown) => unknown

export interface RunnerParts {
  readonly end: DeviceEnd
  readonly state: unknown
  /** What `ctx.buffers` is. */
  readonly buffers: object
  /** Names of the declared ports; their numbers begin at 1. */
  readonly ports: readonly string[]
  /** By port; 0 is `output`. */
  readonly copyOutput: readonly CopyOutput[]
  readonly events: RunnerEvents
  readonly sends: boolean
}

export function makeRunner(body: LoopBody | HandlerBody, parts: RunnerParts): Runner {
  return typeof body === 'function' ? new LoopRunner(body, parts) : new HandlerRunner(body, parts)
}

/** Messages a body may take without giving other bodies of its thread a turn. */
const MESSAGES_A_TURN = 64
/** Messages that a loop which sends nothing releases together. */
const COMMIT_EVERY = 16
/** Outputs that may wait for room at once: more means that the body never awaits `send`. */
const WAITING_OUTPUTS_MAX = 1 << 16

/** A promise that never settles: what a body that is over waits for. */
const never = new Promise<never>(() => undefined)
const DONE = Promise.resolve()

interface WaitingOutput { readonly message: unknown; readonly port: number; readonly options: OutputOptions; readonly resolve: (() => void) | undefined }

/** What both runners share: the answer to commands, outputs that wait for room, and the end. */
abstract class BodyRunner implements Runner {
  protected readonly end: DeviceEnd
  protected readonly parts: RunnerParts
  protected readonly waiting: WaitingOutput[] = []
  protected started = false
  isOver = false

  constructor(parts: RunnerParts) {
    this.parts = parts
    this.end = parts.end
  }

  abstract get isParked(): boolean
  protected abstract start(): Step
  protected abstract proceed(): Step
  /** Has the body nothing in hand and nothing to say, so that it may be stopped? */
  protected abstract get isQuiet(): boolean

  step(): Step {
    if (this.isOver) return 'idle'
    const asked = this.end.command()
    if (asked === command.stop) { if (!this.started || this.isQuiet) { this.#stopped(); return 'moved' } return 'idle' }
    if (asked === command.park) return this.#park()
    if (asked === command.idle) return 'idle'
    if (this.end.state() !== deviceState.running) { this.end.activated(); this.end.setState(deviceState.running); this.parts.events.answered() }
    this.end.beat()
    const did = this.started ? this.proceed() : this.#begin()
    // Whatever was queued is done: the drain is over.
    if (did === 'idle' && asked === command.drain && this.isQuiet && this.waiting.length === 0 && this.end.available() <= 0) { this.#stopped(); return 'moved' }
    return did
  }

  #begin(): Step {
    this.started = true
    return this.start()
  }

  abandon(): void {
    if (this.isOver) return
    this.#stopped()
  }

  protected checkOutput(port: number, options: OutputOptions | undefined): void {
    checkOutputOptions(options)
    if (port === 0 && !this.parts.sends) throw new TypeError('this ring kernel declares no output, so ctx.send() has nowhere to send to: add output: … to its options')
    if (this.waiting.length >= WAITING_OUTPUTS_MAX) throw new RangeError(`${WAITING_OUTPUTS_MAX} outputs wait for room: await ctx.send() before sending more`)
  }

  /** Moves waiting outputs into the ring; true when it moved any. */
  protected flushWaiting(): boolean {
    let moved = 0
    let output: WaitingOutput | undefined
    while ((output = this.waiting[moved]) !== undefined && !this.end.waitsForRoom(output.port)) {
      this.end.place(output.message, output.options, output.port)
      moved++
    }
    if (moved === 0) return false
    this.end.commit()
    for (const sent of this.waiting.splice(0, moved)) sent.resolve?.()
    this.parts.events.moved()
    return true
  }

  protected keepWaiting(message: unknown, port: number, options: OutputOptions | undefined, resolve: (() => void) | undefined): void {
    const { correlationId } = this.end.envelope()
    this.waiting.push({ message: this.parts.copyOutput[port]?.(message), port, options: { correlationId, ...options }, resolve })
    if (this.waiting.length === 1) this.end.waitsForRoom(port)
  }

  fail(error: unknown): void { this.failed(error) }

  protected failed(thrown: unknown): void {
    if (this.isOver) return
    this.isOver = true
    const letter = this.end.fault()
    this.end.setState(deviceState.failed)
    this.parts.events.answered()
    this.parts.events.failed(thrown instanceof Error ? thrown : new Error(String(thrown)), letter)
    this.parts.events.parked()
  }

  protected returned(): void {
    if (this.isOver) return
    this.end.finish()
    this.#stopped()
    this.parts.events.returned()
  }

  #stopped(): void {
    this.isOver = true
    this.end.commit()
    this.end.setWaitsFor(waitsFor.nothing)
    this.end.setState(deviceState.done)
    this.parts.events.answered()
    this.parts.events.parked()
  }

  /** Outputs that are computed already still leave; no further message is taken. */
  #park(): Step {
    if (this.waiting.length > 0 && this.flushWaiting()) return 'resumed'
    if (this.end.state() === deviceState.parked || (this.started && !this.isQuiet)) return 'idle'
    this.end.lookAgain()
    this.end.setState(deviceState.parked)
    this.parts.events.answered()
    return 'moved'
  }
}

/** The loop form: an async function that awaits `receive` and `send`. */
class LoopRunner extends BodyRunner {
  readonly #body: LoopBody
  readonly #context: LoopContext
  #receiving: ((message: unknown) => void) | undefined
  #left = MESSAGES_A_TURN

  constructor(body: LoopBody, parts: RunnerParts) {
    super(parts)
    this.#body = body
    this.#context = new LoopContext(parts, this)
  }

  get isParked(): boolean { return this.#receiving !== undefined || this.waiting.length > 0 }
  protected get isQuiet(): boolean { return this.isParked }

  protected start(): Step {
    let result: unknown
    try { result = this.#body(this.#context) } catch (error) { this.failed(error); return 'moved' }
    Promise.resolve(result).then(() => { this.returned() }, (error: unknown) => { this.failed(error) })
    return 'resumed'
  }

  protected proceed(): Step {
    this.#left = MESSAGES_A_TURN
    if (this.waiting.length > 0) return this.flushWaiting() ? 'resumed' : 'idle'
    if (this.#receiving === undefined || this.end.available() <= 0) return 'idle'
    if (!this.#take()) return 'moved'
    const receiving = this.#receiving
    this.#receiving = undefined
    receiving(this.end.message())
    return 'resumed'
  }

  receive(): Promise<unknown> {
    if (this.isOver) return never
    if (this.#receiving !== undefined) return Promise.reject(new Error('ctx.receive() is already waiting: await it before receiving again'))
    this.#finish()
    if (--this.#left > 0 && this.#take()) return Promise.resolve(this.end.message())
    this.#commit()
    const received = new Promise<unknown>((resolve) => { this.#receiving = resolve })
    this.parts.events.parked()
    return received
  }

  tryReceive(): unknown {
    if (this.isOver) return undefined
    this.#finish()
    if (this.#take()) return this.end.message()
    this.#commit()
    return undefined
  }

  send(message: unknown, options: OutputOptions | undefined, port = 0): Promise<void> {
    if (this.isOver) return never
    try {
      this.checkOutput(port, options)
      if (this.waiting.length === 0 && this.end.hasRoom(port)) {
        this.end.place(message, options, port)
        this.end.commit()
        this.parts.events.moved()
        return DONE
      }
      const sent = new Promise<void>((resolve) => { this.keepWaiting(message, port, options, resolve) })
      // Slots of finished messages are room for whoever this body waits for, perhaps.
      this.#commit()
      this.parts.events.parked()
      return sent
    } catch (error) { return rejected(error) }
  }

  /** Takes the next message in hand. Those that came too late are given back meanwhile, which is news for whoever waits for room. */
  #take(): boolean {
    if (!this.end.mayReceive || this.end.available() <= 0) return false
    if (this.end.take()) return true
    this.parts.events.moved()
    return false
  }

  /** Finished messages leave their slots with the next output, before the body waits, and every so often. */
  #finish(): void {
    if (!this.end.holds) return
    this.end.finish()
    if (this.end.finished >= COMMIT_EVERY) this.#commit()
  }

  #commit(): void {
    if (this.end.finished === 0) return
    this.end.commit()
    this.parts.events.moved()
  }
}

class LoopContext extends BodyContext {
  readonly #runner: LoopRunner

  constructor(parts: RunnerParts, runner: LoopRunner) {
    super(parts.end, parts.state, parts.buffers, parts.ports, (message, options, port) => runner.send(message, options, port))
    this.#runner = runner
  }

  receive(): Promise<unknown> { return this.#runner.receive() }
  tryReceive(): unknown { return this.#runner.tryReceive() }
  send(message: unknown, options?: OutputOptions): Promise<void> { return this.#runner.send(message, options) }
  reply(to: Envelope, message: unknown): Promise<void> { return this.#runner.send(message, { correlationId: to.correlationId }) }
}

/** The handler form: one call a message, run to completion; what it sends is published when it returns. */
class HandlerRunner extends BodyRunner {
  readonly #body: HandlerBody
  readonly #context: HandlerContext
  /** A handler that returned a promise holds its message until that settles. */
  #pending = false

  constructor(body: HandlerBody, parts: RunnerParts) {
    super(parts)
    this.#body = body
    this.#context = new HandlerContext(parts, this)
  }

  get isParked(): boolean { return !this.#pending }
  protected get isQuiet(): boolean { return !this.#pending }

  protected start(): Step { return this.proceed() }

  protected proceed(): Step {
    if (this.#pending) return 'idle'
    if (this.waiting.length > 0 && (!this.flushWaiting() || this.waiting.length > 0)) return 'idle'
    let handled = 0
    while (handled < MESSAGES_A_TURN && this.end.available() > 0 && this.end.firstFull() < 0 && this.end.mayReceive) {
      if (!this.end.take()) { this.parts.events.moved(); return 'moved' }
      let result: unknown
      try { result = this.#body.onMessage(this.end.message(), this.#context) } catch (error) { this.#faulted(error); return 'moved' }
      // It was ended meanwhile, and caught what was thrown into it for that.
      if (this.isOver) return 'moved'
      handled++
      if (isThenable(result)) { this.#waitFor(result); return 'resumed' }
      this.end.finish()
      // One by one, not in batches: the next message may take its handler long, and nobody should wait for that.
      this.end.commit()
      this.parts.events.moved()
      if (this.waiting.length > 0) break
    }
    if (handled === 0) {
      // Whatever output a message may lead to has room before the message is taken. Room may have come since that was looked at.
      return this.end.waitsForRoom(Math.max(this.end.firstFull(), 0)) || this.end.available() <= 0 || !this.end.mayReceive ? 'idle' : 'moved'
    }
    return 'moved'
  }

  send(message: unknown, options: OutputOptions | undefined, port = 0): void {
    if (this.isOver) return
    this.checkOutput(port, options)
    if (this.waiting.length === 0 && this.end.hasRoom(port)) this.end.place(message, options, port)
    else this.keepWaiting(message, port, options, undefined)
  }

  #waitFor(result: PromiseLike<unknown>): void {
    this.#pending = true
    const settled = (after: () => void): void => {
      this.#pending = false
      if (this.isOver) return
      after()
      this.parts.events.parked()
    }
    result.then(
      () => settled(() => { this.end.finish(); this.end.commit(); this.parts.events.moved() }),
      (error: unknown) => settled(() => this.#faulted(error)),
    )
  }

  /** Messages handled before the faulting one keep their outputs; it keeps none. */
  #faulted(error: unknown): void {
    this.waiting.length = 0
    this.failed(error)
  }
}

class HandlerContext extends BodyContext {
  readonly #runner: HandlerRunner

  constructor(parts: RunnerParts, runner: HandlerRunner) {
    super(parts.end, parts.state, parts.buffers, parts.ports, (message, options, port) => { runner.send(message, options, port) })
    this.#runner = runner
  }

  send(message: unknown, options?: OutputOptions): void { this.#runner.send(message, options) }
  reply(to: Envelope, message: unknown): void { this.#runner.send(message, { correlationId: to.correlationId }) }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
