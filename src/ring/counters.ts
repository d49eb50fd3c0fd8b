// What other threads may read of a running ring kernel: its counters in the arena, and the row that says where they are.
// Read-only by construction: the wire worker, the figures and telemetry look through this file and never write.
import { deviceState, double, lifeCycleNames, viewsOf, word, type ArenaViews } from './control.js'

/** Where one live ring kernel's counters lie. Plain data: posted to other threads beside the arena's SharedArrayBuffer. */
export interface ActorRow {
  readonly id: string
  readonly device: string
  readonly arena: SharedArrayBuffer
  /** Byte offset of the control block in the arena. */
  readonly controlOffset: number
  readonly inputCapacity: number
  readonly outputCapacity: number
}

/** One look at a ring kernel's counters. Depths in messages, `processed` … since launch. */
export interface ActorCounters {
  readonly state: 'CREATED' | 'LAUNCHED' | 'ACTIVE' | 'DEACTIVATED' | 'TERMINATING' | 'TERMINATED' | 'FAILED'
  readonly inputDepth: number; readonly outputDepth: number
  readonly inputDepthMax: number; readonly outputDepthMax: number
  readonly processed: number; readonly sent: number; readonly dropped: number; readonly errors: number
}

/** The counters of the ring kernel of `row`, now. Loads only: about a microsecond, from any thread that has the arena. */
export function readCounters(row: ActorRow): ActorCounters {
  const views = viewsFor(row.arena)
  const control = row.controlOffset >>> 2
  const at = (index: number): number => Atomics.load(views.words, control + index)
  const double8 = (index: number): number => views.doubles[(row.controlOffset >>> 3) + index] as number
  const state = lifeCycleNames[at(word.lifeCycle)] ?? 'CREATED'
  const failed = at(word.state) === deviceState.failed
  return {
    state: failed ? 'FAILED' : state,
    inputDepth: depth(at(word.inHead), at(word.inTail), row.inputCapacity) + at(word.admissionDepth),
    outputDepth: depth(at(word.outHead), at(word.outTail), row.outputCapacity) + at(word.stashDepth),
    inputDepthMax: at(word.queueDepthMax), outputDepthMax: at(word.outDepthMax),
    processed: double8(double.processed), sent: double8(double.sent),
    dropped: double8(double.dropped) + double8(double.hostDropped), errors: double8(double.errors),
  }
}

/** Messages in one ring of `row`, now. */
export function depthOf(row: ActorRow, side: 'input' | 'output'): number {
  const { words } = viewsFor(row.arena)
  const control = row.controlOffset >>> 2
  const [head, tail, capacity] = side === 'input' ? [word.inHead, word.inTail, row.inputCapacity] : [word.outHead, word.outTail, row.outputCapacity]
  return depth(Atomics.load(words, control + head), Atomics.load(words, control + tail), capacity)
}

/** The two indices are read one after the other while both move, so the difference is clamped to what a ring can hold. */
function depth(head: number, tail: number, capacity: number): number {
  return Math.min(Math.max((tail - head) | 0, 0), capacity)
}

/** Views by arena; an arena lives as long as its views do. */
const views = new WeakMap<SharedArrayBuffer, ArenaViews>()

function viewsFor(arena: SharedArrayBuffer): ArenaViews {
  let found = views.get(arena)
  if (found === undefined) { found = viewsOf(arena); views.set(arena, found) }
  return found
}
