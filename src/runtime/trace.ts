// A trace of messages: who sent each, who received it, and which message led to it, in causal order.
//
// Nothing on the way of a message knows of it. This thread looks at the rings from outside, every few milliseconds while a trace is on: what was published since
// the last look still lies in its slot, with the time of its sender's clock and the mark of the message that its sender had in hand. What was written over meanwhile
// is counted as missed. So a trace costs nothing while it is off, and no sender or receiver anything while it is on.
import { inputRing, outputRing } from '../ring/block.js'
import { viewsOf } from '../ring/control.js'
import { edgeBytes, edgeRing } from '../ring/edge.js'
import { causeMark, pair, readCause, readSentAtNs } from '../ring/envelope.js'
import type { RingPlace } from '../ring/ring.js'
import { monotonicNs } from './clock.js'
import type { Link } from './connection.js'
import { actorRows, onActorsChanged } from './registry.js'

export interface TraceEvent {
  /** `enqueue`: the host sent a message; `send`: a ring kernel did; `receive`: a message was taken. */
  readonly kind: 'enqueue' | 'send' | 'receive'
  /** Whose event it is: a ring kernel's id, or `host`; and who stands at the other end of the ring. */
  readonly by: string
  readonly with: string
  readonly message: bigint
  /** The message that the sender had in hand; undefined where it had none, or that one was not seen. */
  readonly cause: bigint | undefined
  /** When it was sent, by its sender's hybrid clock; of `receive`, when it had been at the latest. Nanoseconds on the process's monotonic clock. */
  readonly atNs: number
}

/** One ring, as far as it was looked at. */
interface Watched {
  readonly from: string
  readonly to: string
  /** Index of the next message to look at. */
  seen: number
  head: number
  /** When it was last found, in turns of the timer. */
  tick: number
  /** Indices of messages that were seen and not yet taken. */
  readonly pending: { readonly index: number; readonly message: Seen }[]
}

/** A message: its mark, and the mark of what led to it. */
interface Seen {
  readonly id: bigint; readonly mark: number; readonly tag: number; readonly atNs: number; readonly from: string; readonly to: string
  order: number; looks: number; isReceived: boolean
  /** It left its ring before its sending could be told. */
  isTaken?: boolean; takenNs: number
  /** How often rings in a GPU's memory are to be looked at before nobody is the cause. */
  until?: number
}
interface Ordered { readonly event: TraceEvent; readonly order: number; readonly number: number }

const CAPACITY_DEFAULT = 4096
const CAPACITY_MAX = 1 << 20
const LOOK_MS = 2
/** Every so many turns of the timer, rings in a GPU's memory are looked at, too; and after so many without it, a ring is gone. */
const MEASURE_TICKS = 25
const RING_TICKS_MAX = 10_000
/** Messages a receiver is remembered to have been sent, as possible causes of what it sends. */
const CAUSES_MAX = 65_536
/** Rings in a GPU's memory are copied whole: larger ones are left out. */
const COPIED_BYTES_MAX = 1 << 20

/** Who has rings between ring kernels: the connections of each live runtime. */
const sources = new Set<{ readonly traced: () => readonly Link[] }>()
let current: Trace | undefined

export function traceRingsOf(source: { readonly traced: () => readonly Link[] }): () => void { sources.add(source); return () => { current?.look(); sources.delete(source) } }
/** Rings are about to be taken off. */
export function ringsLeave(): void { current?.look() }

/** The trace that is on, or was. */
export function currentTrace(): Trace | undefined { return current }

/** @throws RangeError when `capacity` is no count of events. */
export function beginTrace(capacity = CAPACITY_DEFAULT): Trace {
  if (!(Number.isInteger(capacity) && capacity >= 1 && capacity <= CAPACITY_MAX)) throw new RangeError(`a trace keeps 1 to ${CAPACITY_MAX} events, not ${String(capacity)}`)
  current?.end()
  current = new Trace(capacity)
  return current
}

