// What a runtime may be told about its devices, checked as one.
import { checkCpuOptions } from './cpu-options.js'
import { checkHostOptions } from './host-options.js'
import { checkMemoryOptions } from './memory-pool.js'
import type { RuntimeOptions } from './types.js'

/** @throws TypeError when an option cannot be used. */
export function checkDeviceOptions(where: string, { memory, cpu, host }: RuntimeOptions): void {
  checkMemoryOptions(where, memory)
  checkCpuOptions(where, cpu)
  checkHostOptions(where, host)
}
