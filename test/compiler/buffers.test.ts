// Buffers, ports and one-shot kernels: what the corpus of plain handlers does not reach.
import { array, f32, f64, i32, ringKernel, struct, u32 } from 'ringlab'
import { expect, test } from 'vitest'
import { compileBody, type CompileRequest } from '#ringlab/compiler/index.js'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import { describeSchema } from '#ringlab/schema/index.js'
import { captureBody } from '#ringlab/source/index.js'
import { interpret, type Given, type Seen } from './interpreter.js'
import { requestFor } from './request.js'

loadTypeScript()

const Word = struct('Word', { w: u32 })
const Sum = struct('Sum', { sum: f64, n: u32 })
const scalar = (dtype: 'f32' | 'i32'): CompileRequest['buffers'][string] => ({ kind: 'scalar', dtype })

function run(request: CompileRequest, given: Given): Seen {
  const { program, findings } = translate(request)
  expect(findings).toEqual([])
  return interpret(runPasses(program, () => undefined), given)
}

const words = (...values: number[]): { payload: Uint8Array }[] => values.map((value) => ({ payload: new Uint8Array(Uint32Array.of(value).buffer) }))
const floats = (bytes: Uint8Array | undefined): number[] => [...new Float32Array(Uint8Array.from(bytes ?? []).buffer)]

test('elements of buffers are read, written, counted and iterated over', async () => {
  const definition = ringKernel('buffers', { input: Word, output: Sum, buffers: { data: f32, hits: i32 } }, { onMessage({ w }, ctx) {
    const { data, hits } = ctx.buffers
    let sum = 0
    for (const x of data) sum += x
    data[w] = sum
    hits[w % hits.length] = (hits[w % hits.length] ?? 0) + 1
    ctx.send({ sum: data[w], n: data.length })
  } })
  const request = { ...await requestFor(definition), buffers: { data: scalar('f32'), hits: scalar('i32') } }
  const seen = run(request, { inputs: words(1, 3, 9), buffers: [new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer), new Uint8Array(8)] })
  expect(floats(seen.buffers[0])).toEqual([1, 10, 3, 18])
  expect([...new Int32Array(Uint8Array.from(seen.buffers[1] ?? []).buffer)]).toEqual([0, 2])
  expect(seen.faults.map(({ value, input }) => [value, input])).toEqual([[9, 2]])
})

test('ports send their own messages', async () => {
  const definition = ringKernel('ports', { input: Word, output: Word, ports: { evens: Sum } }, async (ctx) => {
    for (;;) {
      const { w } = await ctx.receive()
      if (w % 2 === 0) await ctx.ports.evens.send({ sum: w / 4, n: w })
      else await ctx.send({ w })
    }
  })
  const request = { ...await requestFor(definition), ports: { evens: describeSchema(Sum) } }
  expect(run(request, { inputs: words(1, 2, 3) }).outputs.map(({ port, payload }) => [port, payload.length])).toEqual([[0, 4], [1, 16], [0, 4]])
})

test('a one-shot kernel runs for every index', async () => {
  const body = (args: { n: number; by: number; x: Float32Array; out: Float32Array }, i: number): void => {
    if (i >= args.n) return
    args.out[i] = Number(args.x[i]) * args.by + i
  }
  const request: CompileRequest = {
    name: 'scale', body: await captureBody(body, { name: 'scale' }), input: describeSchema(Word), output: undefined, ports: {}, state: undefined,
    buffers: { x: scalar('f32'), out: scalar('f32') }, arguments: describeSchema(struct('Arguments', { n: u32, by: f32 })), form: 'one-shot', parallel: undefined, math: 'exact',
  }
  const values = new DataView(new ArrayBuffer(8))
  values.setUint32(0, 3, true)
  values.setFloat32(4, 0.5, true)
  const seen = run(request, { arguments: new Uint8Array(values.buffer), buffers: [new Uint8Array(Float32Array.of(2, 4, 6, 8).buffer), new Uint8Array(16)], count: 4 })
  expect(floats(seen.buffers[1])).toEqual([1, 3, 5, 0])
})

test('what the ring kernel does not declare is named with what to declare', async () => {
  const definition = ringKernel('undeclared', { input: struct('Values', { v: array(f32, 2) }), output: Word }, { onMessage(_, ctx) {
    (ctx as unknown as { ports: { alarms: { send(message: object): void } } }).ports.alarms.send({ w: 1 })
  } })
  const outcome = compileBody(await requestFor(definition))
  expect(outcome.ok ? [] : outcome.diagnostics.map(({ code, fix }) => [code, fix])).toEqual([['RL1033', 'Add `ports: { alarms: … }` to its options.']])
})
