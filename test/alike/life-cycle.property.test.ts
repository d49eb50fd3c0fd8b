// The life cycle against a small model of it: random histories of calls on up to three ring kernels of one runtime, thousands on the devices that are quick
// enough. After each call its outcome, the states, the queues and the counters are what the model says.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ringKernel, RingKernelRuntime, struct, u32, type RingKernel, type State } from 'ringlab'
import { currentBodyLog, setBodyLog } from '#ringlab/runtime/registry.js'
import { within } from './devices.js'

const CAPACITY = 16
const POISON = 999
const Value = struct('Value', { v: u32 })
/** `n`: how many messages came before, as the declared state remembers. */
const Counted = struct('Counted', { v: u32, n: u32 })
const options = { input: Value, output: Counted, state: { n: u32 }, capacity: CAPACITY, backpressure: 'reject' as const }
const plain = ringKernel('model', options, { onMessage({ v }, ctx) { if (v === 999) throw new Error('poison'); ctx.state.n++; ctx.send({ v, n: ctx.state.n }) } })
const doubling = ringKernel('model-doubling', options, { onMessage({ v }, ctx) { if (v === 999) throw new Error('poison'); ctx.state.n++; ctx.send({ v: v * 2, n: ctx.state.n }) } })
type Actor = RingKernel<typeof Value, typeof Counted>

type Move =
  | { readonly kind: 'launch' | 'spawn' | 'receive' | 'clear' | 'swap' }
  | { readonly kind: 'activate' | 'deactivate' | 'reactivate'; readonly times: 1 | 2 }
  | { readonly kind: 'step'; readonly count: number }
  | { readonly kind: 'restart'; readonly state: 'keep' | 'reset' }
  | { readonly kind: 'send' | 'ask'; readonly v: number }
  | { readonly kind: 'batch'; readonly count: number }
  /** Messages are sent, and nobody waits until they are processed. */
  | { readonly kind: 'terminate'; readonly pending: 'discard' | 'drain'; readonly times: 1 | 2; readonly hurried: number }

const times = fc.constantFrom(1 as const, 1 as const, 2 as const)
const messages = fc.oneof({ weight: 12, arbitrary: fc.nat(500) }, { weight: 1, arbitrary: fc.constant(POISON) })
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('launch' as const, 'spawn' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('activate' as const, 'deactivate' as const, 'reactivate' as const), times }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('step' as const), count: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), state: fc.constantFrom('keep' as const, 'reset' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('send' as const, 'send' as const, 'ask' as const), v: messages }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('batch' as const), count: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('receive' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear' as const, 'swap' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('terminate' as const), pending: fc.constantFrom('discard' as const, 'drain' as const), times, hurried: fc.constantFrom(0, 0, 5) }) },
)
const histories = fc.integer({ min: 1, max: 3 }).chain((actors) => fc.array(fc.tuple(fc.constantFrom(...['a', 'b', 'c'].slice(0, actors)), move).map(([id, each]) => ({ ...each, id })), { minLength: 4, maxLength: 20 }))

/** What one launch of an id is, as far as anybody can tell from outside. */
interface Model {
  state: State
  queue: number[]
  outputs: { v: number; n: number }[]
  n: number
  factor: 1 | 2
  processed: number
  dropped: number
  restarts: number
}
const created = (state: State): Model => ({ state, queue: [], outputs: [], n: 0, factor: 1, processed: 0, dropped: 0, restarts: 0 })
const isLive = ({ state }: Model): boolean => state === 'LAUNCHED' || state === 'ACTIVE' || state === 'DEACTIVATED'
const isOver = (model: Model): boolean => !isLive(model)

/** At most `count` messages, while there is room for their outputs. */
function processes(model: Model, count = Infinity, room = CAPACITY): number {
  let done = 0
  for (; done < count && model.outputs.length < room; done++) {
    const v = model.queue.shift()
    if (v === undefined) break
    if (v === POISON) { ends(model, 'FAILED'); break }
    model.outputs.push({ v: v * model.factor, n: ++model.n })
    model.processed++
  }
  return done
}

