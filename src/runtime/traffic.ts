// The traffic of one ring kernel: send, receive, ask and their streams, over its edge and its stream. Knows of the life cycle only
// whether messages are accepted, and with which error not.
//
// The quick path of each call allocates nothing but its promise: it finds room or an answer at once, or within a short poll. Everything else waits.
import { pair } from '../ring/envelope.js'
import type { AskObserver, Observed } from './ask-observer.js'
import type { HostBell, Watcher } from './bell.js'
import type { DeviceActor } from './device.js'
import { RingKernelStateError, TimeoutError, UndeliveredError } from './errors.js'
import type { InputEdge } from './input-edge.js'
import { checkBatchOptions, checkMessageOptions } from './message-options.js'
import type { OutputStream, Received, Receiver } from './output-stream.js'
import { Patience } from './patience.js'
import { turn, turnIsDue } from './turns.js'
import type { SendOptions, WaitOptions } from './types.js'
import { Wait, isUnbounded, throwIfAborted } from './wait.js'

/** One promise for all sends that were done at once. */
const DONE = Promise.resolve()

export abstract class Traffic implements Watcher, Observed {
  abstract readonly id: string
  abstract readonly device: string
  /** Each is told of every ask from here on; the last one is the outermost. */
  askObservers: readonly AskObserver[] = []
  /** In LAUNCHED, ACTIVE and DEACTIVATED. */
  abstract readonly acceptsMessages: boolean
  /** Answers may come: in ACTIVE and while draining. */
  protected abstract readonly answers: boolean
  /** Outputs leave the ring although nobody asked yet. */
  protected abstract readonly isDraining: boolean
  /** No output will come any more. */
  protected abstract readonly isOver: boolean
  /** Throws when no answer can come. */
  protected abstract checkAsk(): void
  protected abstract refusal(call: string): Error
  protected readonly bell: HostBell
  /** Set once the device has taken the actor. */
  protected onDevice!: DeviceActor
  protected readonly edge: InputEdge
  protected readonly stream: OutputStream
  readonly #patience = new Patience()
  #watchSoon = false
  /** Does the bell move on what lies before the ring? */
  #isFollowed = false

  constructor(bell: HostBell, edge: InputEdge, stream: OutputStream) {
    this.bell = bell
    this.edge = edge
    this.stream = stream
  }

  /** Moves what can be moved; content when nobody waits here. */
  look(): boolean {
    if (this.edge.waiting && this.edge.feed()) this.onDevice.wake()
    if (this.stream.hasWaiting || this.isDraining) this.stream.pump()
    this.lookAfterQueue()
    return !this.edge.hasWaitingSends && !this.stream.hasWaiting && !this.isDraining
  }

  send(message: unknown, options?: SendOptions): Promise<void> {
    try {
      if (options !== undefined) { checkMessageOptions(options); throwIfAborted(options) }
      if (!this.acceptsMessages) throw this.refusal('send')
      if (!this.edge.offer(message, options)) return this.#sendToFull(message, options)
      this.onDevice.wake()
      this.lookAfterQueue()
      return turnIsDue() ? turn() : DONE
    } catch (error) { return rejected(error) }
  }

  trySend(message: unknown): boolean {
    if (!this.acceptsMessages) throw this.refusal('send')
    const isTaken = this.edge.offer(message, undefined) || this.edge.takesWhenFull(message)
    this.onDevice.wake()
    this.lookAfterQueue()
    return isTaken
  }

