// The host's end of an input ring: what happens to a message between `send` and its slot, and what a full queue does.
//
// While all messages are of the band NORMAL they go straight into the ring, as many as it holds. From the first of another band on, the device is shown a
// window of messages only: what it sees it may have taken, so that it can neither be overtaken nor dropped. The others wait in the admission queue, by bands.
import { double, word } from '../ring/control.js'
import { ENVELOPE_BYTES, PRIORITY_DEFAULT, highHalf, lowHalf, readCorrelation, writeEnvelope } from '../ring/envelope.js'
import { RingProducer, type RingPlace } from '../ring/ring.js'
import type { BoundCodec, ColumnCodec } from '../schema/index.js'
import { bandOf, type Admission, type Queued } from './admission.js'
import { QueueFullError } from './errors.js'
import { Fifo } from './fifo.js'
import type { HostSender } from './host-sender.js'
import { MessageStore, carries, type MessageStoreParts } from './message-store.js'
import { copyMessage, type QueuedAt } from './slot-pool.js'
import type { Backpressure, MessageOptions } from './types.js'
import type { Wait } from './wait.js'

/** Slots fed ahead where order or drops are the host's: what lies in the ring belongs to the device and cannot be taken back while it runs. */
const FEED_AHEAD_MAX = 64
/** Sends that may wait for room at once; more is a loop that never awaits. */
const WAITING_SENDS_MAX = 1 << 20
const DEFAULT_BAND = bandOf(PRIORITY_DEFAULT)

/** What the runtime makes an edge of. */
export interface InputEdgeParts extends Omit<MessageStoreParts, 'arena'> {
  readonly id: string
  readonly place: RingPlace
  readonly codec: BoundCodec
  readonly policy: Backpressure
  /** A message was taken out of the queue: an ask that waits for its answer waits in vain. */
  readonly withdrawn: (correlationId: bigint) => void
  /** How many messages of the ring a parked body may have in hand; undefined while it may run. */
  readonly inHand: () => number | undefined
  /** More lies in the ring than should: `reorder` wants to be called while the body is parked. */
  readonly makeWay: () => void
}

export class InputEdge {
  readonly #parts: InputEdgeParts
  readonly #producer: RingProducer
  readonly #words: Int32Array
  readonly #codec: BoundCodec
  readonly #store: MessageStore
  readonly #queue: Admission
  readonly #roomWaits = new Fifo<Wait<void>>()
  readonly #sender: HostSender
  /** Slots of the ring this edge fills. */
  #window: number
  /** Messages came that were not of the band NORMAL. */
  #isBanded = false
  /** No message in the ring is of a lower band, that is, of a greater number; NORMAL ones may be in it at any time. */
  #lowestInRing = DEFAULT_BAND
  /** While the device may take a certain number only: messages in the ring out of its sight, and how many more it may be shown. */
  #held: { readonly hidden: number; allowance: number } | undefined

  constructor(parts: InputEdgeParts) {
    this.#parts = parts
    this.#producer = new RingProducer(parts.place)
    this.#words = parts.place.arena.words
    this.#codec = parts.codec
    this.#store = new MessageStore({ ...parts, arena: parts.place.arena })
    this.#queue = this.#store.queue
    this.#sender = parts.sender
    this.#window = parts.policy === 'dropOldest' ? this.#ahead : parts.place.capacity
  }

