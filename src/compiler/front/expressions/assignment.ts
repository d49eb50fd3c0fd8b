// = and its compounds, ++ and −−.
import type typescript from 'typescript'
import { isBigInt, numberValue, toCondition, toNumber, demand } from '../coerce.js'
import { binary, f64, knownBoolean, not } from '../expr.js'
import type { Expr } from '../../ir.js'
import type { Lowering } from '../lowering.js'
import { settleValue } from '../settle.js'
import { ts } from '../typescript.js'
import type { Value } from '../value.js'
import { reference, type Reference } from '../variables/assign.js'
import { assignPattern } from '../variables/patterns.js'
import { arithmetic, type Operator } from './arithmetic.js'

/** `used`: somebody looks at the value of the assignment. */
export function assignment(node: typescript.BinaryExpression, t: Lowering, used: boolean): Value {
  const operator = node.operatorToken.getText()
  const { left, right } = node
  if (operator === '=') {
    if (ts.isArrayLiteralExpression(left) || ts.isObjectLiteralExpression(left)) {
      const value = t.expression(right)
      assignPattern(t, left, value)
      return value
    }
    const target = reference(t, left)
    const value = used ? t.keep(t.expression(right)) : t.expression(right)
    target.write(value)
    return value
  }
  const target = reference(t, left)
  const before = target.read()
  if (operator === '&&=' || operator === '||=' || operator === '??=') return logicalAssignment(t, operator, target, before, node)
  const mark = t.builder.statements.length
  const value = t.expression(right)
  const result = arithmetic(t, operator.slice(0, -1) as Operator, settleValue(t, before, mark), value, { whole: node, left, right })
  const kept = used ? t.keep(result) : result
  target.write(kept)
  return kept
}

function logicalAssignment(t: Lowering, operator: '&&=' | '||=' | '??=', target: Reference, before: Value, node: typescript.BinaryExpression): Value {
  const test: Expr = operator === '??=' ? absent(before) : operator === '&&=' ? toCondition(t, before, node.left) : not(toCondition(t, before, node.left))
  if (knownBoolean(test) === false) return before
  const then = t.builder.block(() => { target.write(t.expression(node.right)) })
  t.builder.emit({ kind: 'if', condition: test, then, otherwise: [] })
  return target.read()
}

function absent(value: Value): Expr {
  if (value.kind === 'optional') return not(value.present)
  return { op: 'constant', repr: 'bool', value: value.kind === 'undefined' || value.kind === 'null' }
}

export function prefixUpdate(node: typescript.PrefixUnaryExpression, t: Lowering, used: boolean): Value {
  return update(t, node.operand, node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1, false, used)
}

export function postfixUpdate(node: typescript.PostfixUnaryExpression, t: Lowering, used: boolean): Value {
  return update(t, node.operand, node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1, true, used)
}

function update(t: Lowering, operand: typescript.Expression, by: 1 | -1, isPostfix: boolean, used: boolean): Value {
  const target = reference(t, operand)
  const read = demand(t, target.read(), operand)
  const before = used ? t.keep(read) : read
  const after: Value = isBigInt(before)
    ? arithmetic(t, by === 1 ? '+' : '-', before, { kind: 'bigint-constant', value: 1n }, { whole: operand, left: operand, right: operand })
    : numberValue(binary(by === 1 ? 'add' : 'sub', toNumber(t, before, operand), f64(1)))
  const kept = used && !isPostfix ? t.keep(after) : after
  target.write(kept)
  return isPostfix ? before : kept
}
