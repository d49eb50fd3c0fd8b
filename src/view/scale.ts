// Scales: from a value to a place, and the ticks between.
import type { Axis } from './figure.js'
import { formatNumber } from './text.js'

export interface Tick { readonly at: number; readonly label: string }

/** The interval an axis covers; a category axis reaches half a step beyond its first and last category. */
export function domainOf(axis: Axis): readonly [number, number] {
  return axis.kind === 'linear' ? axis.domain : [-0.5, Math.max(axis.categories.length, 1) - 0.5]
}

/** From the axis's interval to [from, to], linearly; what lies outside stays outside. */
export function scaleOf(axis: Axis, from: number, to: number): (value: number) => number {
  const [low, high] = domainOf(axis)
  // Halves, so that the distance of two huge ends stays finite.
  const half = high / 2 - low / 2 || 1
  return (value) => from + ((value / 2 - low / 2) / half) * (to - from)
}

/** About `count` ticks at round values, or one a category. */
export function ticksOf(axis: Axis, count: number): Tick[] {
  if (axis.kind === 'category') return axis.categories.map((label, at) => ({ at, label }))
  const [low, high] = axis.domain
  const step = Math.max(roundStep(high / count - low / count), axis.whole === true ? 1 : 0, finest(low, high))
  const ticks: Tick[] = []
  for (let index = Math.ceil(low / step); index * step <= high + step * 1e-9 && ticks.length < 100; index++) ticks.push({ at: index * step, label: tickLabel(index * step, step) })
  return ticks
}

/** An interval that holds both values with round ends; one value alone gets room on both sides. */
export function niceDomain(low: number, high: number): [number, number] {
  if (low === high) { const room = Math.abs(low) * 0.1 || 1; low -= room; high += room }
  const step = Math.max(roundStep(high / 5 - low / 5), finest(low, high))
  const ends: [number, number] = [Math.floor(low / step) * step, Math.ceil(high / step) * step]
  return Number.isFinite(ends[0]) && Number.isFinite(ends[1]) && ends[0] < ends[1] ? ends : [low, high]
}

/** The least step by which numbers of this size still differ, with room for counting steps. */
function finest(low: number, high: number): number { return Math.max(Math.abs(low), Math.abs(high)) * 2 ** -48 }

/** 1, 2 or 5 times a power of ten, at least `step`. */
function roundStep(step: number): number {
  if (!(step > 0) || !Number.isFinite(step)) return 1
  const power = 10 ** Math.floor(Math.log10(step))
  if (power === 0) return step
  const factor = step / power
  return (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10) * power
}

function tickLabel(value: number, step: number): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 1e6 || step < 1e-4) return value.toExponential().length > 6 ? formatNumber(Number(value.toPrecision(4)), 4) : value.toExponential().replace('e+', 'e').replaceAll('-', '−')
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  return formatNumber(Number(value.toFixed(decimals)), 12)
}
