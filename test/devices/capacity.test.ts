// What one message may lead to has to fit the rings it goes to: said when they are made, not by waiting for ever.
import { afterEach, expect, test } from 'vitest'
import { RingKernelRuntime, ringKernel, struct, u32 } from 'ringlab'

const Value = struct('Value', { v: u32 })
const many = (capacity: number): ReturnType<typeof ringKernel<typeof Value, typeof Value>> => ringKernel('many', { input: Value, output: Value, device: 'cpu', capacity }, {
  onMessage(m, ctx) { for (let k = 0; k < 20; k++) ctx.send({ v: m.v + k }) },
})
const echo = ringKernel('small-echo', { input: Value, output: Value, device: 'cpu', capacity: 16 }, { onMessage(m, ctx) { ctx.send(m) } })

let runtime = new RingKernelRuntime()
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime() })

test('a handler that may send more than its ring holds is refused at launch', async () => {
  await expect(runtime.launch(many(16))).rejects.toThrow('may send 20 messages to output for each that it handles, but its rings hold 16: raise capacity')
  const actor = await runtime.spawn(many(32))
  await actor.send({ v: 1 })
  for (let k = 0; k < 20; k++) expect(await actor.receive({ timeoutMs: 5000 })).toEqual({ v: 1 + k })
})

test('so is a connection that holds less, and the output stays with the host', async () => {
  const [source, sink] = [await runtime.spawn(many(32)), await runtime.spawn(echo)]
  await expect(runtime.connect(source, sink)).rejects.toThrow('may send 20 messages to output for each that it handles, but the connection holds 16: raise the capacity of the ring kernel that it leads to')
  expect(await source.ask({ v: 5 }, { timeoutMs: 5000 })).toEqual({ v: 5 })
})
