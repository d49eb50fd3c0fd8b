// `actor.queue`: the messages of one ring kernel that wait, to look at or to take out again.
import { inspect } from 'node:util'
import type { InputEdge } from './input-edge.js'

/** Input messages of one ring kernel that the host has sent and its body has not finished. */
export interface InputQueue<M = unknown> {
  /** Messages that have a place, and sends that wait for one. */
  readonly size: number
  readonly waiting: number
  readonly capacity: number
  /** The next messages in the order in which they will be taken, at most `count`; takes none. */
  peek(count?: number): M[]
  /**
   * Takes messages out, at most `count`, in the order in which they would have been taken; they count as dropped, and an ask for one of them is refused. Of a
   * body that runs, those stay that its device was shown already; of one that is parked, at most the one it has in hand.
   */
  drain(count?: number): M[]
  /** As `drain` with all of them; returns how many. */
  clear(): number
}

/** `edge` is undefined once the ring kernel has ended. */
export function inputQueueOf(capacity: number, edge: () => InputEdge | undefined): InputQueue {
  return {
    capacity,
    get size() { return edge()?.size ?? 0 },
    get waiting() { return edge()?.waitingSends ?? 0 },
    peek: (count) => { const wanted = checkedCount('peek', count); return edge()?.peek(wanted) ?? [] },
    drain: (count) => { const wanted = checkedCount('drain', count); return edge()?.drain(wanted) ?? [] },
    clear: () => edge()?.drain(Infinity).length ?? 0,
    [inspect.custom]() { return `${this.size} of ${capacity} messages queued${this.waiting === 0 ? '' : `, ${this.waiting} sends waiting`}` },
  } as InputQueue
}

function checkedCount(call: string, count: number | undefined): number {
  if (count !== undefined && !(Number.isInteger(count) && count >= 0)) throw new TypeError(`${call}() needs a count of messages, 0 or more, but was given ${String(count)}`)
  return count ?? Infinity
}
