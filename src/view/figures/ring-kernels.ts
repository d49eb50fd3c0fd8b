// A ring kernel, and a definition of one, as small tables.
import type { Figure } from '../figure.js'
import { formatNumber } from '../text.js'

/** What is shown of a launched ring kernel. Times in nanoseconds. */
export interface RingKernelFacts {
  readonly id: string
  readonly device: string
  readonly state: string
  readonly telemetry: { readonly processed: number; readonly sent: number; readonly dropped: number; readonly errors: number; readonly depth: number; readonly depthMax: number; readonly latencyNs: { readonly p50: number; readonly p99: number; readonly max: number } }
}

export function ringKernelTable(facts: RingKernelFacts): Figure {
  const { telemetry } = facts
  const rows = [['device', facts.device], ['state', facts.state], ['processed', formatNumber(telemetry.processed)], ['sent', formatNumber(telemetry.sent)], ['dropped', formatNumber(telemetry.dropped)], ['errors', formatNumber(telemetry.errors)],
    ['queued now', formatNumber(telemetry.depth)], ['queued at most', formatNumber(telemetry.depthMax)],
    ...(telemetry.latencyNs.max > 0 ? [['latency p50 / p99 / max', [telemetry.latencyNs.p50, telemetry.latencyNs.p99, telemetry.latencyNs.max].map(duration).join(' / ')]] : [])]
  return { title: `ring kernel ${facts.id}`, table: twoColumns(rows), notes: [] }
}

/** What is shown of a definition. */
export interface DefinitionFacts { readonly name: string; readonly input: { readonly name?: string }; readonly output: { readonly name?: string }; readonly device?: unknown; readonly capacity?: unknown; readonly backpressure?: unknown; readonly sends?: unknown }

export function definitionTable(facts: DefinitionFacts): Figure {
  const rows = [['input', facts.input.name ?? ''], ...(facts.sends === false ? [] : [['output', facts.output.name ?? '']]), ['device', typeof facts.device === 'string' ? facts.device : 'the runtime’s'],
    ...(typeof facts.capacity === 'number' ? [['capacity', `${formatNumber(facts.capacity)} messages a ring`]] : []), ...(typeof facts.backpressure === 'string' ? [['backpressure', facts.backpressure]] : [])]
  return { title: `definition of ring kernel ${facts.name}`, table: twoColumns(rows), notes: [] }
}

function twoColumns(rows: readonly (readonly string[])[]): Figure['table'] & object { return { columns: [{ label: '', align: 'left' }, { label: '', align: 'left' }], rows } }

/** A time in the unit that leaves one to three digits before the point. */
function duration(ns: number): string {
  const [value, unit] = ns < 1e3 ? [ns, 'ns'] : ns < 1e6 ? [ns / 1e3, 'µs'] : ns < 1e9 ? [ns / 1e6, 'ms'] : [ns / 1e9, 's']
  return `${formatNumber(value, 3)} ${unit}`
}