  get capacity(): number { return this.#producer.capacity }
  get sender(): HostSender { return this.#sender }
  /** Is there something to move on? */
  get waiting(): boolean { return this.#queue.size > 0 || this.#roomWaits.size > 0 }
  /** Does a send wait for a place? */
  get hasWaitingSends(): boolean { return this.#queue.waiting > 0 || this.#roomWaits.size > 0 }

  /** Gives the message a place when there is one; false: the queue is full. @throws MessageError, and then nothing was sent. */
  offer(message: unknown, options: MessageOptions | undefined): boolean {
    if (options !== undefined) return this.#offerWith(message, options)
    if (!this.#isOpen(DEFAULT_BAND)) return this.#offerQueued(message, undefined)
    this.#write(message, undefined)
    return true
  }

  /** As `offer`, with the message's own id as its correlation id; returns that id's low word, or undefined where that takes longer. */
  offerAsk(message: unknown): number | undefined {
    if (!this.#isOpen(DEFAULT_BAND)) return undefined
    const slot = this.#producer.slot(0)
    this.#codec.write(slot + ENVELOPE_BYTES, message)
    const sequence = this.#sender.next()
    writeEnvelope(this.#words, slot, sequence, this.#sender.origin, sequence, this.#sender.origin, PRIORITY_DEFAULT, this.#sender.stamp())
    this.#show()
    return sequence
  }

  /** Has one with this id been accepted lately? Only where the definition asks for it. */
  isDuplicate(id: bigint | undefined): boolean { return id !== undefined && this.#store.recent?.has(id) === true }

  /** Are there places for so many messages, with nobody waiting before them? */
  hasRoom(wanted: number): boolean { return this.#queue.waiting === 0 && this.#total() + wanted <= this.capacity }

  /** For callers that never wait: true when the policy finds the message a place all the same. */
  takesWhenFull(message: unknown): boolean { return this.#parts.policy === 'dropOldest' && this.#crowdIn(message, undefined) }

  /** What a full queue does with one more message. 'wait' means: `enqueue` it. */
  whenFull(message: unknown, options: MessageOptions | undefined): 'wait' | 'done' {
    const { id, policy } = this.#parts
    switch (policy) {
      case 'block': return 'wait'
      case 'reject': throw new QueueFullError(id, this.capacity, `the input queue of ring kernel '${id}' is full (${this.capacity} messages) and its backpressure is 'reject'; receive its outputs, slow down, or use 'block'.`)
      case 'dropNewest': this.#store.lose('dropped', this.#store.fill(message, options)); return 'done'
      case 'dropOldest': this.#crowdIn(message, options); return 'done'
    }
  }

  /** Keeps a copy of the message until there is a place for it; `wait` resolves when it has one. Higher bands get theirs first. */
  enqueue(message: unknown, options: MessageOptions | undefined, wait: Wait<void>): void {
    const { id } = this.#parts
    if (this.#queue.waiting >= WAITING_SENDS_MAX) {
      throw new QueueFullError(id, this.capacity, `ring kernel '${id}' has ${WAITING_SENDS_MAX} sends waiting for room; await send() before sending more.`)
    }
    const entry = this.#store.fill(message, options, wait)
    this.#accept(entry, options)
    wait.onGivenUp = () => { this.#store.withdraw(entry); this.#noteDepth() }
  }

  /** Resolves `wait` when there is room for one more and nothing waits before it. Nothing is sent. */
  waitForRoom(wait: Wait<void>): void {
    this.#roomWaits.push(wait)
    wait.onGivenUp = () => this.#roomWaits.remove(wait)
  }

  /** Gives places to sends that wait, and shows the device what the window has room for; true when it moved any. */
  feed(): boolean {
    let moved = this.#store.expire(false)
    for (let again = true; again;) {
      const placed = this.#placeWaiting()
      const fed = this.#feedRing()
      again = fed && this.#queue.waiting > 0
      moved ||= placed || fed
    }
    if (moved) this.#noteDepth()
    // One at a time: the next of them looks for room itself.
    if (this.#roomWaits.size > 0 && this.hasRoom(1)) { this.#roomWaits.shift()?.resolve(); moved = true }
    return moved
  }

  /** Copies rows into the ring and returns how many there was room for; none where they have to be looked at one by one. */
  writeRows(codec: ColumnCodec, columns: Record<string, unknown>, from: number, to: number, options: MessageOptions | undefined): number {
    const { priority = PRIORITY_DEFAULT, correlationId: correlation = 0n, timeToLiveMs = 0 } = options ?? {}
    if (this.#held !== undefined || bandOf(priority) !== DEFAULT_BAND || !this.#isOpen(DEFAULT_BAND)) return 0
    const wanted = Math.min(to - from, this.capacity / 2)
    const room = this.#window === this.capacity && this.#producer.hasRoom(wanted) ? wanted : Math.min(this.#places(), wanted)
    if (room <= 0) return 0
    const [low, high] = [lowHalf(correlation), highHalf(correlation)]
    const sentAtNs = this.#sender.stamp(room - 1)
    for (let i = 0; i < room; i++) {
      const slot = this.#producer.slot(i)
      codec.writeRow(slot + ENVELOPE_BYTES, columns, from + i)
      writeEnvelope(this.#words, slot, this.#sender.next(), this.#sender.origin, low, high, priority, sentAtNs + i, timeToLiveMs)
    }
    this.#producer.publish(room)
    return room
  }

  /**
   * While the device is parked: leaves at most `count` queued messages to it, and keeps the others, and every further one, back until `letGo`.
   * Returns how many it may take.
   */
  holdBack(count: number): number {
    const depth = this.#depth()
    const visible = Math.min(count, depth)
    const hidden = depth - visible
    this.#producer.publish(-hidden)
    const allowance = Math.min(count - visible, this.#queue.placed)
    this.#held = { hidden, allowance }
    this.feed()
    return visible + allowance
  }

  /** Shows the device all messages again. */
  letGo(): void {
    if (this.#held === undefined) return
    this.#producer.publish(this.#held.hidden)
    this.#held = undefined
  }

  /** Has the device taken and finished all that it may see? */
  get isEmpty(): boolean { return this.#producer.room() === this.capacity && ((this.#held?.allowance ?? 0) === 0 || this.#queue.placed === 0) }

  /** While the body is parked: takes what it could see out of its sight, and shows it again in the order of the bands. */
  reorder(): void {
    this.#takeBack()
    this.feed()
    this.#noteDepth()
  }

  /** Nothing will be taken any more: ends the waiting sends, and counts what waited here as dropped. */
  close(error: Error): void {
    const lost = this.#queue.placed
    const waits = [...this.#queue].flatMap(({ wait }) => wait ?? [])
    this.#store.close()
    for (const wait of waits) wait.reject(error)
    for (let wait = this.#roomWaits.shift(); wait !== undefined; wait = this.#roomWaits.shift()) wait.reject(error)
    this.countDropped(lost)
    this.#noteDepth()
  }

  /** Counts `count` messages that were sent and will never be processed. */
  countDropped(count: number): void { this.#store.count(double.hostDropped, count) }
  get dropped(): number { return this.#store.dropped }

  /** Messages that have a place, in the ring or before it, and sends that wait for one. */
  get size(): number { return this.#total() }
  get waitingSends(): number { return this.#queue.waiting }

  /** The queued messages, decoded, in the order in which they would go: those in the ring first. */
  peek(limit: number): unknown[] { return [...this.queued(), ...this.#waitingSends()].slice(0, limit).map(read) }

  /** Where the messages lie that were accepted and not finished, in the order in which they would go; without those whose senders still wait. */
  queued(): QueuedAt[] {
    const depth = this.#depth()
    const inRing = Array.from({ length: depth }, (_, i) => this.#inRing(i - depth))
    return [...inRing, ...[...this.#queue].filter(({ wait }) => wait === undefined).map(({ at }) => at)]
  }

  /** Takes up to `limit` messages that the device has not seen out of the queue, in their order, and counts them as dropped. */
  drain(limit: number): unknown[] {
    this.#takeBack()
    const taken = [...this.#queue].filter(({ wait }) => wait === undefined).slice(0, limit)
    const messages = taken.map(({ at }) => read(at))
    for (const entry of taken) { this.#parts.withdrawn(readCorrelation(entry.at.arena.words, entry.at.slot)); this.#store.withdraw(entry) }
    this.countDropped(taken.length)
    this.feed()
    this.#noteDepth()
    return messages
  }

  /** Takes a message out that the device has not seen, by its correlation id, and counts it as dropped; false when it is not here any more. */
  withdraw(correlationId: bigint): boolean {
    const depth = this.#parts.inHand() === undefined ? 0 : this.#depth()
    for (let i = -depth; i < 0; i++) if (carries(this.#inRing(i), correlationId)) { this.#takeBack(); break }
    const entry = this.#queue.size === 0 ? undefined : [...this.#queue].find(({ at, wait }) => wait === undefined && carries(at, correlationId))
    if (entry !== undefined) { this.#store.withdraw(entry); this.countDropped(1) }
    if (this.waiting) this.feed()
    this.#noteDepth()
    return entry !== undefined
  }

  get #ahead(): number { return Math.min(FEED_AHEAD_MAX, this.#parts.place.capacity / 2) }
  #depth(): number { return this.capacity - this.#producer.room() }
  #total(): number { return this.#depth() + (this.#held?.hidden ?? 0) + this.#queue.placed }

  /** Slots that may be filled now. */
  #places(): number {
    if (this.#held !== undefined) return this.#held.hidden > 0 ? 0 : Math.min(this.#held.allowance, this.#window - this.#depth())
    return this.#window - this.#depth()
  }

  /** May a message of this band go straight into the ring? */
  #isOpen(band: number): boolean {
    if (this.#queue.size > 0 || this.#overtakes(band)) return false
    return this.#window === this.capacity && this.#held === undefined ? this.#producer.hasRoom(1) : this.#places() > 0
  }

  /** Makes the message in the next slot visible. */
  #show(): void {
    this.#producer.publish(1)
    if (this.#held !== undefined) this.#held.allowance--
  }

  #write(message: unknown, options: MessageOptions | undefined): void {
    const slot = this.#producer.slot(0)
    this.#codec.write(slot + ENVELOPE_BYTES, message)
    this.#store.stamp(this.#words, slot, options)
    this.#show()
  }

  #offerWith(message: unknown, options: MessageOptions): boolean {
    if (this.isDuplicate(options.id)) { this.#store.lose('duplicate', this.#store.fill(message, options)); return true }
    const band = bandOf(options.priority ?? PRIORITY_DEFAULT)
    if (band !== DEFAULT_BAND && !this.#isBanded) this.#beginBands(band)
    if (!this.#isOpen(band)) return this.#offerQueued(message, options)
    this.#write(message, options)
    if (options.id !== undefined) this.#store.recent?.add(options.id)
    this.#lowestInRing = Math.max(this.#lowestInRing, band)
    return true
  }

  #offerQueued(message: unknown, options: MessageOptions | undefined): boolean {
    if (!this.hasRoom(1) && !(this.#store.expire(true) && this.hasRoom(1))) return false
    const entry = this.#store.fill(message, options)
    if (this.#overtakes(entry.band)) this.#takeBack()
    this.#accept(entry, options)
    this.feed()
    return true
  }

  /** From now on messages of higher bands overtake others: what lies in the ring beyond the window comes back. */
  #beginBands(band: number): void {
    this.#isBanded = true
    this.#window = this.#ahead
    if (band < DEFAULT_BAND && this.#parts.inHand() === undefined && this.#depth() > this.#window) this.#parts.makeWay()
  }

  /** Can a message of this band go before some that are in the ring? */
  #overtakes(band: number): boolean { return this.#isBanded && band < this.#lowestInRing && this.#held === undefined && this.#parts.inHand() !== undefined && this.#depth() > 0 }

  /** While the body is parked: what it could see waits again. */
  #takeBack(): void {
    const kept = this.#parts.inHand()
    if (kept === undefined || this.#held !== undefined) return
    const count = this.#depth() - kept
    if (count <= 0) return
    this.#queue.putBefore(Array.from({ length: count }, (_, i) => this.#store.copy(this.#inRing(i - count))))
    this.#producer.publish(-count)
    this.#lowestInRing = DEFAULT_BAND
  }

  /** dropOldest: of the lowest band, the oldest makes room; that may be the message itself, and then it is false. */
  #crowdIn(message: unknown, options: MessageOptions | undefined): boolean {
    const entry = this.#store.fill(message, options)
    if (this.#overtakes(entry.band)) this.#takeBack()
    this.#accept(entry, options)
    const victim = this.#total() > this.capacity ? this.#queue.oldestOfLowest() : undefined
    if (victim !== undefined) this.#store.giveUp('dropped', victim)
    this.feed()
    this.#noteDepth()
    return victim !== entry
  }

  #accept(entry: Queued, options: MessageOptions | undefined): void {
    this.#queue.push(entry)
    if (options?.id !== undefined) this.#store.recent?.add(options.id)
    this.#noteDepth()
  }

  #placeWaiting(): boolean {
    let moved = false
    for (let entry = this.#queue.firstWaiting(); entry !== undefined && this.#total() < this.capacity; entry = this.#queue.firstWaiting()) {
      this.#queue.remove(entry)
      this.#queue.push({ ...entry, wait: undefined, isGone: false })
      entry.wait?.resolve()
      moved = true
    }
    return moved
  }

  #feedRing(): boolean {
    let moved = false
    for (let entry = this.#queue.first(); entry !== undefined && this.#places() > 0; entry = this.#queue.first()) {
      moved = true
      if (entry.endsAtNs < Infinity && entry.endsAtNs < this.#sender.now()) { this.#store.giveUp('expired', entry); continue }
      copyMessage(entry.at, this.#inRing(0), this.#parts.slots.stride)
      this.#show()
      this.#lowestInRing = Math.max(this.#lowestInRing, entry.band)
      this.#queue.remove(entry)
      this.#store.free(entry)
    }
    return moved
  }

  #waitingSends(): QueuedAt[] { return [...this.#queue].filter(({ wait }) => wait !== undefined).map(({ at }) => at) }
  #inRing(ahead: number): QueuedAt { return { arena: this.#parts.place.arena, slot: this.#producer.slot(ahead), codec: this.#codec } }

  #noteDepth(): void {
    this.#words[(this.#parts.controlOffset >>> 2) + word.admissionDepth] = this.#queue.size
    this.#producer.noteDepthMax(this.#queue.size)
  }
}

function read({ slot, codec }: QueuedAt): unknown { return codec.read(slot + ENVELOPE_BYTES) }