function ends(model: Model, state: 'TERMINATED' | 'FAILED'): void {
  model.state = state
  model.dropped += model.queue.length
  model.queue = []
}

const illegal = 'RingKernelStateError'
/** How a call on one that has ended is refused, where it is not its life cycle alone that refuses. */
const gone = ({ state }: Model): string => (state === 'FAILED' ? 'RingKernelFault' : illegal)

/** What the move comes to: a value, or the name of an error. */
function expected(model: Model | undefined, move: Exclude<Move, { kind: 'batch' }>): unknown {
  if (model === undefined) return 'TypeError'
  switch (move.kind) {
    case 'launch': case 'spawn': return 'TypeError'
    case 'activate': return moves(model, 'LAUNCHED', 'ACTIVE')
    case 'deactivate': return moves(model, 'ACTIVE', 'DEACTIVATED')
    case 'reactivate': return moves(model, 'DEACTIVATED', 'ACTIVE')
    case 'step': return steps(model, move.count)
    case 'restart':
      if (isOver(model)) return illegal
      model.restarts++
      if (move.state === 'reset') model.n = 0
      return 'done'
    case 'swap':
      if (isOver(model)) return illegal
      model.factor = 2
      return 'done'
    case 'send': return sends(model, move.v)
    case 'ask': return asks(model, move.v)
    case 'receive': return model.outputs.length > 0 ? received(model) : isOver(model) ? gone(model) : 'none'
    case 'clear': {
      const count = model.queue.length
      model.queue = []
      model.dropped += count
      return count
    }
    case 'terminate':
      if (isOver(model)) return 'done'
      if (move.pending === 'drain') processes(model, Infinity, Infinity)
      if (isLive(model)) ends(model, 'TERMINATED')
      return 'done'
  }
}

function moves(model: Model, from: State, to: State): unknown {
  if (model.state !== from) return illegal
  model.state = to
  if (to === 'ACTIVE') processes(model)
  return 'done'
}

function steps(model: Model, count: number): unknown {
  if (model.state !== 'LAUNCHED' && model.state !== 'DEACTIVATED') return illegal
  if (model.queue.length === 0) return 0
  model.state = 'DEACTIVATED'
  return processes(model, count)
}

function sends(model: Model, v: number): unknown {
  if (isOver(model)) return gone(model)
  if (model.queue.length >= CAPACITY) return 'QueueFullError'
  model.queue.push(v)
  if (model.state === 'ACTIVE') processes(model)
  return 'done'
}

function asks(model: Model, v: number): unknown {
  if (isOver(model)) return gone(model)
  model.queue.push(v)
  processes(model)
  return model.state === 'FAILED' ? 'RingKernelFault' : model.outputs.shift()
}

/** Room for one more output, so that the body may go on. */
function received(model: Model): unknown {
  const output = model.outputs.shift()
  if (model.state === 'ACTIVE') processes(model)
  return output
}

/** Left out is what needs a handle that nobody has, and what comes to this or that depending on when who looks. */
function isClear(model: Model | undefined, move: Move): boolean {
  if (model === undefined) return move.kind !== 'step' && move.kind !== 'clear' && move.kind !== 'receive'
  if (isOver(model)) return true
  switch (move.kind) {
    case 'ask': return model.state === 'ACTIVE' && model.queue.length === 0 && model.outputs.length === 0
    // What a device was shown stays.
    case 'clear': return model.state !== 'ACTIVE' || model.queue.length === 0
    default: return true
  }
}

class Bench {
  readonly #runtime: RingKernelRuntime
  /** Of ids that no history before has seen. */
  readonly #prefix: string
  readonly #models = new Map<string, Model>()
  readonly #actors = new Map<string, Actor>()

  constructor(runtime: RingKernelRuntime, prefix: string) {
    this.#runtime = runtime
    this.#prefix = prefix
  }

