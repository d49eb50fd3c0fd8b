// Bodies as emitted JavaScript: whatever stops them between two messages, nothing is lost, nothing is done twice, and their locals go on.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { command, deviceState, waitsFor, word } from '#ringlab/ring/control.js'
import { emitJavaScript } from '#ringlab/compiler/javascript/emit.js'
import { Bench } from './bench.js'
import { Pair, Value, branching, branchingAnswers, computing, counting, handling, looking } from './programs.js'

afterEach(() => { vi.restoreAllMocks() })

/** Numbers that look random and are the same in every run. */
function randomly(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor((state / 2 ** 32) * below) }
}

describe('a loop', () => {
  test('takes, answers and counts; counters and correlation ids are told', () => {
    const bench = new Bench(counting, Value, Pair)
    bench.tell('run')
    for (let v = 0; v < 5; v++) bench.send({ v }, 100 + v)
    while (bench.runner.step() !== 'idle');
    for (let v = 0; v < 5; v++) {
      expect(bench.correlation()).toBe(100 + v)
      expect(bench.receive()).toEqual({ v, served: v + 1 })
    }
    expect([bench.counter('processed'), bench.counter('sent'), bench.word(word.waitsFor)]).toEqual([5, 5, waitsFor.input])
  })

  test('waits for room with its message in hand, says so, and goes on', () => {
    const bench = new Bench(counting, Value, Pair)
    bench.tell('run')
    for (let v = 0; v < 16; v++) bench.send({ v })
    while (bench.runner.step() !== 'idle');
    for (let v = 16; v < 20; v++) bench.send({ v })
    while (bench.runner.step() !== 'idle');
    expect([bench.word(word.waitsFor), bench.counter('sent'), bench.counter('processed')]).toEqual([waitsFor.outputRoom, 16, 16])
    for (let v = 0; v < 20; v++) {
      expect(bench.receive()).toEqual({ v, served: v + 1 })
      while (bench.runner.step() !== 'idle');
    }
  })

  test('parked at every point, it goes on where it was, here and in another thread', () => {
    for (const anew of [false, true]) {
      const bench = new Bench(branching, Value, Pair)
      const inputs = Array.from({ length: 12 }, (_, v) => v)
      inputs.forEach((v) => { bench.send({ v }) })
      const answers: unknown[] = []
      const places = new Set<number>()
      for (let round = 0; round < 400; round++) {
        bench.tell('run')
        // The output ring is full but for one: it waits at each `send`.
        bench.runner.step()
        bench.tell('park')
        while (bench.runner.step() !== 'idle');
        expect(bench.state).toBe(deviceState.parked)
        places.add(bench.word(word.waitsFor))
        if (anew) bench.makeRunner()
        const answer = bench.receive()
        if (answer !== undefined) answers.push(answer)
      }
      expect(answers).toEqual(branchingAnswers(inputs))
      expect(places.size).toBeGreaterThan(1)
    }
  })

  test('parks at every single suspension point of its text', () => {
    const bench = new Bench(branching, Value, Pair)
    const points = new Set<number>()
    const { words } = bench.block.arena
    const frame = bench.word(word.frameOffset) >>> 2
    let v = 0
    for (let round = 0; round < 3000 && points.size < 4; round++) {
      bench.tell('run')
      bench.send({ v: v++ })
      bench.runner.step()
      bench.tell('park')
      while (bench.runner.step() !== 'idle');
      const current = words[frame] ?? 0
      if (current !== 0) points.add(words[(bench.runner.frame >>> 2)] ?? -1)
      if (round % 3 === 0) bench.receive()
    }
    expect([...points].sort()).toEqual([1, 2, 3, 4])
  })
})

