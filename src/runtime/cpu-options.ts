// What a runtime may be told about its CPU device.
import { inspect } from 'node:util'

export interface CpuOptions {
  /** Worker threads that ring kernels share, 1 … 256; default one less than the machine has cores, and 1 at least. One that holds its worker too long gets a further one of its own. */
  readonly workers?: number
  /** The most ring kernels a worker is given; a launch that finds no place is refused. Default: no bound. */
  readonly actorsPerWorker?: number
}

const mostOf = { workers: 256, actorsPerWorker: 65_536 } as const

/** @throws TypeError when an option cannot be used. */
export function checkCpuOptions(where: string, options: CpuOptions | undefined): void {
  for (const name of ['workers', 'actorsPerWorker'] as const) {
    const value: unknown = options?.[name]
    if (value !== undefined && (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > mostOf[name])) throw new TypeError(`${where}: cpu.${name} must be a whole number from 1 to ${mostOf[name]}, but is ${inspect(value)}`)
  }
}
