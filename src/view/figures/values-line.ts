// An array as a line over its index; longer than the picture is wide, the least and the greatest element of each stretch are kept.
import type { Figure } from '../figure.js'
import { blockLength, summaryOf, type Numbers } from '../numbers.js'
import { niceDomain } from '../scale.js'
import { counted, formatNumber } from '../text.js'
import { valueNotes } from './value-notes.js'

/** Points drawn at most; a stretch gives two. */
const pointsMax = 800
const height = 220

/** The elements in order; gaps where they are not finite. */
export function valuesLine(numbers: Numbers, name: string): Figure {
  const summary = summaryOf(numbers)
  const stretch = numbers.length <= pointsMax ? 1 : Math.ceil(numbers.length / (pointsMax / 2))
  const points = stretch === 1 ? allOf(numbers) : extremesOf(numbers, stretch)
  const title = `${name}: ${counted(numbers.length, 'element')} (${numbers.kind})`
  if (summary.finite === 0) return { title, table: { columns: [{ label: 'index', align: 'right' }, { label: 'value', align: 'right' }], rows: [] }, notes: [...valueNotes(summary), 'There is no finite element to draw.'] }
  return {
    title,
    plot: { x: { kind: 'linear', label: 'index', domain: [0, Math.max(numbers.length - 1, 1)], whole: true }, y: { kind: 'linear', label: 'value', domain: niceDomain(summary.least, summary.greatest) }, marks: [{ mark: 'line', name: '', x: points.x, y: points.y, color: 0 }], height },
    notes: [...valueNotes(summary), ...(stretch > 1 ? [`The line keeps the least and the greatest of every ${formatNumber(stretch)} elements.`] : [])] }
}

interface Points { readonly x: number[]; readonly y: (number | null)[] }

function allOf(numbers: Numbers): Points {
  const block = new Float64Array(numbers.length)
  numbers.read(0, numbers.length, block)
  return { x: Array.from(block.keys()), y: Array.from(block, (value) => (Number.isFinite(value) ? rounded(value) : null)) }
}

/** For each stretch its least and greatest finite element, in the order they occur. */
function extremesOf(numbers: Numbers, stretch: number): Points {
  const x: number[] = []
  const y: (number | null)[] = []
  const block = new Float64Array(blockLength)
  for (let from = 0; from < numbers.length; from += stretch) {
    const to = Math.min(from + stretch, numbers.length)
    let least = Infinity, greatest = -Infinity, leastAt = -1, greatestAt = -1
    for (let start = from; start < to; start += blockLength) {
      const count = Math.min(blockLength, to - start)
      numbers.read(start, count, block)
      for (let i = 0; i < count; i++) {
        const value = block[i] as number
        if (value - value !== 0) continue
        if (value < least) { least = value; leastAt = start + i }
        if (value > greatest) { greatest = value; greatestAt = start + i }
      }
    }
    if (leastAt < 0) { x.push(from); y.push(null); continue }
    const pair: [number, number][] = leastAt === greatestAt ? [[leastAt, least]] : leastAt < greatestAt ? [[leastAt, least], [greatestAt, greatest]] : [[greatestAt, greatest], [leastAt, least]]
    for (const [at, value] of pair) { x.push(at); y.push(rounded(value)) }
  }
  return { x, y }
}

/** As many digits as a picture shows. */
function rounded(value: number): number { return Number(value.toPrecision(6)) }
