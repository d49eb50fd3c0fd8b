// Programs for the type checker, as users write them: definitions, launches and messages, and misuses that must be errors.
// Compiled by types.test.ts, never run.
import { array, f32, lab, message, ringKernel, RingKernelRuntime, struct, u32, u64 } from 'ringlab'
import type { RingKernel } from 'ringlab'

const Request = struct('Request', { id: u32, values: array(f32, 8) })
const Response = struct('Response', { id: u32, sum: f32 })

export const summer = ringKernel('summer', { input: Request, output: Response }, async (ctx) => {
  let served = 0
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    let sum = 0
    for (const v of request.values) sum += v
    served++
    await ctx.send({ id: request.id, sum })
    const again = ctx.tryReceive()
    if (again) await ctx.reply(ctx.envelope, { id: served, sum: again.values.length })
  }
})

export const counter = ringKernel('counter', { input: Request, output: Response, state: { n: u32, last: Request } },
  { onMessage(request, ctx) { ctx.state.n++; ctx.send({ id: ctx.state.n, sum: request.values[0] ?? 0 }) } })

const Text = message<{ data: string }>('Text')
export const processor = ringKernel('processor', { input: Text, output: Text, device: 'host' }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    await ctx.send({ data: request.data.toUpperCase() })
  }
})

declare module 'ringlab' {
  interface RingKernels { summer: typeof summer }
}

export async function use(): Promise<void> {
  await using runtime = new RingKernelRuntime({ device: 'auto' })
  const actor = await runtime.launch(summer)
  const named = await runtime.spawn('summer', { id: 'other' })
  await runtime.activate('summer')
  await runtime.send('summer', { id: 1, values: [1, 2, 3, 4, 5, 0, 0, 0] }, { priority: 128 })
  const response = await runtime.receive('summer', { timeoutMs: 1000 })
  const sum: number = response.sum
  for await (const each of actor.outputs()) { const id: number = each.id; if (id === sum) break }
  const reply = await named.ask({ id: 1, values: new Float32Array(8) })
  await actor.sendColumns({ id: new Uint32Array(2), values: new Float32Array(16) })
  const columns = await actor.receiveColumns(2)
  const sums: Float32Array = columns.sum
  const untyped: RingKernel = actor
  await untyped.terminate({ pending: 'drain' })
  lab.queues('summer', actor).live({ seconds: 5 })
  lab.buffer(sums, 'histogram')
  if (reply.id > 0) await actor.closed
}

export async function misuse(runtime: RingKernelRuntime): Promise<void> {
  const actor = await runtime.launch(summer)
  // @ts-expect-error a field of another type
  await actor.send({ id: 'x', values: [] })
  // @ts-expect-error a missing field
  await actor.send({ id: 1 })
  // @ts-expect-error an unknown field
  await actor.send({ id: 1, values: [], extra: 1 })
  // @ts-expect-error a reply has no such field
  String((await actor.ask({ id: 1, values: [] })).total)
  // @ts-expect-error a typed name takes its own messages only
  await runtime.send('summer', { data: 'x' })
  // @ts-expect-error and gives its own
  String((await runtime.receive('summer')).data)
  // @ts-expect-error a column of another TypedArray
  await actor.sendColumns({ id: new Int32Array(1), values: new Float32Array(8) })
  // @ts-expect-error pending is drain or discard
  await actor.terminate({ pending: 'later' })
  // @ts-expect-error no such device
  await runtime.launch(summer, { device: 'gpu' })
  // @ts-expect-error input is missing
  ringKernel('x', { output: Response }, { onMessage() { /* nothing */ } })
  // @ts-expect-error what is sent must fit the output
  ringKernel('x', { input: Request, output: Response }, { onMessage(request, ctx) { ctx.send({ id: request.id }) } })
  // @ts-expect-error without an output nothing can be sent
  ringKernel('x', { input: Request }, { onMessage(request, ctx) { ctx.send({ id: request.id, sum: 1 }) } })
  // @ts-expect-error state has declared fields only
  ringKernel('x', { input: Request, state: { n: u32 } }, { onMessage(_request, ctx) { ctx.state.m++ } })
  // @ts-expect-error a bigint state counts in bigints
  ringKernel('x', { input: Request, state: { n: u64 } }, { onMessage(_request, ctx) { ctx.state.n += 1 } })
  // @ts-expect-error a message schema has its own shape
  ringKernel('x', { input: Text }, { onMessage(text) { text.other = 1 } })
  // @ts-expect-error no such policy
  ringKernel('x', { input: Request, backpressure: 'drop' }, { onMessage() { /* nothing */ } })
  // @ts-expect-error no such view
  lab.buffer(new Float32Array(1), 'pie')
}
