// lab.trace(): which message led to which, in causal order.
import { messageUuid } from '../ring/uuid.js'
import { beginTrace, currentTrace, type TraceEvent } from '../runtime/trace.js'
import { traceTable } from '../view/figures/trace-table.js'
import { stillFigure, type Figure } from './figure.js'

export interface TraceFigure extends Figure {
  /** All that is kept, causes before what they led to. */
  readonly events: readonly TraceEvent[]
  /** Messages that went by unseen, because a ring turned over between two looks. */
  readonly missed: number
  readonly isOn: boolean
  /** After `'on'`: resolves once rings in the memory of GPUs are watched as well. @throws DeviceError when a GPU does not answer. */
  readonly ready: Promise<void>
}

export interface TraceOptions {
  /** Events that are kept, the latest ones; default 4096. */
  capacity?: number
}

const SHOWN = 40

/**
 * Messages between ring kernels and from and to the host: who sent each, who received it, and which message its sender had in hand. `'on'` begins anew, `'off'`
 * ends it and keeps what there is; a count shows that many of the latest events (default 40). While it is off it costs nothing.
 *
 * @throws TypeError when `what` is none of these; RangeError when the capacity is no count.
 * @example
 * await lab.trace('on').ready
 * await actor.ask({ v: 21 })
 * lab.trace()
 */
export function trace(what: 'on' | 'off' | number = SHOWN, options: TraceOptions = {}): TraceFigure {
  if (what !== 'on' && what !== 'off' && !(Number.isSafeInteger(what) && what >= 1)) throw new TypeError(`lab.trace(what) takes 'on', 'off' or how many events to show, but was given ${String(what)}.`)
  for (const key of Object.keys(options)) if (key !== 'capacity' || what !== 'on') throw new TypeError(`lab.trace(${JSON.stringify(what)}): there is no option '${key}'; lab.trace('on') has capacity.`)
  if (what === 'on') beginTrace(options.capacity)
  else if (what === 'off') currentTrace()?.end()
  const found = currentTrace()
  const shown = typeof what === 'number' ? what : SHOWN
  const figure = stillFigure(() => traceTable({
    events: (found?.events(shown) ?? []).map((event) => ({ ...event, message: messageUuid(event.message), cause: event.cause === undefined ? undefined : messageUuid(event.cause) })),
    beganNs: found?.beganNs ?? 0, isOn: found?.isOn ?? false, missed: found?.missed ?? 0, lost: found?.lost ?? 0,
  }))
  return Object.defineProperties(figure, {
    events: { get: () => found?.events() ?? [] }, missed: { get: () => found?.missed ?? 0 }, isOn: { get: () => found?.isOn ?? false }, ready: { value: found?.ready ?? Promise.resolve() },
  }) as TraceFigure
}
