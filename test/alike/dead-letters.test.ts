// Dead letters: what was given up is kept with its reason, and whoever asked for an answer is told at once.
import { inspect } from 'node:util'
import { lab, RingKernelFault, ringKernel, struct, u32, UndeliveredError, type DeadLetter, type RingKernel } from 'ringlab'
import { alike, within } from './devices.js'

const Value = struct('Value', { v: u32 })
/** Fails with 13. */
const superstitious = ringKernel('superstitious', { input: Value, output: Value, capacity: 64, state: { seen: u32 } }, {
  onMessage({ v }, ctx) {
    if (v === 13) throw new Error('unlucky')
    ctx.state.seen += 1
    ctx.send({ v: ctx.state.seen })
  },
})
/** Fails with 13, and keeps what it saw in variables of its own. */
const counting = ringKernel('counting-letters', { input: Value, output: Value, capacity: 64 }, async (ctx) => {
  let sum = 0
  const seen = new Uint32Array(4)
  for (;;) {
    const { v } = await ctx.receive()
    if (v === 13) throw new Error(`unlucky after ${sum}`)
    sum += v
    seen[v & 3] = v
    await ctx.send({ v: sum })
  }
})
/** Odd messages live for 1 ms, the others for ever. */
const hasty = ringKernel('hasty-letters', { input: Value, output: Value, capacity: 64 }, { onMessage({ v }, ctx) { ctx.send({ v }, { timeToLiveMs: v % 2 }) } })
const echo = ringKernel('echo-letters', { input: Value, output: Value, capacity: 64 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })

const kept = (letters: Iterable<DeadLetter>): unknown => [...letters].map(({ id, reason, message, error }) => [id, reason, message, error?.message])

async function until(done: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !done() && performance.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 2) })
}

async function thrown(call: Promise<unknown>): Promise<Error> {
  try { await call } catch (error) { return error as Error }
  throw new Error('it was not refused')
}

async function failed(actor: RingKernel<typeof Value>): Promise<void> {
  await actor.sendBatch([{ v: 1 }, { v: 2 }, { v: 13 }, { v: 3 }], within)
  await thrown(actor.closed)
}

