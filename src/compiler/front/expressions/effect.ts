// Expressions whose value nobody looks at: as statements, in `for (…; …; here)`, left of a comma.
import type typescript from 'typescript'
import { toCondition } from '../coerce.js'
import { knownBoolean, not } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { assignment, postfixUpdate, prefixUpdate } from './assignment.js'
import { conditionOf } from './logical.js'

export function effect(t: Lowering, node: typescript.Expression): void {
  if (ts.isParenthesizedExpression(node)) { effect(t, node.expression); return }
  if (ts.isBinaryExpression(node)) { binaryEffect(t, node); return }
  if (ts.isPostfixUnaryExpression(node)) { postfixUpdate(node, t, false); return }
  const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind
  if (ts.isPrefixUnaryExpression(node) && (node.operator === PlusPlusToken || node.operator === MinusMinusToken)) { prefixUpdate(node, t, false); return }
  if (!ts.isConditionalExpression(node)) { t.expression(node); return }
  const test = conditionOf(t, node.condition)
  const known = knownBoolean(test)
  if (known !== undefined) { effect(t, known ? node.whenTrue : node.whenFalse); return }
  const [then, otherwise] = [t.builder.block(() => { effect(t, node.whenTrue) }), t.builder.block(() => { effect(t, node.whenFalse) })]
  t.builder.emit({ kind: 'if', condition: test, then, otherwise })
}

function binaryEffect(t: Lowering, node: typescript.BinaryExpression): void {
  const operator = node.operatorToken.getText()
  if (node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment) { assignment(node, t, false); return }
  if (operator === ',') { effect(t, node.left); effect(t, node.right); return }
  if (operator !== '&&' && operator !== '||') { t.expression(node); return }
  const test = operator === '&&' ? conditionOf(t, node.left) : not(toCondition(t, t.expression(node.left), node.left))
  if (knownBoolean(test) === false) return
  t.builder.emit({ kind: 'if', condition: test, then: t.builder.block(() => { effect(t, node.right) }), otherwise: [] })
}
