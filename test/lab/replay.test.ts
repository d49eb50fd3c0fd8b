// lab.replay(): a failing message again, with what it met, up to the line that failed.
import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { array, f64, i32, lab, message, ringKernel, RingKernelRuntime, struct, u32, unifiedBuffer, type DeadLetter, type RingKernelDefinition } from 'ringlab'

const Values = struct('Values', { count: u32, xs: array(f64, 4) })
const Sum = struct('Sum', { sum: f64 })

let runtime: RingKernelRuntime
afterEach(() => runtime.shutdown())

/** The letter of the first of `messages` that a ring kernel of `definition` fails with. */
async function letterOf(definition: RingKernelDefinition, messages: readonly object[], options: { device?: 'cpu' | 'host'; record?: boolean; buffers?: object } = {}): Promise<DeadLetter> {
  runtime = new RingKernelRuntime({ device: 'cpu' })
  const actor = await runtime.spawn(definition, options)
  const failed = actor.closed.then(() => 'it did not fail', () => 'failed')
  await actor.sendBatch(messages, { timeoutMs: 10_000 })
  const alive = setInterval(() => undefined, 1_000)
  expect(await failed.finally(() => { clearInterval(alive) })).toBe('failed')
  const [letter] = actor.deadLetters
  if (letter === undefined) throw new Error('there is no letter')
  return letter
}

const summing = ringKernel('replay-summing', { input: Values, output: Sum, state: { seen: u32, total: f64 } }, {
  onMessage({ count, xs }, ctx) {
    let sum = 0
    for (let i = 0; i < count; i++) {
      const x = (xs[i] as number) * 2
      sum += x
    }
    ctx.state.seen += 1
    ctx.state.total += sum
    ctx.send({ sum: ctx.state.total })
  },
})
const accumulating = ringKernel('replay-accumulating', { input: Values, output: Sum }, async (ctx) => {
  let total = 0
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    const twice = request.count * 2
    if (total > 10) throw new Error('too much')
    total += twice
    await ctx.send({ sum: total })
  }
})
const xs = [1, 2, 3, 4]

test('a handler goes through its lines with the message and the state it met, and fails at the same line', async () => {
  const letter = await letterOf(summing, [{ count: 2, xs }, { count: 6, xs }])
  const again = await lab.replay(letter)
  const line = Number(/:(\d+):\d+$/.exec(letter.place ?? '')?.[1])
  expect(again).toMatchObject({ outcome: 'failed', isSame: true, place: letter.place, omitted: 0, state: { seen: 1, total: 6 }, stateAfter: { seen: 1, total: 6 }, locals: { count: 6, i: 4, sum: 20 } })
  expect(again.error?.message).toBe(letter.error?.message)
  expect(again.steps.at(-1)).toMatchObject({ line })
  expect(again.steps.at(-1)?.text).toMatch(/const x = \(?xs\[i\]/)
  // The loop's lines, four times over, each with what it computed.
  expect(again.steps.filter((step) => step.line === line + 1).map(({ changed }) => changed)).toEqual([{ sum: 2 }, { sum: 6 }, { sum: 12 }, { sum: 20 }].map((each, i) => ({ ...each, ...(i < 4 ? { i: i + 1 } : {}) })))
})

test('it is printed with the line that failed, a caret below the place, and what variables held', async () => {
  const letter = await letterOf(summing, [{ count: 5, xs }])
  const lines = inspect(await lab.replay(letter)).split('\n')
  expect(lines.slice(0, 3)).toEqual(["The message of ring kernel 'replay-summing' that failed on cpu, again on the CPU device", '  message  Values { count: 5, xs: Float64Array(4) [ 1, 2, 3, 4 ] }', '  state    { seen: 0, total: 0 }'])
  const caret = lines.findIndex((line) => /^ +│ +\^$/.test(line))
  expect(lines[caret - 1]).toMatch(/const x = \(?xs\[i\]/)
  expect(lines[caret - 1]?.slice(lines[caret]?.indexOf('^'))).toMatch(/^\(?xs\[i\]/)
  expect(lines.slice(caret + 1)).toEqual(['  with count = 5, sum = 20, i = 4'])
  expect(lines).toContain(`It fails again: ${letter.error?.name ?? ''}: ${letter.error?.message ?? ''}`)
  expect((await lab.replay(letter)).toMimeBundle()['text/html']).toMatch(/const x = \(?xs\[i\]/)
})

test('a loop goes on from its receive with the locals it had then', async () => {
  const letter = await letterOf(accumulating, [{ count: 4, xs }, { count: 5, xs }, { count: 1, xs }])
  const again = await lab.replay(letter)
  expect(again).toMatchObject({ outcome: 'failed', isSame: true, locals: { total: 18, twice: 2 } })
  expect(again.steps[0]?.changed).toEqual({ twice: 2 })
})

test('without what it met it says so, and what it came to instead', async () => {
  const again = await lab.replay(await letterOf(accumulating, [{ count: 4, xs }, { count: 5, xs }, { count: 1, xs }], { device: 'host' }))
  expect(again).toMatchObject({ outcome: 'finished', isSame: false, error: undefined })
  expect(inspect(again)).toMatch(/It does not fail this time; then it failed with: too much\n.*locals that the loop had.*not kept/)
})

const gathering = ringKernel('replay-gathering', { input: Values, output: Sum, buffers: { table: i32 } }, {
  onMessage({ count }, ctx) { ctx.send({ sum: ctx.buffers.table[ctx.buffers.table[count] as number] as number }) },
})

test('unified buffers are given, and copied', async () => {
  const table = unifiedBuffer(i32, Int32Array.of(1, 2, 99))
  const letter = await letterOf(gathering, [{ count: 0, xs }, { count: 2, xs }], { buffers: { table } })
  await expect(lab.replay(letter)).rejects.toThrow("lab.replay(): ring kernel 'replay-gathering' uses the unified buffer 'table', whose contents a dead letter does not keep: give what the message met, lab.replay(letter, { buffers: { table } })")
  expect(await lab.replay(letter, { buffers: { table } })).toMatchObject({ outcome: 'failed', isSame: true })
  expect(await lab.replay(letter, { buffers: { table: [1, 2, 0] } })).toMatchObject({ outcome: 'finished', isSame: false })
  await expect(lab.replay(letter, { buffers: { table: 3 as never } })).rejects.toThrow("the buffer 'table' must be an array")
  table[Symbol.dispose]()
})

test('what has no compiled lines, and what is no letter, is refused in a sentence', async () => {
  const Words = message<{ word: string }>('Words')
  const speaking = ringKernel('replay-speaking', { input: Words, output: Words }, { onMessage({ word }) { throw new Error(word) } })
  await expect(lab.replay(await letterOf(speaking, [{ word: 'no' }]))).rejects.toThrow("ring kernel 'replay-speaking' has message() schemas, so there are no compiled lines to go through: send its message again with runtime.redeliver(letter).")
  await expect(lab.replay({} as DeadLetter)).rejects.toThrow('lab.replay() needs a dead letter')
})