describe('a thread that is lost', () => {
  test('at any look at a ring or a command, before or after any store of an index, loses no message, repeats none, and keeps its locals', () => {
    const random = randomly(11)
    const bench = new Bench(branching, Value, Pair, { firstIndex: -40 })
    const inputs: number[] = []
    const answers: unknown[] = []
    const places = new Map<string, number>()
    let armed = false
    const lose = (where: string): void => {
      if (!armed || random(20) !== 0) return
      places.set(where, (places.get(where) ?? 0) + 1)
      throw new Error('lost')
    }
    const { load, store } = Atomics
    vi.spyOn(Atomics, 'load').mockImplementation(((...given: Parameters<typeof load>) => { lose('load'); return load(...given) }))
    vi.spyOn(Atomics, 'store').mockImplementation(((...given: Parameters<typeof store>) => { lose('before'); const stored = store(...given); lose('after'); return stored }))
    bench.onMoved = () => { lose('moved') }
    bench.tell('run')
    while (inputs.length < 2000) {
      const v = random(1000)
      if (bench.send({ v })) inputs.push(v)
      armed = true
      try { bench.runner.step() } catch { armed = false; bench.makeRunner() }
      armed = false
      for (let n = random(6); n > 0; n--) { const answer = bench.receive(); if (answer !== undefined) answers.push(answer) }
    }
    for (const where of ['load', 'before', 'after', 'moved']) expect(places.get(where)).toBeGreaterThan(20)
    bench.onMoved = () => undefined
    for (let idle = 0; idle < 3; idle++) {
      for (let answer = bench.receive(); answer !== undefined; answer = bench.receive()) { answers.push(answer); idle = 0 }
      while (bench.runner.step() !== 'idle');
    }
    expect(answers).toEqual(branchingAnswers(inputs))
    expect([bench.counter('processed'), bench.counter('sent')]).toEqual([inputs.length, answers.length])
  })

  test('after a loop published ahead of its frame, what it computes again is not published again', () => {
    const bench = new Bench(computing, Value, Pair)
    const answers: unknown[] = []
    const collect = (): void => { for (let answer = bench.receive(); answer !== undefined; answer = bench.receive()) answers.push(answer) }
    bench.tell('run')
    let lost = 0
    // The first answer of each message is visible while the body computes: there its thread is lost, each time once.
    bench.onMoved = () => {
      const before = answers.length
      collect()
      if (answers.length % 2 === 1 && answers.length > before && lost <= (answers.length - 1) / 2) { lost++; throw new Error('lost') }
    }
    for (let v = 0; v < 10; v++) {
      bench.send({ v })
      for (let done = false; !done;) { try { done = bench.runner.step() === 'idle' } catch { bench.makeRunner() } }
    }
    collect()
    expect(lost).toBe(10)
    expect(answers).toEqual(Array.from({ length: 10 }, (_, v) => [{ v, served: v + 1 }, { v: 10_000, served: v + 1 }]).flat())
    expect([bench.counter('sent'), bench.counter('processed')]).toEqual([20, 10])
  })

  test('a thousand parks at random moments, with indices that wrap, change no answer', () => {
    const random = randomly(5)
    const bench = new Bench(branching, Value, Pair, { firstIndex: -200 })
    const inputs: number[] = []
    const answers: unknown[] = []
    let parks = 0
    while (parks < 1000) {
      const v = random(50)
      if (bench.send({ v })) inputs.push(v)
      bench.tell(random(2) === 0 ? 'run' : 'park')
      if (bench.word(word.command) === command.park) parks++
      for (let steps = random(5); steps >= 0; steps--) bench.runner.step()
      if (bench.state === deviceState.parked && random(3) === 0) bench.makeRunner()
      for (let n = random(5); n > 0; n--) { const answer = bench.receive(); if (answer !== undefined) answers.push(answer) }
    }
    bench.tell('run')
    for (let idle = 0; idle < 3; idle++) {
      while (bench.runner.step() !== 'idle');
      for (let answer = bench.receive(); answer !== undefined; answer = bench.receive()) { answers.push(answer); idle = 0 }
    }
    expect(answers).toEqual(branchingAnswers(inputs))
    expect(bench.word(word.inHead)).toBeGreaterThan(0)
  })
})

describe('a handler', () => {
  test('a fault keeps what came before it, forgets what its own message sent, and says its sentence and place', () => {
    const bench = new Bench(handling, Value, Pair)
    bench.tell('run')
    for (const v of [1, 2, 13, 4]) bench.send({ v })
    while (bench.runner.step() !== 'idle');
    expect([bench.receive(), bench.receive(), bench.receive()]).toEqual([{ v: 1, served: 1 }, { v: 2, served: 2 }, undefined])
    expect(bench.faults).toMatchObject([{ error: { message: 'thirteen is no 13' }, place: 'hand.ts:1:1' }])
    expect([bench.state, bench.counter('processed'), bench.counter('errors'), bench.word(word.faultSite), bench.word(word.faultIndex)]).toEqual([deviceState.failed, 2, 1, 1, 2])
    // The one behind it stays in the queue: the host counts it.
    expect(bench.word(word.inHead)).toBe(3)
  })

  test('an endless loop ends at a look for fuel; the message it held is not answered', () => {
    const bench = new Bench(handling, Value, Pair)
    bench.tell('run')
    bench.send({ v: 5 })
    bench.send({ v: 99 })
    // What was answered before the endless message is visible while it runs: then the host stops it.
    bench.onMoved = () => { if (bench.counter('processed') === 1) bench.tell('stop') }
    while (bench.runner.step() !== 'idle');
    expect([bench.state, bench.receive(), bench.receive()]).toEqual([deviceState.done, { v: 5, served: 1 }, undefined])
    expect([bench.counter('processed'), bench.faults]).toEqual([1, []])
  })

  test('a drain finishes what is queued, and ends', () => {
    const bench = new Bench(handling, Value, Pair)
    for (let v = 0; v < 10; v++) bench.send({ v })
    bench.tell('drain')
    while (bench.runner.step() !== 'idle');
    expect([bench.state, bench.counter('processed')]).toEqual([deviceState.done, 10])
  })
})

test('a body that only looks gives the others a turn, is parked where it looks, and ends by itself', () => {
  const bench = new Bench(looking, Value, Pair)
  bench.tell('run')
  for (let turn = 0; turn < 10; turn++) expect(bench.runner.step()).toBe('moved')
  bench.send({ v: 8 })
  bench.runner.step()
  const first = bench.receive() as { v: number; served: number }
  expect(first.v).toBe(8)
  expect(first.served).toBeGreaterThan(5)
  bench.tell('park')
  while (bench.runner.step() !== 'idle');
  bench.makeRunner()
  bench.tell('run')
  bench.send({ v: 9 })
  bench.runner.step()
  expect((bench.receive() as { served: number }).served).toBeGreaterThan(first.served)
  bench.send({ v: 0 })
  bench.runner.step()
  expect([bench.returned, bench.state]).toEqual([1, deviceState.done])
})

test('the text has the names of the source', () => {
  const { text, lines } = emitJavaScript(counting)
  expect(text).toContain('return function counting()')
  expect(text).toContain('served = ((served + 1) >>> 0)')
  expect(lines).toHaveLength(text.split('\n').length)
})
