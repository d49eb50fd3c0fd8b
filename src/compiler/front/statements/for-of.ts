// for … of over arrays: message fields, local arrays, buffers, tables, literals, and their entries() and keys().
import type typescript from 'typescript'
import type { Expr } from '../../ir.js'
import { aggregateOf, materialise } from '../aggregates/convert.js'
import { elementPlace, isArray, lengthOf, valueAt } from '../aggregates/places.js'
import { demand, numberValue } from '../coerce.js'
import { constant, convert } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { Scope } from '../scope.js'
import { frozen } from '../settle.js'
import { ts } from '../typescript.js'
import { wordsOf, type AggregateValue, type Value } from '../value.js'
import { assignPattern, declarePattern } from '../variables/patterns.js'
import { nameOf } from './labels.js'
import { declarationKind, refuseVar } from './variables.js'

export function forOfStatement(node: typescript.ForOfStatement, t: Lowering): void {
  if (node.awaitModifier) { t.refuse(node, '`for await`', 'Write `while (!ctx.shouldTerminate) { const message = await ctx.receive(); … }`.'); return }
  const iterated = iterable(node.expression, t)
  if (!iterated) return
  const { array, form } = iterated
  const { builder } = t
  const label = builder.label()
  const index = builder.fresh('u32')
  const read = builder.read(index)
  const length = lengthOf(array)
  builder.set(index, constant('u32', 0))
  const body = builder.block(() => { round(t, node, array, form, read, label) })
  const update = builder.block(() => { builder.set(index, { op: 'binary', repr: 'u32', name: 'add', left: read, right: constant('u32', 1) }) })
  builder.emit({
    kind: 'loop', label, condition: { op: 'compare', repr: 'bool', name: 'lt', left: read, right: length }, test: 'before', body, update,
    trips: length.op === 'constant' ? length.value as number : undefined, fuel: false,
  })
}

type Form = 'values' | 'entries' | 'keys'

/** What is iterated over, with indices evaluated once. */
function iterable(node: typescript.Expression, t: Lowering): { array: AggregateValue; form: Form } | undefined {
  const given = demand(t, t.expression(ts.isCallExpression(node) && iteratorOf(node) ? (node.expression as typescript.PropertyAccessExpression).expression : node), node)
  const form = (ts.isCallExpression(node) ? iteratorOf(node) : undefined) ?? 'values'
  if (given.kind === 'poison') return undefined
  const array = given.kind === 'list' ? materialise(t, given, 'literal', node) : aggregateOf(t, given)
  if (!array) return undefined
  if (isArray(array)) return { array: { ...array, place: frozen(t, array.place) }, form }
  t.refuse(node, `for … of over ${wordsOf(given)}`, 'Iterate over an array.')
  return undefined
}

function iteratorOf(node: typescript.CallExpression): Form | undefined {
  const { expression } = node
  if (!ts.isPropertyAccessExpression(expression) || node.arguments.length > 0) return undefined
  const name = expression.name.text
  return name === 'values' || name === 'entries' || name === 'keys' ? name : undefined
}

function round(t: Lowering, node: typescript.ForOfStatement, array: AggregateValue, form: Form, index: Expr, label: number): void {
  t.frame?.targets.push({ name: nameOf(node), breakLabel: label, continueLabel: label, anonymous: true })
  t.within(new Scope(t.scope), () => {
    const item = valueAt(elementPlace(array, index), `${array.text}[…]`)
    const number = numberValue(convert(index, 'f64'))
    const value: Value = form === 'keys' ? number : form === 'entries' ? { kind: 'list', items: [number, item] } : item
    const { initializer } = node
    if (ts.isVariableDeclarationList(initializer)) {
      const [declaration] = initializer.declarations
      const kind = declarationKind(initializer)
      if (kind === 'var') refuseVar(initializer, t)
      else if (kind === 'using') t.refuse(initializer, '`using`', 'Nothing on a device needs disposing: write const.')
      else if (declaration) declarePattern(t, declaration.name, value, { constant: kind === 'const', parameter: false })
    } else assignPattern(t, initializer, value)
    t.statement(node.statement)
  })
  t.frame?.targets.pop()
}
