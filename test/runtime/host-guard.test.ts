// Bodies of the host device run in this thread, and still cannot end it or keep it for ever: the caller learns what they did, and everybody else goes on.
import { afterEach, expect, test } from 'vitest'
import { message, ringKernel, RingKernelRuntime, type RingKernel } from 'ringlab'

const Order = message<{ what: string }>('Order')
const carryOut = (what: string): unknown => {
  if (what === 'spin') for (;;) { /* for ever */ }
  if (what === 'exit') process.exit(3)
  if (what === 'exit, caught') { try { process.exit(4) } catch { /* as if nothing had been */ } }
  if (what === 'throw') throw new Error('as told')
  return undefined
}
const later = async (what: string): Promise<void> => {
  if (!what.startsWith('later ')) return
  await new Promise((resolve) => setTimeout(resolve, 1))
  carryOut(what.slice('later '.length))
}
const handler = ringKernel('handler', { input: Order, output: Order, device: 'host' }, {
  onMessage({ what }, ctx) {
    carryOut(what)
    if (!what.startsWith('later ')) { ctx.send({ what }); return undefined }
    return later(what)
  },
})
const loop = ringKernel('loop', { input: Order, output: Order, device: 'host' }, async (ctx) => {
  for (;;) {
    const { what } = await ctx.receive()
    carryOut(what)
    await later(what)
    await ctx.send({ what })
  }
})
const inTimer = ringKernel('in a timer', { input: Order, output: Order, device: 'host' }, async (ctx) => {
  const { what } = await ctx.receive()
  setTimeout(() => { carryOut(what) }, 1)
  await new Promise(() => undefined)
})
const starving = ringKernel('starving', { input: Order, output: Order, device: 'host' }, async (ctx) => {
  await ctx.receive()
  for (;;) await Promise.resolve()
})
/** Before, a body is known until it awaits something else than its messages. */
const isKnownAcrossAwaits = Number(process.versions.node.split('.')[0]) >= 24
const within = { timeoutMs: 10_000 }
const limitMs = 150

const runtimes: RingKernelRuntime[] = []
afterEach(async () => { await Promise.all(runtimes.splice(0).map((runtime) => runtime.shutdown())) })
function open(limit = limitMs): RingKernelRuntime {
  const runtime = new RingKernelRuntime({ device: 'host', host: { limitMs: limit } })
  runtimes.push(runtime)
  return runtime
}
const sentences: Readonly<Record<string, RegExp>> = {
  spin: /it computed for \d+ ms without giving the thread back, and was ended\..*\(in ring kernel '.*' at .*host-guard\.test\.ts:\d+/,
  exit: /its body called process\.exit\(3\), which would end everything: return or throw instead \(in ring kernel '.*' at .*host-guard\.test\.ts:\d+/,
  'exit, caught': /its body called process\.exit\(4\)/,
  throw: /as told/,
}

test.each([['handler', handler], ['loop', loop]] as const)('%s: the caller is told what the body did, it is counted, and the others go on', async (_form, definition) => {
  for (const orders of [Object.keys(sentences), isKnownAcrossAwaits ? Object.keys(sentences).map((what) => `later ${what}`) : []]) {
    for (const what of orders) {
      const runtime = open()
      const bad = await runtime.spawn(definition, { id: 'bad' }) as unknown as RingKernel
      const others = await Promise.all([handler, loop].map(async (each, i) => await runtime.spawn(each, { id: `other ${i}` }) as unknown as RingKernel))
      const sentence = sentences[what.replace('later ', '')]
      const before = others.map((other) => other.ask({ what: 'before' }, within))
      const asked = bad.ask({ what }, within)
      const meanwhile = others.map((other) => other.ask({ what: 'meanwhile' }, within))
      await expect(asked, what).rejects.toThrow(sentence)
      await expect(bad.closed, what).rejects.toThrow(sentence)
      expect([bad.state, bad.telemetry().errors, bad.telemetry().deadLetters], what).toEqual(['FAILED', 1, 1])
      expect(await Promise.all(before)).toEqual(others.map(() => ({ what: 'before' })))
      expect(await Promise.all(meanwhile)).toEqual(others.map(() => ({ what: 'meanwhile' })))
      for (const other of others) expect(await other.ask({ what: 'after' }, within)).toEqual({ what: 'after' })
    }
  }
})

test.runIf(isKnownAcrossAwaits).each(['spin', 'exit'])('a timer of a body that does it (%s) fails the body, too', async (what) => {
  const runtime = open()
  const bad = await runtime.spawn(inTimer)
  const other = await runtime.spawn(loop)
  await expect(bad.ask({ what }, within)).rejects.toThrow(sentences[what])
  expect(await other.ask({ what: 'after' }, within)).toEqual({ what: 'after' })
})

test.runIf(isKnownAcrossAwaits)('promises that never end keep the thread no longer than a loop does', async () => {
  const runtime = open()
  const bad = await runtime.spawn(starving)
  await expect(bad.ask({ what: 'go' }, within)).rejects.toThrow(/it computed for \d+ ms without giving the thread back/)
  expect(await (await runtime.spawn(handler)).ask({ what: 'after' }, within)).toEqual({ what: 'after' })
})

test('who computes long outside of bodies is let alone, also while a body waits', async () => {
  const runtime = open(60)
  const waiting = await runtime.spawn(inTimer)
  await waiting.send({ what: 'nothing' })
  await new Promise((resolve) => setTimeout(resolve, 20))
  const { user } = process.cpuUsage()
  let turns = 0
  while (process.cpuUsage().user - user < 400_000) turns++
  expect(turns).toBeGreaterThan(0)
  expect(waiting.state).toBe('ACTIVE')
})

test('without a bound a body may take its time', async () => {
  const slow = ringKernel('slow', { input: Order, output: Order, device: 'host' }, {
    onMessage(m, ctx) {
      const until = performance.now() + 400
      while (performance.now() < until) { /* compute */ }
      ctx.send(m)
    },
  })
  open(60)
  const actor = await open(Infinity).spawn(slow)
  expect(await actor.ask({ what: 'slowly' }, within)).toEqual({ what: 'slowly' })
})

test('a supervisor restarts what was torn out, and process.exit is everybody\'s again after shutdown', async () => {
  const exitNow = (): unknown => Reflect.get(process, 'exit')
  const before = exitNow()
  const runtime = open()
  expect((await runtime.spawn(handler, { id: 'first' })).state).toBe('ACTIVE')
  expect(exitNow()).not.toBe(before)
  const actor = await runtime.spawn(loop, { supervisor: { backoff: { initialMs: 1 } } })
  await expect(actor.ask({ what: 'spin' }, { timeoutMs: 2000 })).rejects.toThrow()
  expect(await actor.ask({ what: 'again' }, within)).toEqual({ what: 'again' })
  expect([actor.state, actor.telemetry().restarts]).toEqual(['ACTIVE', 1])
  await runtime.shutdown()
  expect(exitNow()).toBe(before)
})

test.each([[{ limitMs: 0 }, 'but is 0'], [{ limitMs: '1' as unknown as number }, "but is '1'"]])('%o is refused', (host, how) => {
  expect(() => new RingKernelRuntime({ host })).toThrow(`new RingKernelRuntime(): host.limitMs must be a number of milliseconds, 50 or more, or Infinity, ${how}`)
})
