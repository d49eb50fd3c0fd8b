// One compiled body on a workbench: its rings in an arena of its own, driven step by step in this thread, so that a test decides who runs when, and who is lost.
import { Arena, type Block } from '#ringlab/ring/arena.js'
import { allocateActor, inputRing, outputRing } from '#ringlab/ring/block.js'
import { command, double, word } from '#ringlab/ring/control.js'
import { ENVELOPE_BYTES, writeEnvelope } from '#ringlab/ring/envelope.js'
import { RingConsumer, RingProducer } from '#ringlab/ring/ring.js'
import { emitJavaScript, type JavaScriptOptions } from '#ringlab/compiler/javascript/emit.js'
import type { CompiledBody } from '#ringlab/compiler/compiled.js'
import type { Program } from '#ringlab/compiler/ir.js'
import { framePlaces } from '#ringlab/devices/body/emitted-frame.js'
import { EmittedRunner, type EmittedBody } from '#ringlab/devices/body/emitted-runner.js'
import { structCodec, type BoundCodec, type Fields, type Struct } from '#ringlab/schema/index.js'
import type { Fault } from '#ringlab/runtime/device.js'

export interface BenchOptions { readonly capacity?: number; readonly firstIndex?: number; readonly javascript?: JavaScriptOptions }

/** What the compiler would hand to a device, without its CUDA half. */
export function compiledByHand(program: Program, javascript?: JavaScriptOptions): CompiledBody {
  return {
    name: program.name, form: program.form, javascript: emitJavaScript(program, javascript).text, frameBytes: program.frameBytes, localBytes: Math.min(program.frameBytes, ...program.regions.map(({ offset }) => offset)), constants: program.constants,
    sites: program.sites.map((site) => ({ kind: site.kind, text: site.kind === 'fault' ? site.text : '', parts: site.kind === 'log' ? site.parts : [], place: `hand.ts:${site.at.line}:${site.at.column}` })),
    ports: program.ports.map(({ name, layout, emitsMax }) => ({ name, bytes: layout.bytes, emitsMax })), inputBytes: program.input?.bytes ?? 0,
    buffers: program.buffers.map(({ name }) => name), cuda: '', cudaLinked: undefined, entry: '', cudaThreads: 32, sharedBytes: 0, scratchBytes: 0, logStride: 0, lines: [], files: program.files, stateBytes: program.state?.bytes ?? 0, points: program.points, frame: { points: [], hash: program.name }, notes: [], hash: program.name,
  }
}

export class Bench {
  readonly block: Block
  readonly faults: Fault[] = []
  readonly logs: unknown[][] = []
  returned = 0
  runner: EmittedRunner
  readonly outputBytes: number
  readonly #body: EmittedBody
  readonly #input: RingProducer
  readonly #output: RingConsumer
  readonly #inputCodec: BoundCodec
  readonly #outputCodec: BoundCodec
  #sequence = 0

  constructor(program: Program, input: Struct<Fields>, output: Struct<Fields>, options: BenchOptions = {}) {
    const capacity = options.capacity ?? 16
    const bytes = { input: structCodec(input).bytes, output: structCodec(output).bytes }
    this.outputBytes = bytes.output
    this.#body = compiledByHand(program, options.javascript)
    this.block = allocateActor(new Arena(), {
      inputCapacity: capacity, inputBytes: bytes.input, outputCapacity: capacity, outputBytes: bytes.output, stateBytes: program.state?.bytes ?? 0,
      frameBytes: framePlaces(this.#body, 0).bytes, ...(options.firstIndex === undefined ? {} : { firstIndex: options.firstIndex }),
    })
    const { arena, offset } = this.block
    this.#input = new RingProducer(inputRing(arena, offset))
    this.#output = new RingConsumer(outputRing(arena, offset))
    this.#inputCodec = structCodec(input).bind(arena.memory)
    this.#outputCodec = structCodec(output).bind(arena.memory)
    this.runner = this.makeRunner()
  }

  /** Another thread takes over: nothing is known but what lies in the arena. */
  makeRunner(): EmittedRunner {
    const { arena, offset } = this.block
    const control = offset >>> 2
    this.runner = new EmittedRunner({
      body: this.#body, rings: { inputs: [], outputs: [] }, buffers: [],
      place: { arena, controlOffset: offset, frameOffset: arena.words[control + word.frameOffset] ?? 0, origin: 7 << 16, record: undefined, state: { offset: arena.words[control + word.stateOffset] ?? 0, bytes: arena.words[control + word.stateBytes] ?? 0 } },
      print: (values) => { this.logs.push([...values]) },
      events: { moved: () => { this.onMoved() }, answered: () => undefined, parked: () => undefined, returned: () => { this.returned++ }, failed: (fault) => { this.faults.push(fault) }, deadLetter: () => undefined },
    })
    return this.runner
  }

  /** Called in the middle of what the body does: throw, and its thread is lost. */
  onMoved: () => void = () => undefined

  tell(what: keyof typeof command): void { Atomics.store(this.block.arena.words, (this.block.offset >>> 2) + word.command, command[what]) }
  get state(): number { return Atomics.load(this.block.arena.words, (this.block.offset >>> 2) + word.state) }
  word(index: number): number { return this.block.arena.words[(this.block.offset >>> 2) + index] ?? 0 }
  counter(name: 'processed' | 'sent' | 'errors' | 'dropped'): number { return this.block.arena.doubles[(this.block.offset >>> 3) + double[name]] ?? 0 }

  send(message: unknown, correlationLow = 0): boolean {
    if (!this.#input.hasRoom(1)) return false
    const slot = this.#input.slot(0)
    this.#inputCodec.write(slot + ENVELOPE_BYTES, message)
    writeEnvelope(this.block.arena.words, slot, ++this.#sequence, 3, correlationLow, 3, 128, 1)
    this.#input.publish(1)
    return true
  }

  receive(): unknown {
    if (this.#output.available() <= 0) return undefined
    const message = this.#outputCodec.read(this.#output.slot(0) + ENVELOPE_BYTES)
    this.#output.release(1)
    return message
  }

  /** As `send`, of bytes as they are. */
  sendBytes(payload: Uint8Array): void {
    if (!this.#input.hasRoom(1)) throw new Error('the input ring is full')
    const slot = this.#input.slot(0)
    this.block.arena.bytes.set(payload, slot + ENVELOPE_BYTES)
    writeEnvelope(this.block.arena.words, slot, ++this.#sequence, 0, 0, 0, 0, 0)
    this.#input.publish(1)
  }

  /** The next output, as bytes. */
  receiveBytes(): Uint8Array | undefined {
    if (this.#output.available() <= 0) return undefined
    const at = this.#output.slot(0) + ENVELOPE_BYTES
    const payload = this.block.arena.bytes.slice(at, at + this.outputBytes)
    // Padding, and what a random program leaves out, is what was there before: zero, so that it can be compared.
    this.block.arena.bytes.fill(0, at, at + this.outputBytes)
    this.#output.release(1)
    return payload
  }

  get stateBytes(): Uint8Array {
    const at = this.word(word.stateOffset)
    return this.block.arena.bytes.slice(at, at + this.word(word.stateBytes))
  }

  /** Low word of the correlation id of the next output. */
  correlation(): number { return this.block.arena.words[(this.#output.slot(0) >>> 2) + 2] ?? 0 }
}

