// What a message carries from the host: an id that nobody else has, or the one it was given; the correlation id, in columns too.
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelRuntime, messageUuid, ringKernel, struct, u32, type Device, type Envelope } from 'ringlab'

const Value = struct('Value', { v: u32 })
const Seen = struct('SeenBy', { v: u32, low: u32, high: u32 })
const seeing = ringKernel('messages-seeing', { input: Value, output: Seen }, {
  onMessage({ v }, ctx) { const { id } = ctx.envelope; ctx.send({ v, low: Number(BigInt.asUintN(32, id)), high: Number(BigInt.asUintN(32, id >> 32n)) }) },
})
const within = { timeoutMs: 5000 }

let runtime = new RingKernelRuntime()
afterEach(async () => {
  await runtime.shutdown()
  runtime = new RingKernelRuntime()
})

describe.each(['cpu', 'host'] as Device[])('on %s', (device) => {
  test('no two messages share an id: neither two of the host, nor one of the host and one of a ring kernel', async () => {
    const [one, two] = [await runtime.spawn(seeing, { device, id: 'one' }), await runtime.spawn(seeing, { device, id: 'two' })]
    const ids: bigint[] = []
    const senders = new Set<number>()
    for (const actor of [one, two]) {
      for (let v = 0; v < 5; v++) await actor.send({ v })
      await actor.sendColumns({ v: Uint32Array.of(5, 6) })
      let count = 0
      for await (const { message: { low, high }, envelope } of actor.envelopes(within)) {
        expect(high >>> 16, 'the host is sender 0').toBe(0)
        senders.add(envelope.sender)
        ids.push(BigInt(low) | (BigInt(high) << 32n), envelope.id)
        if (++count === 7) break
      }
    }
    expect(new Set(ids).size).toBe(28)
    expect([...senders]).toEqual([1, 2])
  })

  test('a message may be given its id; a batch may not', async () => {
    const actor = await runtime.spawn(seeing, { device })
    await actor.send({ v: 1 }, { id: 0x12345678_9abcdef0n })
    expect(await actor.receive(within)).toEqual({ v: 1, low: 0x9abcdef0, high: 0x12345678 })
    expect(await actor.ask({ v: 2 }, { id: 7n, ...within })).toEqual({ v: 2, low: 7, high: 0 })
    await expect(actor.send({ v: 1 }, { id: 0n })).rejects.toThrow('id must be a bigint from 1n to 2n ** 64n - 1n, but is 0')
    await expect(actor.sendBatch([{ v: 1 }], { id: 5n })).rejects.toThrow(/sendBatch\(\) sends many messages.*leave out id/)
    await expect(actor.sendColumns({ v: Uint32Array.of(1) }, { id: 5n })).rejects.toThrow(/sendColumns\(\) sends many messages.*leave out id/)
  })

  test('columns carry the correlation id and the priority of their call, and each row is later than the one before', async () => {
    const actor = await runtime.spawn(ringKernel('messages-column', { input: Value, output: Value }, { onMessage({ v }, ctx) { ctx.send({ v: v + ctx.envelope.priority }) } }), { device })
    await actor.sendColumns({ v: Uint32Array.of(1, 2, 3) }, { correlationId: 77n, priority: 40 })
    const seen: { readonly message: { readonly v: number }; readonly envelope: Envelope }[] = []
    for await (const each of actor.envelopes(within)) if (seen.push(each) === 3) break
    expect(seen.map(({ message, envelope }) => [message.v, envelope.correlationId])).toEqual([[41, 77n], [42, 77n], [43, 77n]])
  })

  test('what a policy left before the ring moves on although nobody waits', async () => {
    const taker = ringKernel('messages-taker', { input: Value, state: { count: u32 }, capacity: 16, backpressure: 'dropOldest' }, { onMessage(_message, ctx) { ctx.state.count++ } })
    const actor = await runtime.launch(taker, { device })
    for (let v = 0; v < 16; v++) await actor.send({ v })
    await actor.activate()
    await expect.poll(() => actor.telemetry(), { timeout: 2000 }).toMatchObject({ processed: 16, depth: 0, dropped: 0 })
  })
})

test('an id is printed as a UUID of version 8 that keeps all its bits', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  const ids = [0n, 1n, 2n ** 32n, 2n ** 61n, 2n ** 62n, 2n ** 63n, 2n ** 64n - 1n]
  const texts = ids.map(messageUuid)
  for (const text of texts) expect(text).toMatch(form)
  expect(new Set(texts).size).toBe(ids.length)
  expect(messageUuid(5n)).toBe(messageUuid(5n))
  const back = (text: string): bigint => { const bits = BigInt(`0x${text.replaceAll('-', '')}`); return ((bits >> 64n) & 3n) << 62n | (bits & ((1n << 62n) - 1n)) }
  expect(texts.map(back)).toEqual(ids)
})
