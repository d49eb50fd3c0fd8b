// Supervision: who is restarted when a ring kernel fails, with what, how often, and who is told when it does not help.
import { RingKernelFault, SupervisionError, Supervisor, ringKernel, struct, u32, type RingKernel, type SupervisorOptions } from 'ringlab'
import { alike, refusal, within, type Bench, type Case } from './devices.js'

const Value = struct('Value', { v: u32 })
/** Answers how many messages it has seen × 1000 + the message; fails at 13. */
const counting = ringKernel('counting', { input: Value, output: Value, capacity: 64, state: { seen: u32 } }, {
  onMessage({ v }, ctx) {
    ctx.state.seen += 1
    if (v === 13) throw new Error('unlucky')
    ctx.send({ v: ctx.state.seen * 1000 + v })
  },
})
/** As a loop, with the count in a local. */
const looping = ringKernel('looping', { input: Value, output: Value, capacity: 64 }, async (ctx) => {
  let seen = 0
  for (;;) {
    const { v } = await ctx.receive()
    seen += 1
    if (v === 13) throw new Error('unlucky')
    await ctx.send({ v: seen * 1000 + v })
  }
})
const quick: SupervisorOptions = { backoff: { initialMs: 1, maxMs: 5, jitter: 0 } }

async function answers(actor: RingKernel, count: number): Promise<number[]> {
  const got: number[] = []
  while (got.length < count) got.push((await actor.receive(within) as { v: number }).v)
  return got
}

async function spawn({ runtime }: Bench, id: string, supervisor: Supervisor | SupervisorOptions): Promise<RingKernel> {
  return await runtime.spawn(counting, { id, supervisor })
}

async function endOf(actor: RingKernel): Promise<unknown> {
  const error = await actor.closed.then(() => undefined, (reason: unknown) => reason)
  if (!(error instanceof SupervisionError)) return error
  return [error.restarts, error.supervisor, error.cause instanceof RingKernelFault, error.message.includes('unlucky')]
}

