// How far the host's clock is ahead of a GPU's, so that a ring kernel can say when it answered in the host's time. A small kernel answers the host's rounds
// with its own time; the quickest round tells most, as the truth lies within it.
import { readFileSync } from 'node:fs'
import { monotonicNs } from '../../runtime/clock.js'
import type { CudaDriver } from '../../driver/index.js'
import { LINE_BYTES } from '../../ring/control.js'
import type { KernelText } from './kernel-compiler.js'

const ROUNDS = 32
/** How long the host waits for an answer, ms: then it goes on with what it has, and nothing hangs. */
const ANSWER_MS_MAX = 200
/** The kernel itself waits one second for the host. */
const END_MS_MAX = 1_200

export const clockEntry = 'ringlab_clock'

/** CUDA C++ of the kernel; clock.cuh says which words are whose. */
export function clockText(): KernelText {
  const text = ['ring', 'clock'].map((name) => readFileSync(new URL(`../../../cuda/${name}.cuh`, import.meta.url), 'utf8')).join('\n')
  return { text, options: [], linked: undefined }
}

/** Runs the kernel; nothing may be resident on the GPU. 0n when it did not answer. */
export function measureClockOffset(driver: CudaDriver, image: Uint8Array | string): bigint {
  const module = driver.moduleLoad(image)
  const page = driver.hostAllocate(2 * LINE_BYTES)
  const stream = driver.streamCreate()
  try {
    const words = new Int32Array(driver.viewOf(page, 2 * LINE_BYTES)).fill(0)
    const parameterBytes = new Uint8Array(12)
    const parameters = new DataView(parameterBytes.buffer)
    parameters.setBigUint64(0, driver.hostDeviceAddress(page), true)
    parameters.setUint32(8, ROUNDS, true)
    driver.launch({ function: driver.moduleFunction(module, clockEntry), grid: [1, 1, 1], block: [1, 1, 1], sharedBytes: 0, stream, parameterBytes, parameterSizes: [8, 4] })
    return quickestRound(words)
  } finally {
    // The kernel ends by itself, after the last round or for want of one: only then may its page go.
    const until = performance.now() + END_MS_MAX
    while (!driver.streamIsDone(stream) && performance.now() < until) { /* It ends within microseconds. */ }
    driver.streamDestroy(stream)
    driver.moduleUnload(module)
    driver.hostFree(page)
  }
}

function quickestRound(words: Int32Array): bigint {
  const answer = LINE_BYTES / 4
  let quickest = Infinity
  let offset = 0n
  for (let round = 1; round <= ROUNDS; round++) {
    const from = monotonicNs()
    Atomics.store(words, 0, round)
    while (Atomics.load(words, answer) !== round) if (monotonicNs() - from > ANSWER_MS_MAX * 1e6) return offset
    const to = monotonicNs()
    // The first round has the kernel's start in it.
    if (round === 1 || to - from >= quickest) continue
    quickest = to - from
    const time = (BigInt((words[answer + 3] as number) >>> 0) << 32n) | BigInt((words[answer + 2] as number) >>> 0)
    offset = BigInt(Math.floor((from + to) / 2)) - time
  }
  return offset
}
