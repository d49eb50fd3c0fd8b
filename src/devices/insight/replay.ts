// One message again, through the code that the CPU device runs, with the state and the locals it met, in memory of its own: line by line, up to where it fails.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { CompiledBody } from '../../compiler/compiled.js'
import { left } from '../../compiler/javascript/actor.js'
import { evaluateJavaScript } from '../../compiler/javascript/emit.js'
import { numericFor } from '../../compiler/javascript/numeric.js'
import { Arena, type Block } from '../../ring/arena.js'
import { allocateActor, inputRing, outputRing } from '../../ring/block.js'
import { command, word } from '../../ring/control.js'
import { RingConsumer, RingProducer } from '../../ring/ring.js'
import type { Definition } from '../../runtime/definition.js'
import { DeviceError } from '../../runtime/errors.js'
import type { ReplayRequest, Replayed, ReplayedStep } from '../../runtime/insight.js'
import { structCodec, type Fields, type Struct } from '../../schema/index.js'
import { cellLine, type CapturedBody } from '../../source/index.js'
import { codeOf } from '../body/compiled-code.js'
import { EmittedActor } from '../body/emitted-actor.js'
import { framePlaces } from '../body/emitted-frame.js'
import { faultAt } from '../body/fault-text.js'
import { keepFrame, keepState } from '../body/kept-frame.js'
import { traced, type Tracer } from './traced.js'

/** Rings of a replay: one message in, and outputs that are read away when there is no room. */
const CAPACITY = 16
/** The last steps that are kept: the ones before a failure. */
const STEPS_KEPT_MAX = 1_000
/** How long a body may compute on one message, ms. */
const REPLAY_MS_MAX = 10_000
const TIME_TO_LIVE_WORD = 5

/** The body still computes after REPLAY_MS_MAX. */
class Overdue extends Error {}

/** @throws DeviceError when the body is no compiled one; CaptureError; CompileError. */
export async function replay(request: ReplayRequest): Promise<Replayed> {
  const { definition, slot } = request
  const { body, compiled } = await codeOf(definition)
  if (compiled === undefined) throw new DeviceError('cpu', `ring kernel '${definition.name}' ${definition.cuda === undefined ? 'has message() schemas' : 'is written in CUDA C++'}, so there are no compiled lines to go through: send its message again with runtime.redeliver(letter).`)
  if (slot === undefined) throw new DeviceError('cpu', `the bytes of this message of ring kernel '${definition.name}' were not kept, so it cannot be replayed.`)
  const block = blockOf(definition, compiled)
  keepState(block, request.state)
  keepFrame(compiled, block, { frame: request.frame })
  queue(block, slot)
  const { steps, left: omitted, fault, outcome } = run(compiled, body, block, request.buffers)
  const { arena: { words, bytes }, offset } = block
  const [at, length] = [word.stateOffset, word.stateBytes].map((index) => (words[(offset >>> 2) + index] as number) >>> 0) as [number, number]
  return {
    steps, omitted, outcome, fault, stateAfter: length === 0 ? undefined : bytes.slice(at, at + length),
    readsClock: compiled.javascript.includes('actor.nowNs()'), isLoop: compiled.form === 'loop', sourceName: body.file === '' ? 'TypeScript' : nameOf(body.file), sourceText: await sourceOf(body),
  }
}

function blockOf({ input, output, sends, state }: Definition, compiled: CompiledBody): Block {
  const bytesOf = (fields: Struct<Fields>): number => structCodec(fields).bytes
  const capacity = Math.max(CAPACITY, ...compiled.ports.map(({ emitsMax = 0 }) => 2 ** Math.ceil(Math.log2(Math.max(emitsMax, 1)))))
  return allocateActor(new Arena(), {
    inputCapacity: CAPACITY, inputBytes: bytesOf(input as Struct<Fields>), outputCapacity: capacity, outputBytes: sends ? bytesOf(output as Struct<Fields>) : 0,
    stateBytes: state === undefined ? 0 : compiled.stateBytes, frameBytes: framePlaces(compiled, 0).bytes,
  })
}

/** The message is first in the host's ring, and lives for ever this time. */
function queue(block: Block, slot: Uint8Array): void {
  const { arena, offset } = block
  const ring = new RingProducer(inputRing(arena, offset))
  const at = ring.slot(0)
  arena.bytes.set(slot, at)
  arena.words[(at >>> 2) + TIME_TO_LIVE_WORD] = 0
  ring.publish(1)
}

interface Run { readonly steps: readonly ReplayedStep[]; readonly left: number; readonly fault: Replayed['fault']; readonly outcome: Replayed['outcome'] }

