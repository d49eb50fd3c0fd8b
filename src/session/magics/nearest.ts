// The nearest of some names to one that does not exist, as the end of a sentence.

import { nearestName } from '../../runtime/errors.js'

/** `; did you mean x?`, or nothing when no candidate is near. What was given may also be the beginning of a name. */
export function didYouMean(given: string, candidates: readonly string[]): string {
  // Two letters are near to anything.
  const name = candidates.find((candidate) => given.length > 1 && candidate.startsWith(given)) ?? (given.length > 2 ? nearestName(given, candidates) : undefined)
  return name === undefined ? '' : `; did you mean ${name}?`
}
