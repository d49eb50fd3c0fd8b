// Nothing printed is lost, whoever prints it, and all of it shows while the cell still holds the main thread.

import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KernelClient } from './client.js'
import type { Executed } from './client.js'
import { nodes } from './nodes.js'

describe.each(nodes)('output on $name', ({ path }) => {
  let kernel: KernelClient
  beforeAll(async () => { kernel = await (await KernelClient.start({ node: path })).ready() })
  afterAll(() => kernel.stop())

  /** Runs a cell that prints and then holds main; the text must have come well before the cell's end. */
  async function printed(code: string, blockMs = 600): Promise<Executed> {
    const outcome = await kernel.execute(`${code}\n{ const end = Date.now() + ${blockMs}; while (Date.now() < end); }`)
    expect(outcome.reply['status'], JSON.stringify(outcome.reply)).toBe('ok')
    const end = outcome.messages.at(-1)
    expect(end?.content['execution_state']).toBe('idle')
    const first = outcome.messages.find(message => message.type === 'stream')
    expect((end?.atMs ?? 0) - (first?.atMs ?? Infinity), 'the text came before the cell ended').toBeGreaterThan(blockMs / 3)
    return outcome
  }

  test('20,000 lines arrive complete and in order, with idle after them', async () => {
    const outcome = await kernel.execute('for (let line = 0; line < 20_000; line++) console.log(`line ${line}`)')
    expect(outcome.stdout).toBe(Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join(''))
    expect(outcome.messages.at(-1)?.content['execution_state']).toBe('idle')
    expect(outcome.messages.filter(message => message.type === 'stream').length).toBeLessThan(200)
  })

  test('20,000 lines arrive complete and in order during a blocked cell', async () => {
    const outcome = await printed('for (let line = 0; line < 20_000; line++) console.log(`line ${line}`)')
    expect(outcome.stdout).toBe(Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join(''))
  })

  test('process.stdout.write without a newline arrives', async () => {
    expect((await printed('process.stdout.write("no newline")')).stdout).toBe('no newline')
  })

  test('a character split over two writes arrives whole', async () => {
    expect((await printed('{ const bytes = Buffer.from("Grüße 🎉"); for (const byte of bytes) process.stdout.write(Buffer.of(byte)) }')).stdout).toBe('Grüße 🎉')
  })

  test('a character split over two writes to the descriptor arrives whole', async () => {
    const code = 'import fs from "node:fs"\n{ const bytes = Buffer.from("größer 🎉\\n"); for (const byte of bytes) { fs.writeSync(1, Buffer.of(byte)); const end = Date.now() + 5; while (Date.now() < end); } }'
    expect((await printed(code)).stdout).toBe('größer 🎉\n')
  })

  test('a child that inherits stdio is heard', async () => {
    const outcome = await printed('import { execSync } from "node:child_process"\nexecSync("echo hi; echo oops >&2", { stdio: "inherit" })')
    expect(outcome.stdout).toBe('hi\n')
    expect(outcome.stderr).toBe('oops\n')
  })

  test('C puts is heard', async () => {
    const koffi = JSON.stringify(fileURLToPath(import.meta.resolve('koffi')))
    expect((await printed(`const koffi = require(${koffi})\nkoffi.load(null).func("int puts(const char *text)")("from C")`)).stdout).toBe('from C\n')
  })

  test('C printf without a newline is heard before idle', async () => {
    const koffi = JSON.stringify(fileURLToPath(import.meta.resolve('koffi')))
    const outcome = await kernel.execute(`const koffi2 = require(${koffi})\nkoffi2.load(null).func("int printf(const char *text)")("from C, no newline"); null`)
    expect(outcome.stdout).toBe('from C, no newline')
  })

  test('a Worker\'s console is heard', async () => {
    expect((await printed('import { Worker } from "node:worker_threads"\nnew Worker("console.log(`from a worker`)", { eval: true })', 2_000)).stdout).toBe('from a worker\n')
  })

  test('console, children, descriptors and displays keep one order', async () => {
    const code = 'import { execSync } from "node:child_process"; import fs from "node:fs"\nfor (let round = 0; round < 5; round++) { console.log("a"); execSync("echo b", { stdio: "inherit" }); console.log("c"); fs.writeSync(1, "d\\n"); console.error("e"); lab.display.html("f"); console.log("g") }'
    const { messages, reply } = await kernel.execute(code)
    expect(reply['status'], JSON.stringify(reply)).toBe('ok')
    const order = messages.map(message => message.type === 'stream' ? String(message.content['text']) : message.type === 'display_data' ? 'f' : '').join('').replaceAll('\n', '')
    expect(order).toBe('abcdefg'.repeat(5))
  })

  test('50 MB of output arrive whole', async () => {
    const outcome = await kernel.execute('{ const row = "0123456789".repeat(1_000) + "\\n"; for (let i = 0; i < 5_000; i++) process.stdout.write(row) }', { deadlineMs: 60_000 })
    expect(outcome.stdout.length).toBe(5_000 * 10_001)
  }, 90_000)

  test('text after idle still arrives, under its cell', async () => {
    const outcome = await kernel.execute('setTimeout(() => console.log("later"), 150); 1')
    const id = outcome.messages[0]?.parentId ?? ''
    await kernel.until(() => kernel.text(id, 'stdout') === 'later\n' || undefined, 5_000, 'the text of the timer')
  })
})
