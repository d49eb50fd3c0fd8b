// Arithmetic in the narrowest representation that gives the same bits: f64 becomes 32-bit integers or f32 where that is proven. Guards that always hold and
// branches never taken are left out, and loops learn the most rounds they have.
import type { Expr, Local, Parallel, Program, Repr, Statement } from '../../ir.js'
import { flowOf, type Flow } from '../ranges/flow.js'
import { Known } from '../ranges/known.js'
import { statementsIn, withInside, withIndices, withRoots } from '../walk.js'
import { Expressions } from './expressions.js'
import { narrowedReprs } from './locals.js'
import { tripsOf } from './trips.js'

/** Every statement has to stand at one place only: see `apart`. */
export function narrow(program: Program): Program {
  const flow = flowOf(program)
  const reprs = narrowedReprs(program, flow)
  const rewrite = new Rewrite(flow, reprs)
  return {
    ...program,
    locals: program.locals.map((local, i): Local => ({ ...local, repr: reprs[i] ?? local.repr })),
    body: rewrite.list(program.body),
    parallels: program.parallels.map((parallel) => rewrite.parallel(parallel)),
  }
}

/** Every statement made anew, so that none stands at two places, and what is known of one belongs to one place. */
export function apart(program: Program): Program {
  const list = (statements: readonly Statement[]): readonly Statement[] => statements.map((s) => ({ ...withInside(s, (e) => e, list) }))
  return withRoots(program, list)
}

const nothing = new Known()

class Rewrite {
  constructor(private readonly flow: Flow, private readonly reprs: readonly Repr[]) {}

  list(list: readonly Statement[]): readonly Statement[] {
    return list.flatMap((s) => this.statement(s))
  }

  parallel(parallel: Parallel): Parallel {
    const at = this.flow.values.get(parallel)
    const { value, combine } = parallel
    return {
      ...parallel, body: this.list(parallel.body), value: value && this.at(at?.value).same(value),
      combine: combine && { ...combine, body: this.list(combine.body), value: this.at(at?.combine).same(combine.value) },
    }
  }

  private at(known: Known | undefined): Expressions { return new Expressions(known ?? nothing, this.reprs) }

  private statement(s: Statement): readonly Statement[] {
    const here = this.at(this.flow.before.get(s))
    switch (s.kind) {
      case 'set': return [{ ...s, value: here.as(this.reprs[s.local] ?? s.value.repr, s.value) }]
      case 'store': return [{ ...s, place: withIndices(s.place, (index) => here.same(index)), value: storedAs(s.dtype, s.value, here) }]
      case 'if': return this.branch(s, here.same(s.condition))
      case 'loop': return this.loop(s, here.same(s.condition))
      case 'guard': {
        const condition = here.same(s.condition)
        return isConstant(condition, true) ? [] : [{ ...s, condition, value: s.value && here.same(s.value) }]
      }
      default: return [withInside(s, (e) => here.same(e), (inner) => this.list(inner))]
    }
  }

  private branch(s: Extract<Statement, { kind: 'if' }>, condition: Expr): readonly Statement[] {
    if (isConstant(condition, true) && !suspends(s.otherwise)) return this.list(s.then)
    if (isConstant(condition, false) && !suspends(s.then)) return this.list(s.otherwise)
    return [{ ...s, condition, then: this.list(s.then), otherwise: this.list(s.otherwise) }]
  }

  private loop(s: Extract<Statement, { kind: 'loop' }>, condition: Expr): readonly Statement[] {
    if (s.test === 'before' && isConstant(condition, false) && !suspends([...s.body, ...s.update])) return []
    return [{ ...s, condition, trips: tripsOf(s, this.flow), body: this.list(s.body), update: this.list(s.update) }]
  }
}

function storedAs(dtype: Extract<Statement, { kind: 'store' }>['dtype'], value: Expr, here: Expressions): Expr {
  switch (dtype) {
    case 'i8': case 'u8': case 'i16': case 'u16': case 'i32': case 'u32': return here.stored(value)
    case 'f32': return value.repr === 'f64' ? here.rounded(value) : here.same(value)
    default: return here.same(value)
  }
}

function isConstant(e: Expr, value: boolean): boolean { return e.op === 'constant' && e.value === value }

/** A suspension point has to stay even where it is never reached: points are numbered without a gap. */
function suspends(list: readonly Statement[]): boolean {
  return [...statementsIn(list)].some((s) => 'point' in s)
}
