// Who is told to hold a worker: a body that computes or blocks, never one whose core the machine gave to somebody else. The clocks are the test's own.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CpuActor } from '#ringlab/devices/cpu/cpu-actor.js'
import type { CpuWorker } from '#ringlab/devices/cpu/cpu-worker.js'
import { HeldWatch } from '#ringlab/devices/cpu/held-watch.js'
import { threadNumber, threadTime, type ThreadTime } from '#ringlab/devices/body/thread-time.js'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

/** A worker that its body holds from time 0 on, and whose thread has the given share of a core and of a place in the queue for one; undefined: nobody tells. */
function held(share: { computed: number; queued: number } | undefined, asleepMs = 0): { lines: string[]; looks: () => number; let(ms: number): void; letGo(): void } {
  const lines: string[] = []
  let looks = 0
  let goneMs = 0
  let since = 0
  const time = (): ThreadTime | undefined => { looks++; return share === undefined ? undefined : { computedMs: goneMs * share.computed, queuedMs: goneMs * share.queued } }
  const worker = {
    isEnding: false, thread: 7, running: 1, actors: new Map([[1, {}]]),
    get isAsleep() { return goneMs <= asleepMs },
    heldMs: () => Math.max(goneMs - Math.max(since, asleepMs), 0),
  } as unknown as CpuWorker
  const actor = { plan: { id: 'a', log: (line: string) => { lines.push(line) } } } as unknown as CpuActor
  const watch = new HeldWatch(() => [worker], () => actor, time)
  watch.woken()
  const pass = (ms: number): void => { for (let at = 0; at < ms; at += 10) { goneMs += 10; vi.advanceTimersByTime(10) } }
  return { lines, looks: () => looks, let: pass, letGo: () => { since = goneMs + 10; pass(10); since = goneMs } }
}

test('a body that computes is told of soon after 50 ms', () => {
  const body = held({ computed: 1, queued: 0 })
  body.let(50)
  expect(body.lines).toEqual([])
  body.let(20)
  expect(body.lines).toEqual([expect.stringMatching(/^ring kernel 'a' has held its worker for [67]0 ms:/)])
  body.let(2000)
  expect(body.lines).toHaveLength(1)
})

test('a busy machine that takes the core away is not the body\'s doing, however long it takes', () => {
  const body = held({ computed: 0.01, queued: 0.99 })
  body.let(3000)
  expect(body.lines).toEqual([])
  // The same body, as soon as it has computed for 50 ms in all.
  body.let(3000)
  expect(body.lines).toEqual([expect.stringMatching(/held its worker for [56]\d{3} ms/)])
})

test('a body that blocks without computing is told of after 200 ms', () => {
  const body = held({ computed: 0, queued: 0 })
  body.let(190)
  expect(body.lines).toEqual([])
  body.let(40)
  expect(body.lines).toHaveLength(1)
})

test('a worker that seems to sleep for a moment, and finds a message at its last look before, is watched on', () => {
  const body = held({ computed: 1, queued: 0 }, 40)
  body.let(120)
  expect(body.lines).toHaveLength(1)
})

test('where the operating system does not tell, the time on the wall decides', () => {
  const body = held(undefined)
  body.let(70)
  expect(body.lines).toEqual([expect.stringMatching(/held its worker for 50 ms/)])
})

test('nobody is asked about a worker that comes round', () => {
  const body = held({ computed: 1, queued: 0 })
  for (let i = 0; i < 50; i++) body.letGo()
  expect([body.looks(), body.lines]).toEqual([0, []])
})

test.runIf(process.platform === 'linux')('on Linux a thread that computes is seen to', () => {
  const before = threadTime(threadNumber())
  const { user } = process.cpuUsage()
  while (process.cpuUsage().user - user < 50_000) { /* compute */ }
  const after = threadTime(threadNumber())
  expect((after?.computedMs ?? 0) - (before?.computedMs ?? 0)).toBeGreaterThanOrEqual(20)
})
