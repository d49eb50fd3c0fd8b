// Brings ring kernels onto a GPU: compiles while the others run, then, with nothing resident, pins their rings, loads their code and fills their memory.
import { metBytes } from '../../compiler/cuda/abi.js'
import { CudaError, type CudaDriver, type Handle } from '../../driver/index.js'
import { deviceState, viewsOf, word } from '../../ring/control.js'
import { edgeSlots, edgeWord } from '../../ring/edge.js'
import { ActorMemory } from './actor-memory.js'
import type { Gpu } from './gpu.js'
import { clockEntry, clockText, measureClockOffset } from './gpu-clock.js'
import { GpuActor } from './gpu-actor.js'
import type { KernelCompiler, KernelImage } from './kernel-compiler.js'
import type { Asks, EdgeAsk, LaunchAsk, Launched, RestartAsk, WireAsk } from './letters.js'
import { LogRing } from './log-ring.js'
import { Refusal } from './refusal.js'
import { ringTables, unconnected, type ControlPlace } from './rings.js'

export class Loader {
  readonly #gpu: Gpu
  readonly #compiler: KernelCompiler
  /** Connections that wait until nothing is resident. */
  #wiring: { readonly asks: WireAsk[]; readonly done: Promise<void> } | undefined

  constructor(gpu: Gpu, compiler: KernelCompiler) {
    this.#gpu = gpu
    this.#compiler = compiler
  }

