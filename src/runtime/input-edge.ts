// The host's end of an input ring: what happens to a message between `send` and its slot, and what a full queue does.
import { double, word, type ArenaViews } from '../ring/control.js'
import { ENVELOPE_BYTES, PRIORITY_DEFAULT, highHalf, lowHalf, readCorrelation, writeEnvelope } from '../ring/envelope.js'
import { RingProducer, type RingPlace } from '../ring/ring.js'
import type { BoundCodec, ColumnCodec } from '../schema/index.js'
import { QueueFullError } from './errors.js'
import { Fifo } from './fifo.js'
import type { HostSender } from './host-sender.js'
import { SlotQueue, moveSlot, type QueuedSlot, type SlotSource } from './slot-queue.js'
import type { Backpressure, MessageOptions } from './types.js'
import type { Wait } from './wait.js'

/** Slots fed ahead when messages may still be dropped: what lies in the ring belongs to the device and cannot be taken back. */
const FEED_AHEAD_MAX = 64
/** Sends that may wait for room at once; more is a loop that never awaits. */
const WAITING_SENDS_MAX = 1 << 20

/** A queued message: the byte offset of its slot, and how its payload is read. */
export interface QueuedAt { readonly arena: ArenaViews; readonly slot: number; readonly codec: BoundCodec }

interface WaitingSend { readonly slot: QueuedSlot; readonly wait: Wait<void> }

export class InputEdge {
  readonly #id: string
  readonly #policy: Backpressure
  readonly #place: RingPlace
  readonly #producer: RingProducer
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #control: number
  readonly #codec: BoundCodec
  readonly #queue: SlotQueue
  readonly #waiting = new Fifo<WaitingSend>()
  readonly #roomWaits = new Fifo<Wait<void>>()
  /** Slots of the ring this edge fills: all, unless the policy takes back what is too old. */
  readonly #window: number
  readonly #sender: HostSender
  /** Told the correlation id of each message that was dropped: whoever asks waits in vain. */
  readonly #dropped: (correlationId: bigint) => void
  /** Messages in the ring out of the device's sight; undefined when nothing is held back. */
  #heldBack: number | undefined

  constructor(
    id: string, place: RingPlace, controlOffset: number, codec: BoundCodec, slots: SlotSource, policy: Backpressure, sender: HostSender,
    dropped: (correlationId: bigint) => void,
  ) {
    this.#id = id
    this.#policy = policy
    this.#place = place
    this.#producer = new RingProducer(place)
    this.#words = place.arena.words
    this.#doubles = place.arena.doubles
    this.#control = controlOffset
    this.#codec = codec
    this.#queue = new SlotQueue(slots)
    this.#window = policy === 'dropOldest' ? Math.min(FEED_AHEAD_MAX, place.capacity / 2) : place.capacity
    this.#sender = sender
    this.#dropped = dropped
  }

