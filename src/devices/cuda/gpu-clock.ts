// How far the host's clock is ahead of a GPU's, so that a ring kernel can say when it answered in the host's time. A small kernel answers the host's rounds
// with its own time; the quickest round tells most, as the truth lies within it.
import { readFileSync } from 'node:fs'
import { monotonicNs } from '../../runtime/clock.js'
import type { CudaDriver } from '../../driver/index.js'
import { LINE_BYTES } from '../../ring/control.js'

const ROUNDS = 32
/** How long one side waits for the other, ms: then it goes on with what it has, and nothing hangs. */
const ANSWER_MS_MAX = 200

export const clockEntry = 'ringlab_clock'

/** CUDA C++ of the kernel: the page has the host's round in its first line, and the GPU's time and round in its second. */
export function clockSource(): string {
  return `${readFileSync(new URL('../../../cuda/ring.cuh', import.meta.url), 'utf8')}
extern "C" __global__ void ${clockEntry}(u8* page) {
  for (u32 round = 1; round <= ${ROUNDS}; round++) {
    for (const u64 since = rl_clock(); rl_load_sys(page) != round;) if (rl_clock() - since > ${ANSWER_MS_MAX}000000ull) return;
    const u64 now = rl_clock();
    rl_post(page + ${LINE_BYTES}, RlQuad{ (u32)now, (u32)(now >> 32), 0, round });
  }
}
`
}

/** Runs the kernel; nothing may be resident on the GPU. 0n when it did not answer. */
export function measureClockOffset(driver: CudaDriver, image: Uint8Array | string): bigint {
  const module = driver.moduleLoad(image)
  const page = driver.hostAllocate(2 * LINE_BYTES)
  const stream = driver.streamCreate()
  try {
    const words = new Int32Array(driver.viewOf(page, 2 * LINE_BYTES)).fill(0)
    const parameterBytes = new Uint8Array(BigUint64Array.of(driver.hostDeviceAddress(page)).buffer)
    driver.launch({ function: driver.moduleFunction(module, clockEntry), grid: [1, 1, 1], block: [1, 1, 1], sharedBytes: 0, stream, parameterBytes, parameterSizes: [8] })
    return quickestRound(words)
  } finally {
    // The kernel ends by itself, after the last round or for want of one: only then may its page go.
    const until = performance.now() + ANSWER_MS_MAX
    while (!driver.streamIsDone(stream) && performance.now() < until + ANSWER_MS_MAX) { /* It ends within microseconds. */ }
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
    while (Atomics.load(words, answer + 3) !== round) if (monotonicNs() - from > ANSWER_MS_MAX * 1e6) return offset
    const to = monotonicNs()
    // The first round has the kernel's start in it.
    if (round === 1 || to - from >= quickest) continue
    quickest = to - from
    const time = (BigInt((words[answer + 1] as number) >>> 0) << 32n) | BigInt((words[answer] as number) >>> 0)
    offset = BigInt(Math.floor((from + to) / 2)) - time
  }
  return offset
}
