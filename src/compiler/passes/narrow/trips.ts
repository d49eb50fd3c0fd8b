// How many rounds a loop has at most: its counter takes an integer step each round, and is known to stay within bounds.
import type { Expr, Statement } from '../../ir.js'
import type { Flow } from '../ranges/flow.js'
import type { Known } from '../ranges/known.js'
import { isWithin } from '../ranges/range.js'
import { statementsIn } from '../walk.js'

type Loop = Extract<Statement, { kind: 'loop' }>
type Set = Extract<Statement, { kind: 'set' }>

/** Counters stay below this, so that f64 adds to them exactly. */
const counterMax = 2 ** 52

/** The least bound that is known, or undefined. */
export function tripsOf(loop: Loop, flow: Flow): number | undefined {
  const start = flow.rounds.get(loop)
  // Never reached, or never entered.
  if (!start) return flow.before.has(loop) ? 0 : loop.trips
  const bounds = counters(loop).flatMap((set) => {
    const step = stepOf(set)
    const at = flow.before.get(set)
    return step !== undefined && (at === undefined || !wraps(set, at)) ? [roundsOf(set, step, start)] : []
  })
  const trips = Math.min(loop.trips ?? Infinity, ...bounds)
  return Number.isFinite(trips) ? trips : undefined
}

/** Locals that the loop sets once, in every round. */
function counters(loop: Loop): Set[] {
  const inside = [...statementsIn([...loop.body, ...loop.update])]
  const skips = inside.some((s) => s.kind === 'continue' && s.label === loop.label)
  const always = [...loop.update, ...(skips ? [] : loop.body)].filter((s) => s.kind === 'set')
  return always.filter((set) => inside.filter((s) => setsLocal(s, set.local)).length === 1)
}

function setsLocal(s: Statement, local: number): boolean {
  switch (s.kind) {
    case 'set': return s.local === local
    case 'tryReceive': return s.present === local
    case 'reduce': return s.target === local
    case 'atomic': return s.old === local
    default: return false
  }
}

function stepOf({ local, value }: Set): number | undefined {
  if (value.op !== 'binary' || (value.name !== 'add' && value.name !== 'sub')) return undefined
  const isLocal = (e: Expr): boolean => e.op === 'local' && e.local === local
  const step = isLocal(value.left) ? value.right : value.name === 'add' && isLocal(value.right) ? value.left : undefined
  return step?.op === 'constant' && typeof step.value === 'number' && Number.isInteger(step.value) && step.value !== 0 ? Math.abs(step.value) : undefined
}

/** Whether a sum of integers may pass the end of its representation, and so come back. */
function wraps({ value }: Set, known: Known): boolean {
  if (value.op !== 'binary' || value.repr === 'f64') return false
  if (value.repr !== 'i32' && value.repr !== 'u32') return true
  const { min, max } = known.rangeOf({ op: 'binary', repr: 'f64', name: value.name, left: asF64(value.left), right: asF64(value.right) })
  return value.repr === 'i32' ? min < -(2 ** 31) || max >= 2 ** 31 : min < 0 || max >= 2 ** 32
}

function asF64(value: Expr): Expr { return { op: 'convert', repr: 'f64', value } }

/** Each round begins with another integer within the counter's bounds. */
function roundsOf({ local, value }: Set, step: number, start: Known): number {
  const range = start.rangeOf({ op: 'local', repr: value.repr, local })
  return isWithin(range, -counterMax, counterMax) ? Math.floor((range.max - range.min) / step) + 1 : Infinity
}
