// What users learn when a body fails, and that nobody else suffers from it.
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelFault, RingKernelRuntime, message, ringKernel, struct, u32, type RingKernel } from 'ringlab'
import { setBodyLog } from '#ringlab/runtime/registry.js'

const Value = struct('Value', { v: u32 })
/** Bodies with messages of any shape are not compiled: they may wait for anything, and nobody can look into them. */
const Any = message<{ v: number }>('Any')
const echo = ringKernel('fault-echo', { input: Value, output: Value, state: { n: u32 }, capacity: 64 }, {
  onMessage(m, ctx) { ctx.state.n++; ctx.send({ v: m.v * 1000 + ctx.state.n }) },
})
const failing = ringKernel('failing', { input: Value, output: Value }, async (ctx) => {
  for (;;) {
    const m = await ctx.receive()
    if (m.v === 13) throw new RangeError('thirteen is not a number I like')
    await ctx.send(m)
  }
})
const spinning = ringKernel('spinning', { input: Value, output: Value }, async (ctx) => {
  for (;;) {
    const m = await ctx.receive()
    while (m.v === 13) { /* for ever */ }
    await ctx.send(m)
  }
})

const spinningAsItIs = ringKernel('spinning', { input: Any, output: Any }, async (ctx) => {
  for (;;) {
    const m = await ctx.receive()
    while (m.v === 13) { /* for ever */ }
    await ctx.send(m)
  }
})

let runtime = new RingKernelRuntime()
let lines: string[] = []
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime(); lines = [] })
setBodyLog((line) => lines.push(line))

async function within<T>(ms: number, what: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms) })
  try { return await Promise.race([what, late]) } finally { clearTimeout(timer) }
}

describe.each(['cpu', 'host'] as const)('on %s', (device) => {
  test('an error in a body fails the ring kernel; waiting callers get its words and its line', async () => {
    const actor = await runtime.spawn(failing, { device })
    expect(await actor.ask({ v: 1 })).toEqual({ v: 1 })
    const waiting = [actor.ask({ v: 13 }), actor.receive()]
    for (const result of await Promise.allSettled(waiting)) {
      expect(result.status).toBe('rejected')
      const error = (result as PromiseRejectedResult).reason as RingKernelFault
      expect(error).toBeInstanceOf(RingKernelFault)
      expect(error.message).toContain('thirteen is not a number I like')
      expect(error.message).toContain('\'failing\'')
      expect(error.place).toMatch(/faults\.test\.ts:\d+:\d+$/)
      expect(error.cause).toMatchObject({ name: 'RangeError', message: 'thirteen is not a number I like' })
    }
    expect(actor.state).toBe('FAILED')
    await expect(actor.closed).rejects.toThrow('thirteen')
    await expect(actor.send({ v: 1 })).rejects.toThrow('thirteen')
    expect(actor.telemetry()).toMatchObject({ processed: 1, errors: 1 })
  })

  test('an error nobody waited for is logged where the ring kernel was launched', async () => {
    const actor = await runtime.spawn(failing, { device })
    await actor.send({ v: 13 })
    await actor.closed.catch(() => undefined)
    expect(lines.join('\n')).toMatch(/'failing' failed: thirteen/)
  })

  test('a failing handler keeps the outputs of the messages before it', async () => {
    const third = ringKernel('third', { input: Value, output: Value }, { onMessage(m, ctx) { ctx.send(m); if (m.v === 3) throw new Error('three') } })
    const actor = await runtime.launch(third, { device })
    for (let v = 1; v <= 5; v++) await actor.send({ v })
    await actor.activate()
    await actor.closed.catch(() => undefined)
    expect([await actor.receive(), await actor.receive()]).toEqual([{ v: 1 }, { v: 2 }])
    await expect(actor.receive()).rejects.toThrow('three')
    expect(actor.telemetry()).toMatchObject({ processed: 2, errors: 1, dropped: 2 })
  })

  test('a message that does not fit the output schema fails the body, or is no program at all, by the field\'s name', async () => {
    const wrong = ringKernel('wrong', { input: Value, output: Value }, async (ctx) => { await ctx.receive(); await ctx.send({ w: 1 } as never) })
    if (device === 'cpu') { await expect(runtime.spawn(wrong, { device })).rejects.toThrow(/'wrong' does not compile[^]*Value[^]*faults\.test\.ts:\d+:\d+/); return }
    const actor = await runtime.spawn(wrong, { device })
    await expect(actor.ask({ v: 1 })).rejects.toThrow(/Value.*v/)
    expect(actor.state).toBe('FAILED')
  })

  test('a wrong message is refused before anything is sent', async () => {
    const actor = await runtime.spawn(failing, { device })
    await expect(actor.send({ v: 'one' } as never)).rejects.toThrow(/Value/)
    await expect(actor.ask({ u: 1 } as never)).rejects.toThrow(/Value/)
    expect(() => actor.trySend({} as never)).toThrow(/Value/)
    expect(actor.telemetry()).toMatchObject({ processed: 0, depth: 0 })
    expect(await actor.ask({ v: 2 })).toEqual({ v: 2 })
  })
})

