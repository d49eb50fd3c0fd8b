// The queues of ring kernels at one moment: a bar a ring, as a share of its capacity, and a table of the counters.
import type { ActorCounters, ActorRow } from '../../ring/counters.js'
import type { BarMark, Figure, Plot, RuleMark, Table } from '../figure.js'
import { niceDomain } from '../scale.js'
import { counted, formatNumber, shortened } from '../text.js'

/** A ring kernel and one look at its counters. */
export interface QueueReading { readonly row: Pick<ActorRow, 'id' | 'device' | 'inputCapacity' | 'outputCapacity'>; readonly counters: ActorCounters }

/** Bars drawn at most; the table lists every ring kernel up to `tableRows`. */
const barRows = 24
const tableRows = 40
const rowPixels = 24
const labelColumns = 15

/** Depth against capacity of each ring, high-water marks, states and counters. */
export function queuesNow(readings: readonly QueueReading[]): Figure {
  if (readings.length === 0) return { title: 'Queues: no ring kernel is running', notes: ['Launch one with runtime.launch(definition) or %launch NAME.'] }
  const plot = queueBars(readings)
  const notes = [...leftOut(readings)]
  return { title: `Queues of ${counted(readings.length, 'ring kernel')}`, plot, table: queueTable(readings), notes }
}

/** The counters as a table; also under the lines over time. */
export function queueTable(readings: readonly QueueReading[]): Table {
  const left = ['id', 'device', 'state'].map((label) => ({ label, align: 'left' as const }))
  const right = ['input', 'output', 'processed', 'sent', 'dropped', 'errors'].map((label) => ({ label, align: 'right' as const }))
  const rows = readings.slice(0, tableRows).map(({ row, counters }) => [row.id, row.device, counters.state, fraction(counters.inputDepth, row.inputCapacity), row.outputCapacity === 0 ? '–' : fraction(counters.outputDepth, row.outputCapacity),
    formatNumber(counters.processed), formatNumber(counters.sent), formatNumber(counters.dropped), formatNumber(counters.errors)])
  return { columns: [...left, ...right], rows: readings.length > tableRows ? [...rows, null] : rows }
}

interface Ring { readonly name: string; readonly output: boolean; readonly depth: number; readonly depthMax: number; readonly capacity: number }

function queueBars(readings: readonly QueueReading[]): Plot {
  const rings = readings.flatMap(ringsOf).slice(0, barRows)
  const share = (ring: Ring, depth: number): number => Number(((100 * depth) / ring.capacity).toFixed(2))
  const bars = (output: boolean): BarMark => ({
    mark: 'bar', direction: 'across', name: output ? 'output ring' : 'input ring', color: output ? 1 : 0,
    values: rings.map((ring) => (ring.output === output ? share(ring, ring.depth) : 0)),
    labels: rings.map((ring) => (ring.output === output ? `${depthText(ring.depth, ring.capacity)}, high-water ${formatNumber(ring.depthMax)}` : '')) })
  const highWater: RuleMark = { mark: 'rule', name: 'high-water mark', color: 'muted', ticks: rings.map((ring) => (ring.depthMax > 0 ? share(ring, ring.depthMax) : null)) }
  // Messages waiting on the host for room in the ring count too, so a depth may exceed the capacity.
  const top = Math.max(100, niceDomain(0, Math.max(0, ...rings.map((ring) => share(ring, Math.max(ring.depth, ring.depthMax)))))[1])
  return {
    x: { kind: 'linear', label: 'messages queued, % of the ring’s capacity', domain: [0, top] }, y: { kind: 'category', label: '', categories: rings.map((ring) => ring.name) },
    marks: [bars(false), ...(rings.some((ring) => ring.output) ? [bars(true)] : []), ...(rings.some((ring) => ring.depthMax > 0) ? [highWater] : [])], height: rings.length * rowPixels }
}

function ringsOf({ row, counters }: QueueReading): Ring[] {
  // The end of a long id may go, which ring it is may not.
  const id = shortened(row.id, labelColumns)
  const input = { name: `${id} input`, output: false, depth: counters.inputDepth, depthMax: counters.inputDepthMax, capacity: row.inputCapacity }
  if (row.outputCapacity === 0) return [input]
  return [input, { name: `${id} output`, output: true, depth: counters.outputDepth, depthMax: counters.outputDepthMax, capacity: row.outputCapacity }]
}

function leftOut(readings: readonly QueueReading[]): string[] {
  const rings = readings.flatMap(ringsOf).length
  return [...(rings > barRows ? [`The bars show the first ${barRows} of ${rings} rings.`] : []), ...(readings.length > tableRows ? [`The table shows the first ${tableRows} of ${formatNumber(readings.length)} ring kernels.`] : [])]
}

function depthText(depth: number, capacity: number): string { return `${formatNumber(depth)} of ${formatNumber(capacity)}` }

function fraction(depth: number, capacity: number): string { return `${formatNumber(depth)}/${formatNumber(capacity)}` }