alike('dead letters', [
  {
    name: 'the message a body failed with is kept with its error and place, and those behind it as terminated',
    async run({ runtime, device }) {
      const actor = await runtime.spawn(superstitious)
      await failed(actor)
      const [letter] = runtime.deadLetters
      const { deadLetters, dropped, errors } = actor.telemetry()
      return [kept(runtime.deadLetters), kept(actor.deadLetters), letter?.device.startsWith(device), /dead-letters\.test\.ts:\d+:\d+$/.test(letter?.place ?? ''), letter?.definition === superstitious, deadLetters, dropped, errors]
    },
    expected: [
      [['superstitious', 'failed', { v: 13 }, 'unlucky'], ['superstitious', 'terminated', { v: 3 }, undefined]],
      [['superstitious', 'failed', { v: 13 }, 'unlucky'], ['superstitious', 'terminated', { v: 3 }, undefined]], true, true, true, 2, 1, 1,
    ],
  },
  {
    name: 'the state that the failing message met is kept',
    async run({ runtime }) {
      const actor = await runtime.launch(superstitious, { record: true })
      await actor.activate()
      await failed(actor)
      const [letter] = runtime.deadLetters
      return letter?.state === undefined ? 'no state' : new DataView(letter.state.buffer, letter.state.byteOffset).getUint32(0, true)
    },
    expected: 2,
  },
  {
    name: 'the variables and the place of a loop that the failing message met are kept, also over a pause, and it is replayed with them',
    async run({ runtime }) {
      const actor = await runtime.launch(counting, { record: true })
      await actor.activate()
      await actor.sendBatch([{ v: 1 }, { v: 2 }], within)
      const before = [await actor.receive(within), await actor.receive(within)].map(({ v }) => v)
      await actor.deactivate()
      await actor.send({ v: 13 })
      await actor.reactivate()
      await thrown(actor.closed)
      const { isSame, outcome, locals, error } = await lab.replay(runtime.deadLetters.peek(1)[0] as DeadLetter)
      return [before, isSame, outcome, locals.sum, error?.message]
    },
    expected: [[1, 3], true, 'failed', 3, 'unlucky after 3'],
    not: { host: 'it runs bodies as they are: nobody sees their variables' },
  },
  {
    name: 'an ask whose message failed is refused at once with the body\'s error, under a supervisor too, and the next is answered',
    async run({ runtime }) {
      const actor = await runtime.spawn(superstitious, { supervisor: { strategy: 'one-for-one', state: 'keep' } })
      const first = await actor.ask({ v: 1 }, within)
      const error = await thrown(actor.ask({ v: 13 }, { timeoutMs: 20_000 }))
      const next = await actor.ask({ v: 1 }, within)
      return [first.v, error instanceof RingKernelFault, error.message.split(' (')[0], (error.cause as Error).message, next.v]
    },
    expected: [1, true, 'unlucky', 'unlucky', 2],
  },
  {
    name: 'what expired in a ring between ring kernels is kept',
    async run({ runtime }) {
      const [from, to] = [await runtime.spawn(hasty), await runtime.launch(echo)]
      await runtime.connect(from, to)
      await from.sendBatch(Array.from({ length: 6 }, (_, v) => ({ v })), within)
      await until(() => from.telemetry().processed === 6)
      const after = performance.now() + 20
      await until(() => performance.now() > after)
      await to.activate()
      await Promise.all([to.receive(within), to.receive(within), to.receive(within)])
      await until(() => to.deadLetters.size === 3)
      return [kept(to.deadLetters), [...to.deadLetters].map(({ envelope }) => envelope.timeToLiveMs), from.deadLetters.size]
    },
    expected: [[1, 3, 5].map((v) => ['echo-letters', 'expired', { v }, undefined]), [1, 1, 1], 0],
  },
  {
    name: 'messages that terminate() discards are kept, in order, with their envelopes',
    async run({ runtime }) {
      const actor = await runtime.launch(echo)
      await actor.send({ v: 1 }, { priority: 200, correlationId: 7n })
      await actor.send({ v: 2 })
      await actor.terminate()
      return [kept(runtime.deadLetters), [...runtime.deadLetters].map(({ envelope: { priority, correlationId } }) => [priority, correlationId]), actor.telemetry().deadLetters]
    },
    expected: [[['echo-letters', 'terminated', { v: 1 }, undefined], ['echo-letters', 'terminated', { v: 2 }, undefined]], [[200, 7n], [128, 0n]], 2],
  },
  {
    name: 'what waits in the ring of another ring kernel when its receiver ends is given up with a reason',
    async run({ runtime }) {
      const [from, to] = [await runtime.spawn(echo, { id: 'from' }), await runtime.launch(echo, { id: 'to' })]
      await runtime.connect(from, to)
      await from.sendBatch([{ v: 1 }, { v: 2 }, { v: 3 }], within)
      await until(() => from.telemetry().processed === 3)
      await to.measure()
      await to.terminate()
      const { dropped, deadLetters } = to.telemetry()
      return [kept(to.deadLetters), to.deadLetters.lost, dropped, deadLetters]
    },
    expected: [[1, 2, 3].map((v) => ['to', 'terminated', { v }, undefined]), 0, 3, 3],
    not: { cuda: 'rings between two ring kernels of a GPU lie in its memory, and such messages are only counted' },
  },
  {
    name: 'an ask whose message expired is refused at once, and its letter can be sent again',
    async run({ runtime }) {
      const actor = await runtime.launch(echo)
      const asked = thrown(actor.ask({ v: 4 }, { timeToLiveMs: 1, timeoutMs: 20_000 }))
      const after = performance.now() + 20
      await until(() => performance.now() > after)
      await actor.activate()
      const error = await asked
      const found = kept(runtime.deadLetters)
      await runtime.redeliver(actor.deadLetters.peek(1)[0] as DeadLetter)
      return [error instanceof UndeliveredError && error.reason, found, await actor.receive(within), runtime.deadLetters.size]
    },
    expected: ['expired', [['echo-letters', 'expired', { v: 4 }, undefined]], { v: 4 }, 0],
  },
  {
    name: 'redeliver() sends the message to the ring kernel of that id as it is now, and the letter is gone',
    async run({ runtime }) {
      const first = await runtime.launch(echo)
      await first.send({ v: 5 }, { priority: 9 })
      await first.terminate()
      const letter = runtime.deadLetters.peek(1)[0] as DeadLetter
      const again = await runtime.spawn(echo)
      await runtime.redeliver(letter)
      for await (const { message } of again.envelopes(within)) return [message, runtime.deadLetters.size]
      return 'nothing came'
    },
    expected: [{ v: 5 }, 0],
  },
  {
    name: 'the store is bounded: the oldest goes and is counted',
    async run({ open }) {
      const runtime = open({ deadLetters: { capacity: 3 } })
      const [a, b] = [await runtime.launch(echo, { id: 'a' }), await runtime.launch(echo, { id: 'b' })]
      await a.sendBatch([{ v: 1 }, { v: 2 }, { v: 3 }, { v: 4 }, { v: 5 }], within)
      await b.send({ v: 6 })
      await a.terminate()
      await b.terminate()
      const { capacity, lost, size } = runtime.deadLetters
      return [capacity, lost, size, a.deadLetters.lost, b.deadLetters.lost, kept(runtime.deadLetters), a.telemetry().deadLetters]
    },
    expected: [3, 3, 3, 3, 0, [['a', 'terminated', { v: 4 }, undefined], ['a', 'terminated', { v: 5 }, undefined], ['b', 'terminated', { v: 6 }, undefined]], 5],
  },
  {
    name: 'peek takes none, take the oldest, and drain and clear all: of one ring kernel, or of the runtime',
    async run({ runtime }) {
      const [a, b] = [await runtime.launch(echo, { id: 'a' }), await runtime.launch(echo, { id: 'b' })]
      for (const actor of [a, b]) { await actor.sendBatch([{ v: 1 }, { v: 2 }, { v: 3 }], within); await actor.terminate() }
      const values = (letters: readonly (DeadLetter | undefined)[]): unknown[] => letters.map((letter) => (letter?.message as { v: number } | undefined)?.v)
      return [
        values(b.deadLetters.peek(2)), values([b.deadLetters.take()]), a.deadLetters.size, b.deadLetters.size, values(b.deadLetters.drain()), runtime.deadLetters.size,
        values([runtime.deadLetters.take()]), a.deadLetters.clear(), runtime.deadLetters.clear(), runtime.deadLetters.take(), runtime.deadLetters.lost,
      ]
    },
    expected: [[1, 2], [1], 3, 2, [2, 3], 3, [1], 2, 0, undefined, 0],
  },
  {
    name: 'each is printed as one line',
    async run({ runtime }) {
      const actor = await runtime.spawn(superstitious)
      await failed(actor)
      return inspect(runtime.deadLetters).replace(/on [\w:]+/g, 'on D').replace(/at \S+dead-letters.test.ts:\d+:\d+/, 'at PLACE').replace(/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, 'UUID')
    },
    expected: "2 dead letters (capacity 1000, 0 lost)\n  DeadLetter 'superstitious' on D failed Value { v: 13 }: unlucky at PLACE (UUID)\n  DeadLetter 'superstitious' on D terminated Value { v: 3 } (UUID)",
  },
  {
    name: 'wrong use is refused in a sentence',
    async run({ runtime, open }) {
      const said = async (call: () => unknown): Promise<string> => (await thrown(Promise.resolve().then(call))).message
      const actor = await runtime.launch(echo)
      await actor.send({ v: 1 })
      await actor.terminate()
      return [
        await said(() => open({ deadLetters: { capacity: -1 } })), await said(() => open({ deadLetters: { size: 3 } as never })), await said(() => open({ deadLetters: 3 as never })), await said(() => runtime.redeliver({} as DeadLetter)), await said(() => runtime.deadLetters.peek(-1)),
        await said(() => runtime.redeliver(runtime.deadLetters.peek()[0] as DeadLetter)), runtime.deadLetters.size,
      ]
    },
    expected: [
      'new RingKernelRuntime(): deadLetters.capacity must be an integer from 0 to 1048576, but is -1',
      "new RingKernelRuntime(): deadLetters has no option 'size'; its option is capacity",
      'new RingKernelRuntime(): deadLetters must be an object, { deadLetters: { capacity: 1000 } }, but is 3',
      'redeliver() needs a dead letter, as runtime.deadLetters gives it, but was given {}',
      'peek() needs a count of letters, 0 or more, but was given -1',
      "ring kernel 'echo-letters' is TERMINATED, so send() cannot be called; legal now: terminate().", 1,
    ],
  },
])
