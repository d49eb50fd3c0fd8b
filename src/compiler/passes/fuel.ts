// Which loops look for a stop command: those of which it is not known that all their rounds together are few, or that each round takes a message, which looks
// for commands itself.
import type { Program, Statement } from '../ir.js'
import { listsOf, withInside, withRoots } from './walk.js'

/** So many rounds end within a few milliseconds on any device. */
const roundsMax = 65_536

/** Sets `fuel` of every loop. */
export function fuel(program: Program): Program {
  return withRoots(program, inList)
}

function inList(list: readonly Statement[]): readonly Statement[] {
  return list.map((s) => {
    const inside = withInside(s, (e) => e, inList)
    return inside.kind === 'loop' ? { ...inside, fuel: roundsOf(inside) > roundsMax && goesRoundWithoutReceive(inside) } : inside
  })
}

/** The most rounds of all loops at or below a statement, one inside the other; no bound when one of them has none. */
function roundsOf(s: Statement): number {
  const inside = listsOf(s).flat().reduce((sum, inner) => sum + roundsOf(inner), 0)
  return s.kind === 'loop' ? (s.trips ?? Infinity) * (1 + inside) : inside
}

/** May a round come to its end without having received? */
function goesRoundWithoutReceive(loop: Extract<Statement, { kind: 'loop' }>): boolean {
  const ways = withoutReceive(loop.body)
  return ways.has('end') || ways.has(`continue ${loop.label}`)
}

/** How a list can be left by a way on which nothing is received. */
type Way = 'end' | `${'break' | 'continue'} ${number}`

function withoutReceive(list: readonly Statement[]): Set<Way> {
  const left = new Set<Way>()
  for (const s of list) {
    const ways = waysOf(s)
    for (const way of ways) if (way !== 'end') left.add(way)
    if (!ways.has('end')) return left
  }
  return left.add('end')
}

function waysOf(s: Statement): ReadonlySet<Way> {
  switch (s.kind) {
    case 'receive': case 'tryReceive': case 'fault': return new Set()
    case 'break': case 'continue': return new Set<Way>([`${s.kind} ${s.label}`])
    case 'if': return new Set([...withoutReceive(s.then), ...withoutReceive(s.otherwise)])
    case 'block': return leaving(s.label, withoutReceive(s.body))
    // Its condition may end it before a first round.
    case 'loop': return leaving(s.label, withoutReceive(s.body)).add('end')
    default: return new Set(['end'])
  }
}

function leaving(label: number, ways: ReadonlySet<Way>): Set<Way> {
  return new Set([...ways].flatMap((way): Way[] => (way === `break ${label}` ? ['end'] : way === `continue ${label}` ? [] : [way])))
}
