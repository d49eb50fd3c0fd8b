// Labels: which loop or block `break` and `continue` mean, and whether anybody names one.
import type typescript from 'typescript'
import type { Statement } from '../../ir.js'
import { statementsIn } from '../../passes/walk.js'
import type { Lowering, Target } from '../lowering.js'
import { ts } from '../typescript.js'

/** Whether a break inside leaves the block with this label. */
export function usesLabel(statements: readonly Statement[], label: number): boolean {
  for (const s of statementsIn(statements)) if ((s.kind === 'break' || s.kind === 'continue') && s.label === label) return true
  return false
}

/** The label written before a statement, if any. */
export function nameOf(node: typescript.Node): string | undefined {
  return ts.isLabeledStatement(node.parent) ? node.parent.label.text : undefined
}

export function labeledStatement(node: typescript.LabeledStatement, t: Lowering): void {
  const { statement } = node
  // Loops and switches declare their own name.
  if (ts.isIterationStatement(statement, false)) { t.statement(statement); return }
  const { builder } = t
  const label = builder.label()
  t.frame?.targets.push({ name: node.label.text, breakLabel: label, continueLabel: undefined, anonymous: false })
  const body = builder.block(() => { t.statement(statement) })
  t.frame?.targets.pop()
  builder.emit({ kind: 'block', label, body })
}

export function breakStatement(node: typescript.BreakStatement, t: Lowering): void {
  const target = find(t, (each) => (node.label ? each.name === node.label.text : each.anonymous))
  if (target) t.builder.emit({ kind: 'break', label: target.breakLabel })
  else t.refuse(node, `\`${node.getText()}\` here`, 'Use it inside the loop or switch that it leaves.')
}

export function continueStatement(node: typescript.ContinueStatement, t: Lowering): void {
  const target = find(t, (each) => each.continueLabel !== undefined && (!node.label || each.name === node.label.text))
  if (target?.continueLabel !== undefined) t.builder.emit({ kind: 'continue', label: target.continueLabel })
  else t.refuse(node, `\`${node.getText()}\` here`, 'Use it inside the loop that it goes on with.')
}

function find(t: Lowering, test: (target: Target) => boolean): Target | undefined { return t.frame?.targets.findLast(test) }
