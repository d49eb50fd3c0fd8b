// Which loops look for a stop command: those of which it is not known that all their rounds together are few.
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
    return inside.kind === 'loop' ? { ...inside, fuel: roundsOf(inside) > roundsMax } : inside
  })
}

/** The most rounds of all loops at or below a statement, one inside the other; no bound when one of them has none. */
function roundsOf(s: Statement): number {
  const inside = listsOf(s).flat().reduce((sum, inner) => sum + roundsOf(inner), 0)
  return s.kind === 'loop' ? (s.trips ?? Infinity) * (1 + inside) : inside
}
