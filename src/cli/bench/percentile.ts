// Percentiles of measured samples. Nothing else.

/** The sample below which `part` (0 … 1) of the samples lie; NaN when there are none. */
export function percentile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}
