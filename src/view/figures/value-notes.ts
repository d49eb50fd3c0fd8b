// The sentences under a figure of numbers: what is in the array, and what could not be drawn.
import type { Summary } from '../numbers.js'
import { formatNumber } from '../text.js'

/** Count, range and mean, and the elements that have no place on a scale. */
export function valueNotes(summary: Summary): string[] {
  const { length, finite } = summary
  if (length === 0) return ['The array is empty.']
  const notes = finite === 0 ? [] : [`Least ${formatNumber(summary.least, 6)}, greatest ${formatNumber(summary.greatest, 6)}, mean ${formatNumber(summary.mean, 6)}${finite === length ? '' : ` of the ${formatNumber(finite)} finite elements`}.`]
  const apart = [[summary.nan, 'NaN'], [summary.infinite, '∞'], [summary.negativeInfinite, '−∞']].filter(([count]) => count !== 0).map(([count, name]) => `${formatNumber(count as number)} × ${name as string}`)
  if (apart.length > 0) notes.push(`Not finite, counted apart: ${apart.join(', ')}.`)
  if (summary.rounded > 0) notes.push(`${formatNumber(summary.rounded)} of the integers lie beyond ±2⁵³ and are rounded to a double here.`)
  return notes
}
