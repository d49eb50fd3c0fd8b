// Which representation each local has from now on: i32 or u32 where all it is ever set to are such integers, f32 where all of it was rounded to f32.
import type { Expr, Program, Repr, Statement } from '../../ir.js'
import type { Flow } from '../ranges/flow.js'
import { fittingRepr, join, type Range } from '../ranges/range.js'
import { rootsOf, statementsIn } from '../walk.js'

/** A representation for each local. */
export function narrowedReprs(program: Program, flow: Flow): Repr[] {
  const sets = [...rootsOf(program)].flatMap((root) => [...statementsIn(root)]).filter((s) => s.kind === 'set')
  const fixed = fixedLocals(program)
  const reprs = program.locals.map((local) => local.repr)
  const ranges = new Map<number, Range>()
  for (const s of sets) {
    const range = flow.before.get(s)?.rangeOf(s.value)
    const before = ranges.get(s.local)
    if (range) ranges.set(s.local, before ? join(before, range) : range)
  }
  for (const [local, range] of ranges) {
    const repr = range.negativeZero || reprs[local] !== 'f64' || fixed.has(local) ? undefined : fittingRepr(range)
    if (repr) reprs[local] = repr
  }
  const singles = singleLocals(sets, new Set([...ranges.keys()].filter((local) => reprs[local] === 'f64' && !fixed.has(local))), reprs)
  for (const local of singles) reprs[local] = 'f32'
  return reprs
}

/** Locals whose representation the statement around them says. */
function fixedLocals(program: Program): Set<number> {
  const fixed = new Set(program.parallels.flatMap(({ index, combine }) => (combine ? [index, combine.left, combine.right] : [index])))
  for (const root of rootsOf(program)) for (const s of statementsIn(root)) if (s.kind === 'reduce') fixed.add(s.target)
  return fixed
}

/** Supposes that all of `among` are f32 and takes back what does not hold, until all holds. */
function singleLocals(sets: readonly Extract<Statement, { kind: 'set' }>[], among: Set<number>, reprs: readonly Repr[]): Set<number> {
  const singles = new Set(among)
  for (let changed = true; changed;) {
    changed = false
    for (const s of sets) {
      if (!singles.has(s.local) || isSingle(s.value, singles, reprs)) continue
      singles.delete(s.local)
      changed = true
    }
  }
  // A local that only ever holds constants has no arithmetic to speed up.
  return new Set([...singles].filter((local) => sets.some((s) => s.local === local && s.value.op !== 'constant')))
}

/** The same cases as those an exact f32 is made of (expressions.ts), integers left out. */
function isSingle(e: Expr, singles: ReadonlySet<number>, reprs: readonly Repr[]): boolean {
  switch (e.op) {
    case 'constant': return typeof e.value === 'number' && Object.is(Math.fround(e.value), e.value)
    case 'local': return singles.has(e.local) || reprs[e.local] === 'f32'
    case 'convert': return e.value.repr === 'f32'
    case 'negate': return isSingle(e.value, singles, reprs)
    case 'select': return isSingle(e.then, singles, reprs) && isSingle(e.otherwise, singles, reprs)
    default: return false
  }
}
