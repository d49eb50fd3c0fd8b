// An interrupt ends whatever holds the Jupyter kernel within a second, and everything the user had is still there.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KernelClient, executeContent } from './client.js'
import { nodes } from './nodes.js'

const withinMs = 1_000

/** Cells that never end by themselves. `started` is printed when the part that matters begins. */
const endless: readonly { readonly name: string; readonly code: string; readonly status?: 'ok'; /** The client has thousands of messages to read first. */ readonly limitMs?: number }[] = [
  { name: 'a synchronous loop', code: 'console.log("started"); while (true) {}' },
  { name: 'a loop after an await', code: 'await null; console.log("started"); while (true) {}' },
  { name: 'a promise that never settles', code: 'console.log("started"); await new Promise(() => {})' },
  { name: 'Atomics.wait', code: 'console.log("started"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)' },
  { name: 'execSync', code: 'import { execSync } from "node:child_process"\nconsole.log("started"); execSync("sleep 60")' },
  { name: 'a timer\'s loop under an await', code: 'setTimeout(() => { console.log("started"); while (true) {} }, 1); await new Promise(() => {})' },
  { name: 'a timer\'s loop after the cell', code: 'setTimeout(() => { console.log("started"); while (true) {} }, 1); null', status: 'ok' },
  { name: 'an interval that loops again and again', code: 'const again = setInterval(() => { console.log("started"); const end = Date.now() + 5_000; while (Date.now() < end); }, 1); await new Promise(() => {})' },
  { name: 'receive() on an empty ring', code: 'console.log("started"); await waiting.receive()' },
  { name: 'endless printing', code: 'while (true) console.log("started")' },
  { name: 'endless displays', code: 'console.log("started"); while (true) lab.display.html("<b>again</b>")', limitMs: 10_000 },
]

const setup = `
import { RingKernelRuntime, message, ringKernel } from 'ringlab'
const kept = { value: 42 }
const Text = message<{ data: string }>('Text')
const silent = ringKernel('silent', { input: Text, output: Text }, async (ctx) => { while (!ctx.shouldTerminate) { await ctx.receive() } })
const runtime = new RingKernelRuntime()
const waiting = await runtime.spawn(silent)
`

describe.each(nodes)('interrupt on $name', ({ path }) => {
  let kernel: KernelClient
  beforeAll(async () => {
    kernel = await (await KernelClient.start({ node: path })).ready()
    expect((await kernel.execute(setup)).reply).toMatchObject({ status: 'ok' })
  })
  afterAll(() => kernel.stop())

  async function begin(code: string): Promise<string> {
    const id = kernel.send('execute_request', executeContent(code))
    await kernel.until(() => kernel.text(id, 'stdout').includes('started') || undefined, 10_000, 'the cell\'s "started"')
    return id
  }

  /** The session answers, and kept what it had. */
  async function usable(): Promise<void> {
    const after = await kernel.execute('kept.value + 1', { deadlineMs: 5_000 })
    expect(after.result, JSON.stringify(after.reply)).toBe('43')
  }

  test.each(endless)('$name ends within a second', async ({ code, status, limitMs = withinMs }) => {
    const id = await begin(code)
    const from = performance.now()
    expect(await kernel.ask('interrupt_request', {}, 'control')).toEqual({ status: 'ok' })
    const outcome = await kernel.outcome(id, 10_000)
    await usable()
    expect(performance.now() - from).toBeLessThan(limitMs)
    expect(outcome.reply['status']).toBe(status ?? 'error')
    await kernel.execute('if (typeof again !== "undefined") clearInterval(again)')
  })

  test('type checking ends within a second', async () => {
    // Five tuples built element by element: many seconds of checking.
    const slow = 'type Count<N extends number, Tag, T extends unknown[] = []> = T["length"] extends N ? T["length"] : Count<N, Tag, [...T, Tag]>\n'
      + Array.from({ length: 5 }, (_, index) => `const slow${index}: Count<990, "tag ${index}"> = 990`).join('\n')
    const id = kernel.send('execute_request', executeContent(slow))
    await kernel.until(() => kernel.of(id).find(message => message.type === 'execute_input'), 5_000, 'execute_input')
    // Checking has begun for certain, and goes on for certain.
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(kernel.heard.some(message => message.parentId === id && message.type === 'execute_reply')).toBe(false)
    const from = performance.now()
    await kernel.ask('interrupt_request', {}, 'control')
    expect((await kernel.outcome(id, 5_000)).reply['status']).toBe('error')
    expect(performance.now() - from).toBeLessThan(withinMs)
    await usable()
  })

  test('Run All with ten cells queued: the first is interrupted, the rest are aborted, later cells run', async () => {
    const first = await begin('console.log("started"); while (true) {}')
    const rest = Array.from({ length: 9 }, (_, index) => kernel.send('execute_request', executeContent(`console.log("cell ${index}")`)))
    const from = performance.now()
    await kernel.ask('interrupt_request', {}, 'control')
    expect((await kernel.outcome(first, 5_000)).reply['status']).toBe('error')
    for (const id of rest) {
      const outcome = await kernel.outcome(id, 5_000)
      expect(outcome.reply['status']).toBe('aborted')
      expect(outcome.stdout).toBe('')
    }
    expect(performance.now() - from).toBeLessThan(withinMs)
    await usable()
  })

  test('SIGINT does the same, also while a cell blocks', async () => {
    for (const code of ['console.log("started"); await new Promise(() => {})', 'console.log("started"); while (true) {}']) {
      const id = await begin(code)
      // The thread that sees signals behind a blocked main starts once a cell runs for a while.
      await new Promise(resolve => setTimeout(resolve, 600))
      const from = performance.now()
      kernel.process.kill('SIGINT')
      expect((await kernel.outcome(id, 5_000)).reply['status']).toBe('error')
      expect(performance.now() - from).toBeLessThan(withinMs)
      await usable()
    }
  })

  test('an interrupt with nothing running disturbs nothing', async () => {
    for (let round = 0; round < 5; round++) {
      await kernel.ask('interrupt_request', {}, 'control')
      await usable()
    }
  })
})
