// Barriers: ring kernels of all devices wait for each other, round after round, and a barrier that cannot be passed says who is to blame.
import { BarrierError, ringKernel, struct, u32, type BarrierOptions, type RingKernel } from 'ringlab'
import { alike, refusal, within, type Bench, type DeviceName } from './devices.js'

const Step = struct('BarrierStep', { kind: u32, v: u32 })
const GO = 9
const partner: Record<DeviceName, DeviceName> = { cpu: 'host', host: 'cpu', cuda: 'cpu' }

// Work says to come to the barrier; go on is told to whoever listens at the output.
const walker = ringKernel('barrier-walker', { input: Step, output: Step, ports: { reached: Step }, capacity: 32 }, {
  onMessage({ kind, v }, ctx) { if (kind === 9) ctx.send({ kind: 9, v }); else ctx.ports.reached.send({ kind: 1, v }) },
})
const looper = ringKernel('barrier-looper', { input: Step, output: Step, ports: { reached: Step }, capacity: 32 }, async (ctx) => {
  for (let round = 1; ; round++) {
    await ctx.ports.reached.send({ kind: 1, v: round })
    const { v } = await ctx.receive()
    await ctx.send({ kind: round, v })
  }
})
const failing = ringKernel('barrier-failing', { input: Step, output: Step, ports: { reached: Step } }, { onMessage() { throw new Error('no way on') } })

const turn = (): Promise<void> => new Promise((next) => { setImmediate(next) })
type Walker = RingKernel<typeof Step, typeof Step>

async function two({ runtime, device }: Bench): Promise<[Walker, Walker]> {
  return [await runtime.spawn(walker, { id: 'left' }), await runtime.spawn(walker, { id: 'right', device: partner[device] })]
}
const round = (kind: number, v: number): { kind: number; v: number } => ({ kind, v })

