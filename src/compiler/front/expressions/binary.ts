// Binary expressions: which operator goes where.
import type typescript from 'typescript'
import { booleanValue } from '../coerce.js'
import { not, type CompareName } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import type { Value } from '../value.js'
import { arithmetic, type Operator } from './arithmetic.js'
import { assignment } from './assignment.js'
import { equality, order } from './equality.js'
import { logicalExpression } from './logical.js'

const operators: readonly string[] = ['+', '-', '*', '/', '%', '**', '&', '|', '^', '<<', '>>', '>>>']
const orders: Readonly<Record<string, Exclude<CompareName, 'eq' | 'ne'>>> = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' }

export function binaryExpression(node: typescript.BinaryExpression, t: Lowering): Value {
  const operator = node.operatorToken.getText()
  const { left, right } = node
  if (node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment) return assignment(node, t, true)
  if (operator === '&&' || operator === '||' || operator === '??') return logicalExpression(node, t)
  if (operator === ',') { t.effect(left); return t.expression(right) }
  if (operators.includes(operator)) {
    const [a, b] = t.pair(left, right)
    return arithmetic(t, operator as Operator, a, b, { whole: node, left, right })
  }
  const name = orders[operator]
  if (name) { const [a, b] = t.pair(left, right); return booleanValue(order(t, name, a, b, left, right)) }
  if (operator === '===' || operator === '!==' || operator === '==' || operator === '!=') {
    const [a, b] = t.pair(left, right)
    const equal = equality(t, a, b, node, operator.length === 2)
    return booleanValue(operator.startsWith('!') ? not(equal) : equal)
  }
  return t.refuse(node, `\`${operator}\``, operator === 'in' ? 'Fields are fixed by the schema: name the field.' : 'Compare a field that tells the kind: a number.')
}
