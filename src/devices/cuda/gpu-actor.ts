// One ring kernel on the GPU: its code, its memory, its grid, and the words through which grid and host talk. It decides nothing: gpu.ts does.
import { actorParameters } from '../../compiler/cuda/abi.js'
import type { CudaDriver, Handle, HostAddress } from '../../driver/index.js'
import { command, deviceState, double, viewsOf, waitsFor, word, type ArenaViews } from '../../ring/control.js'
import { wakeHost } from '../../runtime/bell.js'
import type { ActorMemory } from './actor-memory.js'
import { monotonicNs } from '../../runtime/clock.js'
import { edgeWord } from '../../ring/edge.js'
import type { BodyLetter } from '../body/letters.js'
import type { GpuEvent, LaunchAsk, WireAsk } from './letters.js'
import type { ControlPlace } from './rings.js'
import type { LogRing } from './log-ring.js'

/**
 * `loaded`: no grid. `starting`: launched, and not heard of yet. `resident`. `settling`: its grid is ending. `over`: it will not run again.
 * `abandoned`: its grid goes on although it must not; it keeps its memory and its place.
 */
export type Phase = 'loaded' | 'starting' | 'resident' | 'settling' | 'over' | 'abandoned'

/** The epoch that stops a grid as the host's command would. */
const EPOCH_STOP = -1
const EPOCH_MAX = 0x7fff_ffff

/** How the frame of a compiled body begins: its place, and the ring of the message in hand, counted from 1. */
const FRAME_HEAD_BYTES = 8
const HAND_WORD = 1

/** The doorbell of a runtime. */
export interface Bell { readonly words: Int32Array; readonly at: number }

export type Wires = Pick<WireAsk, 'inputs' | 'outputs'>

export interface ActorParts {
  readonly module: Handle
  readonly function: Handle
  readonly stream: Handle
  readonly control: ControlPlace
  readonly memory: ActorMemory
  readonly log: LogRing
  readonly bell: Bell
  readonly blocksPerMultiprocessor: number
  readonly sharedBytes: number
}

export class GpuActor {
  readonly number: number
  readonly runtime: number
  readonly id: string
  readonly ask: LaunchAsk
  readonly memory: ActorMemory
  readonly log: LogRing
  readonly blocksPerMultiprocessor: number
  phase: Phase = 'loaded'
  /** Parked by itself for want of messages; the host does not know. */
  isAsleep = false
  /** Since when it finds no room, ms; 0 when it looks for none, Infinity when that was told. */
  wantsRoomSince = 0
  /** It has to start anew: its loop was cut off. */
  startsAnew = false
  /** Its declared state is zero again at the next start. */
  forgetsState = false
  /** Its memory is gone with the GPU's context. */
  isLost = false
  /** When the grid was launched, when a ring last moved, and when the stream was last asked, ms. */
  launchedAt = 0
  movedAt = 0
  askedAt = 0
  readonly #driver: CudaDriver
  readonly #module: Handle
  readonly #function: Handle
  readonly #stream: Handle
  readonly #sharedBytes: number
  readonly control: ControlPlace
  readonly #arena: ArenaViews
  readonly #at: number
  readonly #bell: Bell
  #activatedAtNs = 0n
  #epoch = 0
  #wiring: Wires = { inputs: [], outputs: [] }
  #watched: { readonly words: Int32Array; readonly at: number; tail: number; head: number }[] = []
  #lostLines = 0
  #lastLetter: BodyLetter | undefined
  #seenIn = 0
  #seenOut = 0
  #seenState = 0

  constructor(driver: CudaDriver, ask: LaunchAsk, parts: ActorParts) {
    this.#driver = driver
    this.ask = ask
    this.number = ask.actor
    this.runtime = ask.runtime
    this.id = ask.id
    this.memory = parts.memory
    this.log = parts.log
    this.blocksPerMultiprocessor = parts.blocksPerMultiprocessor
    this.#module = parts.module
    this.#function = parts.function
    this.#stream = parts.stream
    this.#sharedBytes = parts.sharedBytes
    this.control = parts.control
    this.#bell = parts.bell
    this.#arena = viewsOf(ask.arena)
    this.#at = ask.controlOffset >>> 2
    if (ask.initial.nowNs !== undefined) this.#activatedAtNs = BigInt(monotonicNs() - Math.round(ask.initial.nowNs))
  }