function run(compiled: CompiledBody, body: CapturedBody, block: Block, buffers: ReplayRequest['buffers']): Run {
  const { arena, offset } = block
  const at = (index: number): number => (arena.words[(offset >>> 2) + index] as number) >>> 0
  const state = { offset: at(word.stateOffset), bytes: at(word.stateBytes) }
  const place = { arena, controlOffset: offset, frameOffset: at(word.frameOffset), origin: 0, state, record: false, shape: compiled }
  const nothing = (): void => { /* nobody listens to a replay */ }
  const actor = new EmittedActor(place, { inputs: [], outputs: [] }, { print: nothing, moved: nothing, expired: nothing })
  const { text, names } = traced(compiled.javascript)
  const trace = new Trace(writtenNames(names, body), () => actor.holds)
  const until = performance.now() + REPLAY_MS_MAX
  // Between two looks for a stop command a body may loop for ever.
  const refuel = (): number => { if (performance.now() > until) throw new Overdue(); return EmittedActor.prototype.refuel.call(actor) }
  const emitted = evaluateJavaScript(text, compiled.name)(Object.assign(actor, { step: trace.step, refuel }), {
    memory: arena.memory, state: state.offset, regions: actor.places.frames[0], constants: compiled.constants,
    buffers: compiled.buffers.map((name) => buffers[name] ?? { memory: new SharedArrayBuffer(0), offset: 0, count: 0 }), arguments: undefined,
  }, numericFor())
  Atomics.store(arena.words, (offset >>> 2) + word.command, command.run)
  actor.activated()
  actor.lookAgain()
  const outcome = drive(actor, emitted, outputRing(arena, offset))
  const fault = outcome === 'failed' ? faultAt(compiled.sites[actor.faultSite], actor.faultValue) : undefined
  return { ...trace.end(), fault, outcome }
}

/** Calls the body until the message is done with. */
function drive(actor: EmittedActor, body: () => number, outputs: ConstructorParameters<typeof RingConsumer>[0]): Replayed['outcome'] {
  const taken = new RingConsumer(outputs)
  try {
    for (let turn = 0; ; turn++) {
      actor.beginTurn()
      const why = body()
      if (why === left.faulted) return 'failed'
      if (why === left.returned || why === left.stopped) return 'finished'
      actor.tell()
      taken.release(taken.available())
      if (!actor.holds && (why === left.input || turn > 0)) return 'finished'
    }
  } catch (error) {
    if (error instanceof Overdue) return 'endless'
    throw error
  }
}

/** What the source calls the variables of the emitted text, which adds a number where a name is taken there. */
function writtenNames(names: readonly string[], body: CapturedBody): string[] {
  const source = body.nodes.map((node) => (node.kind === 'function' ? node.text : '')).join('\n')
  const isWritten = (name: string): boolean => new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(source)
  return names.map((name) => {
    const base = name.replace(/\d+$/, '')
    return base === name || names.includes(base) || isWritten(name) || !isWritten(base) ? name : base
  })
}

/** Keeps the last steps, and of each the variables that changed since the one before. */
class Trace implements Tracer {
  readonly #names: readonly string[]
  readonly #holds: () => boolean
  readonly #steps: ReplayedStep[] = []
  #last: readonly (number | bigint | boolean)[] = []
  #left = 0

  constructor(names: readonly string[], holds: () => boolean) {
    this.#names = names
    this.#holds = holds
  }

  readonly step = (line: number, values: readonly (number | bigint | boolean)[]): void => {
    // What the body does before it has the message is no part of what the message led to.
    if (!this.#holds()) { this.#last = values; return }
    const changed = this.#names.flatMap((name, i) => (Object.is(values[i], this.#last[i]) ? [] : [[name, values[i] as number | bigint | boolean] as const]))
    this.#last = values
    this.#steps.push({ line, changed, values: this.#names.map((name, i) => [name, values[i] as number | bigint | boolean] as const) })
    if (this.#steps.length >= 2 * STEPS_KEPT_MAX) this.#forget()
  }

  end(): { readonly steps: readonly ReplayedStep[]; readonly left: number } {
    if (this.#steps.length > STEPS_KEPT_MAX) this.#forget()
    return { steps: this.#steps, left: this.#left }
  }

  #forget(): void { this.#left += this.#steps.splice(0, this.#steps.length - STEPS_KEPT_MAX).length }
}

function nameOf(file: string): string { return file.startsWith('file:') ? fileURLToPath(file) : file }

/** Lines as they were written: of the cell, of the file as it is now, else of the text that was captured. */
async function sourceOf(body: CapturedBody): Promise<(line: number) => string> {
  const file = body.file.startsWith('file:') ? (await readFile(fileURLToPath(body.file), 'utf8').catch(() => '')).split('\n') : []
  const written = body.nodes.flatMap((node) => (node.kind === 'function' ? [{ file: node.file, first: node.line, lines: node.text.split('\n') }] : []))
  return (line) => {
    const text = written.find((each) => each.file === body.file && line >= each.first && line < each.first + each.lines.length)
    return cellLine(body.file, line) ?? file[line - 1] ?? text?.lines[line - text.first] ?? ''
  }
}
