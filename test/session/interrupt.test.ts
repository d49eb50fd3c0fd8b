// Interrupting a cell: within a second, whatever it does, and the session keeps its names.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrivenSession } from './driver.js'

const boundMs = 1000

describe('interrupt', () => {
  let session: DrivenSession
  beforeAll(async () => { session = await DrivenSession.open(); await session.run('let kept = 0; const interruptMessage = message<string>("InterruptMessage")') })
  afterAll(async () => { await session.close('leftovers') })

  const waits: readonly (readonly [string, string])[] = [
    ['a promise that never settles', 'kept++; await new Promise(() => {})'],
    ['a loop of short waits', 'kept++; while (true) { await new Promise(r => setTimeout(r, 5)) }'],
    ['a loop that swallows errors', 'kept++; while (true) { try { await new Promise(r => setTimeout(r, 5)) } catch {} }'],
    ['for await over an endless stream', 'import { setInterval as every } from "timers/promises"; kept++; for await (const _ of every(5)) {}'],
    ['an empty ring', 'kept++; const interruptActor = await new RingKernelRuntime({ device: "cpu" }).spawn(ringKernel("idle", { input: interruptMessage, output: interruptMessage }, async (ctx) => { await ctx.receive() })); await interruptActor.receive()'],
  ]
  it.each(waits)('ends a cell that waits for %s', async (_, code) => {
    const before = Number((await session.run('kept')).text)
    const cell = session.start(code.replace('kept++;', 'kept++; console.log("waiting");'))
    await session.until(() => session.outputOf(cell.token, 'stdout') === 'waiting\n', 'the cell to begin')
    const asked = performance.now()
    await session.call('interrupt')
    const ran = await cell.outcome
    expect(performance.now() - asked).toBeLessThan(boundMs)
    expect(ran.error).toMatch(/^Interrupted/)
    expect(ran.outcome).toMatchObject({ interrupted: true })
    expect((await session.run('kept')).text).toBe(String(before + 1))
  })

  const blocks: readonly (readonly [string, string])[] = [
    ['a synchronous loop', 'kept++; for (;;) {}'],
    ['a loop after an await', 'kept++; await null; while (true) {}'],
    ['Atomics.wait', 'kept++; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
    ['a loop in a timer', 'kept++; setTimeout(() => { for (;;) {} }, 1); await new Promise(() => {})'],
    ['a regular expression', 'kept++; /(a+)+$/.test("a".repeat(60) + "b")'],
  ]
  it.each(blocks)('a cell terminated in %s settles, and names are kept', async (_, code) => {
    const before = Number((await session.run('kept')).text)
    const ran = await session.run(code.replace('kept++;', 'kept++; console.log("terminate me");'))
    expect(ran.error).toMatch(/^Interrupted/)
    expect((await session.run('kept')).text).toBe(String(before + 1))
    expect((await session.run('console.log("out"); [1, 2].map(x => x * 2)')).text).toBe('[ 2, 4 ]')
  })

  it('finally runs when a wait is interrupted', async () => {
    const cell = session.start('let cleaned = false; try { console.log("waiting"); await new Promise(() => {}) } finally { cleaned = true }')
    await session.until(() => session.outputOf(cell.token, 'stdout') === 'waiting\n', 'the cell to begin')
    await session.call('interrupt')
    await cell.outcome
    expect((await session.run('cleaned')).text).toBe('true')
  })

  it('a type check that takes long is given up and the session goes on with all its names', async () => {
    // Unions of 10,000 texts, each taken apart: seconds of checking, all of it before the cell runs.
    const slow = 'type Digit = 0|1|2|3|4|5|6|7|8|9; type Apart<T> = T extends `${infer A}${infer B}` ? [A, Apart<B>] : []\n'
      + Array.from({ length: 40 }, (_, i) => `type Text${i} = Apart<\`n${i}\${Digit}\${Digit}\${Digit}\${Digit}\`>; const text${i}: Text${i} = null!`).join('\n')
    const cell = session.start(slow)
    await new Promise((resolve) => { setTimeout(resolve, 300) })
    const asked = performance.now()
    await session.call('interrupt')
    const ran = await cell.outcome
    expect(performance.now() - asked).toBeLessThan(boundMs)
    expect(ran.error).toMatch(/^Interrupted/)
    expect((await session.run('typeof kept')).text).toBe("'number'")
    // The worker that was still busy is gone; the new one knows every name and its type.
    expect((await session.run('kept.toUpperCase()')).error).toMatch(/toUpperCase/)
    expect((await session.complete('interruptMessage.na')).matches.map(({ text }) => text)).toContain('name')
  })

  it('an interrupt with nothing running changes nothing', async () => {
    await session.call('interrupt')
    expect((await session.run('1 + 1')).text).toBe('2')
  })
})