  /** @throws Refusal */
  async load(ask: LaunchAsk): Promise<Launched> {
    this.#gpu.requireUsable()
    const { code } = ask
    const kernel: KernelImage = code.kind === 'image' ? { image: code.image, compiledMs: 0, isCached: false } : this.#compiler.compile(ask.id, code)
    const clock = this.#gpu.clockOffsetNs === undefined ? this.#compiler.compile(clockEntry, clockText()) : undefined
    const actor = await this.#gpu.quietly(`launch '${ask.id}'`, () => {
      if (clock !== undefined) this.#gpu.clockOffsetNs ??= measureClockOffset(this.#gpu.driver, clock.image)
      return this.#place(ask, kernel.image)
    })
    this.#gpu.actors.set(actor.number, actor)
    actor.publish(deviceState.launched)
    return { compiledMs: kernel.compiledMs, isCached: kernel.isCached, wasWhole: kernel.wasWhole, pointer: actor.control.address }
  }

  /** Reads the frame of a parked ring kernel. */
  async save(number: number): Promise<Asks['save']['answer']> {
    const actor = this.#gpu.actors.get(number)
    if (actor === undefined) throw new Refusal('it has left the GPU')
    return this.#gpu.quietly(`save '${actor.id}'`, () => {
      if (actor.phase !== 'loaded') throw new Refusal(`ring kernel '${actor.id}' cannot be saved: it has ended`)
      return { ...actor.keptFrame(), nowNs: actor.nowNs }
    })
  }

  /** The body of one that failed, ended or is parked starts again. @throws Refusal where there is nothing left to start. */
  restart(ask: RestartAsk): 'restarted' {
    const actor = this.#gpu.restartable(ask.actor)
    if (!ask.keepFrame) actor.startsAnew = true
    if (!ask.keepState) actor.forgetsState = true
    actor.isAsleep = false
    actor.phase = 'loaded'
    actor.publish(deviceState.launched)
    return 'restarted'
  }

  /** Other code for one that is parked, on the same rings and connections: the old code goes on when this one cannot be had. @throws Refusal */
  async exchange({ actor: number, keepState }: RestartAsk, ask: LaunchAsk): Promise<Launched | 'holding'> {
    const { code } = ask
    const kernel: KernelImage = code.kind === 'image' ? { image: code.image, compiledMs: 0, isCached: false } : this.#compiler.compile(ask.id, code)
    const exchanged = await this.#gpu.quietly(`exchange the code of '${ask.id}'`, () => {
      const { driver } = this.#gpu
      const old = this.#gpu.restartable(number)
      if (old.holdsMessage()) return undefined
      const fresh = this.#place(ask, kernel.image)
      if (old.wasWired) {
        fresh.memory.replaceTables(ringTables(this.#gpu, ask.runtime, fresh.control, old.wiring))
        fresh.wiring = old.wiring
      }
      if (keepState && ask.stateBytes > 0) driver.copyToDevice(fresh.memory.state, old.stateInArena(ask.stateBytes))
      this.#gpu.actors.set(number, fresh)
      this.#gpu.discard(() => { old.release() })
      return fresh
    })
    if (exchanged === undefined) return 'holding'
    exchanged.publish(deviceState.launched)
    return { compiledMs: kernel.compiledMs, isCached: kernel.isCached, wasWhole: kernel.wasWhole, pointer: exchanged.control.address }
  }

  /** Other connections, from the next launch of its grid on, which is at once. What is asked for until everybody has parked is done in one. */
  async wire(ask: WireAsk): Promise<void> {
    if (this.#wiring === undefined) {
      const asks: WireAsk[] = []
      const ids = (): string => asks.flatMap(({ actor }) => this.#gpu.actors.get(actor)?.id ?? []).join("', '")
      const done = this.#gpu.quietly(() => `connect '${ids()}'`, () => {
        this.#wiring = undefined
        for (const each of asks) this.#rewire(each)
      })
      this.#wiring = { asks, done }
      done.catch(() => { if (this.#wiring?.asks === asks) this.#wiring = undefined })
    }
    this.#wiring.asks.push(ask)
    await this.#wiring.done
  }

  #rewire(ask: WireAsk): void {
    const actor = this.#gpu.actors.get(ask.actor)
    // It may have ended while the others parked.
    if (actor === undefined || actor.phase === 'over') return
    const wiring = { outputs: ask.outputs, inputs: [...ask.inputs, ...this.#leftover(actor, ask)] }
    actor.memory.replaceTables(ringTables(this.#gpu, actor.runtime, actor.control, wiring))
    actor.wiring = wiring
  }

  /** A ring in the GPU's memory of which only the GPU knows what lies in it: it is read to its end, although its connection was taken off. */
  #leftover(actor: GpuActor, ask: WireAsk): EdgeAsk[] {
    const { driver, memory } = this.#gpu
    return actor.wiring.inputs.filter((edge) => {
      if (edge.at.kind !== 'device' || ask.inputs.some((each) => each.number === edge.number)) return false
      const lines = new Uint8Array(edgeSlots)
      driver.copyToHost(lines, memory.addressOf(edge.at.block, 0))
      const words = new Int32Array(lines.buffer)
      const isEmpty = words[edgeWord.tail] === words[edgeWord.head]
      if (isEmpty) memory.unhold(edge.at.block)
      else memory.hold(edge.at.block)
      return !isEmpty
    })
  }

  #place(ask: LaunchAsk, image: Uint8Array | string): GpuActor {
    const gpu = this.#gpu
    const { driver, name, facts } = gpu
    const bell = gpu.bells.get(ask.runtime)
    if (bell === undefined) throw new Refusal('its runtime has left the GPU')
    const control: ControlPlace = { words: viewsOf(ask.arena).words, offset: ask.controlOffset, address: gpu.pins.pin(ask.runtime, ask.arena, ask.controlOffset, ask.blockBytes) }
    const undo: (() => void)[] = []
    try {
      const module = driver.moduleLoad(image)
      undo.push(() => driver.moduleUnload(module))
      const kernel = driver.moduleFunction(module, ask.entry)
      const sharedBytes = ask.sharedBytes ?? sharedBytesOf(driver, module, ask.entry)
      const blocksPerMultiprocessor = driver.blocksPerMultiprocessor(kernel, ask.threads, sharedBytes)
      if (blocksPerMultiprocessor === 0) throw new Refusal(`a block of ${ask.threads} threads of ring kernel '${ask.id}' does not fit a multiprocessor of ${name}, which takes ${facts.threadsPerBlockMax} threads at most and fewer where they need many registers: lower its option 'threads'.`)
      const buffers = ask.buffers.map(({ block, offset, count }) => ({ address: gpu.memory.addressOf(block, offset), count }))
      const memory = new ActorMemory(driver, { ...ask, ...ask.initial, metBytes: metBytes(ask.met), buffers }, ringTables(gpu, ask.runtime, control, unconnected(ask.outputCount)))
      undo.push(() => memory.release())
      const slotBytes = control.words[(control.offset >>> 2) + word.inputStride] as number
      const log = new LogRing(driver, { stride: ask.logStride, sites: ask.sites, letters: { slotBytes, ...ask.met }, met: memory.met })
      undo.push(() => log.release())
      const stream = driver.streamCreate()
      return new GpuActor(driver, ask, { module, function: kernel, stream, control, memory, log, bell, blocksPerMultiprocessor, sharedBytes })
    } catch (error) {
      for (const give of undo.reverse()) give()
      throw error
    }
  }
}

/** Code that was written by hand or compiled elsewhere says by itself how much dynamic shared memory it needs; what says nothing needs none. */
function sharedBytesOf(driver: CudaDriver, module: Handle, entry: string): number {
  const notFound = 500
  try {
    const word = new Uint8Array(4)
    driver.copyToHost(word, driver.moduleGlobal(module, `${entry}_shared_bytes`).address)
    return new DataView(word.buffer).getUint32(0, true)
  } catch (error) {
    if (error instanceof CudaError && error.code === notFound) return 0
    throw error
  }
}
