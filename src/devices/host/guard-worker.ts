// The thread that guards the main thread against bodies that never give it back. It asks for a sign of life now and then; when none comes although the main
// thread computed for as long as a body may, it halts that thread for a moment and asks whose turn it is. A body is torn out; anything else goes on.
//
// It is not the time on the wall that counts, where the operating system tells another: a thread that a debugger holds, or that the machine gave no core,
// does not compute.
import { Session } from 'node:inspector'
import { parentPort, workerData } from 'node:worker_threads'
import { threadTime } from '../body/thread-time.js'
import { FORGET_CALLS, WHOSE_TURN, type FromGuard, type GuardStart, type ToGuard, type WhoseTurn } from './guard-letters.js'

/** Looks within the time that a body has; and the shortest time between two, ms. */
const LOOKS_A_LIMIT = 4
const LOOK_MS_MIN = 20
/** Native code that holds the main thread cannot be halted: the next attempt comes this much later, ms. */
const HALT_MS_MAX = 1_000

const port = parentPort
if (port === null) throw new Error('guard-worker.js is a worker thread, started by guard.js')
const { answered, thread } = workerData as GuardStart
let limitMs = Infinity
let looks: NodeJS.Timeout | undefined
let lastAnswer = -1
let sinceMs = 0
let isHalting = false

port.on('message', (letter: ToGuard) => {
  limitMs = letter.limitMs
  clearInterval(looks)
  looks = limitMs === Infinity ? undefined : setInterval(look, Math.max(limitMs / LOOKS_A_LIMIT, LOOK_MS_MIN))
})

function post(letter: FromGuard): void { port?.postMessage(letter) }

function computedMs(): number { return threadTime(thread)?.computedMs ?? performance.now() }

function look(): void {
  if (isHalting) return
  const answer = Atomics.load(answered, 0)
  if (answer !== lastAnswer) {
    lastAnswer = answer
    sinceMs = computedMs()
    post({ kind: 'present' })
    return
  }
  if (computedMs() - sinceMs >= limitMs) halt()
}

/** Has the main thread stand still, which takes its next instruction, and looks whose it is. */
function halt(): void {
  isHalting = true
  const session = new Session()
  session.connectToMainThread()
  const done = (): void => {
    if (!isHalting) return
    isHalting = false
    clearTimeout(deadline)
    session.disconnect()
  }
  const deadline = setTimeout(done, HALT_MS_MAX)
  session.once('Debugger.paused', ({ params: { callFrames } }) => {
    const call = (name: string, returned: (value: unknown) => void): void => {
      session.post('Debugger.evaluateOnCallFrame', { callFrameId: callFrames[0]?.callFrameId ?? '', expression: `globalThis[Symbol.for('${name}')]?.()`, returnByValue: true, silent: true }, (error, answer) => {
        returned(error === null ? (answer as { result: { value?: unknown } }).result.value : undefined)
      })
    }
    call(WHOSE_TURN, (value) => {
      const turn = value as WhoseTurn | undefined
      const spentMs = computedMs() - sinceMs
      if (turn === undefined || spentMs < turn.limitMs || Atomics.load(answered, 0) !== lastAnswer) { session.post('Debugger.resume', done); return }
      call(FORGET_CALLS, () => {
        session.post('Runtime.terminateExecution', () => {
          post({ kind: 'torn', body: turn.body, computedMs: spentMs, calls: turn.calls })
          done()
        })
        session.post('Debugger.resume')
      })
    })
  })
  session.post('Debugger.enable')
  session.post('Debugger.pause')
}