class Trace {
  readonly capacity: number
  readonly beganNs = monotonicNs()
  /** Resolves once rings in a GPU's memory were looked at for the first time: what is sent through them from then on is seen. */
  readonly ready: Promise<void>
  /** Messages that were written over before they were seen. */
  missed = 0
  #isOn = true
  #events: Ordered[] = []
  #number = 0
  #ticks = 0
  #isMeasuring = false
  #measured = 0
  /** Are there rings in a GPU's memory? */
  #hasFar = false
  /** Those of them that were there when the trace began: what lies in them at the first look came before it. */
  readonly #earlier = new WeakSet<Link>()
  readonly #rings = new Map<string, Watched>()
  readonly #sent = new Map<string, Map<number, Seen>>()
  readonly #unresolved = new Set<Seen>()
  readonly #timer: NodeJS.Timeout
  readonly #unsubscribe: () => void

  constructor(capacity: number) {
    this.capacity = capacity
    this.#scan(true)
    this.ready = this.measure()
    this.ready.catch(() => undefined)
    this.#timer = setInterval(() => { this.#tick() }, LOOK_MS).unref()
    this.#unsubscribe = onActorsChanged(() => { this.look() })
  }

  /** Events that were more than `capacity`: the oldest. */
  get lost(): number { return Math.max(this.#number - this.capacity, 0) }
  get isOn(): boolean { return this.#isOn }

  /** The latest `last` events, causes before what they led to. Rings in a GPU's memory are as they were when they were last measured. */
  events(last = this.capacity): readonly TraceEvent[] {
    this.look()
    this.look()
    return [...this.#events].sort((a, b) => a.order - b.order || a.number - b.number).slice(-Math.min(last, this.capacity)).map(({ event }) => event)
  }

  look(): void { if (this.#isOn) this.#scan(false) }

  /** Brings in what lies in the memory of GPUs, too. @throws DeviceError when a GPU does not answer. */
  async measure(): Promise<void> {
    if (!this.#isOn) return
    this.look()
    const fresh: Seen[] = []
    for (const link of [...sources].flatMap((source) => source.traced())) {
      const { at } = link.edge
      if (at.kind !== 'device' || edgeBytes(link.edge) > COPIED_BYTES_MAX) continue
      const copy = viewsOf(new SharedArrayBuffer(edgeBytes(link.edge)))
      await link.from.place.memory.download(at.block, 0, copy.bytes)
      fresh.push(...this.#ring(edgeKey(link), edgeRing(copy, 0, link.edge), link.from.id, link.to.id, this.#earlier.has(link)))
    }
    this.#measured++
    this.#take(fresh)
    this.#received()
  }

  end(): void {
    if (!this.#isOn) return
    this.look()
    this.look()
    this.#isOn = false
    clearInterval(this.#timer)
    this.#unsubscribe()
  }

  #tick(): void {
    this.look()
    if (++this.#ticks % MEASURE_TICKS !== 0 || this.#isMeasuring) return
    this.#isMeasuring = true
    // A GPU that does not answer is told of by whoever asks it something.
    this.measure().catch(() => undefined).finally(() => { this.#isMeasuring = false })
    for (const [key, ring] of this.#rings) if (this.#ticks - ring.tick > RING_TICKS_MAX) this.#rings.delete(key)
  }

  #scan(isFirst: boolean): void {
    const fresh: Seen[] = []
    for (const { id, arena, controlOffset } of actorRows()) {
      const views = viewsOf(arena)
      fresh.push(...this.#ring(`in ${id} ${controlOffset}`, inputRing(views, controlOffset), 'host', id, isFirst), ...this.#ring(`out ${id} ${controlOffset}`, outputRing(views, controlOffset), id, 'host', isFirst))
    }
    for (const link of [...sources].flatMap((source) => source.traced())) {
      const { edge, edge: { at }, from, to } = link
      if (at.kind === 'device') { this.#hasFar = true; if (isFirst) this.#earlier.add(link) }
      if (at.kind === 'arena') fresh.push(...this.#ring(edgeKey(link), edgeRing(at.block.arena, at.block.offset, edge), from.id, to.id, isFirst))
    }
    this.#take(fresh)
    this.#received()
  }

  /** What was published in one ring since the last look. */
  #ring(key: string, place: RingPlace, from: string, to: string, isFirst: boolean): Seen[] {
    const { words } = place.arena
    const [head, tail] = [Atomics.load(words, place.headWord), Atomics.load(words, place.tailWord)]
    let ring = this.#rings.get(key)
    // What lay in a ring before the trace began is none of it.
    if (ring === undefined) { ring = { from, to, seen: isFirst ? tail : head, head, tick: 0, pending: [] }; this.#rings.set(key, ring) }
    ring.tick = this.#ticks
    const published = (tail - ring.seen) | 0
    const found: { readonly index: number; readonly message: Seen }[] = []
    let sequence: number | undefined
    // The newest first: from where the numbers of one sender do not fall any more, its next messages are being written already.
    while (found.length < Math.min(published, place.capacity)) {
      const index = (tail - 1 - found.length) | 0
      const slot = place.slotsOffset + (index & (place.capacity - 1)) * place.stride
      const own = words[slot >>> 2] as number
      if (from !== 'host' && sequence !== undefined && ((sequence - own) | 0) <= 0) break
      sequence = own
      found.push({ index, message: { id: pair(own, words[(slot >>> 2) + 1] as number), tag: readCause(words, slot), mark: causeMark(own), atNs: readSentAtNs(words, slot), from, to, order: 0, looks: 0, isReceived: false, takenNs: 0 } })
    }
    this.missed += Math.max(published - found.length, 0)
    ring.seen = tail
    ring.head = head
    ring.pending.push(...found.reverse())
    return found.map(({ message }) => message)
  }

  /** Orders what was found: by the senders' clocks, but nothing before what led to it. */
  #take(fresh: readonly Seen[]): void {
    const sends = [...this.#unresolved, ...fresh].sort((a, b) => a.atNs - b.atNs)
    this.#unresolved.clear()
    for (const message of sends) {
      const cause = message.tag === 0 ? undefined : this.#sent.get(message.from)?.get(message.tag)
      // What led to it may have been published behind this look's back: once more. Or it lies in a GPU's memory: once that was looked at from beginning to end.
      if (cause === undefined && message.tag !== 0 && (message.looks++ === 0 || (this.#hasFar && this.#measured < (message.until ??= this.#measured + 2)))) { this.#unresolved.add(message); continue }
      if (cause !== undefined) this.#receive(cause, message.atNs)
      message.order = Math.max(message.atNs, cause?.order ?? 0)
      this.#add({ kind: message.from === 'host' ? 'enqueue' : 'send', by: message.from, with: message.to, message: message.id, cause: cause?.id, atNs: message.atNs }, message.order)
      let sent = this.#sent.get(message.to)
      if (sent === undefined) { sent = new Map(); this.#sent.set(message.to, sent) }
      sent.delete(message.mark)
      sent.set(message.mark, message)
      if (sent.size > CAUSES_MAX) sent.delete(sent.keys().next().value as number)
      if (message.isTaken) this.#receive(message, message.takenNs)
    }
  }

  /** What has left its ring was received by now. */
  #received(): void {
    const now = monotonicNs()
    for (const ring of this.#rings.values()) {
      while (ring.pending.length > 0 && ((ring.head - (ring.pending[0] as { index: number }).index) | 0) > 0) {
        const { message } = ring.pending.shift() as { message: Seen }
        // Its own sending is told first.
        if (message.order > 0) this.#receive(message, now)
        else { message.isTaken = true; message.takenNs = now }
      }
    }
  }

  #receive(message: Seen, byNs: number): void {
    if (message.isReceived) return
    message.isReceived = true
    message.order = Math.max(message.order, byNs)
    this.#add({ kind: 'receive', by: message.to, with: message.from, message: message.id, cause: undefined, atNs: Math.max(byNs, message.atNs) }, message.order)
  }

  #add(event: TraceEvent, order: number): void {
    this.#events.push({ event, order, number: ++this.#number })
    // In steps, so that not every event moves all others.
    if (this.#events.length < 2 * this.capacity) return
    this.#events.sort((a, b) => a.order - b.order || a.number - b.number)
    this.#events.splice(0, this.#events.length - this.capacity)
  }
}

function edgeKey({ edge, from }: Link): string { return `edge ${edge.number} of ${from.number} ${edge.fromBlock.offset}` }
