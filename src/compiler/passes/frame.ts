// What a parked body keeps and where: locals needed after a suspension, then every region. Also which locals each parallel body reads and owns.
import type { Local, Parallel, Program, Region } from '../ir.js'
import { livenessOf } from './liveness.js'
import { expressionsIn, expressionsOf, looseExpressionsOf, statementsIn } from './walk.js'

/** The word that says where to go on, and one in reserve. */
const headBytes = 8
const localBytes = 8
const regionAlign = 16

/** Sets `Local.frame`, `Region.offset`, `frameBytes`, and each parallel's `captures` and `own`. */
export function frame(program: Program): Program {
  const { acrossPoints } = livenessOf(program)
  let end = headBytes
  const take = (bytes: number): number => {
    const at = end
    end += bytes
    return at
  }
  const locals = program.locals.map(({ name, repr }, i): Local => (acrossPoints.has(i) ? { name, repr, frame: take(localBytes) } : { name, repr }))
  const regions = program.regions.map((region): Region => {
    end = Math.ceil(end / regionAlign) * regionAlign
    return { ...region, offset: take(region.layout.bytes) }
  })
  return { ...program, locals, regions, parallels: program.parallels.map(withLocals), frameBytes: Math.ceil(end / regionAlign) * regionAlign }
}

function withLocals(parallel: Parallel): Parallel {
  const own = ownLocals(parallel)
  const read = new Set<number>()
  const see = (expressions: Iterable<Parameters<typeof expressionsIn>[0]>): void => {
    for (const e of expressions) for (const part of expressionsIn(e)) if (part.op === 'local' && !own.has(part.local)) read.add(part.local)
  }
  for (const list of [parallel.body, parallel.combine?.body ?? []]) for (const s of statementsIn(list)) see(expressionsOf(s))
  see(looseExpressionsOf(parallel))
  return { ...parallel, captures: [...read].sort((a, b) => a - b), own: [...own].sort((a, b) => a - b) }
}

/** The index, what a fold is given, and all that the body sets. */
export function ownLocals(parallel: Parallel): Set<number> {
  const own = new Set([parallel.index])
  if (parallel.combine) own.add(parallel.combine.left).add(parallel.combine.right)
  for (const list of [parallel.body, parallel.combine?.body ?? []]) {
    for (const s of statementsIn(list)) {
      if (s.kind === 'set') own.add(s.local)
      if (s.kind === 'atomic' && s.old !== undefined) own.add(s.old)
    }
  }
  return own
}
