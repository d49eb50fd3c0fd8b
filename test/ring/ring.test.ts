// The ring keeps its promises for every sequence of calls, wherever its indices stand.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena } from '#ringlab/ring/arena.js'
import { allocateActor, inputRing, outputRing } from '#ringlab/ring/block.js'
import { PAGE_BYTES, word } from '#ringlab/ring/control.js'
import { depthOf, readCounters } from '#ringlab/ring/counters.js'
import { readCorrelation, readEnvelope, readSentAtNs, slotStride, writeEnvelope } from '#ringlab/ring/envelope.js'
import { bucketOf, latencyBuckets, percentilesNs } from '#ringlab/ring/histogram.js'
import { RingConsumer, RingProducer } from '#ringlab/ring/ring.js'

/** Near the wrap of u32, near the change of sign of i32, and the ordinary start. */
const firstIndices = [0, 2 ** 31 - 5, 2 ** 32 - 5, 2 ** 32 - 1]

class Model { readonly queue: number[] = []; sent = 0; filled = 0 }
interface Real { producer: RingProducer; consumer: RingConsumer; words: Int32Array }

function command(name: string, run: (model: Model, real: Real) => void): fc.Command<Model, Real> {
  return { check: () => true, run, toString: () => name }
}
const commands = [
  fc.integer({ min: 1, max: 20 }).map((count) => command(`fill ${count}`, (model, { producer, words }) => {
    for (let i = 0; i < count; i++) {
      const isRoom = model.queue.length + model.filled < producer.capacity
      expect(producer.hasRoom(model.filled + 1)).toBe(isRoom)
      if (!isRoom) return
      words[producer.slot(model.filled) >>> 2] = model.sent + model.filled
      model.filled++
    }
  })),
  fc.constant(command('publish', (model, { producer }) => {
    producer.publish(model.filled)
    for (; model.filled > 0; model.filled--) model.queue.push(model.sent++)
  })),
  fc.integer({ min: 1, max: 20 }).map((count) => command(`read ${count}`, (model, { consumer, words }) => {
    for (let i = 0; i < count && consumer.available(i) > 0; i++) expect(words[consumer.slot(i) >>> 2]).toBe(model.queue[i])
  })),
  fc.integer({ min: 1, max: 20 }).map((count) => command(`release ${count}`, (model, { consumer }) => {
    const taken = Math.min(count, Math.max(consumer.available(), 0))
    consumer.release(taken)
    model.queue.splice(0, taken)
  })),
  fc.constant(command('depth', (model, { consumer, producer }) => {
    expect(consumer.depth()).toBe(model.queue.length)
    expect(producer.capacity - producer.room()).toBe(model.queue.length)
  })),
  fc.constant(command('take over', (model, real) => {
    // Another thread continues at either end: all there is to know lies in the arena. What was filled but not published is gone.
    model.filled = 0
    Object.assign(real, freshEnds())
  })),
]
let freshEnds: () => Pick<Real, 'producer' | 'consumer'>

describe.each(firstIndices)('with indices from %i', (firstIndex) => {
  test('behaves as a bounded queue for any sequence of calls, also when either end is taken over', () => {
    fc.assert(fc.property(fc.commands(commands, { maxCommands: 60 }), (sequence) => {
      const block = allocateActor(new Arena(), { inputCapacity: 16, inputBytes: 4, outputCapacity: 16, outputBytes: 4, stateBytes: 0, firstIndex })
      const place = inputRing(block.arena, block.offset)
      freshEnds = () => ({ producer: new RingProducer(place), consumer: new RingConsumer(place) })
      fc.modelRun(() => ({ model: new Model(), real: { words: block.arena.words, ...freshEnds() } }), sequence)
    }), { numRuns: 60 })
  })

  test('other threads read the depths it really has', () => {
    const block = allocateActor(new Arena(), { inputCapacity: 16, inputBytes: 4, outputCapacity: 32, outputBytes: 4, stateBytes: 8, firstIndex })
    const row = { id: 'x', device: 'cpu', arena: block.arena.memory, controlOffset: block.offset, inputCapacity: 16, outputCapacity: 32 }
    new RingProducer(inputRing(block.arena, block.offset)).publish(11)
    new RingProducer(outputRing(block.arena, block.offset)).publish(32)
    new RingConsumer(outputRing(block.arena, block.offset)).release(30)
    expect(readCounters(row)).toMatchObject({ state: 'CREATED', inputDepth: 11, outputDepth: 2, processed: 0, dropped: 0 })
    expect([depthOf(row, 'input'), depthOf(row, 'output')]).toEqual([11, 2])
  })
})

