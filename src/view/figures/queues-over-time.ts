// Queue depths over time: a line a ring, capacity and high-water as lines of reference where they are within the picture, and the last
// counters as a table.
import type { Axis, Figure, LineMark, Mark, Plot, RuleMark } from '../figure.js'
import { niceDomain } from '../scale.js'
import { counted, formatNumber } from '../text.js'
import { queueTable, type QueueReading } from './queues-now.js'

/** Depths of one ring at the history's times; null before the ring kernel was there. */
export interface RingHistory { readonly name: string; readonly actor: number; readonly output: boolean; readonly depths: readonly (number | null)[]; readonly depthMax: number; readonly capacity: number }

export interface QueueHistory {
  /** Seconds since the view began, ascending. */
  readonly seconds: readonly number[]
  readonly rings: readonly RingHistory[]
  readonly readings: readonly QueueReading[]
  /** Samples that share one point of the history, the largest of them kept; 1 when each has its own. */
  readonly samplesPerPoint: number
  /** Time between two samples, in milliseconds. */
  readonly samplePeriodMs: number
}

/** Lines drawn at most; the fullest rings come first. */
const lines = 12
/** A capacity is drawn where the depths reach at least this share of it; else it is only named. */
const capacityShare = 0.2
const height = 220

/** The history as a figure. `ended` says that it stays as it is. */
export function queuesOverTime(history: QueueHistory, ended: boolean): Figure {
  const shown = busiest(history.rings)
  return {
    title: `Queue depths of ${counted(history.readings.length, 'ring kernel')}${ended ? '' : ', live'}`,
    plot: depthPlot(history, shown), table: queueTable(history.readings), notes: notesOf(history, shown) }
}

/** Input rings always, output rings once something lay in them; the fullest when there are too many. */
function busiest(rings: readonly RingHistory[]): readonly RingHistory[] {
  const candidates = rings.filter((ring) => !ring.output || ring.depthMax > 0)
  if (candidates.length <= lines) return candidates
  const kept = new Set([...candidates].sort((a, b) => b.depthMax - a.depthMax).slice(0, lines))
  return candidates.filter((ring) => kept.has(ring))
}

function depthPlot(history: QueueHistory, rings: readonly RingHistory[]): Plot {
  const depthMax = Math.max(1, ...rings.map((ring) => ring.depthMax))
  const capacities = [...new Set(rings.map((ring) => ring.capacity))].filter((capacity) => capacity > 0 && depthMax >= capacity * capacityShare)
  const top = Math.max(depthMax, ...capacities)
  const x: Axis = { kind: 'linear', label: 'seconds', domain: [history.seconds[0] ?? 0, Math.max(history.seconds.at(-1) ?? 1, (history.seconds[0] ?? 0) + 1)] }
  const depths = rings.map((ring): LineMark => ({ mark: 'line', name: ring.name, x: history.seconds, y: ring.depths, color: ring.actor, ...(ring.output ? { dashed: true } : {}) }))
  const references: RuleMark[] = capacities.map((capacity) => ({ mark: 'rule', name: `capacity ${formatNumber(capacity)}`, color: 'muted', y: capacity }))
  // High-water marks of many rings would be a thicket; the table under the plot has them all.
  if (rings.length <= 2) for (const ring of rings) if (ring.depthMax > 0) references.push({ mark: 'rule', name: `${ring.name} high-water ${formatNumber(ring.depthMax)}`, color: ring.actor, y: ring.depthMax, dotted: true })
  const marks: Mark[] = [...references, ...depths]
  return { x, y: { kind: 'linear', label: 'messages queued', domain: [0, niceDomain(0, top)[1]], whole: true }, marks, height }
}

function notesOf(history: QueueHistory, shown: readonly RingHistory[]): string[] {
  const notes: string[] = []
  const empty = history.rings.filter((ring) => ring.output && ring.depthMax === 0).length
  const hidden = history.rings.length - empty - shown.length
  if (hidden > 0) notes.push(`The lines show the ${shown.length} fullest of ${shown.length + hidden} rings.`)
  const sampled = `Depths are sampled every ${formatNumber(Number(history.samplePeriodMs.toPrecision(1)))} ms`
  notes.push(history.samplesPerPoint > 1 ? `${sampled}; each point is the largest of ${history.samplesPerPoint} samples.` : `${sampled}.`)
  const above = [...new Set(shown.map((ring) => ring.capacity))].filter((capacity) => Math.max(1, ...shown.map((ring) => ring.depthMax)) < capacity * capacityShare)
  if (above.length > 0) notes.push(`Capacity (${above.map((capacity) => formatNumber(capacity)).join(', ')}) lies above the plot.`)
  return notes
}
