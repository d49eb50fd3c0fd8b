// What the corpus does not reach: faults of handlers and loops, a thread a message, one-shot kernels, and the ABI as g++ lays it out.
import { afterAll, expect, test } from 'vitest'
import { abiBytes, bufferTable, noFault, oneShotParameters, readFault, readLetter } from '#ringlab/compiler/cuda/abi.js'
import { emitCuda } from '#ringlab/compiler/cuda/index.js'
import type { Expr, Place, Program, Statement } from '#ringlab/compiler/ir.js'
import { command, deviceState, word } from '#ringlab/ring/control.js'
import { layoutOf } from '#ringlab/schema/index.js'
import { struct, u32 } from 'ringlab'
import { simulatedGpu, until } from '../driver/gpu.js'
import { EmittedActor } from './device.js'

const gpu = simulatedGpu()
afterAll(() => { gpu[Symbol.dispose]() })

const Word = layoutOf(struct('Word', { w: u32 }))
const scalar = Word.fields[0]?.layout ?? Word
const where = { file: 0, line: 1, column: 1, length: 1 }
const at = (base: Place['base']): Place => ({ base, steps: [{ kind: 'field', name: 'w', offset: 0 }], layout: scalar })
const message: Expr = { op: 'load', repr: 'u32', place: at({ kind: 'message', message: 0 }) }
const constant = (value: number): Expr => ({ op: 'constant', repr: 'u32', value })
const send = (value: Expr): Statement => ({ kind: 'emit', port: 0, stores: [{ kind: 'store', place: at({ kind: 'out' }), dtype: 'u32', value }], correlationId: undefined, priority: undefined })
/** Sends w, then fails on multiples of 5, then sends w + 1000. */
const body: Statement[] = [
  { kind: 'reserve', point: 1, port: 0, count: 2 }, { kind: 'receive', point: 2, message: 0 }, send(message),
  { kind: 'guard', condition: { op: 'compare', repr: 'bool', name: 'ne', left: { op: 'binary', repr: 'u32', name: 'rem', left: message, right: constant(5) }, right: constant(0) }, site: 0, value: message },
  send({ op: 'binary', repr: 'u32', name: 'add', left: message, right: constant(1000) }),
]

function program(form: Program['form'], changes: Partial<Program> = {}): Program {
  return {
    name: `by-hand-${form}`, form, files: ['by-hand.ts'], input: Word, ports: [{ name: 'output', layout: Word, emitsMax: 2 }], state: undefined, arguments: undefined, buffers: [], locals: [],
    regions: [], messages: [{ name: 'message', region: undefined }], tables: [], constants: new Uint8Array(0), parallels: [], sites: [{ kind: 'fault', text: '{} is a multiple of 5', at: where }],
    body, points: 2, frameBytes: 16, math: 'exact', ...changes,
  }
}

const word4 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
const valueOf = (payload: Uint8Array): number => new DataView(payload.buffer, payload.byteOffset).getUint32(0, true)

test('a handler that faults forgets what its message led to, and says where, on what and with which value it failed', async () => {
  const handler = program('handler')
  const actor = new EmittedActor(gpu, { program: handler, cuda: emitCuda(handler) }, { firstIndex: 2 ** 32 - 2 })
  for (const value of [1, 2, 3, 5, 6]) actor.send(word4(value), 1n)
  actor.launch()
  await until(() => actor.isGone, 'the handler to fail')
  const seen: number[] = []
  for (let next = actor.receive(); next !== undefined; next = actor.receive()) seen.push(valueOf(next.payload))
  expect(seen).toEqual([1, 1001, 2, 1002, 3, 1003])
  expect(actor.outcome).toBe(deviceState.failed)
  expect(actor.word(word.faultSite)).toBe(1)
  expect(actor.word(word.faultIndex)).toBe((2 ** 32 - 2 + 3) | 0)
  expect(actor.count('faultValue')).toBe(5)
  expect([actor.count('processed'), actor.count('errors'), actor.count('sent')]).toEqual([3, 1, 6])
  // The faulting message is released, the one behind it is still there.
  expect(actor.messagesTaken).toBe(-1)
})

