// The entry of a CPU worker: takes assignments, makes their runners, and reports what becomes of them.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { deviceState, double, viewsOf, word, type ArenaViews } from '../../ring/control.js'
import { wakeHost } from '../../runtime/bell.js'
import { elementFrom, elementsOf, schemaFrom, viewOf, type Fields, type Struct } from '../../schema/index.js'
import { reviveBody } from '../../source/index.js'
import { DeviceEnd } from '../body/device-end.js'
import type { EdgeEnds } from '../body/edge-ends.js'
import { EmittedRunner, type EmittedBody } from '../body/emitted-runner.js'
import type { BodyLetter } from '../body/letters.js'
import { placeOfFault } from '../body/fault-place.js'
import { outputCopier } from '../body/output-copier.js'
import { makeRunner, type HandlerBody, type LoopBody, type Runner } from '../body/runner.js'
import { bodyConsole } from './body-console.js'
import { edgeEnds } from './edges.js'
import { cpuFormat } from './formats.js'
import type { Assignment, BufferText, FromWorker, ToWorker, WorkerStart } from './letters.js'
import { Scheduler } from './scheduler.js'
import { threadNumber } from '../body/thread-time.js'
import { workerWord } from './worker-line.js'

/** Letters about messages that the main thread has not read yet; beyond, they are only counted, so that a stalled main thread costs no memory. */
const LETTERS_MAX = 4096
let lettersPosted = 0
const start = workerData as WorkerStart
const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread of the CPU device only')
const lines = { words: new Int32Array(start.arena), at: start.lines >>> 2 }
const bell = { words: new Int32Array(start.bellArena), at: start.bell >>> 2 }
Atomics.store(lines.words, lines.at + workerWord.thread, threadNumber())
const scheduler = new Scheduler(lines, readMail)
/** What takes connections, by ring kernel. */
const ends = new Map<number, { wire(ends: EdgeEnds, done: () => void): void }>()

// A referenced port keeps this thread's event loop from ending while everything sleeps.
port.ref()
globalThis.console = bodyConsole((line) => { post({ kind: 'log', number: scheduler.running, line }) })
process.on('uncaughtException', (error) => { failStray(error) })
void scheduler.run()

function ringHost(): void { wakeHost(bell.words, bell.at) }

function post(letter: FromWorker): void { port?.postMessage(letter) }

function readMail(): boolean {
  const posted = Atomics.load(lines.words, lines.at + workerWord.mail)
  if (posted === lines.words[lines.at + workerWord.mailRead] || port === null) return false
  const letter = receiveMessageOnPort(port) as { message: ToWorker } | undefined
  if (letter === undefined) return false
  lines.words[lines.at + workerWord.mailRead] = ((lines.words[lines.at + workerWord.mailRead] as number) + 1) | 0
  read(letter.message)
  return true
}

function read(letter: ToWorker): void {
  if (letter.kind === 'assign') { take(letter.assignment, letter.restarts); return }
  if (letter.kind === 'present') { post({ kind: 'present', number: letter.number }); return }
  const runner = scheduler.runner(letter.number)
  if (letter.kind === 'wire') { ends.get(letter.number)?.wire(edgeEnds(letter.wiring, bell), () => post({ kind: 'wired', number: letter.number })); return }
  if (letter.kind === 'abandon') {
    runner?.abandon()
    post({ kind: 'abandoned', number: letter.number })
  }
  scheduler.remove(letter.number)
  ends.delete(letter.number)
  if (letter.kind === 'forget') post({ kind: 'forgotten', number: letter.number })
}

function take(assignment: Assignment, restarts: boolean): void {
  const { number } = assignment
  try {
    if (restarts) {
      scheduler.runner(number)?.abandon()
      Atomics.store(new Int32Array(assignment.arena), (assignment.controlOffset >>> 2) + word.state, deviceState.launched)
    }
    scheduler.add(number, runnerOf(assignment))
    post({ kind: 'assigned', number })
  } catch (error) { report('refused', number, error) }
}

function runnerOf(assignment: Assignment): Runner {
  return assignment.emitted === undefined ? functionRunner(assignment) : emittedRunner(assignment, assignment.emitted)
}

