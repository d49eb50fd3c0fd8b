// What tests ask of the simulated driver beside CUDA's own calls: counts of what is alive, faults on demand, and a new start.
import koffi from 'koffi'

const names = /** @type {const} */ (['deviceAllocations', 'deviceBytes', 'hostAllocations', 'registeredHosts', 'modules', 'streams', 'events', 'graphs', 'runningGrids', 'retainedContexts',
  'launches', 'callsBesideKernels', 'leakedAllocations', 'leakedGrids'])

/** @typedef {Record<typeof names[number], number>} SimulatorCounts */

/**
 * The simulator inside this process. The library is the one that `simulatedDriver()` built.
 * @param {string} path
 */
export function simulator(path) {
  const library = koffi.load(path)
  const counts = /** @type {(into: BigUint64Array) => void} */ (library.func('void ringlabSimulatorCounts(void *counts)'))
  const inject = /** @type {(call: string, status: number, afterCalls: number) => void} */ (library.func('void ringlabSimulatorInject(const char *call, int status, uint64_t afterCalls)'))
  const reset = /** @type {() => void} */ (library.func('void ringlabSimulatorReset(void)'))
  const variable = /** @type {(name: string) => string | null} */ (library.func('const char *ringlabSimulatorEnvironment(const char *name)'))
  return {
    /** What is alive now, and what was counted since the last reset. @returns {SimulatorCounts} */
    counts: () => {
      const words = new BigUint64Array(names.length)
      counts(words)
      return /** @type {SimulatorCounts} */ (Object.fromEntries(names.map((name, i) => [name, Number(words[i])])))
    },
    /** The call after `afterCalls` good ones gives this status, once. `never-ready` is a call too: a launch that never starts. */
    inject: (/** @type {string} */ call, /** @type {number} */ status, afterCalls = 0) => inject(call, status, afterCalls),
    /** As if the process were new: contexts end, and the variables RINGLAB_SIM_… are read again. */
    reset: () => reset(),
    /** What native code reads from its environment. */
    environmentVariable: (/** @type {string} */ name) => variable(name) ?? undefined,
  }
}
