// throw: a fault with a sentence that is known when the body is compiled.
import type typescript from 'typescript'
import { demand } from '../coerce.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { poison, type Value } from '../value.js'

export function throwStatement(node: typescript.ThrowStatement, t: Lowering): void {
  const value = t.expression(node.expression)
  if (value.kind === 'error') t.fault(value.text, node, value.value, value.name)
  else if (value.kind !== 'poison') t.report('RL1004', node)
}

/** `new Error('literal')`, with at most one number in a template. */
export function errorValue(t: Lowering, node: typescript.CallExpression | typescript.NewExpression): Value {
  const [message, ...more] = node.arguments ?? []
  const name = ts.isIdentifier(node.expression) ? node.expression.text : 'Error'
  if (more.length > 0) { t.report('RL1004', node); return poison }
  if (!message) return { kind: 'error', name, text: '', value: undefined }
  if (ts.isTemplateExpression(message)) return template(t, message, name)
  const value = t.expression(message)
  if (value.kind === 'string') return { kind: 'error', name, text: value.text, value: undefined }
  return value.kind === 'poison' ? poison : t.report('RL1004', message)
}

function template(t: Lowering, node: typescript.TemplateExpression, name: string): Value {
  const [span, ...more] = node.templateSpans
  if (!span || more.length > 0) return t.report('RL1004', node)
  const value = demand(t, t.expression(span.expression), span)
  if (value.kind === 'string') return { kind: 'error', name, text: node.head.text + value.text + span.literal.text, value: undefined }
  if (value.kind !== 'number') return value.kind === 'poison' ? poison : t.report('RL1004', node)
  return { kind: 'error', name, text: `${node.head.text}{}${span.literal.text}`, value: value.expr }
}
