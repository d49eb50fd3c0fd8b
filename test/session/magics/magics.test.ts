// Magics do what their functions do, on real ring kernels, and show it in words.
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { array, f32, lab, ringKernel, struct, u32 } from 'ringlab'
import { toMimeBundle } from '#ringlab/lab/index.js'
import type { Timing } from '#ringlab/session/magics/time.js'
import { smallSession } from './small-session.js'

const Request = struct('Request', { id: u32, values: array(f32, 3) })
const Response = struct('Response', { id: u32, sum: f32 })
const summer = ringKernel('summer', { input: Request, output: Response }, { onMessage(request, ctx) {
  let sum = 0
  for (const value of request.values) sum += value
  ctx.send({ id: request.id, sum })
} })
const session = smallSession({ summer })
const run = (name: string, line = '', body?: string): Promise<unknown> => session.magics.run(name, line, body)
const text = (value: unknown): string => String(toMimeBundle(value)['text/plain'])

afterEach(async () => {
  for (const kernel of lab.runtime.ringKernels.values()) if (kernel.state !== 'TERMINATED') await kernel.terminate()
  session.printed()
})
afterAll(() => lab.runtime.shutdown())

describe('ring kernels', () => {
  test('launch, activate, send, receive, deactivate and terminate', async () => {
    expect(await run('launch', 'summer')).toMatchObject({ id: 'summer', state: 'LAUNCHED' })
    await run('activate', 'summer')
    expect(session.printed()).toBe('summer: ACTIVE\n')
    await run('send', 'summer { id: 1, values: [1, 2, 3] }')
    expect(await run('receive', 'summer --timeout 5')).toEqual({ id: 1, sum: 6 })
    await run('deactivate', 'summer')
    await run('terminate', 'summer')
    expect(session.printed()).toBe('summer: DEACTIVATED\nsummer: TERMINATED\n')
  })

  test('a name of the session that holds a ring kernel stands for it, and a definition for its own', async () => {
    session.names['left'] = await run('launch', 'summer --id other --activate')
    await run('send', '--priority 5 left { id: 2, values: [1, 1, 1] }')
    expect(await run('receive', 'left --timeout 5 --count 1')).toEqual([{ id: 2, sum: 3 }])
  })

  test('%step processes exactly as many messages as asked for, and leaves the others in the queue', async () => {
    await run('launch', 'summer')
    for (let id = 0; id < 5; id++) await run('send', `summer { id: ${id}, values: [id, 0, 0] }`.replace('id,', `${id},`))
    await run('step', 'summer')
    await run('step', 'summer 3')
    expect(await run('receive', 'summer --count 4 --timeout 5')).toMatchObject([{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }])
    await run('step', 'summer 9')
    expect(session.printed()).toBe('summer: 1 message processed, 4 queued; DEACTIVATED\nsummer: 3 messages processed, 1 queued; DEACTIVATED\nsummer: 1 message processed, 0 queued; DEACTIVATED\n')
    await expect(run('step', 'summer none')).rejects.toThrow(/%step needs a count of messages/)
  })

  test('several at once, and all of them', async () => {
    await run('launch', 'summer --id a')
    await run('launch', 'summer --id b')
    await run('activate', 'a b')
    await run('terminate', '--all')
    expect(session.printed()).toBe('a: ACTIVE\nb: ACTIVE\na: TERMINATED\nb: TERMINATED\n')
  })

  test('an actors table that fits a terminal', async () => {
    await run('launch', 'summer --activate')
    const bundle = toMimeBundle(await run('actors'))
    expect(bundle).toMatchObject({ 'text/html': expect.stringContaining('summer') as string, 'text/plain': expect.stringMatching(/summer\s+cpu\s+ACTIVE/) as string })
    expect(Math.max(...String(bundle['text/plain']).split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('queues now, and a ring or an expression looked into', async () => {
    await run('launch', 'summer')
    await run('send', 'summer { id: 7, values: [1, 2, 3] }')
    expect(text(await run('queues', 'summer'))).toContain('summer input')
    expect(text(await run('buffer', 'summer'))).toContain('7')
    expect(text(await run('buffer', '--view table new Float32Array([1, 2, 42])'))).toContain('42')
  })

  test('a live figure leaves the figure of its end', async () => {
    await run('launch', 'summer')
    const figure = await run('queues', '--live 1') as { stop(): void }
    expect(text(figure)).toBe('')
    figure.stop()
    expect(session.displayed.at(0)).toMatchObject({ text: expect.stringContaining('live') as string, update: false })
    expect(session.displayed.at(-1)).toMatchObject({ text: expect.stringContaining('summer input') as string, update: true })
  })

  test('a trace of messages, begun, shown and ended', async () => {
    await run('trace', 'on --capacity 100')
    await run('launch', 'summer --activate')
    await run('send', 'summer { id: 7, values: [1, 2, 3] }')
    await run('receive', 'summer --timeout 20')
    const shown = text(await run('trace', '3'))
    expect(shown).toMatch(/^trace: 3 events, on/)
    expect(shown).toMatch(/summer\s+send\s+to host/)
    await run('trace', 'off')
    expect(session.printed()).toContain('Nothing is traced any more')
    expect(text(await run('trace'))).toMatch(/host\s+enqueue\s+to summer/)
  })

  test('the device of new runtimes is shown, set and checked', async () => {
    await run('device', 'cpu')
    await run('device')
    expect(session.printed()).toContain('New runtimes run on cpu.')
    await expect(run('device', 'gpu')).rejects.toThrow(/auto, cpu, cuda, cuda:N or host, but is 'gpu'/)
    await expect(run('device', 'cuda:3')).rejects.toThrow(/^cuda:3 cannot be used: there is no NVIDIA driver|^there is no cuda:3/)
    await run('device', 'auto')
    expect(session.printed()).toMatch(/^New runtimes run on auto/)
  })
})

describe('refusals leave the session as it was', () => {
  test.each<[string, string, RegExp]>([
    ['quues', '', /^There is no magic %quues; did you mean %queues\?$/],
    ['nothing-like-it', '', /^There is no magic %nothing-like-it; %lsmagic lists them\.$/],
    ['launch', 'sumer', /no ring kernel definition named 'sumer'; defined: summer/],
    ['send', 'nobody 1', /no ring kernel with the id 'nobody'/],
    ['queues', 'nobody', /no ring kernel "nobody"/],
    ['send', 'summer { id: "x" }', /Request.id was given "x"/],
    ['terminate', '', /%terminate needs an ID/],
    ['who', 'sumer', /no name sumer in this session; did you mean summer\?/],
    ['trace', 'maybe', /^%trace takes on, off or how many events to show, but was given "maybe"\.$/],
    ['trace', '0', /^%trace takes on, off/],
    ['trace', '--capacity 5', /^%trace --capacity goes with on/],
    ['time', '', /%time needs code/],
    ['timeit', 'throw new Error("inside")', /inside/],
  ])('%%%s %s', async (name, line, message) => {
    await run('launch', 'summer')
    await expect(run(name, line)).rejects.toThrow(message)
    expect(lab.runtime.status('summer')).toBe('LAUNCHED')
  })

  test('a magic that takes no cell refuses one', async () => {
    await expect(run('queues', '', 'rest')).rejects.toThrow('%%queues cannot take a whole cell: write %queues on a line.')
  })
})

describe('timing', () => {
  test('%time gives the value and says how long it took', async () => {
    expect(await run('time', '1 + 1')).toBe(2)
    expect(session.printed()).toMatch(/^Wall time: [\d.]+ (ns|µs|ms|s), CPU time of all threads: [\d.]+ (ns|µs|ms|s)\n$/)
    expect(await run('time', '', 'const a = 20\na + 1')).toBe(21)
  })

  test('%timeit measures one run, without the loop around it', async () => {
    let runs = 0
    session.names['spin'] = () => { runs++; const end = performance.now() + 2; while (performance.now() < end); }
    const timing = await session.magics.run('timeit', '-r 3 spin()', undefined, 'value') as Timing
    // A busy machine makes a run longer, never shorter.
    expect(timing.bestNs / 1e6).toBeGreaterThanOrEqual(2)
    expect(timing.meanNs).toBeGreaterThanOrEqual(timing.bestNs)
    expect(runs).toBeGreaterThan(3 * timing.runs)
    expect(timing.rounds).toBe(3)
    expect(session.printed()).toBe('')
    await session.magics.run('timeit', '-n 5 -r 2 await null', undefined, 'statement')
    expect(session.printed()).toMatch(/^[\d.]+ (ns|µs|ms) ± [\d.]+ (ns|µs|ms) a run \(mean ± deviation of 2 rounds of 5 runs; best [\d.]+ (ns|µs|ms)\)\n$/)
  })

  test('%timeit of asynchronous code ends when the cell is interrupted', async () => {
    session.names['tick'] = () => new Promise((resolve) => { setImmediate(resolve) })
    const endless = run('timeit', '-n 1000000000 -r 1 await tick()')
    setTimeout(() => { session.interrupt() }, 20)
    await expect(endless).rejects.toThrow('interrupted')
  })
})

describe('help and names', () => {
  test('%lsmagic, %help and ?name say what there is', async () => {
    lab.magic('mine', (line) => `mine ${line}`)
    expect(text(await run('lsmagic'))).toMatch(/%queues: Draws[\s\S]*%mine: added/)
    expect(text(await run('help', 'queues'))).toMatch(/%queues \[--live \[SECONDS\]\] \[ID …\]/)
    expect(text(await run('help'))).toContain('%launch doubler --activate')
    expect(await run('mine', 'line')).toBe('mine line')
    await session.magics.help('%send')
    await session.magics.help('summer')
    await session.magics.help('nobody')
    expect(session.pages).toEqual([expect.stringContaining('%send [--priority N] ID EXPRESSION'), 'const summer', expect.stringContaining('There is nothing to show for nobody')])
    await expect(session.magics.help('%nobody')).rejects.toThrow('There is no magic %nobody')
  })

  test('%who lists names, types and values, and survives what cannot be shown', async () => {
    Object.assign(session.names, { answer: 42, broken: new Proxy({}, { get() { throw new Error('no') }, ownKeys() { throw new Error('no') } }), long: 'x'.repeat(500) })
    const shown = text(await run('who'))
    expect(shown).toMatch(/answer\s+number\s+42/)
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(text(await run('who', 'answer'))).not.toContain('long')
  })
})
