// The file of a checkpoint: damage of any kind is refused in one sentence, a killed writer leaves a whole file, and each option of restore() does what it says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CheckpointError, RingKernelRuntime, array, f32, f64, message, ringKernel, struct, u32, unifiedBuffer, type RingKernel } from 'ringlab'
import { decodeCheckpoint } from '#ringlab/runtime/checkpoint-file.js'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { root } from '../environment/paths.js'

const folder = mkdtempSync(join(tmpdir(), 'ringlab-checkpoint-files-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })
const lines: string[] = []
setBodyLog((line) => { lines.push(line) })
const within = { timeoutMs: 5000 }

const Value = struct('Value', { v: u32 })
const Total = struct('Total', { v: u32, total: f64 })
const totalling = ringKernel('totalling', { input: Value, output: Total, state: { n: u32, total: f64 }, capacity: 16 }, {
  onMessage({ v }, ctx) { ctx.state.n++; ctx.state.total += v; ctx.send({ v: ctx.state.n, total: ctx.state.total }) },
})

let runtime: RingKernelRuntime
let files = 0
beforeEach(() => { runtime = new RingKernelRuntime({ device: 'cpu' }) })
afterEach(async () => {
  await runtime.shutdown()
  lines.length = 0
})

/** A checkpoint of a ring kernel that has summed 1, 2, 3 and has 10 and 20 queued. */
async function written(): Promise<string> {
  const path = join(folder, `${++files}`)
  const actor = await runtime.spawn(totalling, { id: `source ${files}` })
  for (const v of [1, 2, 3]) await actor.ask({ v }, within)
  await actor.deactivate()
  await actor.sendBatch([{ v: 10 }, { v: 20 }])
  await actor.checkpoint(path)
  await actor.terminate()
  return path
}

const goesOn = async (actor: RingKernel): Promise<unknown[]> => { await actor.activate(); return [await actor.receive(within), await actor.receive(within)] }

describe('a damaged file', () => {
  test('of any kind is refused by its path and a reason, and never half read: 2,000 damages', async () => {
    const whole = readFileSync(await written())
    const refusedAs = (bytes: Buffer): string => {
      try { decodeCheckpoint('the file', bytes) } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError)
        expect((error as Error).message).toMatch(/^(checkpoint )?'?the file'?.*\.$/s)
        return (error as CheckpointError).reason
      }
      return 'read'
    }
    expect(refusedAs(whole)).toBe('read')
    const place = fc.nat({ max: whole.byteLength - 1 })
    fc.assert(fc.property(fc.oneof(
      fc.record({ kind: fc.constant('flipped' as const), at: place, bit: fc.nat({ max: 7 }) }),
      fc.record({ kind: fc.constant('cut' as const), at: place }),
      fc.record({ kind: fc.constant('longer' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }) }),
      fc.record({ kind: fc.constant('moved' as const), at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
      fc.record({ kind: fc.constant('foreign' as const), bytes: fc.uint8Array({ minLength: 8, maxLength: 200 }) }),
    ), (damage) => {
      const bytes = damage.kind === 'cut' ? whole.subarray(0, damage.at) : damage.kind === 'longer' ? Buffer.concat([whole, damage.bytes]) : damage.kind === 'foreign' ? Buffer.from(damage.bytes)
        : damage.kind === 'moved' ? Buffer.concat([whole.subarray(0, damage.at), damage.bytes, whole.subarray(damage.at)]) : Buffer.from(whole)
      if (damage.kind === 'flipped') bytes[damage.at] = (bytes[damage.at] ?? 0) ^ (1 << damage.bit)
      expect(refusedAs(bytes)).not.toBe('read')
    }), { numRuns: 2000 })
  })

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.byteLength - 5), 'torn', /damaged \(it has \d+ bytes and should have \d+\)/],
    ['with one bit changed', (bytes: Buffer) => { bytes[bytes.byteLength - 40] = (bytes[bytes.byteLength - 40] ?? 0) ^ 1; return bytes }, 'torn', /its checksum is wrong/],
    ['of another program', () => Buffer.from('{"cells": []}'), 'foreign', /no checkpoint of ringlab/],
    ['of a later ringlab', (bytes: Buffer) => { bytes.writeUInt32LE(7, 8); return bytes }, 'newer', /version 7, and this ringlab reads version 1/],
    ['of an earlier ringlab', (bytes: Buffer) => { bytes.writeUInt32LE(0, 8); return bytes }, 'older', /version 0, and this ringlab reads version 1/],
  ] as const)('%s launches nothing, and says what is wrong with it', async (_kind, damage, reason, sentence) => {
    const path = await written()
    writeFileSync(path, damage(readFileSync(path)))
    const before = [...runtime.ringKernels.keys()]
    const error = await runtime.restore(path, { id: 'again' }).catch((thrown: unknown) => thrown) as CheckpointError
    expect([error.reason, error.message]).toEqual([reason, expect.stringMatching(sentence)])
    expect(error.message).toContain(path)
    expect([...runtime.ringKernels.keys()]).toEqual(before)
  })

  test('is never left by a writer that is killed: the last whole one is there', async () => {
    const script = join(folder, 'writer.mjs')
    writeFileSync(script, `
      import { RingKernelRuntime, array, ringKernel, struct, u32 } from '${root}dist/index.js'
      const Value = struct('Value', { v: u32 })
      const big = ringKernel('big', { input: Value, output: Value, device: 'host', state: { n: u32, ballast: array(u32, 200000) } }, { onMessage({ v }, ctx) { ctx.state.n = v; ctx.send({ v }) } })
      const runtime = new RingKernelRuntime({ device: 'host' })
      const actor = await runtime.spawn(big)
      for (let v = 1; ; v++) { await actor.ask({ v }); await actor.checkpoint(process.argv[2]); process.stdout.write(v + '\\n') }
    `)
    const path = join(folder, 'killed', 'big')
    for (let round = 0; round < 5; round++) {
      rmSync(join(folder, 'killed'), { recursive: true, force: true })
      mkdirSync(join(folder, 'killed'))
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (data: Buffer) => {
        said += data.toString()
        // It is in the middle of the next one by now, each round at another place.
        if (said.split('\n').length > 3 + round * 3) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const last = Number(said.trim().split('\n').at(-1))
      const { header, state } = decodeCheckpoint(path, readFileSync(path))
      const n = new Uint32Array(state?.slice(0, 4).buffer ?? new ArrayBuffer(4))[0] ?? 0
      expect([header.name, n >= last, n <= last + 1]).toEqual(['big', true, true])
      expect(readdirSync(join(folder, 'killed')).filter((name) => name !== 'big').length).toBeLessThanOrEqual(1)
    }
  })
})