  get command(): number { return this.#load(word.command) }
  get outcome(): number { return this.#load(word.outcome) }
  get state(): number { return this.#load(word.state) }
  get returnedByItself(): boolean { return this.#load(word.endedBy) === 1 }
  /** The host wants it to process. */
  get mayRun(): boolean { const asked = this.command; return asked === command.run || asked === command.drain }
  get hasInput(): boolean { return this.#load(word.inTail) !== this.#load(word.inHead) }
  get waitsForInput(): boolean { return this.#load(word.waitsFor) === waitsFor.input }
  /** Other ring kernels write to its rings: nobody here sees when. */
  get hasPeers(): boolean { return this.memory.tables.inputCount > 1 }
  /** Where the declared state lies in the arena. */
  get stateOnHost(): HostAddress {
    const offset = this.#load(word.stateOffset) >>> 0
    return this.#driver.addressOf(this.#arena.bytes.subarray(offset, offset + 1))
  }
  /** The declared state as it was brought when the grid ended. */
  stateInArena(bytes: number): Uint8Array {
    const offset = this.#load(word.stateOffset) >>> 0
    return this.#arena.bytes.slice(offset, offset + bytes)
  }
  /** Does the parked body hold a message that it has not finished? Nothing may be resident on the GPU. */
  holdsMessage(): boolean {
    if (this.startsAnew || this.ask.frameBytes < FRAME_HEAD_BYTES) return false
    const head = new Uint32Array(FRAME_HEAD_BYTES / 4)
    this.#driver.copyToHost(new Uint8Array(head.buffer), this.memory.frame)
    return head[HAND_WORD] !== 0
  }
  get isOnGpu(): boolean { return this.phase === 'starting' || this.phase === 'resident' || this.phase === 'settling' }
  get faultSite(): number { return this.#load(word.faultSite) - 1 }
  /** Did it log anything, or give a message up, since the last time? */
  get hasNews(): boolean { return this.log.hasLines || this.log.letters.hasLetters || this.#load(word.logDropped) >>> 0 !== this.#lostLines }
  /** What that was. */
  takeNews(): GpuEvent[] {
    const actor = this.number
    const events: GpuEvent[] = this.log.take().map((line) => ({ kind: 'log', actor, line }))
    for (const { letter, isLast } of this.log.letters.take()) {
      if (isLast) this.#lastLetter = letter
      else events.push({ kind: 'deadLetter', actor, letter })
    }
    const lost = this.#takeLostLines()
    if (lost > 0) events.push({ kind: 'log', actor, line: `ring kernel '${this.id}' logged faster than its log could be read: ${lost} lines were lost` })
    return events
  }
  /** The message with which its body failed. */
  takeLastLetter(): BodyLetter | undefined {
    const letter = this.#lastLetter
    this.#lastLetter = undefined
    return letter
  }
  get faultValue(): number { return this.#arena.doubles[(this.ask.controlOffset >>> 3) + double.faultValue] as number }

  /** The state word, and a ring for a host that sleeps. */
  publish(state: number): void {
    Atomics.store(this.#arena.words, this.#at + word.state, state)
    this.#seenState = state
    this.ring()
  }

  ring(): void { wakeHost(this.#bell.words, this.#bell.at) }

  get wiring(): Wires { return this.#wiring }
  get wasWired(): boolean { return this.#wiring.outputs.length > 0 }
  /** Its connections that lie in arenas move for ring kernels elsewhere, which the host's thread may have to wake. */
  set wiring(wiring: Wires) {
    this.#wiring = wiring
    this.#watched = [...wiring.inputs, ...wiring.outputs.flat()].flatMap(({ at }) => (at.kind === 'device' ? [] : { words: viewsOf(at.arena).words, at: at.offset >>> 2, tail: 0, head: 0 }))
  }

  /** Did a ring or the state move since the last look? */
  moved(): boolean {
    const edgeMoved = this.#edgesMoved()
    const into = this.#load(word.inHead), out = this.#load(word.outTail), state = this.state
    if (into === this.#seenIn && out === this.#seenOut && state === this.#seenState) return edgeMoved
    this.#seenIn = into
    this.#seenOut = out
    this.#seenState = state
    return true
  }

  /** Since it was first activated; undefined before. */
  get nowNs(): number | undefined { return this.#activatedAtNs === 0n ? undefined : Number(BigInt(monotonicNs()) - this.#activatedAtNs) }

  /** What its frame holds, and the numbers of the rings as it counts them: the host's, which is 0, and its connections. */
  keptFrame(): { readonly frame: Uint8Array; readonly rings: readonly number[] } {
    return { frame: this.startsAnew ? new Uint8Array(0) : this.memory.readFrame(), rings: [0, ...this.#wiring.inputs.map(({ number }) => number)] }
  }

  /** `clockOffsetNs` is what the host's clock is ahead of the GPU's. */
  launchGrid(now: number, clockOffsetNs: bigint): void {
    if (this.#activatedAtNs === 0n) this.#activatedAtNs = BigInt(monotonicNs())
    this.#epoch = this.#epoch >= EPOCH_MAX ? 1 : this.#epoch + 1
    this.#store(word.epoch, this.#epoch)
    // The grid says that it runs by itself.
    this.#store(word.state, deviceState.launched)
    this.#store(word.outcome, 0)
    this.#store(word.endedBy, 0)
    if (this.startsAnew) { this.memory.clearFrame(this.#stream); this.startsAnew = false }
    if (this.forgetsState) { this.memory.clearState(this.#stream); this.forgetsState = false }
    const parameterBytes = actorParameters({
      control: this.control.address, ...this.memory.tables, frame: this.memory.frame, state: this.memory.state, constants: this.memory.constants, buffers: this.memory.buffers,
      scratch: this.memory.scratch, log: this.log.address, logCapacity: this.log.capacity, clockOffsetNs, activatedAtNs: this.#activatedAtNs,
      epoch: this.#epoch, origin: this.ask.origin,
    })
    this.#driver.launch({
      function: this.#function, grid: [1, 1, 1], block: [this.ask.threads, 1, 1], sharedBytes: this.#sharedBytes, stream: this.#stream,
      parameterBytes, parameterSizes: [parameterBytes.byteLength],
    })
    this.phase = 'starting'
    this.isAsleep = false
    this.launchedAt = this.movedAt = this.askedAt = now
  }

  /** The grid parks at its next wait, whatever the host commands. */
  requestPark(): void { this.#store(word.epoch, 0) }

  /** The grid ends at its next wait or look for a stop. */
  requestStop(): void { this.#store(word.epoch, EPOCH_STOP) }

  /** @throws CudaError when a fault ended it. */
  gridIsGone(now: number): boolean {
    this.askedAt = now
    return this.#driver.streamIsDone(this.#stream)
  }

  /** Gives back what is its own on the GPU; nothing may be resident there. */
  release(): void {
    this.#driver.streamDestroy(this.#stream)
    this.#driver.moduleUnload(this.#module)
    this.memory.release()
    this.log.release()
  }

  #edgesMoved(): boolean {
    let moved = false
    for (const edge of this.#watched) {
      const tail = Atomics.load(edge.words, edge.at + edgeWord.tail), head = Atomics.load(edge.words, edge.at + edgeWord.head)
      if (tail === edge.tail && head === edge.head) continue
      edge.tail = tail
      edge.head = head
      moved = true
    }
    return moved
  }

  /** Lines that found no room in the log ring since the last time. */
  #takeLostLines(): number {
    const dropped = this.#load(word.logDropped) >>> 0
    const lost = dropped - this.#lostLines
    this.#lostLines = dropped
    return lost
  }

  #load(index: number): number { return Atomics.load(this.#arena.words, this.#at + index) }
  #store(index: number, value: number): void { Atomics.store(this.#arena.words, this.#at + index, value) }
}