describe('on the cpu device', () => {
  async function neighbours(): Promise<RingKernel[]> {
    return Promise.all(['n1', 'n2', 'n3'].map((id) => runtime.spawn(echo, { id })))
  }
  /** Each neighbour has counted once; what it answers next proves that it still knows. */
  async function expectIntact(actors: RingKernel[], count: number): Promise<void> {
    for (const actor of actors) expect(await within(8000, actor.ask({ v: 7 }))).toEqual({ v: 7000 + count })
  }

  test('terminate replaces a worker held by an endless body that is not compiled; its neighbours keep queues and state', async () => {
    const actors = await neighbours()
    await expectIntact(actors, 1)
    const endless = await runtime.spawn(spinningAsItIs)
    await endless.send({ v: 13 })
    const queued = actors.map((actor) => actor.ask({ v: 1 }))
    await within(5000, endless.terminate({ timeoutMs: 100 }))
    expect(endless.state).toBe('TERMINATED')
    for (const answer of queued) expect(await within(5000, answer)).toEqual({ v: 1002 })
    await expectIntact(actors, 3)
  })

  test('terminate ends a compiled endless body by its deadline, and leaves its worker alone', async () => {
    const actors = await neighbours()
    await expectIntact(actors, 1)
    const endless = await runtime.spawn(spinning)
    await endless.send({ v: 13 })
    const queued = actors.map((actor) => actor.ask({ v: 1 }))
    await within(900, endless.terminate({ timeoutMs: 800 }))
    expect(endless.state).toBe('TERMINATED')
    for (const answer of queued) expect(await within(5000, answer)).toEqual({ v: 1002 })
    expect(lines).toEqual([])
  })

  test.each([['compiled', spinning], ['as it is', spinningAsItIs]] as const)('deactivate parks a ring kernel whose body, %s, never comes back', async (_how, definition) => {
    const endless: RingKernel = await runtime.spawn(definition as typeof spinning)
    await endless.send({ v: 13 })
    await within(8000, endless.deactivate())
    expect(endless.state).toBe('DEACTIVATED')
    await within(3000, endless.terminate({ timeoutMs: 100 }))
  })

  test.each([['compiled', spinning], ['as it is', spinningAsItIs]] as const)('neighbours of an endless body, %s, do not starve: they go on, and it goes on alone', async (_how, definition) => {
    const actors = await neighbours()
    const endless: RingKernel = await runtime.spawn(definition as typeof spinning)
    await endless.send({ v: 13 })
    await expectIntact(actors, 1)
    expect(endless.state).toBe('ACTIVE')
    expect(lines.join('\n')).toContain('\'spinning\' held its worker')
    await expectIntact(actors, 2)
    await within(3000, endless.terminate({ timeoutMs: 100 }))
  })

  test('process.exit in a body fails that ring kernel alone', async () => {
    const actors = await neighbours()
    await expectIntact(actors, 1)
    const leaving = await runtime.spawn(ringKernel('leaving', { input: Any, output: Any }, async (ctx) => { await ctx.receive(); new Function('process.exit(3)')() }))
    await expect(within(5000, leaving.ask({ v: 1 }))).rejects.toThrow(/'leaving' failed: its worker exited with code 3/)
    expect(leaving.state).toBe('FAILED')
    await expectIntact(actors, 2)
  })

  test('a body that waits for a timer or a fetch does not hold its neighbours, nor stop the event loop of its worker', async () => {
    const sleepy = ringKernel('sleepy', { input: Any, output: Any }, async (ctx) => {
      for (;;) {
        const m = await ctx.receive()
        await new Promise((resolve) => setTimeout(resolve, m.v))
        await ctx.send(m)
      }
    })
    const ticking = ringKernel('ticking', { input: Any, output: Any }, async (ctx) => {
      setInterval(() => { void ctx.send({ v: 1 }) }, 2)
      await ctx.receive()
    })
    const [actors, slow, ticker] = [await neighbours(), await runtime.spawn(sleepy), await runtime.spawn(ticking)]
    const answer = slow.ask({ v: 300 })
    const start = performance.now()
    await expectIntact(actors, 1)
    expect(performance.now() - start).toBeLessThan(280)
    for (let i = 0; i < 3; i++) expect(await ticker.receive({ timeoutMs: 2000 })).toEqual({ v: 1 })
    expect(await answer).toEqual({ v: 300 })
  })

  test('an error thrown in a body\'s timer fails its ring kernel', async () => {
    const late = ringKernel('late', { input: Any, output: Any }, async (ctx) => {
      await ctx.receive()
      setTimeout(() => { throw new Error('too late') }, 1)
      await new Promise(() => undefined)
    })
    const actor = await runtime.spawn(late)
    await expect(within(3000, actor.ask({ v: 1 }))).rejects.toThrow('too late')
  })

  test('what a body logs reaches the log of its launch, compiled or as it is', async () => {
    const compiled = ringKernel('talking', { input: Value, output: Value }, async (ctx) => {
      for (;;) { const m = await ctx.receive(); console.log('got %d of', m.v, -0, 0.5, true, 12n, m.v === 5); await ctx.send(m) }
    })
    const asItIs = ringKernel('talking as it is', { input: Any, output: Any }, async (ctx) => {
      for (;;) { const m = await ctx.receive(); console.log('got', m.v, { deep: [1, 2] }); await ctx.send(m) }
    })
    await (await runtime.spawn(compiled)).ask({ v: 5 })
    await (await runtime.spawn(asItIs)).ask({ v: 5 })
    const wanted = ['got 5 of -0 0.5 true 12n true', 'got 5 { deep: [ 1, 2 ] }']
    const deadline = performance.now() + 2000
    while (!wanted.every((line) => lines.includes(line)) && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve))
    expect(lines).toEqual(wanted)
  })

  test('a body that cannot leave this thread is refused at launch, naming the variable', async () => {
    const local = new WeakMap()
    const captive = ringKernel('captive', { input: Value, output: Value }, async (ctx) => { local.set(ctx, await ctx.receive()) })
    await expect(runtime.launch(captive)).rejects.toThrow(/`local`.*host/)
    expect(runtime.ringKernels.has('captive')).toBe(false)
  })
})
