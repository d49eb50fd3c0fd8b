// The report of unified buffers that still hold a device's memory when their runtime ends.
import type { MemoryHolder } from './device.js'
import { byteText } from './memory-pool.js'

/** Places that are listed; the rest is counted. */
const LISTED_MAX = 10

/** One warning for all of them, on the process's own channel: `process.on('warning')` hears it, and `--no-warnings` silences it. */
export function reportLeaks(leaks: readonly MemoryHolder[]): void {
  if (leaks.length > 0) process.emitWarning(leakText(leaks), { type: 'UnifiedBufferLeak', detail: "Dispose them before the runtime is shut down (`using` does), or say new RingKernelRuntime({ leaks: 'ignore' })." })
}

function leakText(leaks: readonly MemoryHolder[]): string {
  const bytes = leaks.reduce((sum, each) => sum + each.bytes, 0)
  const places = new Map<string, MemoryHolder[]>()
  for (const leak of leaks) {
    const place = leak.madeAt ?? 'a place unknown'
    places.set(place, [...places.get(place) ?? [], leak])
  }
  const sum = (of: readonly MemoryHolder[]): number => of.reduce((total, each) => total + each.bytes, 0)
  const most = [...places].sort(([, a], [, b]) => sum(b) - sum(a))
  const lines = most.slice(0, LISTED_MAX).map(([place, made]) => `  ${place}: ${made.length === 1 ? made[0]?.what.replace(/^a /, '') ?? '' : `${made.length} unified buffers`}, ${byteText(sum(made))}`)
  const rest = most.slice(LISTED_MAX)
  if (rest.length > 0) lines.push(`  and ${rest.flatMap(([, made]) => made).length} more, ${byteText(sum(rest.flatMap(([, made]) => made)))}`)
  return `${leaks.length === 1 ? 'one unified buffer was' : `${leaks.length} unified buffers were`} neither disposed nor collected when ${leaks.length === 1 ? 'its' : 'their'} runtime was shut down, ${byteText(bytes)} on its devices, made at:\n${lines.join('\n')}`
}
