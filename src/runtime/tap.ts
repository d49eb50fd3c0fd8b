// The host's end of a ring that a ring kernel writes: hands over what comes, for as long as it may.
import { waitsFor, word } from '../ring/control.js'
import { edgeRing } from '../ring/edge.js'
import { ENVELOPE_BYTES, readEnvelope } from '../ring/envelope.js'
import { RingConsumer } from '../ring/ring.js'
import type { BoundCodec } from '../schema/index.js'
import type { HostTaker } from './connection.js'
import type { DeviceActor, Edge } from './device.js'
import type { Received } from './output-stream.js'

export interface TapEvents {
  /** May one more message be handed over? Otherwise it stays in the ring. */
  mayTake(): boolean
  taken(received: Received): void
}

export class Tap implements HostTaker {
  readonly id = 'host'
  readonly isLive = true
  readonly capacity: number
  readonly deviceActor: DeviceActor
  readonly #events: TapEvents
  #edge: Edge | undefined
  #consumer: RingConsumer | undefined
  #codec: BoundCodec | undefined
  #isScheduled = false

  constructor(capacity: number, events: TapEvents) {
    this.capacity = capacity
    this.#events = events
    this.deviceActor = {
      spinWorthwhile: false,
      // Soon, not now: nothing of the host's runs inside the call that sent.
      wake: () => {
        if (this.#isScheduled) return
        this.#isScheduled = true
        queueMicrotask(() => { this.drain() })
      },
      wire: () => Promise.resolve(),
      restart: () => Promise.resolve(true),
      force: () => Promise.resolve(),
      forget: () => true,
      save: () => Promise.resolve({}),
    }
  }

  opened(edge: Edge): void {
    if (edge.at.kind !== 'arena' || edge.hostCodec === undefined) throw new RangeError('a ring to the host lies in the host\'s arena')
    const { arena, offset } = edge.at.block
    this.#edge = edge
    this.#consumer = new RingConsumer(edgeRing(arena, offset, edge))
    this.#codec = edge.hostCodec
  }

  wakeDevice(): void { this.drain() }
  get isEmpty(): boolean { return this.#consumer === undefined || this.#consumer.available() <= 0 }

  /** Hands over what lies in the ring, as much as it held at once and as may be taken. */
  drain(): void {
    this.#isScheduled = false
    const [consumer, codec, edge] = [this.#consumer, this.#codec, this.#edge]
    if (consumer === undefined || codec === undefined || edge?.at.kind !== 'arena') return
    const { words } = edge.at.block.arena
    const drops = edge.whenFull === 'dropOldest'
    let left = this.capacity
    while (left-- > 0 && consumer.depth() > 0 && this.#events.mayTake()) {
      const slot = drops ? consumer.claim(codec.copyBeside && ((from, to) => { codec.copyBeside?.(from + ENVELOPE_BYTES, to + ENVELOPE_BYTES) })) : consumer.slot(0)
      if (slot < 0) break
      const received = { message: codec.read(slot + ENVELOPE_BYTES), envelope: readEnvelope(words, slot) }
      if (!drops) consumer.release(1)
      this.#events.taken(received)
    }
    const { arena, offset } = edge.fromBlock
    if (Atomics.load(arena.words, (offset >>> 2) + word.waitsFor) === waitsFor.outputRoom) edge.from.wake()
  }
}
