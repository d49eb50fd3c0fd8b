// A trace of messages as a table: one event a row, causes before what they led to.
import type { Figure } from '../figure.js'
import { counted } from '../text.js'

/** One event. Messages are named by ids as people read them, times in nanoseconds. */
export interface TracedEvent { readonly kind: 'enqueue' | 'send' | 'receive'; readonly by: string; readonly with: string; readonly message: string; readonly cause: string | undefined; readonly atNs: number }

export interface TraceFacts {
  readonly events: readonly TracedEvent[]
  readonly beganNs: number
  readonly isOn: boolean
  /** Messages nobody saw in time; events that the trace holds no more. */
  readonly missed: number
  readonly lost: number
}

/** Endings of ids, as long as it takes to tell them apart. */
const ENDINGS = [8, 12, 17, 36] as const

export function traceTable({ events, beganNs, isOn, missed, lost }: TraceFacts): Figure {
  const ids = [...new Set(events.flatMap(({ message, cause }) => (cause === undefined ? [message] : [message, cause])))]
  const ending = ENDINGS.find((length) => new Set(ids.map((id) => id.slice(-length))).size === ids.length) ?? 36
  const rows = events.map(({ kind, by, with: other, message, cause, atNs }) => [
    `${kind === 'receive' ? '≤ ' : ''}${((atNs - beganNs) / 1e6).toFixed(3)}`, by, kind, `${kind === 'receive' ? 'from' : 'to'} ${other}`, message.slice(-ending), cause?.slice(-ending) ?? '',
  ])
  const notes = [
    ...(events.length === 0 ? [isOn ? 'Nothing was sent since it began.' : 'A trace begins with %trace on, or lab.trace(\'on\').'] : [`Messages are named by the last ${ending} characters of their ids; \u2264: received by then.`]),
    ...(missed > 0 ? [`${counted(missed, 'message')} went by unseen: the rings turned over between two looks.`] : []),
    ...(lost > 0 ? [`${counted(lost, 'older event')} are kept no more.`] : []),
  ]
  return {
    title: `trace: ${counted(events.length, 'event')}${isOn ? ', on' : events.length > 0 ? ', off' : ''}`,
    ...(rows.length === 0 ? {} : { table: { columns: [{ label: 'ms', align: 'right' }, { label: 'by', align: 'left' }, { label: 'event', align: 'left' }, { label: 'with', align: 'left' }, { label: 'message', align: 'right' }, { label: 'caused by', align: 'right' }] as const, rows } }),
    notes,
  }
}
