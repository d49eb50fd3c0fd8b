// What emitted code calls: it takes messages, places outputs, keeps the frame, and tells the rings' other sides in batches. Counters are those of device-end.ts.
//
// A batch is what was kept since the other sides were last told. It is told when the body waits or its turn ends, when it has as many messages as the last
// batches showed to fit half of BATCH_NS (64 at most), and by a long computation at its first look for a stop command. One reading of the clock a batch: latencies
// end, and outputs are stamped, when they become visible.
import { FUEL, GO_ON, NONE, left, type JavaScriptActor } from '../../compiler/javascript/actor.js'
import { command } from '../../ring/control.js'
import { ENVELOPE_BYTES, PRIORITY_DEFAULT, highHalf, lowHalf, withCause } from '../../ring/envelope.js'
import { monotonicNs } from '../../runtime/clock.js'
import { ControlLines } from './control-lines.js'
import { EmittedClock } from './emitted-clock.js'
import { EmittedEnds, haveRoom, type RingsAt } from './emitted-ends.js'
import { ACTIVATED_DOUBLE, frameWord, framePlaces, recordedFrame, type EmittedPlace, type FramePlaces } from './emitted-frame.js'
import { Marks } from './emitted-marks.js'
import type { InputEnd, OutputEnd } from './emitted-rings.js'
import { Hand } from './hand.js'
import { slotCopy, type BodyLetter } from './letters.js'
import { Recording } from './recording.js'

/** Suspension points a body may pass without giving other bodies of its thread a turn, and how long such a turn may last. */
const POINTS_A_TURN = 256
const TURN_NS = 1_000_000
/** The most messages of a batch, and how old its first one may be. */
const BATCH_MAX = 64
const BATCH_NS = 5_000

/** Whom the actor tells what. */
export interface EmittedEvents {
  print(site: number, values: (number | bigint | boolean)[]): void
  /** A ring moved. */
  moved(): void
  /** A message's time-to-live had ended; it is given back next. */
  expired(letter: BodyLetter): void
}

export class EmittedActor extends Hand implements JavaScriptActor {
  frame: number
  bank: number
  hand = 0
  readonly places: FramePlaces
  readonly control: ControlLines
  /** Set by `fault`; −1 before. */
  faultSite = -1
  faultValue: number | bigint | boolean | undefined = undefined
  readonly #doubles: Float64Array
  readonly #memory: SharedArrayBuffer
  readonly #frameStart: number
  readonly #marks: Marks
  readonly #origin: number
  readonly #sendsAtOnce: boolean
  readonly #events: EmittedEvents
  readonly #ends: EmittedEnds
  readonly #recording: Recording
  readonly #clock: EmittedClock
  #serving = 0
  #handEnd: InputEnd | undefined
  #outSlot = 0
  /** Sequence numbers: of the last output, and of the last that is kept. */
  #sequence = 0
  #sequenceKept = 0
  /** Messages finished and outputs placed since launch, and as many of them as are kept. */
  #finished = 0
  #finishedKept = 0
  #placed = 0
  #placedKept = 0
  #left = 0
  #mayFindNone = false
  #batched = 0
  #batchMax = 1
  #toldAtNs = 0
  #turnFromNs = 0
  #awaited: readonly OutputEnd[] = []
  awaitedCount = 0

  constructor(place: EmittedPlace, rings: RingsAt, events: EmittedEvents) {
    super(place.arena)
    this.#doubles = place.arena.doubles
    this.#memory = place.arena.memory
    this.control = new ControlLines(place.arena, place.controlOffset)
    this.#frameStart = place.frameOffset
    this.#origin = place.origin
    this.#sendsAtOnce = place.shape.form === 'loop'
    this.#events = events
    this.places = framePlaces(place.shape, place.frameOffset)
    this.#marks = new Marks(place.arena, this.places.frames)
    this.#recording = new Recording(place.arena, place.record, place.state, recordedFrame(place.shape, this.places))
    // Where another thread left off, ids and counts go on.
    this.#placed = this.#placedKept = this.control.sent
    this.#finished = this.#finishedKept = this.control.processed
    this.#sequence = this.#sequenceKept = this.#placed | 0
    this.#ends = new EmittedEnds(place.arena, place.controlOffset, place.shape.ports.length)
    this.#ends.connect(rings)
    const current = this.words[(place.frameOffset >>> 2) + frameWord.current] as number
    const [first, second] = this.places.frames
    this.frame = current === 2 ? second : first
    this.bank = current === 2 ? first : second
    if (current !== 0) this.#recover()
    this.#marks.nameRings(this.#ends.inputs, this.#ends.all)
    this.#clock = new EmittedClock(this.control, this.#ends.stamped(this.#sequence))
  }

