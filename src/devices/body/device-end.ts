// The device's end of one ring kernel: takes messages, places outputs, keeps the counters. One writer a line: everything written here
// is on the device's lines, in free output slots, or in the state.
//
// A message stays in its slot until the body has finished it: if this thread is lost meanwhile, whoever continues finds the message again.
import { command, double, word, type ArenaViews } from '../../ring/control.js'
import { ENVELOPE_BYTES, PRIORITY_DEFAULT, highHalf, lowHalf, readEnvelope, readSentAtNs, writeEnvelope, type Envelope } from '../../ring/envelope.js'
import { bucketOf } from '../../ring/histogram.js'
import { inputRing, outputRing } from '../../ring/block.js'
import { RingConsumer, RingProducer } from '../../ring/ring.js'
import { monotonicNs } from '../../runtime/clock.js'
import type { BoundCodec } from '../../schema/index.js'

/** What `send` may be told about one output. */
export interface OutputOptions { readonly priority?: number; readonly correlationId?: bigint }

const noEnvelope: Envelope = { id: 0n, correlationId: 0n, priority: PRIORITY_DEFAULT, sender: 0, sentAtNs: 0n }

export class DeviceEnd {
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #control: number
  readonly #control8: number
  readonly #input: RingConsumer
  readonly #output: RingProducer
  readonly #inputCodec: BoundCodec
  readonly #outputCodec: BoundCodec
  /** Second word of the id of every output: which ring kernel sent it. */
  readonly #origin: number
  #sequence = 0
  /** Messages taken and finished, but not yet released: they leave their slots with the next commit. */
  #finished = 0
  /** Outputs placed, but not yet published. */
  #placed = 0
  /** Of those, how many came before the message in hand. */
  #placedBefore = 0
  /** Byte offset of the message in hand, or −1. */
  #hand = -1
  /** When the last output of the message in hand was placed; 0 before. */
  #placedAtNs = 0

  constructor(arena: ArenaViews, controlOffset: number, origin: number, inputCodec: BoundCodec, outputCodec: BoundCodec) {
    this.#words = arena.words
    this.#doubles = arena.doubles
    this.#control = controlOffset >>> 2
    this.#control8 = controlOffset >>> 3
    this.#input = new RingConsumer(inputRing(arena, controlOffset))
    this.#output = new RingProducer(outputRing(arena, controlOffset))
    this.#inputCodec = inputCodec
    this.#outputCodec = outputCodec
    this.#origin = origin
    // Where another thread left off, ids go on.
    this.#sequence = (this.#doubles[this.#control8 + double.sent] as number) | 0
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
  /** Says what the body waits for; writes only what changes, so that it may be called at every turn. */
  setWaitsFor(what: number): void {
    if (this.#words[this.#control + word.waitsFor] !== what) Atomics.store(this.#words, this.#control + word.waitsFor, what)
  }

  /** Messages not taken yet. */
  available(): number {
    const count = this.#input.available(this.#finished + (this.#hand < 0 ? 0 : 1))
    if (count > (this.#words[this.#control + word.inDepthMax] as number)) this.#words[this.#control + word.inDepthMax] = count
    return count
  }

  /** Takes the next message in hand; only when one is available and none is in hand. */
  take(): unknown {
    this.#hand = this.#input.slot(this.#finished)
    this.#placedAtNs = 0
    this.#placedBefore = this.#placed
    return this.#inputCodec.read(this.#hand + ENVELOPE_BYTES)
  }

  /** After a rest, what was seen of the input ring may be too much: see `InputEdge.holdBack`. */
  lookAgain(): void { this.#input.lookAgain() }

  get holds(): boolean { return this.#hand >= 0 }
  /** Messages finished and not released yet. */
  get finished(): number { return this.#finished }
  envelope(): Envelope { return this.#hand < 0 ? noEnvelope : readEnvelope(this.#words, this.#hand) }

  /** The body is done with the message in hand. It is released with the next `commit`. */
  finish(): void {
    if (this.#hand < 0) return
    const doneAtNs = this.#placedAtNs === 0 ? monotonicNs() : this.#placedAtNs
    this.#noteLatency(doneAtNs - readSentAtNs(this.#words, this.#hand))
    this.#hand = -1
    this.#finished++
    this.#doubles[this.#control8 + double.processed] = (this.#doubles[this.#control8 + double.processed] as number) + 1
  }

  /** The body failed on the message in hand: it will not be tried again, and its unpublished outputs are forgotten. */
  fault(): void {
    if (this.#hand >= 0) { this.#hand = -1; this.#finished++; this.#placed = this.#placedBefore }
    this.#doubles[this.#control8 + double.errors] = (this.#doubles[this.#control8 + double.errors] as number) + 1
    this.commit()
  }

  /** Is there room for one more output? */
  hasRoom(): boolean { return this.#output.hasRoom(this.#placed + 1) }

  /** Places an output in the next free slot; only when there is room. @throws MessageError, and then nothing was placed. */
  place(message: unknown, options: OutputOptions | undefined): void {
    const slot = this.#output.slot(this.#placed)
    this.#outputCodec.write(slot + ENVELOPE_BYTES, message)
    let low = 0
    let high = 0
    if (options?.correlationId !== undefined) { low = lowHalf(options.correlationId); high = highHalf(options.correlationId) }
    else if (this.#hand >= 0) { const at = this.#hand >>> 2; low = this.#words[at + 2] as number; high = this.#words[at + 3] as number }
    this.#placedAtNs = monotonicNs()
    writeEnvelope(this.#words, slot, (this.#sequence = (this.#sequence + 1) | 0), this.#origin, low, high, options?.priority ?? PRIORITY_DEFAULT, this.#placedAtNs)
    this.#placed++
  }

  /** Publishes what was placed, then releases what was finished: in this order, so that a loss of this thread in between repeats a message rather than losing it. */
  commit(): void {
    const placed = this.#placed
    const finished = this.#finished
    if (placed > 0) {
      this.#placed = 0
      this.#output.publish(placed)
      this.#doubles[this.#control8 + double.sent] = (this.#doubles[this.#control8 + double.sent] as number) + placed
      this.#noteOutputDepth()
    }
    if (finished > 0) {
      this.#finished = 0
      this.#input.release(finished)
    }
  }

  #noteOutputDepth(): void {
    const at = this.#control + word.outDepthMax
    if (this.#output.depthSeen() <= (this.#words[at] as number)) return
    const depth = this.#output.capacity - this.#output.room()
    if (depth > (this.#words[at] as number)) this.#words[at] = depth
  }

  #noteLatency(ns: number): void {
    const at = this.#control + word.histogram + bucketOf(ns)
    this.#words[at] = (this.#words[at] as number) + 1
    const max = this.#control8 + double.latencyNsMax
    if (ns > (this.#doubles[max] as number)) this.#doubles[max] = ns
  }
}

