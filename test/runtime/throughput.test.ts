// Messages a second: what is divided by what, look after look.
import { expect, test } from 'vitest'
import { Throughput } from '#ringlab/runtime/throughput.js'

test('the first look counts since the launch, later ones over about five seconds, whatever the pace of looking', () => {
  const throughput = new Throughput(1_000)
  expect(throughput.look(1_000, 0)).toEqual({ perSecond: 0, windowMs: 0 })
  expect(throughput.look(3_000, 500)).toEqual({ perSecond: 250, windowMs: 2_000 })
  // Looked at twice within a moment: the same window still.
  expect(throughput.look(3_001, 500).windowMs).toBe(2_001)
  // A message a millisecond from here on.
  for (let at = 3_010; at <= 20_000; at += 10) throughput.look(at, 500 + (at - 3_000))
  const { perSecond, windowMs } = throughput.look(20_001, 500 + 17_001)
  expect(perSecond).toBeCloseTo(1_000)
  expect(windowMs).toBeGreaterThanOrEqual(5_000)
  expect(windowMs).toBeLessThan(5_200)
  // Nobody looked for an hour: the window says so.
  expect(throughput.look(3_620_001, 17_501 + 3_600)).toEqual({ perSecond: expect.closeTo(1, 1) as number, windowMs: expect.closeTo(3_600_000, -4) as number })
})