  /** Is a message in hand that is not finished? */
  get holds(): boolean { return this.#handEnd !== undefined }

  /** Other connections from now on; only while the body is suspended and all it did is told. False: not before the message in hand is finished. */
  wire(rings: RingsAt): boolean {
    const hand = this.#handEnd?.number
    if (hand !== undefined && hand !== 0 && !rings.inputs.some(({ number }) => number === hand)) return false
    this.#ends.connect(rings)
    this.#serving = 0
    this.#handEnd = hand === undefined ? undefined : this.#ends.inputs.find(({ number }) => number === hand)
    if (this.words[(this.#frameStart >>> 2) + frameWord.current] !== 0) this.#mark(this.frame)
    this.#marks.nameRings(this.#ends.inputs, this.#ends.all)
    return true
  }

  /** The first ring that lacks the room the body waits for. */
  fullEdge(): number { return this.#awaited.find((end) => !end.hasRoom(this.awaitedCount))?.number ?? 0 }

  activated(): void {
    const at = (this.#frameStart >>> 3) + ACTIVATED_DOUBLE
    if (this.#doubles[at] === 0) this.#doubles[at] = monotonicNs()
  }

  /** The host may have changed what is in sight while the body was parked. */
  lookAgain(): void { for (const end of this.#ends.inputs) { end.lookAgain(); end.available() } }

  beginTurn(): void {
    this.#left = POINTS_A_TURN
    this.#mayFindNone = true
    this.#batchMax = 1
    this.#batched = 0
    this.#toldAtNs = 0
    this.#turnFromNs = 0
  }

  /** Has what the body waits for come? */
  isReady(waits: number): boolean { return waits === left.input ? this.available() > 0 : waits !== left.room || haveRoom(this.#awaited, this.awaitedCount) }

  /** Messages not taken yet. */
  available(): number {
    let count = 0
    for (const end of this.#ends.inputs) count += end === this.#handEnd ? end.availableBesideHand() : end.available()
    return count
  }

  keep(): void {
    const words = this.words
    this.#mark(this.bank)
    words[(this.#frameStart >>> 2) + frameWord.current] = this.bank === this.places.frames[0] ? 1 : 2
    const kept = this.bank
    this.bank = this.frame
    this.frame = kept
  }

  finish(): void {
    const end = this.#handEnd
    if (end === undefined) return
    end.finished(this.words, this.handSlot >>> 2)
    this.#handEnd = undefined
    this.handSlot = -1
    this.#finished++
  }

  receive(): number {
    if (--this.#left < 0 || !this.#mayGoOn()) return ~left.turn
    if (++this.#batched > this.#batchMax) this.tell()
    return this.#take()
  }

  tryReceive(): number {
    if (--this.#left < 0 || !this.#mayGoOn()) return ~left.turn
    if (++this.#batched > this.#batchMax) this.tell()
    const payload = this.#take()
    if (payload >= 0) return payload
    // A body that only looks gives the others a turn between any two looks that find nothing.
    if (!this.#mayFindNone) return ~left.turn
    this.#mayFindNone = false
    return NONE
  }

  hasRoom(port: number, count: number): boolean {
    return --this.#left >= 0 && this.#mayGoOn() && this.#placed - this.#placedKept < this.#batchMax && haveRoom(this.#ends.outputs[port] as OutputEnd[], count)
  }

  awaitRoom(port: number, count: number): number {
    this.tell()
    this.#awaited = this.#ends.outputs[port] as OutputEnd[]
    this.awaitedCount = count
    const hasRoom = haveRoom(this.#awaited, count)
    if (hasRoom && this.#left >= 0 && this.#mayGoOn()) return GO_ON
    return hasRoom ? left.turn : left.room
  }

  place(port: number): number {
    const slot = this.#begin(port)
    const words = this.words
    const at = slot >>> 2
    const hand = this.handSlot >>> 2
    words[at + 2] = this.handSlot < 0 ? 0 : words[hand + 2] as number
    words[at + 3] = this.handSlot < 0 ? 0 : words[hand + 3] as number
    words[at + 4] = withCause(words, this.handSlot < 0 ? -1 : hand, PRIORITY_DEFAULT)
    words[at + 5] = 0
    return slot + ENVELOPE_BYTES
  }

  placeWith(port: number, correlationId: bigint | undefined, priority: number, timeToLiveMs: number): number {
    const payload = this.place(port)
    const at = (payload - ENVELOPE_BYTES) >>> 2
    this.words[at + 4] = ((this.words[at + 4] as number) & ~0xff) | (priority & 0xff)
    this.words[at + 5] = timeToLiveMs
    if (correlationId !== undefined) { this.words[at + 2] = lowHalf(correlationId); this.words[at + 3] = highHalf(correlationId) }
    return payload
  }

  placed(port: number): void {
    const ends = this.#ends.outputs[port] as OutputEnd[]
    if (ends.length === 0) { this.control.dropped(); return }
    for (let i = 0; i < ends.length; i++) (ends[i] as OutputEnd).place(this.words, this.#outSlot)
    this.#placed++
  }

  refuel(): number {
    this.control.beat()
    this.tell()
    // A loop's output is sent when `send` returns, however long the body goes on computing before it waits again.
    if (this.#sendsAtOnce && this.#placed > this.#placedKept) this.#publishAhead()
    return this.control.command() === command.stop ? 0 : FUEL
  }

  fault(site: number, value: number | bigint | boolean | undefined): number {
    this.faultSite = site
    this.faultValue = value
    return left.faulted
  }

  log(site: number, ...values: (number | bigint | boolean)[]): void { this.#events.print(site, values) }

  /** While draining, a body goes on until its queue is empty. */
  shouldTerminate(): boolean {
    const asked = this.control.command()
    return asked === command.stop || (asked === command.drain && this.available() <= 0)
  }

  nowNs(): number { return monotonicNs() - (this.#doubles[(this.#frameStart >>> 3) + ACTIVATED_DOUBLE] as number) }
  /** Publishes what was kept, then releases: in this order, so that nothing is released whose answer nobody can see. */
  tell(): void {
    this.#batched = 0
    if (!this.#ends.hasNews) return
    const now = this.#clock.read()
    this.#clock.publish(this.#ends, now, 'kept', this.#sequenceKept)
    this.control.count(this.#finishedKept, this.#placedKept)
    for (const end of this.#ends.inputs) if (end.released !== end.kept) this.control.release(end, now)
    this.#pace(now)
    this.#events.moved()
  }

  /** The end of the body, by whatever cause but a fault: what a loop sent is sent; what a handler's message sent counts only once the message is finished. */
  settle(keepsOutputs = this.#sendsAtOnce): void {
    for (const end of this.#ends.all) { if (keepsOutputs) end.kept = end.next; else end.next = end.kept }
    if (keepsOutputs) { this.#placedKept = this.#placed; this.#sequenceKept = this.#sequence } else this.#placed = this.#placedKept
    for (const end of this.#ends.inputs) end.kept = end.next
    this.#finishedKept = this.#finished
    this.tell()
  }

  /** The message in hand will not be tried again; returns what is known of it. */
  failed(): BodyLetter | undefined {
    const end = this.#handEnd
    const letter = end === undefined ? undefined : this.#letterOf(end)
    if (this.faultSite < 0) this.control.error()
    else this.control.fault(this.faultSite, end?.next ?? 0, this.faultValue)
    this.settle()
    if (end === undefined) return undefined
    this.finish()
    end.kept = end.next
    end.release()
    return letter
  }

  /** The message in hand is given up, what it led to stays, and the body begins anew with the next one. Returns what was given up. */
  giveUp(): BodyLetter {
    const end = this.#handEnd
    if (end === undefined) throw new RangeError('no message is in hand that could be given up')
    const letter = this.#letterOf(end)
    this.settle(true)
    end.next = (end.next + 1) | 0
    this.#handEnd = undefined
    this.handSlot = -1
    // Place 0: room is reserved again before the next message is taken.
    this.words[this.bank >>> 2] = 0
    this.keep()
    this.control.error()
    end.release()
    return letter
  }

  #letterOf(end: InputEnd): BodyLetter {
    // Without a recording, the frame is still that of the receive when nothing was kept since.
    const frame = this.#marks.isBetween(this.frame) && !this.#recording.isOn && this.places.arrayBytes === 0 ? { frame: new Uint8Array(this.#memory, this.frame, this.places.frameBytes).slice() } : {}
    return {
      reason: 'failed', slot: slotCopy(this.#memory, this.handSlot, end.stride), ...frame, ...this.#recording.met(),
      ...(this.faultSite < 0 ? {} : { site: this.faultSite, value: this.faultValue }),
    }
  }

  #mark(frame: number): void {
    this.#finishedKept = this.#finished
    this.#placedKept = this.#placed
    this.#sequenceKept = this.#sequence
    this.#marks.write(frame, this.#finished, this.#placed, this.#sequence, this.#handEnd, this.#ends.inputs, this.#ends.all)
  }

  /** Goes on where the frame that counts was kept: what is kept and not told yet is told with the next batch. */
  #recover(): void {
    const { finished, placed, sequence, holding } = this.#marks.read(this.frame, this.#ends.inputs, this.#ends.all)
    this.#sequence = this.#sequenceKept = sequence
    this.#finished = this.#finishedKept = finished
    this.#placed = this.#placedKept = placed
    if (holding !== undefined) this.#hold(holding, holding.leavesWhenTaken)
  }

  #mayGoOn(): boolean {
    const asked = this.control.command()
    return asked === command.run || asked === command.drain
  }

  #take(): number {
    const { inputs } = this.#ends
    for (let looked = 0; looked < inputs.length; looked++) {
      const end = inputs[this.#serving] as InputEnd
      if (++this.#serving === inputs.length) this.#serving = 0
      while ((end.next !== end.tailSeen && !end.leavesWhenTaken) || end.available() > 0) {
        const payload = this.#hold(end)
        if (payload < 0) break
        if (this.#clock.take(this.words, this.handSlot >>> 2)) { this.#expire(end); continue }
        if (this.#recording.isOn) this.#recording.take(this.frame)
        return payload
      }
    }
    return ~left.input
  }

  /** Nobody is given the message in hand. The frame was just kept, with nothing in hand, so that it stays the one that counts. */
  #expire(end: InputEnd): void {
    this.#events.expired({ reason: 'expired', slot: slotCopy(this.#memory, this.handSlot, end.stride) })
    this.control.expired()
    // What came before it counts among the latencies; it does not.
    this.tell()
    this.#handEnd = undefined
    this.handSlot = -1
    end.next = (end.next + 1) | 0
    this.#mark(this.frame)
    end.release()
    this.#events.moved()
  }

  /** What left its ring when it was taken still lies where it was copied to, for whoever goes on. */
  #hold(end: InputEnd, isHere = false): number {
    let slot = end.slotAt(end.next)
    if (end.isForeign || end.leavesWhenTaken) {
      slot = this.places.scratchIn
      if (!isHere && !end.bring(this.words, slot)) return NONE
    }
    this.#handEnd = end
    this.handSlot = slot
    return (this.hand = slot + ENVELOPE_BYTES)
  }

  #begin(port: number): number {
    const first = (this.#ends.outputs[port] as OutputEnd[])[0]
    const slot = first?.isOpen === true ? first.slotAt(first.next) : this.places.scratchOut
    this.#outSlot = slot
    const at = slot >>> 2
    this.words[at] = this.#sequence = (this.#sequence + 1) | 0
    this.words[at + 1] = this.#origin
    return slot
  }

  /** A loop's outputs before their frame is kept. */
  #publishAhead(): void {
    if (!this.#clock.publish(this.#ends, this.#clock.read(), 'all', this.#sequence)) return
    this.control.count(this.#finishedKept, this.#placed)
    this.#events.moved()
  }

  /** Larger batches while they are quick, smaller ones once they are not; the turn ends when it has lasted long enough. */
  #pace(now: number): void {
    const took = this.#toldAtNs === 0 ? 0 : now - this.#toldAtNs
    if (took > BATCH_NS) this.#batchMax = 1
    else if (took < BATCH_NS / 2) this.#batchMax = Math.min(this.#batchMax * 2, BATCH_MAX)
    this.#toldAtNs = now
    if (this.#turnFromNs === 0) this.#turnFromNs = now
    else if (now - this.#turnFromNs > TURN_NS) this.#left = 0
  }
}
