// The devices that one runtime has opened, each once, when something first runs there.
import type { Schema } from '../schema/index.js'
import { leaksOn, vacate } from './buffer-core.js'
import { automaticFor } from './default-device.js'
import { openDevice, type ActorDevice, type DeviceHost, type MemoryHolder } from './device.js'
import type { MemoryPool } from './memory-pool.js'
import type { Device } from './types.js'

export class OpenDevices {
  /** The memory of each, by its name. */
  readonly pools = new Map<string, MemoryPool>()
  readonly #host: DeviceHost
  readonly #devices = new Map<string, Promise<ActorDevice>>()

  constructor(host: DeviceHost) { this.#host = host }

  /** The device of a launch with messages of these schemas. @throws DeviceError when it cannot be used. */
  async of(wanted: Device, schemas: readonly Schema[]): Promise<ActorDevice> {
    return this.#open(wanted === 'auto' ? await automaticFor(schemas) : wanted)
  }

  /** Ends all; their ring kernels have ended. Returns what of their memory nobody gave back. */
  async close(): Promise<readonly MemoryHolder[]> {
    const leaks: MemoryHolder[] = []
    await Promise.allSettled([...this.#devices.values()].map(async (opened) => {
      const device = await opened
      leaks.push(...leaksOn(device))
      await vacate(device)
      device.memory.close()
      await device.close()
    }))
    return leaks
  }

  #open(wanted: string): Promise<ActorDevice> {
    const name = wanted === 'cuda' ? 'cuda:0' : wanted
    let device = this.#devices.get(name)
    if (device === undefined) {
      device = openDevice(name, this.#host)
      this.#devices.set(name, device)
      device.then((opened) => this.pools.set(name, opened.memory), () => this.#devices.delete(name))
    }
    return device
  }
}
