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

/** The latency below which `fraction` of the messages lie; 0 when none was measured. */
export function percentileNs(words: Int32Array, firstWord: number, fraction: number): number {
  let total = 0
  for (let i = 0; i < HISTOGRAM_BUCKETS; i++) total += (words[firstWord + i] as number) >>> 0
  if (total === 0) return 0
  const rank = Math.max(1, Math.ceil(total * fraction))
  let seen = 0
  for (let i = 0; i < HISTOGRAM_BUCKETS; i++) {
    seen += (words[firstWord + i] as number) >>> 0
    if (seen >= rank) return bucketCeilingNs(i)
  }
  return bucketCeilingNs(HISTOGRAM_BUCKETS - 1)
}
