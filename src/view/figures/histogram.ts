// How often each value occurs: a histogram of all elements, none left out (what is not finite is counted apart).
import type { Figure } from '../figure.js'
import { blockLength, summaryOf, type Numbers, type Summary } from '../numbers.js'
import { niceDomain } from '../scale.js'
import { counted, formatNumber } from '../text.js'
import { valueNotes } from './value-notes.js'

const binsMax = 60
const height = 220

/** A histogram over the whole range. Whole numbers in a narrow range get a bar each. */
export function histogram(numbers: Numbers, name: string): Figure {
  const summary = summaryOf(numbers)
  const title = `${name}: histogram of ${counted(numbers.length, 'element')} (${numbers.kind})`
  if (summary.finite === 0) return { title, table: { columns: [{ label: 'value', align: 'left' }, { label: 'count', align: 'right' }], rows: [['finite', '0'], ['NaN', formatNumber(summary.nan)], ['∞', formatNumber(summary.infinite)], ['−∞', formatNumber(summary.negativeInfinite)]] }, notes: valueNotes(summary) }
  const { low, width, bins } = binsOf(numbers, summary)
  const counts = countsOf(numbers, low, width, bins)
  const edges = Array.from({ length: bins + 1 }, (_, i) => finite(low + i * width))
  return {
    title,
    plot: { x: { kind: 'linear', label: 'value', domain: bins === 1 ? [finite(low - width), finite(low + 2 * width)] : [low, finite(low + bins * width)] }, y: { kind: 'linear', label: 'elements', domain: [0, niceDomain(0, Math.max(...counts))[1]], whole: true }, marks: [{ mark: 'bar', direction: 'up', name: 'elements', color: 0, values: counts, edges }], height },
    notes: [...valueNotes(summary), `${counted(bins, 'bar')}, each ${formatNumber(width)} wide.`] }
}

/** Bins that cover the range: one a whole number where few enough, else about √n of them, at most `binsMax`, of equal width. */
function binsOf(numbers: Numbers, summary: Summary): { low: number; width: number; bins: number } {
  const { least, greatest } = summary
  const whole = Number.isSafeInteger(least) && Number.isSafeInteger(greatest) && isWhole(numbers)
  if (whole && greatest - least < binsMax) return { low: least - 0.5, width: 1, bins: greatest - least + 1 }
  if (least === greatest) { const room = Math.abs(least) * 0.1 || 0.5; return { low: finite(least - room / 2), width: room, bins: 1 } }
  const bins = Math.min(binsMax, Math.max(8, Math.ceil(Math.sqrt(summary.finite))))
  // Dividing first keeps the difference of two huge ends finite; two tiny ends still need a width.
  const width = Math.max(greatest / bins - least / bins, Number.MIN_VALUE)
  return whole ? { low: least - 0.5, width: Math.ceil(width + 1 / bins), bins: Math.ceil((greatest - least + 1) / Math.ceil(width + 1 / bins)) } : { low: least, width, bins }
}

function countsOf(numbers: Numbers, low: number, width: number, bins: number): number[] {
  const counts = new Float64Array(bins)
  const block = new Float64Array(Math.min(blockLength, numbers.length))
  // A multiplication an element, not a division; the least of widths has no finite inverse.
  const inverse = 1 / width
  const divides = !Number.isFinite(inverse)
  const offset = low / width
  for (let start = 0; start < numbers.length; start += blockLength) {
    const count = Math.min(blockLength, numbers.length - start)
    numbers.read(start, count, block)
    for (let i = 0; i < count; i++) {
      const value = block[i] as number
      if (value - value !== 0) continue
      const bin = ((divides ? value / width : value * inverse) - offset) | 0
      const at = bin < 0 ? 0 : bin >= bins ? bins - 1 : bin
      counts[at] = (counts[at] as number) + 1
    }
  }
  return Array.from(counts)
}

/** Whether the elements are whole numbers: by the array’s kind, else by looking until one is not. */
function isWhole(numbers: Numbers): boolean {
  if (/^(Big)?(Int|Uint)|bytes|bigints|Buffer/.test(numbers.kind)) return true
  const block = new Float64Array(Math.min(blockLength, numbers.length))
  for (let start = 0; start < numbers.length; start += blockLength) {
    const count = Math.min(blockLength, numbers.length - start)
    numbers.read(start, count, block)
    for (let i = 0; i < count; i++) { const value = block[i] as number; if (value - value === 0 && !Number.isInteger(value)) return false }
  }
  return true
}

/** The greatest double in place of an infinity: an edge beyond it holds nothing. */
function finite(value: number): number { return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE) }
