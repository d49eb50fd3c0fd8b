// The example of cuda/README.md, compiled and run: the page shows nothing that does not work.
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { byHandPrelude } from '#ringlab/compiler/cuda/units.js'
import type { Program } from '#ringlab/compiler/ir.js'
import type { Handle } from '#ringlab/driver/index.js'
import { command } from '#ringlab/ring/control.js'
import { layoutOf } from '#ringlab/schema/index.js'
import { array, f32, struct, u32 } from 'ringlab'
import { simulatedGpu, until } from '../driver/gpu.js'
import { EmittedActor } from './device.js'

const gpu = simulatedGpu()
afterAll(() => { gpu[Symbol.dispose]() })

/** What the code itself says of the shared memory it needs. */
function sharedBytesOf(module: Handle): number {
  const word = new Uint8Array(4)
  gpu.cuda.copyToHost(word, gpu.cuda.moduleGlobal(module, 'summer_shared_bytes').address)
  return new DataView(word.buffer).getUint32(0, true)
}

test('the example of the page answers messages, and goes on after a park', async () => {
  const example = /```cuda\n([\s\S]*?)```/.exec(readFileSync(new URL('../../cuda/README.md', import.meta.url), 'utf8'))?.[1]
  const text = `${byHandPrelude()}\n${example ?? ''}`
  const program = {
    input: layoutOf(struct('Request', { id: u32, values: array(f32, 8) })), ports: [{ layout: layoutOf(struct('Response', { id: u32, sum: f32 })) }], frameBytes: 64, constants: new Uint8Array(0), state: undefined,
  } as unknown as Program
  const loaded = gpu.load(text, 'summer')
  const actor = new EmittedActor(gpu, { program, cuda: { text, linked: undefined, lines: [], program: '', entry: 'summer', threads: 32, sharedBytes: sharedBytesOf(loaded.module), scratchBytes: 0, logStride: 32 } }, { firstIndex: 2 ** 32 - 7, function: loaded.function })
  const seen: [number, number][] = []
  let sent = 0
  let parks = 0
  actor.launch()
  await until(() => {
    if (actor.isParked) actor.launch()
    while (sent < 100 && actor.send(new Uint8Array(Uint32Array.from([sent, ...new Uint32Array(new Float32Array(8).fill(sent).buffer)]).buffer), 1n)) sent++
    for (let next = actor.receive(); next !== undefined; next = actor.receive()) {
      const view = new DataView(next.payload.buffer)
      seen.push([view.getUint32(0, true), view.getFloat32(4, true)])
      if (seen.length % 30 === 0) { actor.ask(command.park); parks++ }
    }
    return seen.length === 100
  }, 'a hundred answers')
  actor.ask(command.stop)
  await until(() => actor.isGone, 'the end')
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => [i, i * 8]))
  expect(parks).toBeGreaterThan(1)
})