function emittedRunner(assignment: Assignment, body: EmittedBody): Runner {
  const { number, controlOffset } = assignment
  const arena = viewsOf(assignment.arena)
  const at = (index: number): number => (arena.words[(controlOffset >>> 2) + index] as number) >>> 0
  const runner: EmittedRunner = new EmittedRunner({
    body, place: { arena, controlOffset, frameOffset: at(word.frameOffset), origin: assignment.origin, state: { offset: at(word.stateOffset), bytes: at(word.stateBytes) }, record: assignment.record },
    rings: edgeEnds(assignment.wiring, bell),
    buffers: body.buffers.map((name) => assignment.buffers.find((buffer) => buffer.name === name) as BufferText),
    print: (values) => { console.log(...values) },
    events: {
      moved: ringHost,
      answered: ringHost,
      parked: () => { scheduler.parked(runner) },
      returned: () => { post({ kind: 'returned', number }) },
      failed: ({ error, place }, letter) => { report('failed', number, error, place, letter) },
      deadLetter: (letter) => { deadLetter(arena, controlOffset, { kind: 'deadLetter', number, letter }) },
    },
  })
  ends.set(number, runner)
  return runner
}

function functionRunner(assignment: Assignment): Runner {
  const { number, controlOffset } = assignment
  const arena = viewsOf(assignment.arena)
  const input = cpuFormat(schemaFrom(assignment.input))
  const output = cpuFormat(schemaFrom(assignment.output))
  const portFormats = assignment.ports.map(({ schema }) => cpuFormat(schemaFrom(schema)))
  const end = new DeviceEnd({
    arena, controlOffset, origin: assignment.origin, input: input.bind(assignment.arena), output: output.bind(assignment.arena), portFormats, record: assignment.record, copyMessage: undefined,
    expired: (letter) => { deadLetter(arena, controlOffset, { kind: 'deadLetter', number, letter }) },
  })
  end.wire(edgeEnds(assignment.wiring, bell), () => { /* assigned says so */ })
  ends.set(number, end)
  const buffers = Object.freeze(Object.fromEntries(assignment.buffers.map(({ name, element, memory, offset, count }) => [name, elementsOf(elementFrom(element), memory, offset, count)])))
  const state = assignment.state === undefined ? undefined : viewOf(schemaFrom(assignment.state) as Struct<Fields>, assignment.arena, end.stateOffset)
  if (end.state() === deviceState.absent) end.setState(deviceState.launched)
  const runner: Runner = makeRunner(reviveBody(assignment.body) as LoopBody | HandlerBody, {
    end, state, buffers, ports: assignment.ports.map(({ name }) => name), sends: assignment.sends, copyOutput: [output, ...portFormats].map(outputCopier),
    events: {
      moved: ringHost,
      answered: ringHost,
      parked: () => { scheduler.parked(runner) },
      returned: () => { post({ kind: 'returned', number }) },
      failed: (error, letter) => { report('failed', number, error, undefined, letter) },
    },
  })
  return runner
}

function deadLetter(arena: ArenaViews, controlOffset: number, letter: Extract<FromWorker, { kind: 'deadLetter' }>): void {
  const unread = (lettersPosted - Atomics.load(lines.words, lines.at + workerWord.lettersRead)) | 0
  if (unread < LETTERS_MAX) { lettersPosted = (lettersPosted + 1) | 0; post(letter); return }
  const lost = (controlOffset >>> 3) + double.lettersLost
  arena.doubles[lost] = (arena.doubles[lost] as number) + 1
}

function report(kind: 'refused' | 'failed', number: number, thrown: unknown, known?: string, letter?: BodyLetter): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const place = known ?? placeOfFault(error)
  const { name } = error
  try { post({ kind, number, error, name, place, letter }) } catch {
    // What hangs on the error cannot be cloned: its words still can.
    const plain = new Error(error.message)
    plain.stack = error.stack ?? ''
    post({ kind, number, error: plain, name, place, letter })
  }
}

/** An error of a timer or an unhandled rejection: it belongs to a body that waits for something else than a ring. */
function failStray(error: unknown): void {
  const [away] = scheduler.away
  const runner = scheduler.runner(scheduler.running) ?? away ?? scheduler.newest()
  runner?.fail(error)
}
