// Dead letters as a cell's result: a table, of a runtime and of one ring kernel.
import { expect, test } from 'vitest'
import { ringKernel, RingKernelRuntime, struct, u32 } from 'ringlab'
import { toMimeBundle } from '#ringlab/lab/index.js'

const Value = struct('Value', { v: u32 })
const echo = ringKernel('lab-letters', { input: Value, output: Value }, { onMessage({ v }, ctx) { ctx.send({ v }) } })

test('they are a table of who, where, why and what', async () => {
  const runtime = new RingKernelRuntime({ device: 'host' })
  expect(toMimeBundle(runtime.deadLetters)['text/plain']).toContain('0 dead letters (capacity 1,000, 0 lost)')
  for (const id of ['first', 'second']) {
    const actor = await runtime.launch(echo, { id })
    await actor.send({ v: 41 })
    await actor.terminate()
  }
  const all = toMimeBundle(runtime.deadLetters)
  expect(all['text/plain']).toContain('2 dead letters')
  expect(all['text/plain']).toMatch(/ring kernel +device +reason +message/)
  expect(all['text/plain']).toMatch(/first +host +terminated +\{ v: 41 \}/)
  expect(all).toHaveProperty('text/html')
  const own = toMimeBundle(runtime.ringKernels.get('second')?.deadLetters)['text/plain'] as string
  expect(own).toContain('1 dead letter (')
  expect(own).not.toContain('first')
  await runtime.shutdown()
})
