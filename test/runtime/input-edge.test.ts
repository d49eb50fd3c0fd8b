// The host's end of an input ring against a model, over random histories and wherever the ring's indices stand: every message is taken once or counted once, and in
// the order of its band.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { struct, u32 } from 'ringlab'
import { structCodec } from '#ringlab/schema/index.js'
import { Arena } from '#ringlab/ring/arena.js'
import { allocateActor, inputRing } from '#ringlab/ring/block.js'
import { double } from '#ringlab/ring/control.js'
import { ENVELOPE_BYTES, slotStride } from '#ringlab/ring/envelope.js'
import { RingConsumer } from '#ringlab/ring/ring.js'
import { HostSender } from '#ringlab/runtime/host-sender.js'
import { InputEdge } from '#ringlab/runtime/input-edge.js'
import { Wait } from '#ringlab/runtime/wait.js'

const codec = structCodec(struct('Value', { v: u32 }))
const firstIndices = [0, 2 ** 31 - 5, 2 ** 32 - 5, 2 ** 32 - 1]
const CAPACITY = 16
const policies = ['block', 'reject', 'dropOldest', 'dropNewest'] as const
const NS_A_MS = 1e6

interface Sent { readonly v: number; readonly band: number; readonly endsAt: number; readonly id: bigint | undefined }
type Step =
  | { readonly do: 'send'; readonly priority: number | undefined; readonly ttl: number; readonly id: bigint | undefined }
  | { readonly do: 'take' | 'drain'; readonly count: number } | { readonly do: 'feed' | 'giveUp' | 'withdraw' } | { readonly do: 'park'; readonly parked: boolean }
  | { readonly do: 'later'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({
    do: fc.constant('send' as const), priority: fc.option(fc.constantFrom(0, 63, 64, 128, 160, 223, 224, 255), { nil: undefined }),
    ttl: fc.constantFrom(0, 0, 0, 5), id: fc.option(fc.bigInt(1n, 40n), { nil: undefined, freq: 4 }),
  }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'feed' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'giveUp' }, { do: 'withdraw' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('park' as const), parked: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), ms: fc.constantFrom(1, 6, 20) }) },
)

const bandOf = (priority = 128): number => (priority >= 224 ? 0 : priority >= 160 ? 1 : priority >= 64 ? 2 : 3)

/** An edge with a device that takes when told, and what each message came to. */
class Bench {
  readonly sent = new Map<number, Sent>()
  /** Messages that were accepted, oldest first, with what they came to. */
  readonly fate = new Map<number, string>()
  readonly waits = new Map<number, Wait<void>>()
  /** Ids of the latest messages. */
  recent: bigint[] = []
  now = 1e9
  parked = true
  next = 0
  readonly #arena = new Arena()
  readonly block
  readonly edge
  readonly consumer
  readonly #bound

