// The latency histogram of a control block: 16 buckets an octave from 16 ns on, so a percentile is within 6.25 % of the truth.
// The device writes, any thread reads; buckets are u32 and may wrap, which only matters after four billion messages of one latency.

/** Buckets an octave; a power of two. */
const SUB_BUCKETS = 16
/** Octaves from 2⁴ ns to 2⁴² ns (73 minutes). */
const OCTAVES = 38
const HISTOGRAM_BUCKETS = SUB_BUCKETS * (OCTAVES + 1)

/** The bucket of a latency: below 16 ns exact, then 16 a doubling. */
export function bucketOf(ns: number): number {
  if (!(ns >= SUB_BUCKETS)) return ns > 0 ? ns | 0 : 0
  // Past 2³¹ the integer path has no room: halve until it fits.
  let value = ns
  let shift = 0
  while (value >= 0x4000_0000) { value /= 2; shift++ }
  const octave = 31 - Math.clz32(value) - 4
  const bucket = (octave + shift + 1) * SUB_BUCKETS + ((value >>> octave) & (SUB_BUCKETS - 1))
  return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1
}

/** The upper edge of a bucket, ns: a percentile read from it is never too good. */
function bucketCeilingNs(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket
  const octave = Math.floor(bucket / SUB_BUCKETS) - 1
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS) + 1) * 2 ** octave - 1
}

/** The first nanosecond of a bucket. */
function bucketFloorNs(bucket: number): number { return bucket === 0 ? 0 : bucketCeilingNs(bucket - 1) + 1 }

/** How many messages took from `fromNs` to `toNs`, both included. */
export interface LatencyBucket { readonly fromNs: number; readonly toNs: number; readonly count: number }

/** The buckets of the histogram at `firstWord` that hold messages, the fastest first. */
export function latencyBuckets(words: Int32Array, firstWord: number): LatencyBucket[] {
  const buckets: LatencyBucket[] = []
  for (let i = 0; i < HISTOGRAM_BUCKETS; i++) {
    const count = (words[firstWord + i] as number) >>> 0
    if (count > 0) buckets.push({ fromNs: bucketFloorNs(i), toNs: bucketCeilingNs(i), count })
  }
  return buckets
}

/** For each of `fractions`, in ascending order: the latency that so many of the messages do not exceed; 0 when none was measured. */
export function percentilesNs(buckets: readonly LatencyBucket[], fractions: readonly number[]): number[] {
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  let [seen, at] = [0, -1]
  return fractions.map((fraction) => {
    const rank = Math.max(1, Math.ceil(total * fraction))
    while (seen < rank && at + 1 < buckets.length) seen += buckets[++at]?.count ?? 0
    return buckets[at]?.toNs ?? 0
  })
}
