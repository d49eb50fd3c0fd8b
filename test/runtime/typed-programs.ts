// Programs for the type checker: unified buffers, connections and kernels as users write them, and misuses that must be errors.
// Compiled by types.test.ts, never run.
import { array, bool, f32, f64, kernel, message, ringKernel, RingKernelRuntime, struct, u32, unifiedBuffer, type UnifiedBuffer } from 'ringlab'

const Value = struct('Value', { v: f32 })
const Pair = struct('Pair', { a: f32, b: u32 })
const Text = message<{ data: string }>('Text')

const plain = ringKernel('typed-plain', { input: Value, output: Value, ports: { pairs: Pair, texts: Text } }, async (ctx) => {
  const value = await ctx.receive()
  await ctx.ports.pairs.send({ a: value.v, b: 1 })
  // @ts-expect-error a port has its own schema
  await ctx.ports.pairs.send({ v: 1 })
  // @ts-expect-error no such port
  String(ctx.ports.other)
})
const scorer = ringKernel('typed-scorer', { input: Value, output: Pair, buffers: { weights: f32, pairs: Pair, flags: bool } }, {
  onMessage(m, ctx) {
    const weight: number = ctx.buffers.weights[0] ?? 0
    const pair = ctx.buffers.pairs[0]
    ctx.buffers.flags[0] = 1
    if (pair !== undefined) pair.a = m.v * weight
    // @ts-expect-error no such buffer
    String(ctx.buffers.bias)
  },
})
const takesPairs = ringKernel('typed-pairs', { input: Pair }, { onMessage() { /* nothing */ } })
const takesTexts = ringKernel('typed-texts', { input: Text, device: 'host' }, { onMessage() { /* nothing */ } })

export async function use(runtime: RingKernelRuntime, name: string): Promise<void> {
  const weights = unifiedBuffer(f32, new Float32Array(4))
  const [pairs, flags] = [unifiedBuffer(Pair, [2, 2], { pinned: true }), unifiedBuffer(bool, 4)]
  weights.set([1, 2], 1)
  pairs.fill({ a: 1, b: 2 })
  flags.set([true, 0])
  const host: Float32Array = await weights.slice(1).onHost()
  const first: number = (await pairs.onHost())[0]?.b ?? host.length
  const any: UnifiedBuffer = weights
  const actor = await runtime.spawn(scorer, { buffers: { weights, pairs, flags }, id: `scorer-${first}-${any.bytes}` })
  await runtime.launch(name, { buffers: { weights } })
  const source = await runtime.spawn(plain)
  const connection: AsyncDisposable = await runtime.connect(actor, await runtime.launch(takesPairs))
  await runtime.connect(source.ports.pairs, await runtime.launch(takesPairs, { id: 'second' }))
  await runtime.connect(source.ports.texts, await runtime.launch(takesTexts))
  await connection[Symbol.asyncDispose]()
  const saxpy = kernel('typed-saxpy', { a: f32, on: bool, x: [f32], y: [Pair] }, ({ a, on, x, y }, i) => {
    const number: number = a
    const isOn: boolean = on
    x[i] = number + (isOn ? y[i]?.b ?? 0 : 0)
  })
  await saxpy.launch({ a: 1, on: true, x: weights, y: pairs }, { threads: 2, device: 'cpu', timeoutMs: 10 })
}

export async function misuse(runtime: RingKernelRuntime): Promise<void> {
  const [weights, pairs, flags] = [unifiedBuffer(f32, 1), unifiedBuffer(Pair, 1), unifiedBuffer(bool, 1)]
  // @ts-expect-error declared buffers are required
  await runtime.spawn(scorer)
  // @ts-expect-error each of them
  await runtime.spawn(scorer, { buffers: { weights, pairs } })
  // @ts-expect-error a buffer of another element
  await runtime.spawn(scorer, { buffers: { weights: unifiedBuffer(f64, 1), pairs, flags } })
  // @ts-expect-error a buffer it does not declare
  await runtime.spawn(scorer, { buffers: { weights, pairs, flags, more: weights } })
  // @ts-expect-error a definition without buffers takes none
  await runtime.spawn(plain, { buffers: { weights } })
  // @ts-expect-error a field is missing
  pairs.set([{ a: 1 }])
  // @ts-expect-error numbers, not strings
  weights.set(['1'])
  // @ts-expect-error an array is no element
  unifiedBuffer(array(f32, 2), 1)
  const actor = await runtime.spawn(scorer, { buffers: { weights, pairs, flags } })
  const [source, sink] = [await runtime.launch(plain), await runtime.launch(takesPairs)]
  // @ts-expect-error a Value is no Pair
  await runtime.connect(source, sink)
  // @ts-expect-error nor the other way round
  await runtime.connect(actor, source)
  // @ts-expect-error a port has its own schema
  await runtime.connect(source.ports.texts, sink)
  // @ts-expect-error no such port
  String([source.ports.other, sink])
  const scale = kernel('typed-scale', { a: f32, x: [f32] }, ({ a, x }, i) => { x[i] = a })
  // @ts-expect-error a missing argument
  await scale.launch({ a: 1 })
  // @ts-expect-error a buffer of another element
  await scale.launch({ a: 1, x: pairs })
  // @ts-expect-error a scalar is a number
  await scale.launch({ a: '1', x: weights })
  // @ts-expect-error no such parameter
  kernel('typed-none', { a: f32 }, ({ b }) => { String(b) })
  // @ts-expect-error parallel has one value
  ringKernel('typed-parallel', { input: Value, parallel: 'all' }, { onMessage() { /* nothing */ } })
  // @ts-expect-error math is exact or fast
  ringKernel('typed-math', { input: Value, math: 'loose' }, { onMessage() { /* nothing */ } })
}