  receive(options?: WaitOptions): Promise<unknown> {
    try {
      throwIfAborted(options)
      if (!turnIsDue() && (this.stream.ready() || this.#pollOutput())) return Promise.resolve(this.stream.next())
      return this.#waitForOutput(options, () => this.stream.next(), (error) => { throw error })
    } catch (error) { return rejected(error) }
  }

  tryReceive(): unknown {
    if (this.stream.ready()) return this.stream.next()
    if (this.isOver) throw this.refusal('receive')
    return undefined
  }

  ask(message: unknown, options?: SendOptions): Promise<unknown> {
    if (this.askObservers.length === 0) return this.#ask(message, options)
    return this.askObservers.reduce((ask, observer) => () => observer(this, ask), () => this.#ask(message, options))()
  }

  #ask(message: unknown, options: SendOptions | undefined): Promise<unknown> {
    try {
      if (!this.acceptsMessages) throw this.refusal('ask')
      this.checkAsk()
      if (options !== undefined || turnIsDue()) return this.#askWith(message, options)
      throwIfAborted(undefined)
      const low = this.edge.offerAsk(message)
      if (low === undefined) return this.#askWith(message, options)
      this.onDevice.wake()
      const high = this.edge.sender.origin
      if (this.answers && this.onDevice.spinWorthwhile && !this.stream.hasWaiting && this.#patience.poll(() => this.stream.available())) {
        const answer = this.stream.answerNow(low, high)
        if (answer !== undefined) return Promise.resolve(answer.message)
      }
      const wait = new Wait<unknown>()
      if (!isUnbounded(undefined)) wait.bound(undefined, (ms) => this.late(ms, 'an answer'))
      this.stream.addOwnAsk(low, wait)
      this.#withdrawWhenGivenUp(wait, pair(low, high))
      this.keepLooking()
      return wait.promise
    } catch (error) { return rejected(error) }
  }

  outputs(options?: WaitOptions): AsyncIterableIterator<unknown> {
    return this.#iterate(options, () => this.stream.next())
  }

  envelopes(options?: WaitOptions): AsyncIterableIterator<Received> {
    return this.#iterate(options, () => this.stream.nextWithEnvelope())
  }

  async sendBatch(messages: Iterable<unknown>, options?: SendOptions): Promise<void> {
    if (options !== undefined) checkBatchOptions('sendBatch', options)
    throwIfAborted(options)
    try {
      for (const message of messages) {
        this.#requireAccepting('send')
        while (!this.edge.offer(message, options)) {
          this.onDevice.wake()
          if (this.edge.whenFull(message, options) === 'done') { this.lookAfterQueue(); break }
          if (!this.pollRoom()) await this.awaitRoom(options)
          this.#requireAccepting('send')
        }
        if (turnIsDue()) { this.onDevice.wake(); await turn(); throwIfAborted(options) }
      }
    } finally {
      // What was sent before a wrong message is sent.
      this.onDevice.wake()
      this.lookAfterQueue()
    }
  }

  /** Polls for room in the input ring, handing out outputs meanwhile: the body may be waiting for somebody to take them. */
  protected pollRoom(wanted = 1): boolean {
    if (!this.answers || !this.onDevice.spinWorthwhile) return false
    this.onDevice.wake()
    return this.#patience.poll(() => {
      if (this.stream.hasWaiting && this.stream.available()) this.stream.pump()
      if (this.edge.waiting && this.edge.feed()) this.onDevice.wake()
      return !this.edge.hasWaitingSends && this.edge.hasRoom(wanted)
    })
  }

  /** Sleeps until there is room for one more. */
  protected awaitRoom(options: WaitOptions | undefined): Promise<void> {
    const wait = new Wait<void>().bound(options, (ms) => this.late(ms, 'room in its input queue'))
    if (wait.settled) return wait.promise
    this.edge.waitForRoom(wait)
    this.keepLooking()
    return wait.promise
  }

  protected pollReceived(done: () => boolean): boolean {
    if (!this.answers || !this.onDevice.spinWorthwhile) return false
    return this.#patience.poll(() => { this.look(); return done() })
  }

  protected late(timeoutMs: number, waitedFor: string): Error { return new TimeoutError(this.id, timeoutMs, waitedFor) }

  /** Waits in line for outputs. */
  protected wait<T>(wait: Wait<T>, receiver: Receiver): Promise<T> {
    if (wait.settled) return wait.promise
    wait.onGivenUp = () => this.stream.removeReceiver(receiver)
    this.stream.addReceiver(receiver)
    this.keepLooking()
    return wait.promise
  }

