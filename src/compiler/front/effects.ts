// What statements change and what expressions read, so that an operand keeps the value it had when JavaScript evaluated it.
import type { Base, Expr, Parallel, Place, Statement } from '../ir.js'
import { expressionsIn, indicesOf, listsOf, writesOf } from '../passes/walk.js'

/** Locals, and memory by the key of its base. `*` stands for time and commands, which change by themselves. */
interface Touched { readonly locals: Set<number>; readonly memory: Set<string> }

/** One key for memory that may be the same: two buffers may be given the same data. */
export function baseKey(base: Base): string {
  switch (base.kind) {
    case 'region': return `region ${base.region}`
    case 'message': return `message ${base.message}`
    case 'table': return `table ${base.table}`
    case 'state': case 'buffer': case 'out': case 'arguments': return base.kind
  }
}

/** Everything that running `statements` may change. */
function changesOf(statements: readonly Statement[], parallels: readonly Parallel[]): Touched {
  const touched: Touched = { locals: new Set(), memory: new Set() }
  const visit = (list: readonly Statement[]): void => { for (const s of list) { change(s, touched, parallels, visit) } }
  visit(statements)
  return touched
}

function change(s: Statement, { locals, memory }: Touched, parallels: readonly Parallel[], visit: (list: readonly Statement[]) => void): void {
  for (const place of writesOf(s)) memory.add(baseKey(place.base))
  for (const list of listsOf(s)) visit(list)
  switch (s.kind) {
    case 'set': locals.add(s.local); return
    case 'receive': memory.add(`message ${s.message}`).add('envelope'); return
    case 'tryReceive': memory.add(`message ${s.message}`).add('envelope'); locals.add(s.present); return
    case 'reduce': locals.add(s.target); visitParallel(parallels[s.parallel], visit); return
    case 'each': visitParallel(parallels[s.parallel], visit); return
    case 'atomic': if (s.old !== undefined) locals.add(s.old); return
    default: return
  }
}

function visitParallel(parallel: Parallel | undefined, visit: (list: readonly Statement[]) => void): void {
  if (!parallel) return
  visit(parallel.body)
  if (parallel.combine) visit(parallel.combine.body)
}

/** A question asked of several expressions: would it differ after `statements`? */
export function changedBy(statements: readonly Statement[], parallels: readonly Parallel[]): (e: Expr) => boolean {
  if (statements.every((s) => s.kind === 'guard')) return () => false
  const { locals, memory } = changesOf(statements, parallels)
  return (e) => {
    for (const part of expressionsIn(e)) {
      if (part.op === 'local' && locals.has(part.local)) return true
      if (part.op === 'load' && memory.has(baseKey(part.place.base))) return true
      if (part.op === 'envelope' && memory.has('envelope')) return true
      if (part.op === 'nowNs' || part.op === 'shouldTerminate') return true
    }
    return false
  }
}

/** The locals that statements set. */
export function localsSetBy(statements: readonly Statement[], parallels: readonly Parallel[]): ReadonlySet<number> {
  return changesOf(statements, parallels).locals
}

export function isConstantPlace(place: Place): boolean {
  return indicesOf(place).every((index) => index.op === 'constant')
}
