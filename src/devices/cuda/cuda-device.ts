// A CUDA device of one runtime: ring kernels that stay resident on a GPU. Everything that touches the driver happens in the GPU's own thread.
import type { Definition } from '../../runtime/definition.js'
import type { ActorDevice, BufferPlan, DeviceHost, KernelPlan, LaunchPlan } from '../../runtime/device.js'
import { KernelError } from '../../runtime/errors.js'
import { pooled, type MemoryOptions, type PooledMemory } from '../../runtime/memory-pool.js'
import { messageCodec, structCodec, type Codec, type Fields, type Schema, type Struct } from '../../schema/index.js'
import { argumentBytesOf } from '../cpu/kernels.js'
import { faultAt } from '../body/fault-text.js'
import { keepState } from '../body/kept-frame.js'
import { blockNumber, cudaMemory } from './cuda-memory.js'
import { CudaActor } from './cuda-actor.js'
import { GpuThread, ordinalOf } from './gpu-thread.js'
import { kernelOf, oneShotOf, type RingKernelCode } from './kernel-of.js'
import type { BufferAsk, LaunchAsk } from './letters.js'

/** How long compiling and loading may take, ms: other launches before it, and a compiler that is loaded for the first time. */
const LAUNCH_MS_MAX = 60_000
const JOIN_MS_MAX = 10_000
/** How long a runtime may take to leave, ms: ring kernels that do not stop included. */
const LEAVE_MS_MAX = 1_500

/** Payload bytes of slots that nobody uses: the least a codec takes. */
const UNUSED_BYTES = 16

/**
 * Bytes of declared state and frame up to which it is kept what messages meet, unless a launch says otherwise: what a thread copies with four loads that are under
 * way at once.
 */
const RECORD_BYTES_MAX = 64

let lastRuntime = 0

export class CudaDevice implements ActorDevice {
  readonly name: string
  readonly memory: PooledMemory
  readonly edgesIn = 'device'
  readonly edgesDrop = false
  readonly #thread: GpuThread
  readonly #runtime: number

  private constructor(thread: GpuThread, runtime: number, memory: MemoryOptions) {
    this.name = thread.name
    this.memory = pooled(thread.name, cudaMemory(thread), memory)
    this.#thread = thread
    this.#runtime = runtime
  }

  /** @throws DeviceError when the GPU cannot be used, with what to do about it. */
  static async open(name: string, host: DeviceHost): Promise<CudaDevice> {
    const thread = await GpuThread.share(ordinalOf(name))
    const runtime = ++lastRuntime
    await thread.ask('join', { runtime, bellArena: host.bell.arena.memory, bell: host.bell.offset }, JOIN_MS_MAX)
    return new CudaDevice(thread, runtime, host.memory)
  }

  /** Of message() schemas, only that of a ring kernel without output gets here: nothing is ever written in its ring. */
  format(schema: Schema): Codec { return schema.kind === 'struct' ? structCodec(schema as Struct<Fields>) : messageCodec(schema, UNUSED_BYTES) }

  /** Compiles, before any memory is taken. */
  async prepare(definition: Definition): Promise<CudaPreparation> { return { frameBytes: 0, ...await kernelOf(definition, this.name) } }

  async launch(plan: LaunchPlan): Promise<CudaActor> {
    keepState(plan.block, plan.initial?.state)
    const { kernel } = plan.preparation as CudaPreparation
    const number = GpuThread.nextActor()
    const actor = new CudaActor(this.#thread, plan, number, kernel.sites, (of, as) => this.#launchAsk(of, as))
    try {
      const launched = await this.#thread.ask('launch', this.#launchAsk(plan, number), LAUNCH_MS_MAX)
      actor.launched(launched)
      return actor
    } catch (error) {
      actor.forget()
      throw error
    }
  }

  #launchAsk(plan: LaunchPlan, actor: number): LaunchAsk {
    const { definition, block, preparation, initial } = plan
    const { kernel, frameHash } = preparation as CudaPreparation
    const met = { stateBytes: kernel.stateBytes, frameBytes: frameHash === undefined || definition.cuda !== undefined ? 0 : kernel.frameBytes }
    const isKept = plan.record ?? met.stateBytes + met.frameBytes <= RECORD_BYTES_MAX
    return {
      met: isKept ? met : { stateBytes: 0, frameBytes: 0 },
      actor, runtime: this.#runtime, id: plan.id, origin: plan.origin, outputCount: 1 + Object.keys(definition.ports).length, buffers: plan.buffers.map(bufferAsk),
      arena: block.arena.memory, controlOffset: block.offset, blockBytes: block.bytes, initial: { state: initial?.state, frame: frameHash === undefined ? undefined : initial?.frame, nowNs: initial?.nowNs }, ...kernel,
    }
  }

  async runKernel(plan: KernelPlan): Promise<void> {
    const { name, signal } = plan
    const { ask, sites } = await oneShotOf(plan)
    signal.throwIfAborted()
    const run = GpuThread.nextRun()
    const giveUp = (): void => { this.#thread.post({ kind: 'giveUp', run }) }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const { fault } = await this.#thread.ask('run', { ...ask, run, name, scalars: argumentBytesOf(plan), count: plan.threads, buffers: plan.buffers.map(bufferAsk) }, Infinity)
      if (fault === undefined) return
      const { error, place } = faultAt(sites[fault.site], fault.value)
      throw new KernelError(name, error, fault.index, place)
    } finally { signal.removeEventListener('abort', giveUp) }
  }

  async close(): Promise<void> {
    await this.#thread.ask('leave', { runtime: this.#runtime }, LEAVE_MS_MAX).catch(() => undefined)
    await this.#thread.release()
  }
}

interface CudaPreparation extends RingKernelCode { readonly frameBytes: number }

function bufferAsk({ block, offset, count }: BufferPlan): BufferAsk { return { block: blockNumber(block), offset, count } }
