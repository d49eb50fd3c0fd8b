// One-shot kernels on a GPU: loaded once, run as often as they are launched, beside the ring kernels that are resident. What a run needs lies in one block of
// the GPU's memory that its kernel keeps, so that only the first run has to let everybody park.
import { abiBytes, bufferTable, noFault, oneShotParameters, readFault } from '../../compiler/cuda/abi.js'
import type { Handle, HostAddress } from '../../driver/index.js'
import { LINE_BYTES } from '../../ring/control.js'
import type { Gpu } from './gpu.js'
import type { KernelCompiler } from './kernel-compiler.js'
import { kernelKey } from './kernel-cache.js'
import type { RunAnswer, RunAsk } from './letters.js'
import type { Loop } from './loop.js'
import { Refusal } from './refusal.js'

/** Kernels kept loaded. */
const LOADED_MAX = 64
/** Blocks a multiprocessor gets when there is work enough: more of them hide no more latency. */
const BLOCKS_PER_MULTIPROCESSOR_MAX = 8
/** How long a run may take to end once nobody waits for it, ms. */
const GIVE_UP_MS_MAX = 1_000
const ALIGN_BYTES = 128

interface Loaded {
  readonly module: Handle
  readonly function: Handle
  readonly stream: Handle
  readonly block: number
  readonly bytes: number
  readonly blocksPerMultiprocessor: number
  /** A page that host and kernel share: its first word asks the kernel to end. */
  readonly stop: HostAddress
  readonly stopWord: Int32Array
}

