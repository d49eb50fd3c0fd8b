// Two GPUs: a ring kernel runs where it is told to, connections cross between them, and a GPU that is not there is refused by name.
import { afterAll, expect, test } from 'vitest'
import { expectNothingLeft } from './simulated.js'
import { RingKernelRuntime, ringKernel, struct, u32 } from 'ringlab'

process.env.RINGLAB_SIM_DEVICES = '2'
const Value = struct('Value', { v: u32 })
const adder = ringKernel('second-adder', { input: Value, output: Value }, async (ctx) => { for (;;) { const { v } = await ctx.receive(); await ctx.send({ v: v + 1 }) } })

const runtime = new RingKernelRuntime({ device: 'cuda' })
afterAll(async () => { await runtime.shutdown(); expectNothingLeft() })

test('each runs on its own, and they go on side by side', async () => {
  const [first, second] = [await runtime.spawn(adder, { id: 'first' }), await runtime.spawn(adder, { id: 'second', device: 'cuda:1' })]
  expect([first.device, second.device]).toEqual(['cuda:0', 'cuda:1'])
  for (let v = 0; v < 20; v++) expect([(await first.ask({ v })).v, (await second.ask({ v: v * 2 })).v]).toEqual([v + 1, v * 2 + 1])
})

test('a connection crosses from one to the other', async () => {
  const [first, second] = [runtime.ringKernels.get('first'), runtime.ringKernels.get('second')]
  if (first === undefined || second === undefined) throw new Error('the first test launched them')
  const connection = await runtime.connect(first, second)
  for (let v = 0; v < 50; v++) await first.send({ v })
  for (let v = 0; v < 50; v++) expect(await second.receive({ timeoutMs: 10_000 })).toEqual({ v: v + 2 })
  await connection[Symbol.asyncDispose]()
})

test('a third is refused by its name', async () => {
  await expect(runtime.launch(adder, { id: 'third', device: 'cuda:2' })).rejects.toThrow(/cuda:2/)
})
