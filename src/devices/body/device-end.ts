// The device's end of one ring kernel: takes messages, places outputs, keeps the counters. One writer a line: everything written here
// is on the device's lines, in free output slots, or in the state.
//
// A message stays in its slot until the body has finished it: if this thread is lost meanwhile, whoever continues finds the message again.
import { command, double, waitsFor, word, type ArenaViews } from '../../ring/control.js'
import { ENVELOPE_BYTES, PRIORITY_DEFAULT, highHalf, lowHalf, readEnvelope, readSentAtNs, readTimeToLiveMs, withCause, writeEnvelope, type Envelope } from '../../ring/envelope.js'
import { bucketOf } from '../../ring/histogram.js'
import { HybridClock } from '../../ring/hybrid-clock.js'
import { monotonicNs } from '../../runtime/clock.js'
import type { BoundCodec, Codec } from '../../schema/index.js'
import { Intake, OutputPort, Outlet, hostEnds, type EdgeEnds } from './edge-ends.js'
import { slotCopy, type BodyLetter } from './letters.js'
import { outputCopier } from './output-copier.js'
import { Recording } from './recording.js'

/** What `send` may be told about one output; checked (see output-options.ts). */
export interface OutputOptions { readonly priority?: number; readonly correlationId?: bigint; readonly timeToLiveMs?: number }

const NS_A_MS = 1_000_000

export interface DeviceEndParts {
  readonly arena: ArenaViews
  readonly controlOffset: number
  /** Second word of the id of every output: which ring kernel sent it. */
  readonly origin: number
  readonly input: BoundCodec
  readonly output: BoundCodec
  readonly portFormats: readonly Codec[]
  /** Whether what messages met is kept; undefined: by size. */
  readonly record: boolean | undefined
  /** Where slots hold no bytes of their messages, so that letters carry the messages themselves: copies one. */
  readonly copyMessage: ((message: unknown) => unknown) | undefined
  /** A message's time to live had ended when its turn came. */
  readonly expired: (letter: BodyLetter) => void
}

const noEnvelope: Envelope = { id: 0n, correlationId: 0n, priority: PRIORITY_DEFAULT, sender: 0, sentAtNs: 0n, timeToLiveMs: 0 }

export class DeviceEnd {
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #control: number
  readonly #control8: number
  /** The host's ring first, then those from other ring kernels; served in turn. */
  #intakes: readonly Intake[]
  /** Where the next look for a message begins. */
  #turn = 0
  /** `output` first, then the declared ports. */
  readonly #ports: readonly OutputPort[]
  readonly #hostOutlet: Outlet
  /** Checks a message that goes nowhere as every other is checked. */
  readonly #checks: readonly ((message: unknown) => unknown)[]
  /** Connections to use once nothing is placed for the old ones. */
  #rewiring: { readonly ends: EdgeEnds; readonly done: () => void } | undefined
  readonly #parts: DeviceEndParts
  readonly #clock: HybridClock
  readonly #recording: Recording
  #sequence = 0
  /** A copy of the message in hand, where the body could change it and that is to be kept. */
  #met: unknown
  /** Where the message in hand lies, and the byte offset of its slot there; −1 when none is. */
  #from: Intake
  #hand = -1
  /** When the last output of the message in hand was placed; 0 before. */
  #placedAtNs = 0

  constructor(parts: DeviceEndParts) {
    const { arena, controlOffset, portFormats } = parts
    this.#parts = parts
    this.#words = arena.words
    this.#doubles = arena.doubles
    this.#control = controlOffset >>> 2
    this.#control8 = controlOffset >>> 3
    const host = hostEnds(arena, controlOffset, parts.input, parts.output)
    this.#from = new Intake(host.input)
    this.#intakes = [this.#from]
    this.#hostOutlet = new Outlet(host.output)
    this.#ports = [new OutputPort([this.#hostOutlet]), ...portFormats.map(() => new OutputPort([]))]
    this.#checks = portFormats.map(outputCopier)
    this.#clock = new HybridClock(this.#doubles[this.#control8 + double.clock])
    this.#recording = new Recording(arena, parts.record, { offset: this.stateOffset, bytes: this.#words[this.#control + word.stateBytes] as number })
    // Where another thread left off, ids go on.
    this.#sequence = (this.#doubles[this.#control8 + double.sent] as number) | 0
  }

  /** Takes these connections in place of those it has, `done` once it did: not before what is placed for the old ones is published. */
  wire(ends: EdgeEnds, done: () => void): void {
    this.#rewiring?.done()
    this.#rewiring = { ends, done }
    this.#rewire()
  }

