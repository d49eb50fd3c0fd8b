// Advice on speed: where f32 values are computed with in f64 again and again.
import { report, type Finding } from '../diagnostics/report.js'
import type { Expr, Program, Statement } from '../ir.js'
import { expressionsIn, statementsIn } from './walk.js'

/** Reports one place for each innermost loop, and for each parallel body, of a program that is narrowed already. */
export function notes(program: Program, tell: (finding: Finding) => void): void {
  const said = new Set<Statement>()
  const say = (inside: Iterable<Statement>): void => {
    for (const s of inside) {
      if ((s.kind !== 'set' && s.kind !== 'store') || !s.at || said.has(s) || !widens(s.value)) continue
      said.add(s)
      tell(report('RL2001', s.at))
      return
    }
  }
  const lists = [program.body, ...program.parallels.map((parallel) => parallel.body)]
  for (const list of lists) for (const s of statementsIn(list)) if (s.kind === 'loop' && isInnermost(s)) say(statementsIn(s.body))
  for (const { kind, body } of program.parallels) if (kind === 'each') say(statementsIn(body))
}

function isInnermost(loop: Extract<Statement, { kind: 'loop' }>): boolean {
  return ![...statementsIn(loop.body)].some((s) => s.kind === 'loop')
}

/** Arithmetic of f64 of which an operand was f32. */
function widens(value: Expr): boolean {
  return [...expressionsIn(value)].some((e) => e.op === 'binary' && e.repr === 'f64' && e.name !== 'rem' && (isWidened(e.left) || isWidened(e.right)))
}

function isWidened(e: Expr): boolean { return e.op === 'convert' && e.value.repr === 'f32' }
