// One look at many ring kernels: their counters, read in the arena from whatever thread.
import { readCounters, type ActorCounters, type ActorRow } from '../ring/counters.js'
import type { QueueReading } from './figures/queues-now.js'

/** Reads a ring kernel's counters: cheap, from any thread. */
export type CounterReader = (row: ActorRow) => ActorCounters

/** The counters of each row. Two runtimes may run a ring kernel of the same id each; a figure tells them apart as `summer`, `summer #2`. */
export function readingsOf(rows: readonly ActorRow[], read: CounterReader = readCounters): QueueReading[] {
  const counts = new Map<string, number>()
  return rows.map((row) => {
    const count = (counts.get(row.id) ?? 0) + 1
    counts.set(row.id, count)
    const counters = read(row)
    // A device counts its high-water mark when it looks at the ring; what lies there now was at least as high.
    const seen = { ...counters, inputDepthMax: Math.max(counters.inputDepthMax, counters.inputDepth), outputDepthMax: Math.max(counters.outputDepthMax, counters.outputDepth) }
    return { row: count === 1 ? row : { ...row, id: `${row.id} #${count}` }, counters: seen }
  })
}
