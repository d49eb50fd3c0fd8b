// What keeps bodies of the host device, which run in this thread, from ending it or from keeping it for ever: `process.exit` fails the body that calls it, and
// a thread of its own (guard-worker.ts) tears out a body that never comes back.
//
// Which body runs is known across its awaits and timers from Node 24 on. Before, AsyncLocalStorage would switch async hooks on, and then an interrupt aborts the
// process: there it is known until the body awaits something else than the next message.
import { AsyncLocalStorage } from 'node:async_hooks'
import { Worker, isMainThread } from 'node:worker_threads'
import { threadNumber } from '../body/thread-time.js'
import { FORGET_CALLS, WHOSE_TURN, type FromGuard, type GuardStart, type ToGuard, type WhoseTurn } from './guard-letters.js'

/** A body of this thread. */
export interface GuardedBody {
  readonly number: number
  readonly limitMs: number
  /** It ends with this error; nothing happens when it has ended. */
  fail(error: Error): void
  /** It waits for a ring, or has ended. */
  isWaiting(): boolean
}

const carriesContext = Number(process.versions.node.split('.')[0]) >= 24
const bodies = carriesContext ? new AsyncLocalStorage<GuardedBody | undefined>() : undefined
/** Before Node 24: who has control. */
let controlling: GuardedBody | undefined
/** Reactions that a loop which goes on is followed for, before Node 24. */
const REACTIONS_MAX = 8
const DONE = Promise.resolve()

function current(): GuardedBody | undefined { return bodies === undefined ? controlling : bodies.getStore() }

/** Those that may run; by number. */
const running = new Map<number, GuardedBody>()
/** Limits of the devices that are open. */
const limits: number[] = []
let lastNumber = 0
let guard: Worker | undefined
let exitBefore: typeof process.exit | undefined

/** Numbers a body, until it is let go. */
export function guarded(limitMs: number, isWaiting: () => boolean, fail: (error: Error) => void): GuardedBody {
  const body = { number: ++lastNumber, limitMs, isWaiting, fail }
  running.set(body.number, body)
  return body
}
export function letGo(body: GuardedBody): void { running.delete(body.number) }

/** Calls `work`; whatever comes of it, also later, is the body's. */
export function inBody<T, R>(body: GuardedBody, work: (given: T) => R, given: T): R {
  if (bodies !== undefined) return bodies.run(body, work, given)
  // First, so that it is known when the reaction with which a loop goes on has its turn. One that waits for something else does not go on by this.
  if (body.isWaiting()) void DONE.then(() => { follow(body, REACTIONS_MAX) })
  controlling = body
  try { return work(given) } finally { controlling = undefined }
}

function follow(body: GuardedBody, left: number): void {
  controlling = body.isWaiting() || left === 0 ? undefined : body
  if (controlling !== undefined) void DONE.then(() => { follow(body, left - 1) })
}

/** The event loop has turned: whoever had control has given it back, or was torn out by an interrupt. */
export function turnEnded(): void { controlling = undefined }
/** Calls `work`, and what comes of it later is nobody's. */
export function outside<T, R>(work: (given: T) => R, given: T): R { return bodies === undefined ? work(given) : bodies.run(undefined, work, given) }

/** A device opens whose bodies may compute for so long. */
export function guardOn(limitMs: number): void {
  limits.push(limitMs)
  if (limits.length === 1) interceptExit()
  tellGuard()
}

/** It closes. */
export function guardOff(limitMs: number): void {
  limits.splice(limits.indexOf(limitMs), 1)
  if (limits.length > 0) { tellGuard(); return }
  if (exitBefore !== undefined && process.exit === exit) process.exit = exitBefore
  void guard?.terminate()
  guard = undefined
}

function tellGuard(): void {
  const limitMs = Math.min(...limits)
  // The inspector of a worker thread reaches the main thread only.
  if (!isMainThread || (limitMs === Infinity && guard === undefined)) return
  guard ??= started()
  guard.postMessage({ limitMs } satisfies ToGuard)
}

function started(): Worker {
  const answered = new Int32Array(new SharedArrayBuffer(4))
  for (const [name, value] of [[WHOSE_TURN, whoseTurn], [FORGET_CALLS, forgetCalls]] as const) Object.defineProperty(globalThis, Symbol.for(name), { configurable: true, value })
  const worker = new Worker(new URL('./guard-worker.js', import.meta.url), { workerData: { answered, thread: threadNumber() } satisfies GuardStart, execArgv: [], name: 'ringlab guard' })
  worker.on('message', (letter: FromGuard) => {
    if (letter.kind === 'present') Atomics.add(answered, 0, 1)
    else torn(letter)
  })
  // It ends with the last device; one that breaks guards nobody, and nothing else.
  worker.on('error', () => undefined)
  worker.unref()
  return worker
}

function whoseTurn(): WhoseTurn | undefined {
  const body = current()
  if (body === undefined) return undefined
  const { stack = '' } = new Error('halted')
  // Without its first line, this function, and the line that asks.
  return { body: body.number, limitMs: body.limitMs, calls: stack.split('\n').slice(3).join('\n') }
}

/** Does what Node does after an error that a program caught at the last moment, without such an error, and without telling anybody who waits for one. */
function forgetCalls(): void {
  const { _fatalException: recover } = process as unknown as { readonly _fatalException?: (error: Error, fromPromise: boolean) => unknown }
  if (recover === undefined || process.hasUncaughtExceptionCaptureCallback()) return
  const monitor = 'uncaughtExceptionMonitor'
  const monitors = process.listeners(monitor)
  process.removeAllListeners(monitor)
  process.setUncaughtExceptionCaptureCallback(() => undefined)
  recover.call(process, new Error('a body was torn out'), false)
  process.setUncaughtExceptionCaptureCallback(null)
  for (const each of monitors) process.on(monitor, each)
}

function torn({ body, computedMs, calls }: Extract<FromGuard, { kind: 'torn' }>): void {
  const error = new Error(`it computed for ${Math.round(computedMs)} ms without giving the thread back, and was ended. Divide the work among messages, run it on the cpu device, or allow more: new RingKernelRuntime({ host: { limitMs } })`)
  error.stack = `Error: ${error.message}\n${calls}`
  turnEnded()
  running.get(body)?.fail(error)
}

function interceptExit(): void {
  if (process.exit === exit) return
  exitBefore = Reflect.get<NodeJS.Process, 'exit'>(process, 'exit')
  process.exit = exit
}

function exit(code?: number | string | null): never {
  const body = current()
  if (body === undefined) return (exitBefore as typeof process.exit).call(process, code)
  const error = new Error(`its body called process.exit(${code ?? ''}), which would end everything: return or throw instead`)
  body.fail(error)
  // In a timer or where nobody awaits it, what is thrown would end the process after all.
  const expected = (thrown: unknown): void => { if (thrown !== error) throw thrown }
  process.on('uncaughtException', expected)
  outside(setImmediate, () => { setImmediate(() => { process.off('uncaughtException', expected) }) })
  throw error
}
