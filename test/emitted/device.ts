// One ring kernel on the simulated GPU, without a runtime: its memory laid out by hand, as the CUDA device does it, and driven through the rings.
import { abiBytes, actorParameters, edgeTable, letterLayout, logBytes, portTable, writeLetterLayout, type LetterLayout, type EdgeEntry } from '#ringlab/compiler/cuda/abi.js'
import type { CudaDriver, DeviceAddress, Handle } from '#ringlab/driver/index.js'
import { Arena, type Block } from '#ringlab/ring/arena.js'
import { allocateActor, inputRing, outputRing } from '#ringlab/ring/block.js'
import { command, deviceState, double, word } from '#ringlab/ring/control.js'
import { ENVELOPE_BYTES, readEnvelope, slotStride, writeEnvelope, type Envelope } from '#ringlab/ring/envelope.js'
import { RingConsumer, RingProducer } from '#ringlab/ring/ring.js'
import type { Gpu } from '../driver/gpu.js'
import type { Emitted } from './compiled.js'

const LOG_CAPACITY = 64
/** One arena for all ring kernels of a test file, registered once, as a device does it. */
const arena = new Arena()
const registered = new Set<Uint8Array>()

export interface Received { readonly payload: Uint8Array; readonly envelope: Envelope }

export class EmittedActor implements Disposable {
  readonly block: Block
  readonly input: RingProducer
  readonly output: RingConsumer
  readonly frame: DeviceAddress
  readonly state: DeviceAddress
  readonly log: Block
  readonly letters: LetterLayout
  readonly threads: number
  launches = 0
  readonly #cuda: CudaDriver
  readonly #function: Handle
  readonly #stream: Handle
  readonly #parameters: Parameters<typeof actorParameters>[0]
  readonly #emitted: Emitted
  readonly #allocated: DeviceAddress[] = []
  #sequence = 0