  /** Looks at every ring of the bell from now on, until nobody waits here. */
  protected keepLooking(): void {
    if (this.onDevice.spinWorthwhile) { this.bell.watch(this); return }
    // A device in this thread reports each move itself; the bell is only needed to keep the process alive past this turn.
    if (this.#watchSoon) return
    this.#watchSoon = true
    setImmediate(() => { this.#watchSoon = false; if (!this.look() && !this.isOver) this.bell.watch(this) })
  }

  /** Messages that wait on this side of the ring move on whenever the device made room. Keeps nothing alive. */
  protected lookAfterQueue(): void {
    if (!this.edge.waiting || this.#isFollowed) return
    this.#isFollowed = true
    this.bell.accompany(this.edge, () => {
      if (this.edge.waiting && this.edge.feed()) this.onDevice.wake()
      if (this.edge.waiting) return
      this.#isFollowed = false
      this.bell.leave(this.edge)
    })
  }

  #requireAccepting(call: string): void {
    if (!this.acceptsMessages) throw this.refusal(call)
  }

  #pollOutput(): boolean {
    if (!this.answers || !this.onDevice.spinWorthwhile || this.stream.hasWaiting) return false
    return this.#patience.poll(() => this.stream.available())
  }

  #sendToFull(message: unknown, options: SendOptions | undefined): Promise<void> {
    this.onDevice.wake()
    if (this.edge.whenFull(message, options) === 'done') { this.lookAfterQueue(); return DONE }
    if (!this.edge.hasWaitingSends && this.pollRoom() && this.edge.offer(message, options)) { this.onDevice.wake(); return turnIsDue() ? turn() : DONE }
    const wait = new Wait<void>().bound(options, (ms) => this.late(ms, 'room in its input queue'))
    if (!wait.settled) this.edge.enqueue(message, options, wait)
    this.keepLooking()
    return wait.promise
  }

  /** An ask with options, or without room, or whose turn of the event loop is due. */
  async #askWith(message: unknown, options: SendOptions | undefined): Promise<unknown> {
    if (options !== undefined) checkMessageOptions(options)
    throwIfAborted(options)
    if (this.edge.isDuplicate(options?.id)) {
      await this.send(message, options)
      throw new UndeliveredError(this.id, 'duplicate', `ring kernel '${this.id}' was sent the message of this ask before, with the same id, so that nobody would answer it: leave out id, or give it another.`)
    }
    const low = this.edge.sender.next()
    const correlationId = options?.correlationId ?? pair(low, this.edge.sender.origin)
    const wait = new Wait<unknown>().bound(options, (ms) => this.late(ms, 'an answer'))
    if (options?.correlationId === undefined) this.stream.addOwnAsk(low, wait)
    else this.stream.addAsk(correlationId, wait)
    this.#withdrawWhenGivenUp(wait, correlationId)
    // The send has the same bounds; when it fails, so does the ask.
    this.send(message, { ...options, correlationId }).catch((error: unknown) => { wait.onGivenUp?.(); wait.reject(error) })
    this.keepLooking()
    return wait.promise
  }

  /** A message that nobody waits for any more leaves the queue, when the device has not seen it. */
  #withdrawWhenGivenUp(wait: Wait<unknown>, correlationId: bigint): void {
    const before = wait.onGivenUp
    wait.onGivenUp = () => {
      before?.()
      if (!this.isOver) this.edge.withdraw(correlationId)
    }
  }

  #waitForOutput<T>(options: WaitOptions | undefined, read: () => T, over: (error: Error) => T): Promise<T> {
    if (this.isOver && !this.stream.ready()) return Promise.resolve(over(this.refusal('receive')))
    const wait = new Wait<T>().bound(options, (ms) => this.late(ms, 'an output'))
    const result = this.wait(wait, {
      take: () => { wait.resolve(read()); return true },
      fail: (error) => { try { wait.resolve(over(error)) } catch (failure) { wait.reject(failure) } },
    })
    if (this.isOver) this.stream.pump()
    return result
  }

  #iterate<T>(options: WaitOptions | undefined, read: () => T): AsyncIterableIterator<T> {
    const end: IteratorResult<T> = { done: true, value: undefined }
    const over = (error: Error): IteratorResult<T> => { if (error instanceof RingKernelStateError) return end; throw error }
    let finished = false
    const iterator: AsyncIterableIterator<T> = {
      next: () => {
        if (finished) return Promise.resolve(end)
        try {
          throwIfAborted(options)
          if (!turnIsDue() && (this.stream.ready() || this.#pollOutput())) return Promise.resolve({ done: false, value: read() })
          return this.#waitForOutput<IteratorResult<T>>(options, () => ({ done: false, value: read() }), over)
        } catch (error) { return rejected(error) }
      },
      return: () => { finished = true; return Promise.resolve(end) },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }
}

/** What an API that promises does with an error it meets at once. */
export function rejected(error: unknown): Promise<never> {
  return Promise.reject(error instanceof Error ? error : new Error(String(error), { cause: error }))
}
