// A simulated GPU for one test: opened as ringlab opens a real one, and held to leaving nothing alive at its end.
import { expect } from 'vitest'
import { nvrtcCandidates, openCuda, openNvrtc, type CudaDriver, type Handle, type Nvrtc } from '#ringlab/driver/index.js'
import { simulatedDriver } from '../simulated-driver/build.js'
import { simulator } from '../simulated-driver/simulator.js'

/** Longest that anything simulated may take before a test gives up. */
const patienceMs = 20_000

const built = simulatedDriver()
export const simulation = simulator(built.path)
/** The variables by which ringlab takes the simulated driver for the real one. */
export const simulatedEnvironment = built.environment

export interface Gpu extends Disposable { readonly cuda: CudaDriver; readonly compiler: Nvrtc; load(source: string, name: string): { module: Handle; function: Handle } }

/** A newly started simulated driver, with `settings` as RINGLAB_SIM_… variables, and its first GPU's context made current. */
export function simulatedGpu(settings: Readonly<Record<string, string>> = {}): Gpu {
  const cuda = simulatedCuda(settings)
  cuda.contextSetCurrent(cuda.primaryContextRetain(0))
  const compiler = simulatedCompiler()
  return {
    cuda,
    compiler,
    load: (source, name) => {
      const { cubin } = compiler.compile({ source, name: `${name}.cu`, architecture: 'sm_90' })
      if (cubin === undefined) throw new Error('the simulated compiler gave no CUBIN')
      const module = cuda.moduleLoad(cubin)
      return { module, function: cuda.moduleFunction(module, name) }
    },
    [Symbol.dispose]: () => {
      simulation.reset()
      forget(settings)
    },
  }
}

/** The simulated driver opened with these settings, without a context. */
export function simulatedCuda(settings: Readonly<Record<string, string>> = {}): CudaDriver {
  Object.assign(process.env, built.environment, settings)
  simulation.reset()
  try { return openCuda() } catch (error) {
    forget(settings)
    throw error
  }
}

function forget(settings: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(settings)) Reflect.deleteProperty(process.env, name)
}

function simulatedCompiler(): Nvrtc {
  const [first] = nvrtcCandidates()
  if (first === undefined) throw new Error('the simulated compiler was not found')
  return openNvrtc(first)
}

/** What is alive in the simulated driver, of that which a program must give back. */
export function alive(): Record<string, number> {
  const { deviceAllocations, hostAllocations, registeredHosts, modules, streams, events, graphs, runningGrids, retainedContexts } = simulation.counts()
  return { deviceAllocations, hostAllocations, registeredHosts, modules, streams, events, graphs, runningGrids, retainedContexts }
}

export const nothing = { deviceAllocations: 0, hostAllocations: 0, registeredHosts: 0, modules: 0, streams: 0, events: 0, graphs: 0, runningGrids: 0, retainedContexts: 0 }

/** Looks again until it holds, giving the simulated GPU's threads the processor in between. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > deadline) expect.fail(`waited ${patienceMs / 1000} s for ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Parameters of a launch that are all 64-bit words: addresses and counts. */
export function words(...values: readonly bigint[]): { parameterBytes: Uint8Array; parameterSizes: number[] } {
  return { parameterBytes: new Uint8Array(new BigUint64Array(values).buffer), parameterSizes: values.map(() => 8) }
}

export const oneBlock = { grid: [1, 1, 1], sharedBytes: 0 } as const
