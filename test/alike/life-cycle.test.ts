// The life cycle as one table: each call, on a ring kernel in each state, comes to the same on every device, be it a new state or a refusal word for word.
// The table is exhaustive by type: a new state, or a new method of a ring kernel, its queue or a runtime, does not compile before it has its row.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ringKernel, struct, u32, type DeadLetter, type RingKernel, type RingKernelRuntime, type State } from 'ringlab'
import { currentBodyLog, setBodyLog } from '#ringlab/runtime/registry.js'
import { bench, devices, within, type Bench } from './devices.js'

const Value = struct('Value', { v: u32 })
type Echo = RingKernel<typeof Value, typeof Value>
const echo = ringKernel('life', { input: Value, output: Value, capacity: 16 }, {
  onMessage({ v }, ctx) {
    if (v === 999) throw new Error('told to fail')
    ctx.send({ v })
  },
})
const twice = ringKernel('life-twice', { input: Value, output: Value, capacity: 16 }, { onMessage({ v }, ctx) { ctx.send({ v: v * 2 }) } })

const folder = mkdtempSync(join(tmpdir(), 'ringlab-life-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

/** What ring kernels say of themselves: on a GPU where they are, and nothing else here. */
let lines: string[] = []
const before = currentBodyLog()
beforeEach(() => { const mine: string[] = []; lines = mine; setBodyLog((line) => { mine.push(line) }) })
afterEach(() => { setBodyLog(before); expect(lines.filter((line) => !/^\S+: resident on cuda:0/.test(line))).toEqual([]) })

const file = (name: string): string => join(folder, `${name}.checkpoint`)

type Methods<T> = { [K in keyof T & string]: T[K] extends (...given: never[]) => unknown ? K : never }[keyof T & string]
type QueueCall = `queue.${Methods<Echo['queue']>}`
/** What is asked of the runtime as a whole has no state of a ring kernel to depend on. */
type RuntimeCall = Exclude<Methods<RingKernelRuntime>, 'shutdown' | 'publish' | 'connections'> | 'connect to'
type HandleCall = Methods<Echo> | QueueCall | 'asyncDispose'

const soon = { timeoutMs: 5 } as const
const onHandle: Record<HandleCall, (actor: Echo) => unknown> = {
  activate: (actor) => actor.activate(),
  deactivate: (actor) => actor.deactivate(),
  reactivate: (actor) => actor.reactivate(),
  step: (actor) => actor.step(),
  restart: (actor) => actor.restart(),
  checkpoint: (actor) => actor.checkpoint(file('handle')),
  terminate: (actor) => actor.terminate(),
  asyncDispose: (actor) => actor[Symbol.asyncDispose](),
  send: (actor) => actor.send({ v: 1 }),
  trySend: (actor) => actor.trySend({ v: 1 }),
  sendBatch: (actor) => actor.sendBatch([{ v: 1 }, { v: 2 }]),
  sendColumns: (actor) => actor.sendColumns({ v: Uint32Array.of(1, 2) }),
  receive: (actor) => actor.receive(soon),
  tryReceive: (actor) => actor.tryReceive(),
  receiveColumns: (actor) => actor.receiveColumns(1, soon),
  outputs: (actor) => actor.outputs(soon).next(),
  envelopes: (actor) => actor.envelopes(soon).next(),
  ask: (actor) => actor.ask({ v: 7 }, actor.state === 'ACTIVE' ? within : soon),
  telemetry: (actor) => Object.hasOwn(actor.telemetry(), 'processed'),
  measure: async (actor) => Object.hasOwn(await actor.measure(), 'processed'),
  'queue.peek': (actor) => actor.queue.peek().length,
  'queue.drain': (actor) => actor.queue.drain(),
  'queue.clear': (actor) => actor.queue.clear(),
}

const ID = 'x'
/** A letter of the id, of another runtime. */
let elsewhere: DeadLetter | undefined
const byId: Record<RuntimeCall, (runtime: RingKernelRuntime) => unknown> = {
  launch: (runtime) => runtime.launch(echo, { id: ID }),
  spawn: (runtime) => runtime.spawn(echo, { id: ID }),
  restore: (runtime) => runtime.restore(file('seed'), { id: ID }),
  activate: (runtime) => runtime.activate(ID),
  deactivate: (runtime) => runtime.deactivate(ID),
  reactivate: (runtime) => runtime.reactivate(ID),
  restart: (runtime) => runtime.restart(ID),
  checkpoint: (runtime) => runtime.checkpoint(ID, file('by-id')),
  terminate: (runtime) => runtime.terminate(ID),
  swap: (runtime) => runtime.swap(ID, twice),
  send: (runtime) => runtime.send(ID, { v: 1 }),
  receive: (runtime) => runtime.receive(ID, soon),
  ask: (runtime) => runtime.ask(ID, { v: 7 }, runtime.ringKernels.get(ID)?.state === 'ACTIVE' ? within : soon),
  redeliver: (runtime) => runtime.redeliver([...runtime.deadLetters].find(({ id, message }) => id === ID && (message as { v: number }).v !== 999) ?? elsewhere as never),
  status: (runtime) => runtime.status(ID),
  telemetry: (runtime) => Object.hasOwn(runtime.telemetry(ID), 'processed'),
  connect: async (runtime) => { await (await runtime.connect(ID as never, 'other'))[Symbol.asyncDispose]() },
  'connect to': async (runtime) => { await (await runtime.connect('other' as never, ID))[Symbol.asyncDispose]() },
  messages: async (runtime) => {
    const found = runtime.ringKernels.get(ID)
    const subscription = found === undefined ? runtime.messages(ID) : runtime.messages(found as Echo)
    await subscription.ready
    await subscription[Symbol.asyncDispose]()
  },
  barrier: async (runtime) => { await (await runtime.barrier([ID as never, 'other' as never], { go: { v: 0 } }))[Symbol.asyncDispose]() },
}

/** What a call comes to, and the state in which it leaves the ring kernel of the id. */
interface Outcome { readonly came: string; readonly state: State }
type Cell = (state: State, call: string) => Outcome
/** A handle is first had in LAUNCHED. */
type Handled = Exclude<State, 'CREATED'>
type Row = Readonly<Record<Handled, Cell>>

const NOTHING = 'nothing'
const becomes = (state: State, came: unknown = 'itself'): Cell => () => ({ came: said(came), state })
const stays = (came: unknown = NOTHING): Cell => (state) => ({ came: said(came), state })
const late = (what: string): Cell => stays(`TimeoutError: ring kernel 'x': ${what} took longer than 5 ms; raise timeoutMs, or see %actors for what it is doing.`)
const taken: Cell = stays("TypeError: a ring kernel with the id 'x' is already launched; terminate it first, or launch under another id: launch(definition, { id: 'x-2' })")
const fault: Cell = stays("RingKernelFault: told to fail (in ring kernel 'x' at HERE)")
const cut = (call: string, so: string): Cell => (state) => stays(`TypeError: ${call}: ring kernel 'x' is ${state}, so ${so}: launch it again`)(state, call)
const apart = cut('connect', 'it cannot be connected')
const silent = cut('messages', 'there is nothing to listen to')
const alone = cut('barrier', 'nobody can wait for it')

const legalNow: Record<Handled, string> = {
  LAUNCHED: 'activate(), step(), restart(), swap(), checkpoint(), send(), receive(), ask(), terminate()',
  ACTIVE: 'deactivate(), restart(), swap(), checkpoint(), send(), receive(), ask(), terminate()',
  DEACTIVATED: 'reactivate(), step(), restart(), swap(), checkpoint(), send(), receive(), ask(), terminate()',
  TERMINATING: 'receive(), terminate()',
  TERMINATED: 'terminate()',
  FAILED: 'terminate()',
}
const refusedAs = (call: string): Cell => (state) => ({ came: `RingKernelStateError: ring kernel 'x' is ${state}, so ${call}() cannot be called; legal now: ${legalNow[state as Handled]}.`, state })
const refused: Cell = (state, call) => refusedAs(call)(state, call)

/** The same in the three states in which messages are accepted. */
const open = (cell: Cell): Pick<Row, 'LAUNCHED' | 'ACTIVE' | 'DEACTIVATED'> => ({ LAUNCHED: cell, ACTIVE: cell, DEACTIVATED: cell })
const ended = (cell: Cell): Pick<Row, 'TERMINATED' | 'FAILED'> => ({ TERMINATED: cell, FAILED: cell })
const everywhere = (cell: Cell): Row => ({ ...open(cell), TERMINATING: cell, ...ended(cell) })
const sends = (cell: Cell): Row => ({ ...open(cell), TERMINATING: refusedAs('send'), TERMINATED: refusedAs('send'), FAILED: fault })
const receives = (cell: Cell): Row => ({ ...open(cell), TERMINATING: cell, TERMINATED: refusedAs('receive'), FAILED: fault })
const streams: Row = { ...open(late('an output')), TERMINATING: late('an output'), TERMINATED: stays({ done: true }), FAILED: fault }
const ends: Row = { ...open(becomes('TERMINATED', NOTHING)), TERMINATING: becomes('TERMINATED', NOTHING), ...ended(stays()) }
const asks: Row = { LAUNCHED: late('an answer'), ACTIVE: stays({ v: 7 }), DEACTIVATED: late('an answer'), TERMINATING: refused, TERMINATED: refused, FAILED: fault }
const swapped = stays("ring kernel 'x' runs its new code: its queue is kept")
const saved = stays('0 inputs, 0 outputs')
const launches = (state: State): Row => ({ ...everywhere(taken), ...ended(becomes(state)) })

const handleTable: Record<HandleCall, Row> = {
  activate: { LAUNCHED: becomes('ACTIVE'), ACTIVE: refused, DEACTIVATED: refused, TERMINATING: refused, ...ended(refused) },
  deactivate: { LAUNCHED: refused, ACTIVE: becomes('DEACTIVATED'), DEACTIVATED: refused, TERMINATING: refused, ...ended(refused) },
  reactivate: { LAUNCHED: refused, ACTIVE: refused, DEACTIVATED: becomes('ACTIVE'), TERMINATING: refused, ...ended(refused) },
  // With nothing queued, nothing is to be done and the body is not begun.
  step: { LAUNCHED: stays(0), ACTIVE: refused, DEACTIVATED: stays(0), TERMINATING: refused, ...ended(refused) },
  restart: { ...open(stays('itself')), TERMINATING: refused, ...ended(refused) },
  checkpoint: { ...open(saved), TERMINATING: refused, ...ended(refused) },
  terminate: ends,
  asyncDispose: ends,
  send: sends(stays()),
  trySend: sends(stays(true)),
  sendBatch: sends(stays()),
  sendColumns: sends(stays()),
  receive: receives(late('an output')),
  tryReceive: { ...open(stays()), TERMINATING: stays(), TERMINATED: refusedAs('receive'), FAILED: fault },
  receiveColumns: receives(late('output 1 of 1')),
  outputs: streams,
  envelopes: streams,
  ask: asks,
  telemetry: everywhere(stays(true)),
  measure: everywhere(stays(true)),
  'queue.peek': { ...everywhere(stays(0)), TERMINATING: stays(2) },
  // Those that it waits to take were shown to its device.
  'queue.drain': everywhere(stays([])),
  'queue.clear': everywhere(stays(0)),
}

const runtimeTable: Record<RuntimeCall, Row> = {
  launch: launches('LAUNCHED'),
  spawn: launches('ACTIVE'),
  restore: launches('LAUNCHED'),
  activate: fromHandle('activate'),
  deactivate: fromHandle('deactivate'),
  reactivate: fromHandle('reactivate'),
  restart: fromHandle('restart'),
  checkpoint: handleTable.checkpoint,
  terminate: ends,
  swap: { ...open(swapped), TERMINATING: refused, ...ended(refused) },
  send: handleTable.send,
  receive: handleTable.receive,
  ask: asks,
  redeliver: sends(stays()),
  status: everywhere((state) => ({ came: state, state })),
  telemetry: handleTable.telemetry,
  connect: { ...open(stays()), TERMINATING: apart, ...ended(apart) },
  'connect to': { ...open(stays()), TERMINATING: apart, ...ended(apart) },
  messages: { ...open(stays()), TERMINATING: silent, ...ended(silent) },
  barrier: { ...open(stays()), TERMINATING: alone, ...ended(alone) },
}

/** By its id the same comes, but for the handle. */
function fromHandle(call: HandleCall): Row {
  return Object.fromEntries(Object.entries(handleTable[call]).map(([state, cell]) => [state, (at: State, name: string) => { const { came, state: then } = cell(at, name); return { came: came === 'itself' ? NOTHING : came, state: then } }])) as unknown as Row
}

/** While a launch is under way, nobody knows the id but those who would launch it, too. */
const unknown = (quoted = "there is no ring kernel with the id 'x' in this runtime; launched: other"): Outcome => ({ came: `TypeError: ${quoted}`, state: 'LAUNCHED' })
const nobody = (call: string): Outcome => unknown(`${call}: there is no ring kernel and no topic named 'x' in this runtime; there is other`)
const createdRow: Record<RuntimeCall, Outcome> = {
  launch: { ...taken('LAUNCHED', '') }, spawn: { ...taken('LAUNCHED', '') }, restore: { ...taken('LAUNCHED', '') },
  activate: unknown(), deactivate: unknown(), reactivate: unknown(), restart: unknown(), checkpoint: unknown(), terminate: unknown(), swap: unknown(),
  send: unknown(), receive: unknown(), ask: unknown(), redeliver: unknown(), status: unknown(), telemetry: unknown(),
  connect: nobody('connect'), 'connect to': nobody('connect'), messages: nobody('messages'), barrier: unknown("barrier: there is no ring kernel with the id 'x' in this runtime"),
}

/** How a ring kernel comes into each state, and stays there. */
const reach: Record<Handled, (runtime: RingKernelRuntime) => Promise<Echo>> = {
  LAUNCHED: (runtime) => runtime.launch(echo, { id: ID }),
  ACTIVE: (runtime) => runtime.spawn(echo, { id: ID }),
  DEACTIVATED: async (runtime) => (await runtime.spawn(echo, { id: ID })).deactivate(),
  async TERMINATING(runtime) {
    await runtime.ringKernels.get('full')?.terminate()
    const actor = await runtime.spawn(echo, { id: ID })
    await runtime.connect(actor, await runtime.launch(echo, { id: 'full' }))
    for (let v = 0; v < 18; v++) await actor.send({ v })
    await expect.poll(() => actor.telemetry().depth, { timeout: 20_000, interval: 1 }).toBe(2)
    void actor.terminate({ pending: 'drain', timeoutMs: 60_000 })
    return actor
  },
  async TERMINATED(runtime) {
    const actor = await runtime.spawn(echo, { id: ID })
    await actor.terminate()
    return actor
  },
  async FAILED(runtime) {
    const actor = await runtime.spawn(echo, { id: ID })
    const failed = actor.closed.catch(() => undefined)
    // Somebody hears of it, so that nothing is logged.
    await actor.ask({ v: 999 }, within).catch(() => undefined)
    await failed
    return actor
  },
}

function said(value: unknown): string {
  if (value === undefined) return NOTHING
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && 'activate' in value) return 'itself'
  if (typeof value === 'object' && value !== null && 'inputs' in value && 'outputs' in value) return `${String(value.inputs)} inputs, ${String(value.outputs)} outputs`
  return JSON.stringify(value)
}

async function comesTo(runtime: RingKernelRuntime, call: () => unknown): Promise<Outcome> {
  let came: string
  try { came = said(await call()) } catch (error) { came = `${(error as Error).name}: ${(error as Error).message.replace(/ at \S+life-cycle\.test\.ts:\d+:\d+\)/, ' at HERE)')}` }
  return { came, state: runtime.status(ID) }
}

/** Another ring kernel, a letter of the id, and a checkpoint, for calls that need one. */
async function prepared({ runtime }: Bench): Promise<RingKernelRuntime> {
  const seed = await runtime.launch(echo, { id: ID })
  await seed.checkpoint(file('seed'))
  await seed.send({ v: 5 })
  await seed.terminate()
  elsewhere = seed.deadLetters.peek(1)[0]
  await runtime.launch(echo, { id: 'other' })
  return runtime
}

const isRefusal = ({ came }: Outcome): boolean => came.startsWith('RingKernelStateError') || came.startsWith('RingKernelFault')

/** The whole column of one state. A refusal changes nothing, so the next call meets the same ring kernel. */
async function column(runtime: RingKernelRuntime, state: Handled): Promise<Record<string, Outcome>> {
  const found: Record<string, Outcome> = {}
  let actor: Echo | undefined
  const cell = async (name: string, call: (of: Echo) => unknown): Promise<void> => {
    actor ??= await reach[state](runtime)
    const met = actor
    if (met.state !== state) throw new Error(`${name} was to meet ${state}, and met ${met.state}`)
    const outcome = found[name] = await comesTo(runtime, () => call(met))
    if (isRefusal(outcome) && met.state === state) return
    await runtime.terminate(ID)
    actor = undefined
  }
  for (const [name, call] of Object.entries(onHandle)) await cell(name, call)
  for (const [name, call] of Object.entries(byId)) await cell(`runtime.${name}`, () => call(runtime))
  return found
}

function expectedColumn(state: Handled): Record<string, Outcome> {
  const cells = (table: Readonly<Record<string, Row>>, prefix: string): [string, Outcome][] => Object.entries(table).map(([call, row]) => [`${prefix}${call}`, row[state](state, call)])
  return Object.fromEntries([...cells(handleTable, ''), ...cells(runtimeTable, 'runtime.')])
}

describe.each(devices)('each call in each state, on %s', (device) => {
  test.each(Object.keys(legalNow) as Handled[])('%s', async (state) => {
    expect(await column(await prepared(bench(device)), state)).toEqual(expectedColumn(state))
  })

  test('CREATED: its launch is under way', async () => {
    const { open: another, ...one } = bench(device)
    await prepared({ ...one, open: another })
    const found: Record<string, Outcome> = {}
    for (const [name, call] of Object.entries(byId)) {
      // Nothing of the id has been here.
      const runtime = another()
      await runtime.launch(echo, { id: 'other' })
      const launching = runtime.launch(echo, { id: ID })
      const called = comesTo({ status: () => 'CREATED' } as never, () => call(runtime))
      await launching
      found[name] = { ...await called, state: runtime.status(ID) }
    }
    expect(found).toEqual(createdRow)
  })
})