  /** What the host wants now. */
  command(): number { return Atomics.load(this.#words, this.#control + word.command) }
  get mayReceive(): boolean { const asked = this.command(); return asked === command.run || asked === command.drain }
  get mustStop(): boolean { return this.command() === command.stop }
  /** While draining, a body goes on until its queue is empty. */
  get shouldTerminate(): boolean {
    const asked = this.command()
    return asked === command.stop || (asked === command.drain && this.available() <= 0)
  }

  /** Byte offset of the declared state in the arena. */
  get stateOffset(): number { return (this.#words[this.#control + word.stateOffset] as number) >>> 0 }
  state(): number { return this.#words[this.#control + word.state] as number }
  setState(state: number): void { Atomics.store(this.#words, this.#control + word.state, state) }
  /** Says what the body waits for, and at which ring; writes only what changes, so that it may be called at every turn. */
  setWaitsFor(what: number, edge = 0): void {
    if (this.#words[this.#control + word.waitsCount] !== 1) Atomics.store(this.#words, this.#control + word.waitsCount, 1)
    if (this.#words[this.#control + word.waitsEdge] !== edge) Atomics.store(this.#words, this.#control + word.waitsEdge, edge)
    if (this.#words[this.#control + word.waitsFor] !== what) Atomics.store(this.#words, this.#control + word.waitsFor, what)
  }

  /** Says that the body waits for room in this output; false when there is room after all, and then nothing was said. */
  waitsForRoom(port: number): boolean {
    const full = this.#ports[port]?.full()
    if (full !== undefined) {
      this.setWaitsFor(waitsFor.outputRoom, full.number)
      // Once more: whoever made room before could read this will not wake anybody.
      if (this.#ports[port]?.full() !== undefined) return true
    }
    this.setWaitsFor(waitsFor.nothing)
    return false
  }

  /** The first time it runs: `ctx.nowNs` counts from here, also when another thread goes on. */
  activated(): void { if (this.activatedAtNs === 0) this.#doubles[this.#control8 + double.activated] = monotonicNs() }
  get activatedAtNs(): number { return this.#doubles[this.#control8 + double.activated] as number }

  /** A sign of life: it looked, took, told. */
  beat(): void { this.#words[this.#control + word.heartbeat] = ((this.#words[this.#control + word.heartbeat] as number) + 1) | 0 }

  /** Messages not taken yet. */
  available(): number {
    let count = 0
    for (const intake of this.#intakes) count += intake.available()
    return count
  }

  /**
   * Takes the next message in hand, from each ring in turn; only when none is in hand. False when there is none: all that were available had expired. Its value is
   * `message()`.
   */
  take(): boolean {
    this.beat()
    const now = monotonicNs()
    for (let left = this.available(); left > 0; left--) {
      const from = this.#nextIntake()
      const slot = from.next()
      if (slot < 0) continue
      const { words } = from.arena
      const sentAtNs = readSentAtNs(words, slot)
      if (!this.#clock.take(sentAtNs, now)) this.#count(double.skewed)
      const timeToLiveMs = readTimeToLiveMs(words, slot)
      if (timeToLiveMs !== 0 && now > sentAtNs + timeToLiveMs * NS_A_MS) { this.#expire(from, slot); continue }
      this.#from = from
      this.#hand = slot
      from.holds = true
      this.#words[this.#control + word.holds] = 1
      this.#placedAtNs = 0
      for (const port of this.#ports) port.mark()
      if (this.#recording.isOn) this.#recording.take()
      if (this.#parts.record === true) this.#met = this.#parts.copyMessage?.(this.message())
      return true
    }
    return false
  }

  /** The message in hand: the receiver's own. */
  message(): unknown { return this.#from.codec.read(this.#hand + ENVELOPE_BYTES) }

  /** After a rest, what was seen of the input ring may be too much: see `InputEdge.holdBack`. */
  lookAgain(): void { this.#intakes[0]?.ring.lookAgain() }

  get holds(): boolean { return this.#hand >= 0 }
  /** Messages finished and not released yet. */
  get finished(): number {
    let finished = 0
    for (const intake of this.#intakes) finished += intake.finished
    return finished
  }
  envelope(): Envelope { return this.#hand < 0 ? noEnvelope : readEnvelope(this.#from.arena.words, this.#hand) }

  /** The body is done with the message in hand. It is released with the next `commit`. */
  finish(): void {
    if (this.#hand < 0) return
    const doneAtNs = this.#placedAtNs === 0 ? monotonicNs() : this.#placedAtNs
    this.#noteLatency(Math.max(doneAtNs - readSentAtNs(this.#from.arena.words, this.#hand), 0))
    this.#letGo()
    this.#doubles[this.#control8 + double.processed] = (this.#doubles[this.#control8 + double.processed] as number) + 1
  }

  /** The body failed on the message in hand: it will not be tried again, and its unpublished outputs are forgotten. Returns what is known of it. */
  fault(): BodyLetter | undefined {
    const letter: BodyLetter | undefined = this.#hand < 0 ? undefined : { ...this.#letter('failed', this.#from, this.#hand), ...this.#recording.met() }
    if (this.#hand >= 0) { this.#letGo(); for (const port of this.#ports) port.unplace() }
    this.#doubles[this.#control8 + double.errors] = (this.#doubles[this.#control8 + double.errors] as number) + 1
    this.commit()
    return letter
  }

  /** Is there room for one more output of this port? */
  hasRoom(port = 0): boolean { return this.#ports[port]?.full() === undefined }

  /** The first output without room for one more, or −1. */
  firstFull(): number { return this.#ports.findIndex((port) => port.full() !== undefined) }

  /** Places an output in the next free slots; only when there is room. @throws MessageError, and then nothing was placed. */
  place(message: unknown, options: OutputOptions | undefined, port = 0): void {
    const to = this.#ports[port] as OutputPort
    if (to.outlets.length === 0) this.#checks[port - 1]?.(message)
    let low = 0
    let high = 0
    if (options?.correlationId !== undefined) { low = lowHalf(options.correlationId); high = highHalf(options.correlationId) }
    else if (this.#hand >= 0) { const { words } = this.#from.arena; const at = this.#hand >>> 2; low = words[at + 2] as number; high = words[at + 3] as number }
    const placedAtNs = monotonicNs()
    const sentAtNs = this.#clock.send(placedAtNs)
    const sequence = (this.#sequence + 1) | 0
    const marked = withCause(this.#from.arena.words, this.#hand < 0 ? -1 : this.#hand >>> 2, options?.priority ?? PRIORITY_DEFAULT)
    for (const outlet of to.outlets) {
      const slot = outlet.next()
      if (slot < 0) continue
      outlet.codec.write(slot + ENVELOPE_BYTES, message)
      writeEnvelope(outlet.arena.words, slot, sequence, this.#parts.origin, low, high, marked, sentAtNs, options?.timeToLiveMs)
    }
    to.placedOne()
    this.#sequence = sequence
    this.#placedAtNs = placedAtNs
  }

  /** Publishes what was placed, then releases what was finished: in this order, so that a loss of this thread in between repeats a message rather than losing it. */
  commit(): void {
    this.#doubles[this.#control8 + double.clock] = this.#clock.last
    let sent = 0
    for (const port of this.#ports) {
      const published = port.publish()
      if (port.outlets.length > 0) sent += published
      // Nobody is connected: the message went nowhere, and that is told.
      else if (published > 0) this.#doubles[this.#control8 + double.dropped] = (this.#doubles[this.#control8 + double.dropped] as number) + published
    }
    if (sent > 0) this.#doubles[this.#control8 + double.sent] = (this.#doubles[this.#control8 + double.sent] as number) + sent
    for (const intake of this.#intakes) intake.release()
    if (this.#rewiring !== undefined) this.#rewire()
  }

  /** Given back at once: what was finished before it, with it. */
  #expire(from: Intake, slot: number): void {
    this.#parts.expired(this.#letter('expired', from, slot))
    this.#count(double.expired)
    from.finished++
    this.commit()
  }

  #letter(reason: BodyLetter['reason'], from: Intake, slot: number): BodyLetter {
    const copy = slotCopy(from.arena.memory, slot, from.stride)
    if (this.#parts.copyMessage === undefined) return { reason, slot: copy }
    return { reason, slot: copy, message: reason === 'failed' && this.#parts.record === true ? this.#met : from.codec.read(slot + ENVELOPE_BYTES) }
  }

  #count(counter: number): void { this.#doubles[this.#control8 + counter] = (this.#doubles[this.#control8 + counter] as number) + 1 }

  #nextIntake(): Intake {
    const intakes = this.#intakes
    for (let left = intakes.length; left > 1; left--) {
      if (this.#turn >= intakes.length) this.#turn = 0
      const intake = intakes[this.#turn++] as Intake
      if (intake.available() > 0) return intake
    }
    if (this.#turn >= intakes.length) this.#turn = 0
    return intakes[this.#turn++] as Intake
  }

  #letGo(): void {
    this.#hand = -1
    this.#words[this.#control + word.holds] = 0
    this.#from.holds = false
    this.#from.finished++
  }

  #rewire(): void {
    const rewiring = this.#rewiring
    if (rewiring === undefined) return
    const { inputs, outputs } = rewiring.ends
    const keepsHand = this.#hand < 0 || this.#from.number === 0 || inputs.some((end) => end.number === this.#from.number)
    if (!keepsHand || this.#ports.some((port) => port.placed > 0)) return
    this.#rewiring = undefined
    this.#intakes = [this.#intakes[0] as Intake, ...inputs.map((end) => this.#intakes.find((intake) => intake.number === end.number) ?? new Intake(end))]
    this.#ports.forEach((port, i) => { port.outlets = (outputs[i] ?? []).map((end) => new Outlet(end)) })
    const main = this.#ports[0] as OutputPort
    if (main.outlets.length === 0) main.outlets = [this.#hostOutlet]
    rewiring.done()
  }

  #noteLatency(ns: number): void {
    const at = this.#control + word.histogram + bucketOf(ns)
    this.#words[at] = (this.#words[at] as number) + 1
    const max = this.#control8 + double.latencyNsMax
    if (ns > (this.#doubles[max] as number)) this.#doubles[max] = ns
  }
}