alike('barriers', [
  {
    name: 'nobody goes on before all have come, and then everybody does, with what each of them said',
    async run(bench) {
      const [left, right] = await two(bench)
      const barrier = await bench.runtime.barrier([left, right], { port: 'reached', go: (count, reached) => round(GO, count * 100 + [...reached.values()].reduce<number>((sum, each) => sum + (each as { v: number }).v, 0)) })
      await left.send(round(0, 1), within)
      const none = await refusal(() => barrier.passed(1, { timeoutMs: 100 }))
      const early = [barrier.rounds, left.tryReceive(), right.tryReceive()]
      await right.send(round(0, 2), within)
      const first = [(await left.receive(within)).v, (await right.receive(within)).v, await barrier.passed(1, within)]
      await right.send(round(0, 3), within)
      await left.send(round(0, 4), within)
      const second = [(await left.receive(within)).v, (await right.receive(within)).v, await barrier.passed(2, within), barrier.waiting]
      await barrier[Symbol.asyncDispose]()
      return [none.includes('round 1: it had not been passed 1 times within 100 ms; missing: '), early, first, second, await barrier.closed.then(() => 'closed')]
    },
    expected: [true, [0, undefined, undefined], [103, 103, 1], [207, 207, 2, []], 'closed'],
  },
  {
    name: 'loops go through many rounds together, and none is ever more than one ahead',
    async run({ runtime, device }) {
      const actors = await Promise.all([runtime.launch(looper, { id: 'a' }), runtime.launch(looper, { id: 'b', device: partner[device] }), runtime.launch(looper, { id: 'c' })])
      const barrier = await runtime.barrier(actors, { port: 'reached', go: (count) => round(GO, count) })
      await Promise.all(actors.map((actor) => actor.activate()))
      await barrier.passed(20, { timeoutMs: 20_000 })
      const found = await Promise.all(actors.map(async (actor) => { const rounds: number[] = []; while (rounds.length < 20) rounds.push((await actor.receive(within)).v); return rounds }))
      await barrier[Symbol.asyncDispose]()
      return found
    },
    expected: Array.from({ length: 3 }, () => Array.from({ length: 20 }, (_, i) => i + 1)),
  },
  {
    name: 'who comes twice waits for the others twice',
    async run(bench) {
      const [left, right] = await two(bench)
      const barrier = await bench.runtime.barrier([left, right], { port: 'reached', go: round(GO, 7) })
      for (let i = 0; i < 3; i++) await left.send(round(0, i), within)
      await right.send(round(0, 0), within)
      await barrier.passed(1, within)
      const end = performance.now() + 20_000
      while (barrier.waiting.length === 0 && performance.now() < end) await turn()
      const after = [...barrier.waiting, barrier.rounds]
      await right.send(round(0, 0), within)
      await right.send(round(0, 0), within)
      return [after, await barrier.passed(3, within)]
    },
    expected: [['left', 1], 3],
  },
  {
    name: 'without a port, the output says it',
    async run({ runtime }) {
      const [one, two] = [await runtime.spawn(walker, { id: 'one' }), await runtime.spawn(walker, { id: 'two' })]
      const seen: unknown[] = []
      const barrier = await runtime.barrier([one, two], { go: (count, reached) => { seen.push(count, [...reached.keys()].sort()); return round(0, 0) } })
      await Promise.all([one, two].map((actor) => actor.send(round(GO, 0), within)))
      await barrier.passed(1, within)
      return seen
    },
    expected: [1, ['one', 'two']],
  },
  {
    name: 'timeoutMs breaks it, and the sentence names who is missing',
    async run(bench) {
      const [left, right] = await two(bench)
      const barrier = await bench.runtime.barrier([left, right], { port: 'reached', go: round(GO, 0), timeoutMs: 50 })
      const passing = refusal(() => barrier.passed(1, within))
      await left.send(round(0, 0), within)
      const error = await barrier.closed.then(() => undefined, (reason: unknown) => reason as BarrierError)
      return [error?.message, error?.missing, error?.round, error instanceof BarrierError, await passing, await refusal(() => barrier.passed(1))]
    },
    expected: ['barrier of left, right, round 1: not all came within 50 ms; missing: right', ['right'], 1, true, ...Array.from({ length: 2 }, () => 'barrier of left, right, round 1: not all came within 50 ms; missing: right')],
  },
  {
    name: 'a signal breaks it',
    async run(bench) {
      const [left, right] = await two(bench)
      const stop = new AbortController()
      const barrier = await bench.runtime.barrier([left, right], { port: 'reached', go: round(GO, 0), signal: stop.signal })
      stop.abort(new Error('enough'))
      const error = await barrier.closed.then(() => undefined, (reason: unknown) => reason as BarrierError)
      return [error?.message, (error?.cause as Error).message, await refusal(() => bench.runtime.barrier([left, right], { port: 'reached', go: round(GO, 0), signal: stop.signal }))]
    },
    expected: ['barrier of left, right, round 1: it was aborted', 'enough', 'enough'],
  },
  {
    name: 'one that ends breaks it with its name, and one that fails with what it failed at',
    async run(bench) {
      const [left, right] = await two(bench)
      const bad = await bench.runtime.spawn(failing, { id: 'bad' })
      const [first, second] = [await bench.runtime.barrier([left, bad], { port: 'reached', go: round(GO, 0) }), await bench.runtime.barrier([left, right], { port: 'reached', go: round(GO, 0) })]
      await bad.send(round(0, 0), within)
      const sentences = [await refusal(() => first.closed)]
      await right.terminate()
      sentences.push(await refusal(() => second.closed))
      return [(sentences[0] as string).slice(0, 62), sentences[1], left.state]
    },
    expected: ["barrier of left, bad, round 1: 'bad' is FAILED: no way on (in ", "barrier of left, right, round 1: 'right' is TERMINATED", 'ACTIVE'],
  },
  {
    name: 'refusals',
    async run(bench) {
      const [left, right] = await two(bench)
      const other = await bench.open().launch(walker, { id: 'other' })
      const refused = (parties: unknown, options: unknown): Promise<string> => refusal(() => bench.runtime.barrier(parties as RingKernel[], options as BarrierOptions))
      const go = round(GO, 0)
      return [
        await refused([left], { go }), await refused([left, left], { go }), await refused([left, other], { go }), await refused([left, right], {}), await refused([left, right], { go, port: 'gone' }),
        await refused([left, right], { go, timeoutMs: -1 }), await refused([left, right], { go, rounds: 2 }), await refused([left, 'nobody'], { go }),
      ]
    },
    expected: [
      'barrier(ringKernels, { go }) needs an array of 2 to 1024 launched ring kernels: barrier([left, right], { go: { … } })',
      "barrier: ring kernel 'left' is named twice", "barrier: ring kernel 'other' is none of this runtime",
      'barrier: go is missing, the message that each ring kernel is sent when all have come', "barrier: ring kernel 'left' has no port 'gone'; it has reached",
      'timeoutMs must be a number of milliseconds, 0 or more, but is -1', "barrier: there is no option 'rounds'; there are go, port, timeoutMs, signal",
      "barrier: there is no ring kernel with the id 'nobody' in this runtime",
    ],
  },
])
