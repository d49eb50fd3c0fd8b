// The hybrid logical clock keeps its promises for every interleaving of senders, whatever their own clocks do.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLOCK_SKEW_NS_MAX, HybridClock } from '#ringlab/ring/hybrid-clock.js'

const event = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), who: fc.nat(3), further: fc.nat(4) }),
  fc.record({ kind: fc.constant('take' as const), who: fc.nat(3), which: fc.nat() }),
  // Clocks stand still, run, and are set back or forth.
  fc.record({ kind: fc.constant('step' as const), who: fc.nat(3), ns: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2_000_000, max: 2_000_000 })) }),
)

test('times increase strictly at every sender, and exceed those of all that it took, whatever the clocks do', () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 60 }), (events) => {
    const clocks = Array.from({ length: 4 }, () => ({ hybrid: new HybridClock(), now: 1e12, seen: 0 }))
    const sent: number[] = []
    for (const each of events) {
      const clock = clocks[each.who] as (typeof clocks)[number]
      if (each.kind === 'step') clock.now += each.ns
      else if (each.kind === 'send') {
        const first = clock.hybrid.send(clock.now, each.further)
        expect(first).toBeGreaterThanOrEqual(clock.now)
        for (let i = 0; i <= each.further; i++) {
          expect(first + i).toBeGreaterThan(clock.seen)
          clock.seen = first + i
          sent.push(first + i)
        }
      } else if (sent.length > 0) {
        const time = sent[each.which % sent.length] as number
        // Steps are small against the bound, so everything is believed.
        expect(clock.hybrid.take(time, clock.now)).toBe(true)
        clock.seen = Math.max(clock.seen, time)
      }
      expect(clock.hybrid.last).toBe(clock.seen)
    }
  }), { numRuns: 3000 })
})

test('a time that no clock here explains is not believed, and nothing it touches moves on', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 50 }), fc.integer({ min: -3, max: 3 }), (now, beyond) => {
    const clock = new HybridClock(now)
    const theirs = now + CLOCK_SKEW_NS_MAX + beyond
    expect(clock.take(theirs, now)).toBe(beyond <= 0)
    expect(clock.last).toBe(beyond <= 0 ? theirs : now)
  }))
})

test('a clock goes on from where another one of its sender ended', () => {
  const first = new HybridClock()
  first.send(1000, 7)
  expect(new HybridClock(first.last).send(900)).toBe(1008)
})
