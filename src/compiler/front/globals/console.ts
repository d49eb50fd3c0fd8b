// console.log: its literals go into a site, its values onto the log ring; the host formats them as Node would.
import type typescript from 'typescript'
import type { Expr, Repr } from '../../ir.js'
import { demand, isBigInt, wrapped } from '../coerce.js'
import { binary, f64 } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { wordsOf, type Value } from '../value.js'

type Part = string | { readonly repr: Repr }

export function consoleCall(t: Lowering, name: string, node: typescript.CallExpression): Value {
  if (name !== 'log') return t.refuse(node, `\`console.${name}\``, 'Use console.log.')
  const templates = node.arguments.filter(ts.isTemplateExpression)
  const parts: Part[] = []
  const values: Expr[] = []
  if (templates.length > 0) withTemplates(t, node, parts, values)
  else {
    t.expressions(node.arguments).forEach((value, i) => {
      const at = node.arguments[i] ?? node
      if (value.kind === 'string') parts.push(value.text)
      else add(t, value, at, parts, values)
    })
  }
  t.builder.emit({ kind: 'log', site: t.builder.site({ kind: 'log', parts, at: t.where(node) }), values })
  return { kind: 'undefined' }
}

/** Node's own `%s` puts values where the template has them: one format and its values say the same. */
function withTemplates(t: Lowering, node: typescript.CallExpression, parts: Part[], values: Expr[]): void {
  let format = ''
  const value = (given: Value, at: typescript.Node, inTemplate: boolean): void => {
    if (given.kind === 'string') { format += given.text.replaceAll('%', '%%'); return }
    // In a template −0 reads 0, and a bigint has no n behind it.
    if (inTemplate && isBigInt(given)) t.refuse(at, 'a bigint in a template', "Pass it to console.log as an argument of its own: console.log('x', x).")
    format += '%s'
    add(t, inTemplate && given.kind === 'number' ? { kind: 'number', expr: binary('add', given.expr, f64(0)) } : given, at, later, values)
  }
  const later: Part[] = []
  node.arguments.forEach((argument, i) => {
    if (i > 0) format += ' '
    if (i === 0 && ts.isStringLiteralLike(argument) && argument.text.includes('%')) t.refuse(argument, 'a format before a template', 'Write one or the other.')
    if (!ts.isTemplateExpression(argument)) { value(t.expression(argument), argument, false); return }
    format += argument.head.text.replaceAll('%', '%%')
    for (const span of argument.templateSpans) {
      value(t.keep(demand(t, t.expression(span.expression), span)), span.expression, true)
      format += span.literal.text.replaceAll('%', '%%')
    }
  })
  parts.push(format, ...later)
}

function add(t: Lowering, given: Value, node: typescript.Node, parts: Part[], values: Expr[]): void {
  const value = demand(t, given, node)
  const expr = value.kind === 'number' || value.kind === 'boolean' ? value.expr : isBigInt(value) ? wrapped(t, value, node) : undefined
  if (expr) { parts.push({ repr: expr.repr }); values.push(expr); return }
  if (value.kind === 'undefined' || value.kind === 'null') { parts.push(value.kind); return }
  if (value.kind !== 'poison' && !isBigInt(value)) t.refuse(node, `${wordsOf(value)} in console.log`, 'Log its numbers one by one.')
}
