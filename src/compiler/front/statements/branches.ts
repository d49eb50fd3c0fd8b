// Statements that choose: if and switch.
import type typescript from 'typescript'
import type { Expr, Statement } from '../../ir.js'
import { condition } from '../coerce.js'
import { equality } from '../expressions/equality.js'
import { knownBoolean, yes } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { Scope } from '../scope.js'
import { ts } from '../typescript.js'
import type { Value } from '../value.js'
import { usesLabel } from './labels.js'

export function ifStatement(node: typescript.IfStatement, t: Lowering): void {
  const test = condition(t, node.expression)
  const known = knownBoolean(test)
  // A branch that a captured constant rules out is not compiled: it may be written for other types.
  if (known !== undefined) {
    const taken = known ? node.thenStatement : node.elseStatement
    if (taken) t.statement(taken)
    return
  }
  const then = t.builder.block(() => { t.statement(node.thenStatement) })
  const otherwise = t.builder.block(() => { if (node.elseStatement) t.statement(node.elseStatement) })
  t.builder.emit({ kind: 'if', condition: test, then, otherwise })
}

/**
 * Each clause is a block inside the block of the next: leaving block i goes on with clause i, and running off a clause falls into the next one.
 */
export function switchStatement(node: typescript.SwitchStatement, t: Lowering): void {
  const { builder } = t
  const subject = t.keep(t.expression(node.expression))
  const { clauses } = node.caseBlock
  const end = builder.label()
  const labels = clauses.map(() => builder.label())
  t.frame?.targets.push({ name: undefined, breakLabel: end, continueLabel: undefined, anonymous: true })
  t.within(new Scope(t.scope), () => {
    for (const clause of clauses) t.openBlock(clause.statements)
    let inside = builder.block(() => { dispatch(t, subject, clauses, labels, end) })
    clauses.forEach((clause, i) => {
      const inner: Statement = { kind: 'block', label: labels[i] ?? end, body: inside, at: builder.at }
      inside = builder.block(() => {
        builder.statements.push(inner)
        t.statementsOf(clause.statements)
      })
    })
    if (usesLabel(inside, end)) builder.emit({ kind: 'block', label: end, body: inside })
    else builder.statements.push(...inside)
  })
  t.frame?.targets.pop()
}

/** Tests in order; the default clause is taken when none holds, wherever it stands. */
function dispatch(t: Lowering, subject: Value, clauses: readonly typescript.CaseOrDefaultClause[], labels: readonly number[], end: number): void {
  let last = end
  clauses.forEach((clause, i) => {
    const label = labels[i] ?? end
    if (ts.isDefaultClause(clause)) { last = label; return }
    const test: Expr = equality(t, subject, t.expression(clause.expression), clause.expression)
    if (knownBoolean(test) === false) return
    const then: Statement[] = [{ kind: 'break', label, at: t.where(clause) }]
    if (test === yes) t.builder.statements.push(...then)
    else t.builder.emit({ kind: 'if', condition: test, then, otherwise: [] })
  })
  t.builder.emit({ kind: 'break', label: last })
}