  async play(move: Move & { readonly id: string }): Promise<void> {
    const id = `${this.#prefix}-${move.id}`
    const model = this.#models.get(id)
    if ((move.kind === 'launch' || move.kind === 'spawn') && (model === undefined || isOver(model))) { await this.#launch(id, move.kind); return }
    if (move.kind === 'batch') { for (let v = 0; v < move.count; v++) await this.play({ kind: 'send', v, id: move.id }); return }
    if (!isClear(model, move)) return
    if (move.kind === 'terminate' && move.hurried > 0 && model !== undefined && isLive(model) && !model.queue.includes(POISON)) { await this.#hurried(id, model, move); return }
    const isToCome = model !== undefined && model.outputs.length > 0
    const wanted = expected(model, move)
    expect(await this.#outcome(id, move, isToCome), `${move.kind} of ${id}`).toEqual(wanted)
    await this.#settled()
  }

  /** All end, and as what they are. */
  async over(): Promise<void> {
    await Promise.all([...this.#actors.values()].map((actor) => actor.terminate()))
    for (const [id, actor] of this.#actors) {
      const end = await actor.closed.then(() => 'TERMINATED', () => 'FAILED')
      expect([actor.state, this.#runtime.status(id)]).toEqual([end, end])
    }
  }

  async #launch(id: string, kind: 'launch' | 'spawn'): Promise<void> {
    this.#actors.set(id, await this.#runtime[kind](plain, { id }))
    this.#models.set(id, created(kind === 'launch' ? 'LAUNCHED' : 'ACTIVE'))
    await this.#settled()
  }

  async #outcome(id: string, move: Exclude<Move, { kind: 'batch' }>, isToCome: boolean): Promise<unknown> {
    const runtime = this.#runtime
    try {
      switch (move.kind) {
        case 'launch': case 'spawn': await runtime[move.kind](plain, { id }); return 'done'
        case 'activate': case 'deactivate': case 'reactivate': await this.#together(move.times, () => runtime[move.kind](id)); return 'done'
        case 'terminate': await this.#together(move.times, () => runtime.terminate(id, { pending: move.pending, ...within })); return 'done'
        case 'step': return await this.#handle(id).step(move.count)
        case 'restart': await runtime.restart(id, { state: move.state }); return 'done'
        case 'swap': await runtime.swap(id, doubling); return 'done'
        case 'send': await runtime.send(id, { v: move.v }); return 'done'
        case 'ask': return await runtime.ask(id, { v: move.v }, within)
        // Waits only where an output is to come.
        case 'receive': return isToCome ? await runtime.receive(id, within) : this.#handle(id).tryReceive() ?? 'none'
        case 'clear': return this.#handle(id).queue.clear()
      }
    } catch (error) { return (error as Error).name }
  }

  async #together(times: number, call: () => Promise<void>): Promise<void> { await Promise.all(Array.from({ length: times }, call)) }

  #handle(id: string): Actor { return this.#actors.get(id) as Actor }

  /** The end comes over messages under way: what was processed by then is the first part of them, and the others are counted. */
  async #hurried(id: string, model: Model, { pending, times, hurried }: Extract<Move, { kind: 'terminate' }>): Promise<void> {
    const actor = this.#handle(id)
    const sent = Array.from({ length: Math.min(hurried, CAPACITY - model.queue.length) }, (_, v) => v)
    for (const v of sent) expect(actor.trySend({ v })).toBe(true)
    model.queue.push(...sent)
    const accepted = model.processed + model.dropped + model.queue.length
    await this.#together(times, () => actor.terminate({ pending, ...within }))
    const { processed, dropped } = actor.telemetry()
    expect([actor.state, processed + dropped]).toEqual(['TERMINATED', accepted])
    if (pending === 'drain') expect(dropped).toBe(model.dropped)
    const more = processed - model.processed
    expect(processes(model, more, Infinity)).toBe(more)
    ends(model, 'TERMINATED')
    await this.#settled()
  }

  /** Everybody has come as far as he can, and is where the model is. */
  async #settled(): Promise<void> {
    for (const [id, model] of this.#models) {
      const actor = this.#handle(id)
      const waiting = model.queue.length
      const wanted = { id, state: model.state, processed: model.processed, dropped: model.dropped, depth: waiting, size: waiting, restarts: model.restarts, errors: model.state === 'FAILED' ? 1 : 0 }
      const found = (): typeof wanted => {
        const { processed, dropped, depth, restarts, errors } = actor.telemetry()
        return { id, state: actor.state, processed, dropped, depth, size: actor.queue.size, restarts, errors }
      }
      const until = performance.now() + within.timeoutMs
      while (!isDeepStrictEqual(found(), wanted) && performance.now() < until) await new Promise((resolve) => { setImmediate(resolve) })
      expect(found()).toEqual(wanted)
    }
  }
}

const before = currentBodyLog()
beforeAll(() => { setBodyLog(() => undefined) })
afterAll(() => { setBodyLog(before) })

describe.each([['cpu', 1000], ['host', 1000], ['cuda', 200]] as const)('on %s', (device, numRuns) => {
  test(`${numRuns} random histories are those of the model`, async () => {
    await using runtime = new RingKernelRuntime({ device })
    let number = 0
    await fc.assert(fc.asyncProperty(histories, async (history) => {
      const bench = new Bench(runtime, String(++number))
      for (const each of history) await bench.play(each)
      await bench.over()
    }), { numRuns, seed: 7, endOnFailure: true })
  })
})

type Together = 'activate' | 'deactivate' | 'reactivate' | 'step' | 'restart' | 'swap' | 'send' | 'terminate' | 'drain'
const together = fc.record({
  start: fc.constantFrom('LAUNCHED' as const, 'ACTIVE' as const, 'DEACTIVATED' as const), queued: fc.nat(CAPACITY),
  calls: fc.array(fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Together>('activate', 'deactivate', 'reactivate', 'step', 'restart', 'swap') },
    { weight: 3, arbitrary: fc.constant<Together>('send') }, { weight: 1, arbitrary: fc.constantFrom<Together>('terminate', 'drain') },
  ), { minLength: 2, maxLength: 7 }),
})

/** Nobody waits for anybody here, so which of two calls is first is a matter of luck: each comes to an end, and no message is lost or counted twice. */
async function allAtOnce(runtime: RingKernelRuntime, id: string, { start, queued, calls }: typeof together extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const actor = await runtime.launch(plain, { id })
  if (start !== 'LAUNCHED') await actor.activate()
  if (start === 'DEACTIVATED') await actor.deactivate()
  let accepted = 0
  const send = (): void => { if (actor.trySend({ v: 1 })) accepted++ }
  for (let i = 0; i < queued; i++) send()
  const one: Record<Together, () => unknown> = {
    activate: () => actor.activate(), deactivate: () => actor.deactivate(), reactivate: () => actor.reactivate(), step: () => actor.step(3), restart: () => actor.restart(),
    swap: () => runtime.swap(id, doubling), send, terminate: () => actor.terminate(), drain: () => actor.terminate({ pending: 'drain', ...within }),
  }
  const outcomes = await Promise.all(calls.map(async (call) => { try { await one[call](); return 'done' } catch (error) { return (error as Error).name } }))
  for (const outcome of outcomes) expect(['done', illegal]).toContain(outcome)
  const isToEnd = calls.includes('terminate') || calls.includes('drain')
  expect(isToEnd ? ['TERMINATED'] : ['LAUNCHED', 'ACTIVE', 'DEACTIVATED']).toContain(actor.state)
  await actor.terminate()
  const { processed, dropped, sent, depth } = actor.telemetry()
  const outputs: number[] = []
  for await (const { n } of actor.outputs()) outputs.push(n)
  expect([processed + dropped, sent, depth]).toEqual([accepted, processed, 0])
  expect(outputs).toHaveLength(processed)
}

test.each([['cpu', 400], ['host', 400], ['cuda', 60]] as const)('on %s, of %d random calls made all at once each comes to an end', async (device, numRuns) => {
  await using runtime = new RingKernelRuntime({ device })
  let number = 0
  await fc.assert(fc.asyncProperty(together, (calls) => allAtOnce(runtime, `once-${++number}`, calls)), { numRuns, seed: 7, endOnFailure: true })
})