describe('restore', () => {
  test('goes on with state and queue under the id and on the device it had, or those it is given', async () => {
    const path = await written()
    // Without a definition, the latest of its name: so this comes before any test that defines another.
    const [again, named] = [await runtime.restore(path), await runtime.restore(path, { id: 'named', device: 'host' })]
    expect([again.id, again.device, named.id, named.device]).toEqual([`source ${files}`, 'cpu', 'named', 'host'])
    for (const actor of [again, named]) expect(await goesOn(actor)).toEqual([{ v: 4, total: 16 }, { v: 5, total: 36 }])
  })

  test('runs the definition it is given, with the state fields that both have', async () => {
    const path = await written()
    const doubling = ringKernel('doubling', { input: Value, output: Total, state: { total: f64, factor: f32 } }, { onMessage({ v }, ctx) { ctx.state.total += 2 * v; ctx.send({ v: 0, total: ctx.state.total + ctx.state.factor }) } })
    const again = await runtime.restore(path, { id: 'again', definition: doubling })
    expect(await goesOn(again)).toEqual([{ v: 0, total: 26 }, { v: 0, total: 66 }])
    expect(lines.find((line) => line.includes('restored from'))).toMatch(/state field 'factor' is new and begins at zero; state field 'n' is gone\.$/)
  })

  test('fills a grown state by migrate', async () => {
    const path = await written()
    const grown = ringKernel('totalling', { input: Value, output: Total, state: { n: u32, total: f64, mean: f64 } }, { onMessage({ v }, ctx) { ctx.state.n++; ctx.state.total += v; ctx.send({ v: ctx.state.n, total: ctx.state.mean }) } })
    const again = await runtime.restore(path, { id: 'again', definition: grown, migrate: (old) => ({ mean: Number(old.total) / Number(old.n), n: 100 }) })
    expect(await goesOn(again)).toEqual([{ v: 101, total: 2 }, { v: 102, total: 2 }])
    await expect(runtime.restore(path, { definition: grown, migrate: () => ({ mean: 'much' }) })).rejects.toThrow(/mean/)
    await expect(runtime.restore(path, { migrate: 3 as never })).rejects.toThrow(/migrate must be a function/)
  })

  test('refuses queued messages of another schema, and a queue that does not fit', async () => {
    const path = await written()
    const Other = struct('Value', { w: f64 })
    const other = ringKernel('other', { input: Other, output: Total }, { onMessage({ w }, ctx) { ctx.send({ v: 0, total: w }) } })
    await expect(runtime.restore(path, { definition: other })).rejects.toThrow(/2 queued input messages of another schema/)
    const large = ringKernel('large', { input: Value, output: Total, capacity: 64 }, { onMessage({ v }, ctx) { ctx.send({ v, total: 0 }) } })
    const actor = await runtime.launch(large)
    await actor.sendBatch(Array.from({ length: 40 }, (_, v) => ({ v })))
    await actor.checkpoint(path)
    await expect(runtime.restore(path, { definition: totalling, id: 'small' })).rejects.toThrow(/40 queued messages and the queues of 'totalling' take 16/)
  })

  test('takes one unified buffer for each the definition declares', async () => {
    const path = join(folder, `${++files}`)
    const scaling = ringKernel('scaling', { input: Value, output: Total, buffers: { by: f32 } }, { onMessage({ v }, ctx) { ctx.send({ v, total: v * (ctx.buffers.by[0] ?? 0) }) } })
    using first = unifiedBuffer(f32, new Float32Array([2]))
    using second = unifiedBuffer(f32, new Float32Array([3]))
    const actor = await runtime.launch(scaling, { buffers: { by: first } })
    await actor.send({ v: 7 })
    await actor.checkpoint(path)
    await expect(runtime.restore(path, { id: 'without' })).rejects.toThrow(/by/)
    const again = await runtime.restore(path, { id: 'again', buffers: { by: second } })
    await again.activate()
    expect(await again.receive(within)).toEqual({ v: 7, total: 21 })
    await again.terminate()
    await actor.terminate()
  })

  test('goes on with values of message() schemas, in their order', async () => {
    const path = join(folder, `${++files}`)
    const Note = message<{ text: string; more?: Map<string, number> }>('Note')
    const noting = ringKernel('noting', { input: Note, output: Note, device: 'host' }, { onMessage(note, ctx) { ctx.send(note) } })
    const actor = await runtime.launch(noting)
    const notes = [{ text: 'hé' }, { text: '', more: new Map([['a', 1]]) }]
    await actor.sendBatch(notes)
    await actor.checkpoint(path)
    expect(await goesOn(await runtime.restore(path, { id: 'again' }))).toEqual(notes)
  })

  test('keeps priorities and correlation ids of what was queued', async () => {
    const path = join(folder, `${++files}`)
    const seeing = ringKernel('seeing', { input: Value, output: Total }, { onMessage({ v }, ctx) { ctx.send({ v, total: ctx.envelope.priority }) } })
    const actor = await runtime.launch(seeing)
    await actor.send({ v: 1 }, { priority: 200, correlationId: 77n })
    await actor.checkpoint(path)
    const again = await runtime.restore(path, { id: 'again' })
    await again.activate()
    for await (const { message: answer, envelope } of again.envelopes(within)) {
      expect([answer, envelope.correlationId]).toEqual([{ v: 1, total: 200 }, 77n])
      break
    }
  })
})

