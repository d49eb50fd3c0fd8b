// The simulated CUDA driver as this process's only GPU. Import it before anything opens a device.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { simulatedDriver } from '../simulated-driver/build.js'
import { simulator } from '../simulated-driver/simulator.js'

const { path, environment } = simulatedDriver()
Object.assign(process.env, environment)

/** The user's cache folder in this file's tests. */
export const cacheFolder = mkdtempSync(join(tmpdir(), 'ringlab-cuda-'))
process.env.XDG_CACHE_HOME = cacheFolder
afterAll(() => { rmSync(cacheFolder, { recursive: true, force: true }) })

export const gpu = simulator(path)

/** What must be gone once every runtime is. */
export function expectNothingLeft(): void {
  const { deviceAllocations, hostAllocations, registeredHosts, modules, streams, runningGrids, retainedContexts, leakedGrids } = gpu.counts()
  expect({ deviceAllocations, hostAllocations, registeredHosts, modules, streams, runningGrids, retainedContexts, leakedGrids }).toEqual({
    deviceAllocations: 0, hostAllocations: 0, registeredHosts: 0, modules: 0, streams: 0, runningGrids: 0, retainedContexts: 0, leakedGrids: 0,
  })
}