  get capacity(): number { return this.#producer.capacity }
  get waiting(): boolean { return this.#queue.size > 0 || this.#roomWaits.size > 0 }

  /** Puts the message into the ring when there is room and nobody waits before it. @throws MessageError, and then nothing was sent. */
  offer(message: unknown, options: MessageOptions | undefined): boolean {
    if (this.#queue.size > 0 || !this.#hasRoom()) return false
    const slot = this.#producer.slot(0)
    this.#codec.write(slot + ENVELOPE_BYTES, message)
    this.#stamp(this.#words, slot, options)
    this.#producer.publish(1)
    return true
  }

  /** As `offer`, with the message's own id as its correlation id; returns that id's low word, or undefined when there is no room. */
  offerAsk(message: unknown): number | undefined {
    if (this.#queue.size > 0 || !this.#hasRoom()) return undefined
    const slot = this.#producer.slot(0)
    this.#codec.write(slot + ENVELOPE_BYTES, message)
    const sequence = this.#sender.next()
    writeEnvelope(this.#words, slot, sequence, this.#sender.origin, sequence, this.#sender.origin, PRIORITY_DEFAULT, this.#sender.stamp())
    this.#producer.publish(1)
    return sequence
  }

  get sender(): HostSender { return this.#sender }

  hasRoom(wanted: number): boolean { return wanted === 1 ? this.#hasRoom() : this.#heldBack === undefined && this.#producer.hasRoom(wanted) }

  /** For callers that never wait: true when the policy finds the message a place all the same. */
  takesWhenFull(message: unknown): boolean {
    if (this.#policy !== 'dropOldest') return false
    this.#admit(message, undefined)
    return true
  }

  /** What a full queue does with one more message. 'wait' means: `enqueue` it. */
  whenFull(message: unknown, options: MessageOptions | undefined): 'wait' | 'done' {
    switch (this.#policy) {
      case 'block': return 'wait'
      case 'reject': throw new QueueFullError(this.#id, this.capacity, `the input queue of ring kernel '${this.#id}' is full (${this.capacity} messages) and its backpressure is 'reject'; receive its outputs, slow down, or use 'block'.`)
      case 'dropNewest': this.countDropped(1); this.#dropped(options?.correlationId ?? 0n); return 'done'
      case 'dropOldest': this.#admit(message, options); return 'done'
    }
  }

  /** Keeps a copy of the message until there is room; `wait` resolves when it is in the ring. */
  enqueue(message: unknown, options: MessageOptions | undefined, wait: Wait<void>): void {
    if (this.#waiting.size >= WAITING_SENDS_MAX) {
      throw new QueueFullError(this.#id, this.capacity, `ring kernel '${this.#id}' has ${WAITING_SENDS_MAX} sends waiting for room; await send() before sending more.`)
    }
    const entry: WaitingSend = { slot: this.#fill(message, options), wait }
    this.#waiting.push(entry)
    this.#noteDepth()
    wait.onGivenUp = () => { this.#waiting.remove(entry); this.#queue.remove(entry.slot); this.#noteDepth() }
  }

  /** Resolves `wait` when there is room for one more and nothing waits before it. Nothing is sent. */
  waitForRoom(wait: Wait<void>): void {
    this.#roomWaits.push(wait)
    wait.onGivenUp = () => this.#roomWaits.remove(wait)
  }

  /** Moves waiting messages into the ring while there is room; true when it moved any. */
  feed(): boolean {
    let moved = false
    for (let slot = this.#queue.first(); slot !== undefined && this.#hasRoom(); slot = this.#queue.first()) {
      moveSlot(slot, this.#words, this.#codec, this.#producer.slot(0))
      this.#producer.publish(1)
      this.#queue.shift()
      this.#waiting.shift()?.wait.resolve()
      moved = true
    }
    if (moved) this.#noteDepth()
    // One at a time: the next of them looks for room itself.
    if (this.#queue.size === 0 && this.#roomWaits.size > 0 && this.#hasRoom()) { this.#roomWaits.shift()?.resolve(); moved = true }
    return moved
  }

  /** Copies rows into free slots, publishes them together, and returns how many there was room for. */
  writeRows(codec: ColumnCodec, columns: Record<string, unknown>, from: number, to: number, options: MessageOptions | undefined): number {
    if (this.#queue.size > 0 || this.#heldBack !== undefined) return 0
    let room = this.#producer.hasRoom(to - from) ? to - from : this.#producer.room()
    room = Math.min(room, to - from, this.capacity / 2)
    if (room <= 0) return 0
    const priority = options?.priority ?? PRIORITY_DEFAULT
    const correlation = options?.correlationId ?? 0n
    const [low, high] = [lowHalf(correlation), highHalf(correlation)]
    const sentAtNs = this.#sender.stamp(room - 1)
    for (let i = 0; i < room; i++) {
      const slot = this.#producer.slot(i)
      codec.writeRow(slot + ENVELOPE_BYTES, columns, from + i)
      writeEnvelope(this.#words, slot, this.#sender.next(), this.#sender.origin, low, high, priority, sentAtNs + i)
    }
    this.#producer.publish(room)
    return room
  }

  /**
   * While the device is parked: leaves at most `count` queued messages in its sight, and keeps the others, and every further one, back until `letGo`.
   * Returns how many it may take.
   */
  holdBack(count: number): number {
    const depth = this.capacity - this.#producer.room()
    const visible = Math.min(count, depth)
    this.#heldBack = depth - visible
    this.#producer.publish(-this.#heldBack)
    return visible
  }

  /** Shows the device all messages again; returns how many were out of its sight. */
  letGo(): number {
    const kept = this.#heldBack ?? 0
    this.#producer.publish(kept)
    this.#heldBack = undefined
    return kept
  }

  /** Has the device taken and finished all that is in its sight? */
  get isEmpty(): boolean { return this.#producer.room() === this.capacity }

  /** Nothing will be taken any more: ends the waiting sends, and counts what waited here as dropped. */
  close(error: Error): void {
    const lost = this.#queue.size - this.#waiting.size
    for (let entry = this.#waiting.shift(); entry !== undefined; entry = this.#waiting.shift()) entry.wait.reject(error)
    for (let wait = this.#roomWaits.shift(); wait !== undefined; wait = this.#roomWaits.shift()) wait.reject(error)
    this.#queue.clear()
    this.countDropped(lost)
    this.#noteDepth()
  }

  /** Counts `count` messages that were sent and will never be processed. */
  countDropped(count: number): void { this.#doubles[(this.#control >>> 3) + double.hostDropped] = this.dropped + count }
  get dropped(): number { return this.#doubles[(this.#control >>> 3) + double.hostDropped] as number }

  /** The queued messages, decoded, oldest first: those in the ring, then those that wait on this side. */
  peek(limit: number): unknown[] {
    const depth = this.#producer.capacity - this.#producer.room()
    const found: unknown[] = []
    for (let i = depth; i > Math.max(0, depth - limit); i--) found.push(this.#codec.read(this.#producer.slot(-i) + ENVELOPE_BYTES))
    return [...found, ...this.#queue.peek(limit - found.length)]
  }

  /** Where the messages lie that were accepted and not finished, oldest first: in the ring, then on this side; without those whose senders still wait. */
  queued(): QueuedAt[] {
    const depth = this.#producer.capacity - this.#producer.room()
    const { arena } = this.#place
    const inRing = Array.from({ length: depth }, (_, i) => ({ arena, slot: this.#producer.slot(i - depth), codec: this.#codec }))
    const waiting = new Set(this.#waiting.toArray().map(({ slot }) => slot))
    return [...inRing, ...this.#queue.slots().filter((slot) => !waiting.has(slot)).map(({ chunk, offset }) => ({ arena: chunk.block.arena, slot: offset, codec: chunk.codec }))]
  }

  #hasRoom(): boolean {
    if (this.#heldBack !== undefined) return false
    if (this.#window === this.#producer.capacity) return this.#producer.hasRoom(1)
    return this.#producer.capacity - this.#producer.room() < this.#window
  }

  #stamp(words: Int32Array, slot: number, options: MessageOptions | undefined): void {
    if (options === undefined) { writeEnvelope(words, slot, this.#sender.next(), this.#sender.origin, 0, 0, PRIORITY_DEFAULT, this.#sender.stamp()); return }
    const { id, correlationId: correlation = 0n } = options
    const [sequence, origin] = id === undefined ? [this.#sender.next(), this.#sender.origin] : [lowHalf(id), highHalf(id)]
    writeEnvelope(words, slot, sequence, origin, lowHalf(correlation), highHalf(correlation), options.priority ?? PRIORITY_DEFAULT, this.#sender.stamp())
  }

  /** dropOldest: the newest message always finds a place; the oldest that still waits on this side makes it. */
  #admit(message: unknown, options: MessageOptions | undefined): void {
    this.#fill(message, options)
    if (this.#queue.size > this.capacity - this.#window) {
      const oldest = this.#queue.first()
      const correlationId = oldest === undefined ? 0n : readCorrelation(oldest.chunk.block.arena.words, oldest.offset)
      this.#queue.shift()
      this.countDropped(1)
      this.#dropped(correlationId)
    }
    this.#noteDepth()
  }

  #fill(message: unknown, options: MessageOptions | undefined): QueuedSlot {
    const slot = this.#queue.slot()
    slot.chunk.codec.write(slot.offset + ENVELOPE_BYTES, message)
    this.#stamp(slot.chunk.block.arena.words, slot.offset, options)
    this.#queue.push(slot)
    return slot
  }

  #noteDepth(): void {
    this.#words[(this.#control >>> 2) + word.admissionDepth] = this.#queue.size
    this.#producer.noteDepthMax(this.#queue.size)
  }
}