test.each(['cpu', 'host'] as const)('a step after a restore on %s takes its messages and no more', async (device) => {
  const path = await written()
  const again = await runtime.restore(path, { id: 'again', device, definition: totalling })
  expect([await again.step(1, within), again.telemetry().depth, again.tryReceive()]).toEqual([1, 1, { v: 4, total: 16 }])
})

describe('any history', () => {
  const keeping = ringKernel('keeping', { input: Value, output: Total, capacity: 64, state: { n: u32, last: array(u32, 4) } }, {
    onMessage({ v }, ctx) { ctx.state.last[ctx.state.n % 4] = v; ctx.state.n++; ctx.send({ v: ctx.state.n, total: (ctx.state.last[0] ?? 0) + (ctx.state.last[1] ?? 0) * 3 + (ctx.state.last[2] ?? 0) * 5 + (ctx.state.last[3] ?? 0) * 7 }) },
  })
  type Step = { kind: 'send'; v: number } | { kind: 'take' } | { kind: 'step'; count: number } | { kind: 'move'; to: 'cpu' | 'host' }
  const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), v: fc.nat({ max: 1000 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('step' as const), count: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'take' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), to: fc.constantFrom('cpu' as const, 'host' as const) }) },
  ), { maxLength: 30 })

  test('with checkpoints in it, and restores on either device, answers as one without: 150 histories', async () => {
    let histories = 0
    await fc.assert(fc.asyncProperty(steps, async (history) => {
      const path = join(folder, `history ${++histories}`)
      const queue: number[] = [], outputs: { v: number; total: number }[] = [], last = [0, 0, 0, 0]
      let n = 0
      let actor: RingKernel = await runtime.launch(keeping, { id: `a ${histories}` })
      for (const step of history) {
        if (step.kind === 'send') { if (queue.length < 60) { queue.push(step.v); await actor.send({ v: step.v }) } }
        else if (step.kind === 'step') {
          const room = Math.min(step.count, queue.length, 64 - outputs.length)
          expect(await actor.step(step.count, within)).toBe(room)
          for (const v of queue.splice(0, room)) { last[n % 4] = v; n++; outputs.push({ v: n, total: (last[0] ?? 0) + (last[1] ?? 0) * 3 + (last[2] ?? 0) * 5 + (last[3] ?? 0) * 7 }) }
        } else if (step.kind === 'take') expect(actor.tryReceive()).toEqual(outputs.shift())
        else {
          const saved = await actor.checkpoint(path)
          expect([saved.inputs, saved.outputs]).toEqual([queue.length, outputs.length])
          await actor.terminate()
          actor = await runtime.restore(path, { device: step.to })
        }
      }
      while (outputs.length > 0) expect(actor.tryReceive()).toEqual(outputs.shift())
      expect(actor.tryReceive()).toBeUndefined()
      await actor.terminate()
      rmSync(path, { force: true })
    }), { numRuns: 150, endOnFailure: true, interruptAfterTimeLimit: 30_000 })
  })
})
