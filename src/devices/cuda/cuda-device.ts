// A CUDA device of one runtime: ring kernels that stay resident on a GPU. Everything that touches the driver happens in the GPU's own thread.
import type { ActorDevice, DeviceHost, DeviceMemory, KernelPlan, LaunchPlan } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'
import { structCodec, type Codec, type Fields, type Schema, type Struct } from '../../schema/index.js'
import { blockNumber, cudaMemory } from './cuda-memory.js'
import { CudaActor } from './cuda-actor.js'
import { GpuThread, ordinalOf } from './gpu-thread.js'
import { kernelOf } from './kernel-of.js'

/** How long compiling and loading may take, ms: other launches before it, and a compiler that is loaded for the first time. */
const LAUNCH_MS_MAX = 60_000
const JOIN_MS_MAX = 10_000
/** How long a runtime may take to leave, ms: ring kernels that do not stop included. */
const LEAVE_MS_MAX = 1_500

let lastRuntime = 0

export class CudaDevice implements ActorDevice {
  readonly name: string
  readonly memory: DeviceMemory
  readonly edgesIn = 'device'
  readonly #thread: GpuThread
  readonly #runtime: number

  private constructor(thread: GpuThread, runtime: number) {
    this.name = thread.name
    this.memory = cudaMemory(thread)
    this.#thread = thread
    this.#runtime = runtime
  }

  /** @throws DeviceError when the GPU cannot be used, with what to do about it. */
  static async open(name: string, host: DeviceHost): Promise<CudaDevice> {
    const thread = await GpuThread.share(ordinalOf(name))
    const runtime = ++lastRuntime
    await thread.ask('join', { runtime, bellArena: host.bell.arena.memory, bell: host.bell.offset }, JOIN_MS_MAX)
    return new CudaDevice(thread, runtime)
  }

  format(schema: Schema): Codec {
    if (schema.kind === 'struct') return structCodec(schema as Struct<Fields>)
    throw new DeviceError(this.name, `${schema.name} is a message() schema, which has no fixed bytes, so it cannot be sent to a GPU: use a struct(), or run it with { device: 'host' } or { device: 'cpu' }.`)
  }

  async launch(plan: LaunchPlan): Promise<CudaActor> {
    const { definition, block } = plan
    const kernel = kernelOf(plan)
    const number = GpuThread.nextActor()
    const actor = new CudaActor(this.#thread, plan, number, kernel.sites)
    try {
      const launched = await this.#thread.ask('launch', {
        actor: number, runtime: this.#runtime, id: plan.id, origin: plan.origin, threads: definition.threads, outputCount: 1 + Object.keys(definition.ports).length, buffers: plan.buffers.map(({ block, offset, count }) => ({ block: blockNumber(block), offset, count })),
        
        arena: block.arena.memory, controlOffset: block.offset, blockBytes: block.bytes, ...kernel,
      }, LAUNCH_MS_MAX)
      actor.launched(launched)
      return actor
    } catch (error) {
      actor.forget()
      throw error
    }
  }

  runKernel(_plan: KernelPlan): Promise<void> {
    return Promise.reject(new DeviceError(this.name, 'one-shot kernels cannot be compiled for a GPU yet: run it on the CPU device.'))
  }

  async close(): Promise<void> {
    await this.#thread.ask('leave', { runtime: this.#runtime }, LEAVE_MS_MAX).catch(() => undefined)
    await this.#thread.release()
  }
}
