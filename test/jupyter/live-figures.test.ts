// Live figures go on while a cell blocks main, at most ten times a second, and end in the form that stays.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { KernelClient, at } from './client.js'
import type { Heard } from './client.js'

const setup = `
import { RingKernelRuntime, ringKernel, struct, u32 } from 'ringlab'
const Item = struct('Item', { n: u32 })
const echo = ringKernel('echo', { input: Item, output: Item, capacity: 64 }, async (ctx) => { while (!ctx.shouldTerminate) { const item = await ctx.receive(); await ctx.send({ n: item.n }) } })
const runtime = new RingKernelRuntime()
const actor = await runtime.spawn(echo)
`
/** Keeps main busy, and the actor too. */
const busyCell = (ms: number): string => `{ const end = Date.now() + ${ms}; let n = 0; while (Date.now() < end) { actor.trySend({ n: n++ }); actor.tryReceive() } }`

let kernel: KernelClient
beforeAll(async () => {
  kernel = await (await KernelClient.start()).ready()
  expect((await kernel.execute(setup)).reply).toMatchObject({ status: 'ok' })
})
afterAll(() => kernel.stop())

const updates = (from: number, to = Infinity): Heard[] => kernel.heard.filter(message => message.type === 'update_display_data' && message.atMs >= from && message.atMs <= to)

test('a figure moves while a cell blocks, at most ten times a second, and leaves a static figure', async () => {
  const began = performance.now()
  const { reply, messages } = await kernel.execute('%queues --live 3')
  expect(reply, JSON.stringify(reply)).toMatchObject({ status: 'ok' })
  const shown = messages.filter(message => message.type === 'display_data').map(message => at(message.content, 'transient', 'display_id'))
  expect(shown.length).toBeGreaterThanOrEqual(2)
  const from = performance.now()
  await kernel.execute(busyCell(1_500))
  const during = updates(from, performance.now())
  expect(during.length).toBeGreaterThanOrEqual(5)
  expect(during.length).toBeLessThanOrEqual(20)
  const final = await kernel.until(() => updates(began).find(message => at(message.content, 'data', 'image/svg+xml') !== undefined), 6_000, 'the final figure')
  expect(Object.keys(final.content['data'] as object).sort()).toEqual(expect.arrayContaining(['application/vnd.plotly.v1+json', 'image/svg+xml', 'text/html', 'text/plain']))
  expect(shown).toContain(at(final.content, 'transient', 'display_id'))
  expect(performance.now() - began).toBeLessThan(6_000)
})

test('a figure ends when its ring kernels ended', async () => {
  const began = performance.now()
  await kernel.execute('%queues --live 60')
  await kernel.execute('await actor.terminate()')
  await kernel.until(() => updates(began).find(message => at(message.content, 'data', 'image/svg+xml') !== undefined), 5_000, 'the final figure')
})

test('shutdown ends a live figure in the form that stays', async () => {
  const other = await (await KernelClient.start()).ready()
  await other.execute(setup)
  await other.execute('%queues --live 60')
  await other.ask('shutdown_request', { restart: false }, 'control')
  await other.exited(4_000)
  expect(other.heard.some(message => message.type === 'update_display_data' && at(message.content, 'data', 'image/svg+xml') !== undefined)).toBe(true)
  await other.stop()
})