test.each([32, 256])('with a thread a message (%i threads) outputs keep the order of their messages, and a faulting message is a dead letter', async (threads) => {
  const parallel = program('messages')
  const actor = new EmittedActor(gpu, { program: parallel, cuda: emitCuda(parallel) }, { firstIndex: 2 ** 32 - 30, capacity: 64, threads })
  const seen: number[] = []
  let sent = 0
  actor.launch()
  await until(() => {
    while (sent < 200 && actor.send(word4(sent), BigInt(sent))) sent++
    for (let next = actor.receive(); next !== undefined; next = actor.receive()) seen.push(valueOf(next.payload))
    return seen.length >= 360
  }, 'all outputs')
  actor.ask(command.stop)
  await until(() => actor.isGone, 'the end')
  expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => (i % 5 === 0 ? [i] : [i, i + 1000])).flat())
  expect([actor.count('processed'), actor.count('errors'), actor.count('sent')]).toEqual([160, 40, 360])
  const view = new DataView(actor.log.arena.bytes.buffer, actor.log.offset)
  expect(view.getUint32(4, true)).toBe(40)
  const letters = Array.from({ length: 40 }, (_, i) => readLetter(view, i, actor.letters))
  expect(letters.every((letter) => letter.reason === 'given-up' && letter.site === 0)).toBe(true)
  expect(letters.map(({ slot }) => new DataView(slot.buffer).getUint32(32, true)).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i * 5))
})

test('dead letters that nobody reads are counted as lost once their ring is full, and the body goes on', async () => {
  const parallel = program('messages')
  const actor = new EmittedActor(gpu, { program: parallel, cuda: emitCuda(parallel) }, { capacity: 64 })
  let sent = 0
  let seen = 0
  actor.launch()
  await until(() => {
    while (sent < 1500 && actor.send(word4(sent), BigInt(sent))) sent++
    while (actor.receive() !== undefined) seen++
    return seen === 2700
  }, 'all outputs')
  actor.ask(command.stop)
  await until(() => actor.isGone, 'the end')
  const view = new DataView(actor.log.arena.bytes.buffer, actor.log.offset)
  expect([actor.count('errors'), actor.letters.capacity, view.getUint32(4, true), actor.count('lettersLost')]).toEqual([300, 256, 256, 44])
})

test('a one-shot kernel covers every i whatever its grid, and reports the lowest i that faults', async () => {
  const index: Expr = { op: 'local', repr: 'u32', local: 0 }
  const element: Place = { base: { kind: 'buffer', buffer: 0 }, steps: [{ kind: 'element', index, stride: 4 }], layout: scalar }
  const shot = program('one-shot', {
    input: undefined, ports: [], messages: [], body: [], points: 0, locals: [{ name: 'i', repr: 'u32' }], buffers: [{ name: 'squares', element: scalar }],
    parallels: [{ kind: 'each', index: 0, body: [
      { kind: 'store', place: element, dtype: 'u32', value: { op: 'binary', repr: 'u32', name: 'mul', left: index, right: index } },
      { kind: 'guard', condition: { op: 'compare', repr: 'bool', name: 'lt', left: index, right: constant(700) }, site: 0, value: index },
    ], value: undefined, combine: undefined, captures: [], own: [0] }],
  })
  const { cuda } = gpu
  const text = emitCuda(shot)
  const [data, table, fault, stop] = [cuda.allocate(4000), cuda.allocate(16), cuda.allocate(24), cuda.allocate(16)]
  cuda.copyToDevice(table, bufferTable([{ address: data, count: 1000 }]))
  cuda.copyToDevice(fault, noFault())
  cuda.copyToDevice(stop, new Uint8Array(16))
  const stream = cuda.streamCreate()
  const parameterBytes = oneShotParameters({ buffers: table, fault, stop, count: 1000 })
  cuda.launch({ function: gpu.load(text.text, text.entry).function, grid: [3, 1, 1], block: [64, 1, 1], sharedBytes: 0, stream, parameterBytes, parameterSizes: [abiBytes.oneShot] })
  await until(() => cuda.streamIsDone(stream), 'the kernel')
  const squares = new Uint8Array(4000)
  cuda.copyToHost(squares, data)
  expect([...new Uint32Array(squares.buffer)]).toEqual(Array.from({ length: 1000 }, (_, i) => i * i))
  const report = new Uint8Array(abiBytes.firstFault)
  cuda.copyToHost(report, fault)
  expect(readFault(report)).toEqual({ site: 0, index: 700, value: 700 })
})