const cases: Case[] = [
  {
    name: 'a ring kernel that fails goes on with its next message, which it has not seen before, and with new state',
    async run(bench) {
      const actor = await spawn(bench, 'a', quick)
      for (const v of [1, 2, 13, 3, 4]) await actor.send({ v })
      return [await answers(actor, 4), actor.state, actor.telemetry().restarts, actor.telemetry().errors]
    },
    expected: [[1001, 2002, 1003, 2004], 'ACTIVE', 1, 1],
  },
  {
    name: 'state survives a restart when asked',
    async run(bench) {
      const actor = await spawn(bench, 'a', { ...quick, state: 'keep' })
      for (const v of [1, 2, 13, 3]) await actor.send({ v })
      return answers(actor, 3)
    },
    expected: [1001, 2002, 4003],
  },
  {
    name: 'a loop begins anew, and what waited in its queue is not lost',
    async run({ runtime }) {
      const actor = await runtime.spawn(looping, { supervisor: quick }) as unknown as RingKernel
      for (const v of [1, 13, 2, 3]) await actor.send({ v })
      return [await answers(actor, 3), actor.telemetry().restarts]
    },
    expected: [[1001, 1002, 2003], 1],
  },
  {
    name: 'without a supervisor a failure is the end',
    async run({ runtime }) {
      const actor = await runtime.spawn(looping) as unknown as RingKernel
      await actor.send({ v: 13 })
      return [(await endOf(actor) as Error).name, actor.state]
    },
    expected: ['RingKernelFault', 'FAILED'],
  },
  {
    name: 'one failure more than allowed is the end, which says how often it was restarted',
    async run(bench) {
      const actor = await spawn(bench, 'a', { ...quick, maxRestarts: 2, name: 'keeper' })
      for (const v of [13, 13, 13, 5]) await actor.send({ v })
      return [await endOf(actor), actor.state, actor.telemetry().restarts, (await refusal(() => actor.send({ v: 1 }))).includes('restarted 2 times')]
    },
    expected: [[2, 'keeper', true, true], 'FAILED', 2, true],
  },
  {
    name: 'failures further apart than the window are forgiven',
    async run(bench) {
      const actor = await spawn(bench, 'a', { ...quick, maxRestarts: 1, withinMs: 1 })
      for (const v of [13, 1, 13, 2, 13, 3]) { await actor.send({ v }); if (v !== 13) await answers(actor, 1) }
      return [actor.state, actor.telemetry().restarts]
    },
    expected: ['ACTIVE', 3],
  },
  {
    name: 'one for all: everybody begins anew',
    async run(bench) {
      const supervisor = new Supervisor({ ...quick, strategy: 'one-for-all' })
      const [a, b] = [await spawn(bench, 'a', supervisor), await spawn(bench, 'b', supervisor)]
      for (const actor of [a, b]) { await actor.send({ v: 1 }); await answers(actor, 1) }
      await b.send({ v: 13 })
      await b.send({ v: 2 })
      const second = await answers(b, 1)
      await a.send({ v: 2 })
      return [second, await answers(a, 1), a.telemetry().restarts, b.telemetry().restarts, supervisor.restarts]
    },
    expected: [[1002], [1002], 1, 1, 2],
  },
  {
    name: 'rest for one: those launched before it are left alone',
    async run(bench) {
      const supervisor = new Supervisor({ ...quick, strategy: 'rest-for-one' })
      const actors = [await spawn(bench, 'a', supervisor), await spawn(bench, 'b', supervisor), await spawn(bench, 'c', supervisor)]
      for (const actor of actors) { await actor.send({ v: 1 }); await answers(actor, 1) }
      await actors[1]?.send({ v: 13 })
      await actors[1]?.send({ v: 2 })
      await answers(actors[1] as RingKernel, 1)
      const after: number[] = []
      for (const actor of actors) { await actor.send({ v: 3 }); after.push(...await answers(actor, 1)) }
      return [after, actors.map((actor) => actor.telemetry().restarts)]
    },
    expected: [[2003, 2003, 1003], [0, 1, 1]],
  },
  {
    name: 'a supervisor that cannot help tells its parent, which begins the whole group anew',
    async run(bench) {
      const parent = new Supervisor({ ...quick, name: 'parent', maxRestarts: 1 })
      const child = new Supervisor({ ...quick, name: 'child', maxRestarts: 0, strategy: 'one-for-all', parent })
      const [a, b] = [await spawn(bench, 'a', child), await spawn(bench, 'b', child)]
      await a.send({ v: 1 })
      await answers(a, 1)
      await b.send({ v: 13 })
      await b.send({ v: 2 })
      const begun = await answers(b, 1)
      await a.send({ v: 2 })
      const also = await answers(a, 1)
      await b.send({ v: 13 })
      return [begun, also, (await endOf(b) as unknown[])[1], (await endOf(a) as unknown[])[1], a.state, b.state]
    },
    expected: [[1002], [1002], 'parent', 'parent', 'FAILED', 'FAILED'],
  },
  {
    name: 'a ring kernel that waits for its restart can be terminated, at once',
    async run(bench) {
      const actor = await spawn(bench, 'a', { backoff: { initialMs: 60_000, maxMs: 60_000 } })
      await actor.send({ v: 13 })
      const until = performance.now() + 5_000
      while (actor.telemetry().errors === 0 && performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
      const from = performance.now()
      await actor.terminate()
      return [actor.state, performance.now() - from < 500, actor.telemetry().restarts]
    },
    expected: ['TERMINATED', true, 0],
  },
  {
    name: 'who is restarted by hand begins anew, in whichever state it is',
    async run({ runtime }) {
      const actor = await runtime.spawn(counting, { id: 'a' }) as unknown as RingKernel
      await actor.send({ v: 1 })
      const first = await answers(actor, 1)
      await actor.restart()
      const running = actor.state
      await actor.send({ v: 2 })
      const second = await answers(actor, 1)
      await actor.restart({ state: 'keep' })
      await actor.send({ v: 3 })
      const third = await answers(actor, 1)
      await actor.deactivate()
      await actor.restart()
      const parked = actor.state
      await actor.send({ v: 4 })
      await actor.reactivate()
      const fourth = await answers(actor, 1)
      await actor.terminate()
      return [first, running, second, third, parked, fourth, actor.telemetry().restarts, (await refusal(() => actor.restart())).includes('is TERMINATED')]
    },
    expected: [[1001], 'ACTIVE', [1002], [2003], 'DEACTIVATED', [1004], 3, true],
  },
]

alike('supervision', cases)