  /** `function`: the entry in a module that is loaded already. */
  constructor(gpu: Gpu, emitted: Emitted, options: { readonly firstIndex?: number; readonly capacity?: number; readonly threads?: number; readonly function?: Handle } = {}) {
    const { program, cuda: text } = emitted
    const { cuda } = gpu
    const capacity = options.capacity ?? 16
    this.#cuda = cuda
    this.#emitted = emitted
    this.threads = options.threads ?? text.threads
    const outputBytes = program.ports[0]?.layout.bytes ?? 0
    this.block = allocateActor(arena, { inputCapacity: capacity, inputBytes: program.input?.bytes ?? 0, outputCapacity: capacity, outputBytes, stateBytes: 0, firstIndex: options.firstIndex ?? 0 })
    this.letters = letterLayout({ slotBytes: slotStride(program.input?.bytes ?? 0), stateBytes: 0, frameBytes: 0 }, logBytes(LOG_CAPACITY, text.logStride))
    this.log = arena.allocate(this.letters.offset + this.letters.capacity * this.letters.stride)
    writeLetterLayout(new DataView(this.log.arena.bytes.buffer, this.log.offset), this.letters, 0n)
    const memory = this.block.arena.bytes
    if (!registered.has(memory)) { registered.add(memory); cuda.hostRegister(cuda.addressOf(memory), memory.byteLength) }
    const base = cuda.hostDeviceAddress(cuda.addressOf(memory))
    this.input = new RingProducer(inputRing(this.block.arena, this.block.offset))
    this.output = new RingConsumer(outputRing(this.block.arena, this.block.offset))
    const own = (offset: number): EdgeEntry => ({ record: 0n, slots: base + BigInt(this.#word(offset)), capacity, number: 0, scope: 'system' })
    this.frame = this.#upload(new Uint8Array(Math.max(16, program.frameBytes)))
    this.state = this.#upload(new Uint8Array(Math.max(16, program.state?.bytes ?? 0)))
    this.#parameters = {
      control: base + BigInt(this.block.offset), inputs: this.#upload(edgeTable([own(word.inputOffset)])), outputs: this.#upload(edgeTable([own(word.outputOffset)])),
      ports: this.#upload(portTable(program.ports.map((_, i) => ({ first: 0, count: i === 0 ? 1 : 0 })))), frame: this.frame, state: this.state,
      constants: this.#upload(program.constants), log: base + BigInt(this.log.offset), scratch: this.#upload(new Uint8Array(text.scratchBytes)),
      clockOffsetNs: process.hrtime.bigint() - BigInt(Date.now()) * 1_000_000n, activatedAtNs: process.hrtime.bigint(), inputCount: 1, logCapacity: LOG_CAPACITY, epoch: 0, origin: 7 << 16,
    }
    this.#function = options.function ?? gpu.load(text.text, text.entry).function
    this.#stream = cuda.streamCreate()
  }

  /** Gives back what it holds, once its kernel is gone. */
  [Symbol.dispose](): void {
    this.#cuda.streamDestroy(this.#stream)
    for (const address of this.#allocated) this.#cuda.free(address)
    arena.release(this.block)
    arena.release(this.log)
  }

  launch(): void {
    this.launches++
    this.ask(command.run)
    this.#cuda.launch({ function: this.#function, grid: [1, 1, 1], block: [this.threads, 1, 1], sharedBytes: this.#emitted.cuda.sharedBytes, stream: this.#stream, parameterBytes: actorParameters(this.#parameters), parameterSizes: [abiBytes.actor] })
  }

  ask(what: number): void { Atomics.store(this.block.arena.words, (this.block.offset >>> 2) + word.command, what) }
  get isGone(): boolean { return this.#cuda.streamIsDone(this.#stream) }
  get outcome(): number { return this.#word(word.outcome) }
  get isParked(): boolean { return this.isGone && this.outcome === deviceState.parked }
  /** What a failed body failed of. */
  get fault(): string | undefined { return this.outcome === deviceState.failed ? JSON.stringify(this.#emitted.program.sites[this.#word(word.faultSite) - 1]) : undefined }
  word(index: number): number { return this.#word(index) }
  count(index: keyof typeof double): number { return this.block.arena.doubles[(this.block.offset >>> 3) + double[index]] as number }
  get messagesTaken(): number { return (this.#word(word.inHead) - this.#word(word.inTail)) | 0 }

  send(payload: Uint8Array, correlationId: bigint, priority = 128): boolean {
    if (!this.input.hasRoom(1)) return false
    const slot = this.input.slot(0)
    this.block.arena.bytes.set(payload, slot + ENVELOPE_BYTES)
    writeEnvelope(this.block.arena.words, slot, ++this.#sequence, 1, Number(BigInt.asIntN(32, correlationId)), Number(BigInt.asIntN(32, correlationId >> 32n)), priority, Number(process.hrtime.bigint()))
    this.input.publish(1)
    return true
  }

  receive(): Received | undefined {
    if (this.output.available() <= 0) return undefined
    const slot = this.output.slot(0)
    const bytes = this.#emitted.program.ports[0]?.layout.bytes ?? 0
    const received = { payload: this.block.arena.bytes.slice(slot + ENVELOPE_BYTES, slot + ENVELOPE_BYTES + bytes), envelope: readEnvelope(this.block.arena.words, slot) }
    this.output.release(1)
    return received
  }

  stateBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#emitted.program.state?.bytes ?? 0)
    if (bytes.length > 0) this.#cuda.copyToHost(bytes, this.state)
    return bytes
  }

  #word(index: number): number { return Atomics.load(this.block.arena.words, (this.block.offset >>> 2) + index) }

  #upload(bytes: Uint8Array): DeviceAddress {
    const address = this.#cuda.allocate(Math.max(16, bytes.length))
    this.#allocated.push(address)
    if (bytes.length > 0) this.#cuda.copyToDevice(address, Uint8Array.from(bytes))
    return address
  }
}
