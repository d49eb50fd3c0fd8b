// One clock for all threads of the process: monotonic nanoseconds, as a number below 2⁵³.
// performance.now() costs less than process.hrtime.bigint() (44 against 63 ns, Node 20) but starts at zero in each thread, hence the offset.

/** Tries at reading both clocks at one moment; the tightest counts. */
const TRIES = 64

const offsetNs = measureOffset()

/** Nanoseconds since an arbitrary moment, the same in every thread of this process. */
export function monotonicNs(): number { return Math.floor(performance.now() * 1e6 + offsetNs) }

function measureOffset(): number {
  let tightest = Infinity
  let offset = 0
  for (let i = 0; i < TRIES; i++) {
    const before = performance.now()
    const shared = Number(process.hrtime.bigint())
    const after = performance.now()
    if (after - before >= tightest) continue
    tightest = after - before
    offset = shared - ((before + after) / 2) * 1e6
  }
  return offset
}