test('the arena hands out whole zeroed pages that never overlap, and again after release', () => {
  fc.assert(fc.property(fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 100_000 }), release: fc.boolean() }), { maxLength: 30 }), (steps) => {
    const arena = new Arena()
    const live: { offset: number; bytes: number }[] = []
    for (const { bytes, release } of steps) {
      const block = arena.allocate(bytes)
      expect(block.offset % PAGE_BYTES).toBe(0)
      expect(block.bytes).toBeGreaterThanOrEqual(bytes)
      for (const other of live) expect(block.offset >= other.offset + other.bytes || other.offset >= block.offset + block.bytes).toBe(true)
      const mine = block.arena.bytes.subarray(block.offset, block.offset + block.bytes)
      expect(mine.every((byte) => byte === 0)).toBe(true)
      mine.fill(255)
      if (release) arena.release(block)
      else live.push(block)
    }
  }), { numRuns: 20 })
})

test('a block released twice and a block of another arena are refused', () => {
  const arena = new Arena()
  const block = arena.allocate(1)
  arena.release(block)
  expect(() => { arena.release(block) }).toThrow(/released twice/)
  expect(() => { new Arena().release(block) }).toThrow(/another arena/)
})

test('an offset that holds no control block is refused', () => {
  const block = new Arena().allocate(1)
  expect(() => inputRing(block.arena, block.offset)).toThrow(/no control block/)
})

test('envelopes come back as they were written, for every id, priority and time', () => {
  const words = new Int32Array(16)
  const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  fc.assert(fc.property(u32, u32, u32, u32, fc.integer({ min: 0, max: 255 }), fc.maxSafeNat(), (sequence, origin, low, high, priority, sentAtNs) => {
    writeEnvelope(words, 32, sequence, origin, low, high, priority, sentAtNs)
    const correlationId = (BigInt(high) << 32n) | BigInt(low)
    expect(readEnvelope(words, 32)).toEqual({ id: (BigInt(origin) << 32n) | BigInt(sequence), correlationId, priority, sender: origin >>> 16, sentAtNs: BigInt(sentAtNs), timeToLiveMs: 0 })
    expect(readCorrelation(words, 32)).toBe(correlationId)
    expect(readSentAtNs(words, 32)).toBe(sentAtNs)
  }))
})

test('slots hold envelope and payload and keep both aligned to 16 bytes', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 100_000 }), (bytes) => {
    expect(slotStride(bytes) % 16).toBe(0)
    expect(slotStride(bytes) - 32 - bytes).toBeGreaterThanOrEqual(0)
    expect(slotStride(bytes) - 32 - bytes).toBeLessThan(16)
  }))
})

test('percentiles are never better than the truth, and at most 6.25 % worse', () => {
  const words = new Int32Array(1024)
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { minLength: 1, maxLength: 200 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (latencies, fraction) => {
    words.fill(0)
    for (const ns of latencies) words[bucketOf(ns)] = (words[bucketOf(ns)] ?? 0) + 1
    const truth = latencies.sort((a, b) => a - b)[Math.max(1, Math.ceil(latencies.length * fraction)) - 1] ?? 0
    const buckets = latencyBuckets(words, 0)
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(latencies.length)
    for (const { fromNs, toNs, count } of buckets) expect(latencies.filter((ns) => ns >= fromNs && ns <= toNs)).toHaveLength(count)
    const [shown = 0] = percentilesNs(buckets, [fraction])
    expect(shown).toBeGreaterThanOrEqual(truth)
    expect(shown).toBeLessThanOrEqual(truth * 1.0625 + 1)
  }))
  expect(percentilesNs([], [0.5])).toEqual([0])
  expect(percentilesNs([{ fromNs: 1, toNs: 1, count: 9 }, { fromNs: 5, toNs: 5, count: 1 }], [0.5, 0.9, 0.91, 1])).toEqual([1, 1, 5, 5])
  expect(bucketOf(2 ** 50)).toBe(bucketOf(2 ** 60))
})

test('the words of the control block lie where peers in other languages look for them', () => {
  // Per writer one 128-byte line: the host's words in line 0, the device's in line 1.
  expect([word.inTail, word.outHead, word.command, word.epoch].map((index) => index * 4)).toEqual([0, 4, 8, 12])
  expect([word.inHead, word.outTail, word.state, word.heartbeat].map((index) => index * 4)).toEqual([128, 132, 136, 140])
})
