// The doorbell between devices and the thread that waits for them: no ring is lost, whenever it comes.
import { afterEach, expect, test, vi } from 'vitest'
import { Arena } from '#ringlab/ring/arena.js'
import { HostBell, wakeHost } from '#ringlab/runtime/bell.js'

afterEach(() => { vi.restoreAllMocks() })

test('a ring between saying that one sleeps and listening leaves the bell ready for the next ring', async () => {
  const block = new Arena().allocate(4096)
  const { words } = block.arena
  const at = block.offset >>> 2
  const bell = new HostBell(block)
  const store = Atomics.store.bind(Atomics) as (words: Int32Array, index: number, value: number) => number
  let rung = false
  vi.spyOn(Atomics, 'store').mockImplementation(((target: Int32Array, index: number, value: number) => {
    const stored = store(target, index, value)
    // A device rings at the worst moment, once.
    if (!rung && target === words && index === at && value === 1) { rung = true; wakeHost(words, at) }
    return stored
  }) as typeof Atomics.store)
  let looks = 0
  try {
    bell.watch({ look: () => { looks++; return false } })
    await new Promise((resolve) => { setImmediate(resolve) })
    expect(rung).toBe(true)
    expect(looks).toBeGreaterThan(0)
    // The flag is up: whoever moves next will ring.
    expect(Atomics.load(words, at)).toBe(1)
  } finally { bell.close() }
})