export class OneShots {
  readonly #gpu: Gpu
  readonly #loop: Loop
  readonly #compiler: KernelCompiler
  readonly #loaded = new Map<string, Loaded>()
  /** Runs of one kernel come one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #running = new Map<number, { readonly name: string; isGivenUp: boolean }>()

  constructor(gpu: Gpu, loop: Loop, compiler: KernelCompiler) {
    this.#gpu = gpu
    this.#loop = loop
    this.#compiler = compiler
    gpu.oneShots = this
  }

  /** Names of the kernels that run now. */
  get running(): string[] { return [...this.#running.values()].map(({ name }) => name) }

  /** @throws Refusal */
  run(ask: RunAsk): Promise<RunAnswer> {
    const { code } = ask
    const key = kernelKey([code.kind === 'cuda' ? code.text : '', ask.entry, String(ask.buffers.length), String(ask.scalars.byteLength), String(ask.constants.byteLength)])
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() => this.#run(key, ask))
    this.#turns.set(key, turn.catch(() => undefined))
    return turn
  }

  giveUp(run: number): void {
    const running = this.#running.get(run)
    if (running !== undefined) running.isGivenUp = true
  }

  /** The context is gone. */
  forget(): void { this.#loaded.clear() }

  /** Gives everything back; nothing may run. */
  close(): void { for (const key of [...this.#loaded.keys()]) this.#unload(key) }

  async #run(key: string, ask: RunAsk): Promise<RunAnswer> {
    this.#gpu.requireUsable()
    if (ask.count === 0) return { fault: undefined }
    const loaded = this.#loaded.get(key) ?? await this.#load(key, ask)
    const { memory } = this.#gpu
    const places = placesOf(ask)
    const image = new Uint8Array(places.bytes)
    image.set(ask.scalars, places.scalars)
    image.set(bufferTable(ask.buffers.map(({ block, offset, count }) => ({ address: memory.addressOf(block, offset), count }))), places.buffers)
    image.set(ask.constants, places.constants)
    image.set(noFault(), places.fault)
    await memory.upload(loaded.block, 0, image)
    const running = { name: ask.name, isGivenUp: false }
    this.#running.set(ask.run, running)
    try {
      await this.#untilDone(loaded, ask, places, running)
    } finally { this.#running.delete(ask.run) }
    const fault = new Uint8Array(abiBytes.firstFault)
    await memory.download(loaded.block, places.fault, fault)
    return { fault: readFault(fault) }
  }

  async #untilDone(loaded: Loaded, ask: RunAsk, places: Places, running: { readonly isGivenUp: boolean }): Promise<void> {
    const { driver, memory, name } = this.#gpu
    const at = (offset: number): bigint => memory.addressOf(loaded.block, offset)
    await this.#loop.until(() => !this.#gpu.isQuiet, Infinity)
    loaded.stopWord[0] = 0
    const parameterBytes = oneShotParameters({
      arguments: at(places.scalars), buffers: at(places.buffers), constants: at(places.constants), fault: at(places.fault),
      stop: driver.hostDeviceAddress(loaded.stop), count: ask.count,
    })
    driver.launch({ function: loaded.function, grid: [this.#blocks(loaded, ask), 1, 1], block: [ask.threads, 1, 1], sharedBytes: 0, stream: loaded.stream, parameterBytes, parameterSizes: [parameterBytes.byteLength] })
    const isDone = (): boolean => driver.streamIsDone(loaded.stream)
    await this.#loop.until(() => running.isGivenUp || isDone(), Infinity)
    if (!running.isGivenUp) return
    Atomics.store(loaded.stopWord, 0, 1)
    if (!await this.#loop.until(isDone, GIVE_UP_MS_MAX)) this.#gpu.lose(`${name} was reset, because one-shot kernel '${ask.name}' did not end when told to`, new Error('reset'))
    throw new Refusal(`kernel '${ask.name}' was given up`)
  }

  /** As many as run at once beside the residents: what waits for room would take that of a ring kernel that parks for a moment. */
  #blocks(loaded: Loaded, ask: RunAsk): number {
    const { facts, residents } = this.#gpu
    const free = facts.multiprocessors - residents
    if (free <= 0) throw new Refusal(`kernel '${ask.name}' has no room on ${this.#gpu.name}: ${residents} ring kernels are resident on its ${facts.multiprocessors} multiprocessors; deactivate or terminate one of them.`)
    return Math.max(1, Math.min(Math.ceil(ask.count / ask.threads), free * Math.min(loaded.blocksPerMultiprocessor, BLOCKS_PER_MULTIPROCESSOR_MAX)))
  }

  async #load(key: string, ask: RunAsk): Promise<Loaded> {
    const [oldest] = this.#loaded.keys()
    if (oldest !== undefined && this.#loaded.size >= LOADED_MAX) this.#discard(oldest)
    const { driver, memory, facts, name } = this.#gpu
    const image = ask.code.kind === 'cuda' ? this.#compiler.compile(ask.name, ask.code).image : ask.code.image
    const { bytes } = placesOf(ask)
    const { block } = await memory.allocate(bytes)
    const loaded = await this.#gpu.quietly(`load kernel '${ask.name}'`, (): Loaded => {
      const module = driver.moduleLoad(image)
      const stop = driver.hostAllocate(LINE_BYTES)
      const function_ = driver.moduleFunction(module, ask.entry)
      const blocksPerMultiprocessor = driver.blocksPerMultiprocessor(function_, ask.threads, 0)
      if (blocksPerMultiprocessor === 0) throw new Refusal(`kernel '${ask.name}' needs more registers for a block of ${ask.threads} threads than a multiprocessor of ${name} (${facts.name}) has`)
      return { module, function: function_, stream: driver.streamCreate(), block, bytes, blocksPerMultiprocessor, stop, stopWord: new Int32Array(driver.viewOf(stop, LINE_BYTES)) }
    })
    this.#loaded.set(key, loaded)
    return loaded
  }

  #discard(key: string): void { this.#gpu.discard(() => { this.#unload(key) }) }

  #unload(key: string): void {
    const loaded = this.#loaded.get(key)
    if (loaded === undefined) return
    this.#loaded.delete(key)
    const { driver, memory } = this.#gpu
    driver.streamDestroy(loaded.stream)
    driver.moduleUnload(loaded.module)
    driver.hostFree(loaded.stop)
    memory.release(loaded.block)
  }
}

interface Places { readonly scalars: number; readonly buffers: number; readonly constants: number; readonly fault: number; readonly bytes: number }

/** Where each part lies in the block of a run. */
function placesOf(ask: RunAsk): Places {
  let bytes = 0
  const place = (size: number): number => {
    const offset = bytes
    bytes += Math.ceil(Math.max(size, 1) / ALIGN_BYTES) * ALIGN_BYTES
    return offset
  }
  const scalars = place(ask.scalars.byteLength), buffers = place(ask.buffers.length * abiBytes.buffer), constants = place(ask.constants.byteLength)
  const fault = place(abiBytes.firstFault)
  return { scalars, buffers, constants, fault, bytes }
}
