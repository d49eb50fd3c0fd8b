// The nearest of some names to one that does not exist, for errors that help.

/** `; did you mean x?`, or nothing when no candidate is near (two edits, or a third of the word). */
export function didYouMean(given: string, candidates: readonly string[]): string {
  const most = Math.max(2, Math.floor(given.length / 3))
  let best: { name: string; distance: number } | undefined
  for (const name of candidates) {
    const distance = name.startsWith(given) && given.length > 1 ? 1 : editDistance(given.toLowerCase(), name.toLowerCase())
    if (distance <= most && distance < name.length && (!best || distance < best.distance)) best = { name, distance }
  }
  return best ? `; did you mean ${best.name}?` : ''
}

/** Levenshtein's distance, two rows at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    previous = row
  }
  return previous[b.length]!
}
