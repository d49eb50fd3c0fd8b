// The live view of queues without a page: what it publishes, how large that may grow, and what it must not forget.
import { expect, test } from 'vitest'
import { savedBytesMax } from '#ringlab/view/bundle.js'
import { LiveQueues } from '#ringlab/view/live-queues.js'
import { QueueSamples } from '#ringlab/view/queue-samples.js'
import type { ActorCounters, ActorRow } from '#ringlab/ring/counters.js'
import { reading } from './gallery.js'

const frameBytesMax = 32_000

function rows(count: number): ActorRow[] {
  return Array.from({ length: count }, (_, i) => ({ id: `worker-${i}`, device: 'cpu', arena: new SharedArrayBuffer(8), controlOffset: i, inputCapacity: 1024, outputCapacity: 1024 }))
}

function view(count: number, read: (row: ActorRow) => Partial<ActorCounters>): LiveQueues {
  const zero: ActorCounters = { state: 'ACTIVE', inputDepth: 0, outputDepth: 0, inputDepthMax: 0, outputDepthMax: 0, processed: 0, sent: 0, dropped: 0, errors: 0 }
  return new LiveQueues({ kind: 'queues', id: 'view', displayId: 'a', updateDisplayId: 'b', rows: rows(count), seconds: 60 }, (row) => ({ ...zero, ...read(row) }))
}

test('a frame is published when a counter changed and only then', () => {
  let processed = 0
  const live = view(1, () => ({ processed }))
  live.sample(0)
  expect(live.frame()).toBeDefined()
  live.sample(100)
  expect(live.frame()).toBeUndefined()
  processed = 1
  live.sample(200)
  expect(live.frame()?.['text/html']).toContain('ringlabFigures.frame("view"')
  expect(live.frame()).toBeUndefined()
})

test.each([1, 2, 5, 6, 12, 13, 40, 100])('an hour of %i busy ring kernels stays within the bounds of a frame and of a saved figure', (count) => {
  let tick = 0
  const live = view(count, (row) => ({ inputDepth: (tick * 37 + row.controlOffset * 11) % 1000, outputDepth: (tick * 13) % 500, inputDepthMax: 999, outputDepthMax: 499, processed: tick * 123_456, sent: tick * 123_455, dropped: tick, errors: tick }))
  for (; tick < 36_000; tick += count > 12 ? 60 : 6) live.sample(tick * 100)
  expect(Buffer.byteLength(String(live.frame()?.['text/html']))).toBeLessThanOrEqual(frameBytesMax)
  expect(Buffer.byteLength(JSON.stringify(live.final()))).toBeLessThanOrEqual(savedBytesMax)
})

test('a peak of one sample in an hour is still on the line', () => {
  const samples = new QueueSamples()
  for (let i = 0; i < 36_000; i++) samples.add(i / 10, [reading('summer', { inputDepth: i === 20_001 ? 63 : 1 })])
  const ring = samples.rings()[0]
  expect(ring?.depths).toContain(63)
  expect(ring?.depths.length).toBeLessThanOrEqual(240)
  expect(samples.seconds).toHaveLength(ring?.depths.length ?? 0)
  expect(samples.samplesPerPoint).toBeGreaterThan(100)
})

test('a ring kernel that comes later has a gap before it, and one that goes keeps its line and its last counters', () => {
  const live = view(1, (row) => ({ processed: 7 + row.controlOffset, inputDepth: 3 }))
  live.sample(0)
  live.sample(100)
  live.rows(rows(2).slice(1))
  live.sample(200)
  const text = String(live.final()['text/plain'])
  expect(text).toMatch(/worker-0 +cpu +TERMINATED .* 7 /)
  expect(text).toMatch(/worker-1 +cpu +ACTIVE .* 8 /)
  expect(text).toContain('Queue depths of 2 ring kernels')
})

test('two ring kernels of one id are told apart', () => {
  const [row] = rows(1)
  if (row === undefined) throw new Error('no row')
  const live = new LiveQueues({ kind: 'queues', id: 'view', displayId: 'a', updateDisplayId: 'b', rows: [row, { ...row, controlOffset: 9 }], seconds: 1 }, (each) => ({ state: 'ACTIVE', inputDepth: each.controlOffset, outputDepth: 0, inputDepthMax: 9, outputDepthMax: 0, processed: 0, sent: 0, dropped: 0, errors: 0 }))
  live.sample(0)
  expect(String(live.final()['text/plain'])).toContain('worker-0 #2')
})

test('the displays of a live view are good without scripts: the first shows a picture, the last leaves nothing', () => {
  const live = view(1, () => ({}))
  live.sample(0)
  expect(live.opening()['text/html']).toContain('<img src="data:image/svg+xml,')
  expect(Object.keys(live.opening())).not.toContain('application/vnd.plotly.v1+json')
  expect(LiveQueues.closing()).toEqual({ 'text/html': '', 'text/plain': '' })
  expect(String(LiveQueues.boot()['text/html']).length).toBeGreaterThan(1_000_000)
})