  constructor(readonly policy: (typeof policies)[number], firstIndex: number) {
    const bytes = codec.bytes
    this.block = allocateActor(this.#arena, { inputCapacity: CAPACITY, inputBytes: bytes, outputCapacity: CAPACITY, outputBytes: bytes, stateBytes: 0, firstIndex })
    const place = inputRing(this.block.arena, this.block.offset)
    this.#bound = codec.bind(this.block.arena.memory)
    this.consumer = new RingConsumer(place)
    this.edge = new InputEdge({
      id: 'one', place, controlOffset: this.block.offset, codec: this.#bound, policy, deduplicate: 16, sender: new HostSender(1, () => this.now),
      slots: { stride: slotStride(bytes), allocate: (size) => this.#arena.allocate(size), release: (block) => { this.#arena.release(block) }, codecFor: (block) => codec.bind(block.arena.memory) },
      lost: (reason, { codec: own, slot }) => { this.ended((own.read(slot + ENVELOPE_BYTES) as { v: number }).v, reason) },
      withdrawn: () => undefined, inHand: () => (this.parked ? 0 : undefined), makeWay: () => undefined,
    })
  }

  ended(v: number, how: string): void {
    expect(this.fate.get(v), `message ${v} already came to something when it was ${how}`).toBe('queued')
    this.fate.set(v, how)
    const { id } = this.sent.get(v) as Sent
    if (how !== 'taken' && how !== 'duplicate') this.recent = this.recent.filter((other) => other !== id)
  }

  queued(): number[] { return [...this.fate].filter(([v, how]) => how === 'queued' && !this.waits.has(v)).map(([v]) => v) }

  /** Looks which sends have got their places. */
  look(): void { for (const [v, wait] of this.waits) if (wait.settled) this.waits.delete(v) }

  send({ priority, ttl, id }: Extract<Step, { do: 'send' }>): void {
    const v = this.next++
    const options = priority === undefined && ttl === 0 && id === undefined ? undefined : { ...(priority === undefined ? {} : { priority }), timeToLiveMs: ttl, ...(id === undefined ? {} : { id }) }
    this.sent.set(v, { v, band: bandOf(priority), endsAt: ttl === 0 ? Infinity : this.now + ttl * NS_A_MS, id })
    this.fate.set(v, 'queued')
    const isRepeated = id !== undefined && this.recent.includes(id)
    const before = this.queued().length - 1
    const lowest = this.#lowestBefore(v)
    const isIn = this.edge.offer({ v }, options)
    if (isRepeated) { expect([isIn, this.fate.get(v)]).toEqual([true, 'duplicate']); return }
    if (isIn) expect(before, 'a message was taken by a full queue').toBeLessThanOrEqual(CAPACITY)
    else this.#full(v, options, lowest)
    if (id !== undefined && this.fate.get(v) === 'queued') this.recent = [...this.recent, id].slice(-16)
  }

  #full(v: number, options: object | undefined, lowest: number): void {
    expect(this.queued().length - 1).toBe(CAPACITY)
    const inRing = this.inRing()
    for (const each of this.queued()) if (!inRing.includes(each) && each !== v) expect((this.sent.get(each) as Sent).endsAt, `${each} has expired and holds a place`).toBeGreaterThanOrEqual(this.now)
    const dropped = (): number[] => [...this.fate].filter(([, how]) => how === 'dropped').map(([each]) => each)
    const before = dropped()
    if (this.policy === 'reject') { expect(() => this.edge.whenFull({ v }, options)).toThrow(/is full \(16 messages\)/); this.fate.set(v, 'refused'); return }
    const said = this.edge.whenFull({ v }, options)
    if (this.policy === 'block') {
      expect(said).toBe('wait')
      const wait = new Wait<void>()
      wait.promise.catch(() => undefined)
      this.waits.set(v, wait)
      this.edge.enqueue({ v }, options, wait)
      return
    }
    const [gone, ...others] = dropped().filter((each) => !before.includes(each))
    expect([said, others]).toEqual(['done', []])
    if (this.policy === 'dropNewest') expect(gone).toBe(v)
    else expect((this.sent.get(gone as number) as Sent).band, 'a higher band was dropped before a lower one').toBe(lowest)
  }

  /** The lowest band among what waits behind the ring, the new message among them. */
  #lowestBefore(v: number): number {
    const own = this.sent.get(v) as Sent
    const inRing = new Set(this.inRing())
    const all = this.queued().filter((each) => !inRing.has(each) || (this.parked && own.band < 3 && this.#isTakenBack(own.band, inRing)))
    return Math.max(...all.map((each) => (this.sent.get(each) as Sent).band))
  }

  /** A parked device gives back what it was shown, where a higher band came. */
  #isTakenBack(band: number, inRing: ReadonlySet<number>): boolean { return [...inRing].some((v) => (this.sent.get(v) as Sent).band > band) }

  inRing(): number[] {
    const depth = this.consumer.depth()
    return Array.from({ length: depth }, (_, i) => (this.#bound.read(this.consumer.slot(i) + ENVELOPE_BYTES) as { v: number }).v)
  }

  take(count: number): void {
    this.parked = false
    for (let i = 0; i < count; i++) {
      this.consumer.lookAgain()
      if (this.consumer.available() <= 0) { this.edge.feed(); this.consumer.lookAgain() }
      if (this.consumer.available() <= 0) return
      const { v } = this.#bound.read(this.consumer.slot(0) + ENVELOPE_BYTES) as { v: number }
      const { band } = this.sent.get(v) as Sent
      for (const other of this.queued()) if (other < v) expect((this.sent.get(other) as Sent).band, `${other} was sent before ${v} in the same band`).not.toBe(band)
      this.consumer.release(1)
      this.ended(v, 'taken')
    }
  }
}

function play(bench: Bench, each: Step): void {
  const { edge } = bench
  switch (each.do) {
    case 'send': bench.send(each); break
    case 'take': bench.look(); bench.take(each.count); break
    case 'feed': edge.feed(); break
    case 'park': bench.parked = each.parked; break
    case 'later': bench.now += each.ms * NS_A_MS; break
    case 'drain': for (const message of edge.drain(each.count) as { v: number }[]) bench.ended(message.v, 'drained'); break
    case 'giveUp': {
      const [first] = bench.waits
      if (first === undefined || first[1].settled) break
      first[1].aborted(new Error('enough'))
      bench.ended(first[0], 'given up')
      break
    }
    case 'withdraw': expect(edge.withdraw(12345n)).toBe(false)
  }
  bench.look()
  expect(bench.queued().length, 'more have places than there are').toBeLessThanOrEqual(CAPACITY)
  expect(edge.size).toBe(bench.queued().length)
}

describe('an input edge', () => {
  test.each(policies)('with %s takes, drops, expires and counts each message once, in the order of its band', (policy) => {
    fc.assert(fc.property(fc.constantFrom(...firstIndices), fc.array(step, { minLength: 10, maxLength: 80 }), (firstIndex, steps) => {
      const bench = new Bench(policy, firstIndex)
      for (const each of steps) play(bench, each)
      bench.edge.feed()
      bench.look()
      while (bench.queued().length > 0 || bench.waits.size > 0) {
        const before = bench.queued().length + bench.waits.size
        bench.take(4)
        bench.edge.feed()
        bench.look()
        expect(bench.queued().length + bench.waits.size, 'messages are left that nobody can take').toBeLessThan(before)
      }
      const of = (how: string): number => [...bench.fate.values()].filter((each) => each === how).length
      const counted = (which: number): number => bench.block.arena.doubles[(bench.block.offset >>> 3) + which] as number
      expect([counted(double.hostDropped), counted(double.hostExpired), counted(double.hostDuplicates), counted(double.hostSent)])
        .toEqual([of('dropped') + of('drained'), of('expired'), of('duplicate'), of('taken')])
      expect(bench.edge.size).toBe(0)
    }), { numRuns: 800 })
  })
})
