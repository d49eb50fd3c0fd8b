// Literals of objects and arrays, and `new`.
import type typescript from 'typescript'
import type { Dtype } from '../../../schema/index.js'
import { aggregateOf, recordOf, typedArrayDtype } from '../aggregates/convert.js'
import { arrayLayout, scalarLayout } from '../aggregates/layouts.js'
import { isArray, lengthOf } from '../aggregates/places.js'
import { store } from '../aggregates/store.js'
import { knownNumber } from '../expr.js'
import { errorNames, insteadOf } from '../globals/table.js'
import type { Lowering } from '../lowering.js'
import { errorValue } from '../statements/throw.js'
import { ts } from '../typescript.js'
import { poison, wordsOf, type AggregateValue, type Value } from '../value.js'

export function arrayLiteral(node: typescript.ArrayLiteralExpression, t: Lowering): Value {
  const wrong = node.elements.find((element) => ts.isSpreadElement(element) || ts.isOmittedExpression(element))
  if (wrong) return t.refuse(wrong, ts.isSpreadElement(wrong) ? '`...` in an array literal' : 'a hole in an array literal', ts.isSpreadElement(wrong) ? 'Use `out.set(a)`, or name the elements.' : 'Write the element.')
  return { kind: 'list', items: t.expressions(node.elements) }
}

/** An object literal: its fields by name. A spread copies the fields of what it names. */
export function objectLiteral(node: typescript.ObjectLiteralExpression, t: Lowering): Value {
  const values = t.inOrder(node.properties, (property) => propertyValue(t, property))
  const fields = new Map<string, Value>()
  node.properties.forEach((property, i) => {
    const value = values[i] ?? poison
    if (ts.isSpreadAssignment(property)) { if (value.kind === 'record') for (const [name, field] of value.fields) fields.set(name, field) }
    else { const name = nameOf(t, property); if (name !== undefined) fields.set(name, value) }
  })
  return values.some((value) => value.kind === 'poison') ? poison : { kind: 'record', fields, identity: undefined }
}

function propertyValue(t: Lowering, property: typescript.ObjectLiteralElementLike): Value {
  if (ts.isPropertyAssignment(property)) return t.expression(property.initializer)
  if (ts.isShorthandPropertyAssignment(property)) return t.expression(property.name)
  if (ts.isMethodDeclaration(property)) return { kind: 'function', node: property, scope: t.scope, name: property.name.getText() }
  if (!ts.isSpreadAssignment(property)) return t.refuse(property, 'a getter or setter', 'Use a field, or a function.')
  const value = recordOf(t, t.expression(property.expression))
  if (value.kind === 'record') return { ...value, identity: undefined }
  if (value.kind === 'aggregate' && !isArray(value)) return t.fieldsOf(value)
  return value.kind === 'poison' ? poison : t.refuse(property, `\`...\` of ${wordsOf(value)}`, 'Spread an object.')
}

function nameOf(t: Lowering, property: Exclude<typescript.ObjectLiteralElementLike, typescript.SpreadAssignment>): string | undefined {
  const { name } = property
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)) return name.text
  t.refuse(name, 'a computed name', 'Name the field.')
  return undefined
}

export function newExpression(node: typescript.NewExpression, t: Lowering): Value {
  const callee = t.expression(node.expression)
  const name = callee.kind === 'global' ? callee.name : ''
  const instead = insteadOf(name)
  if (instead !== undefined) return t.refuse(node, `\`new ${name}\``, instead)
  if (errorNames.includes(name)) return errorValue(t, node)
  const dtype = typedArrayDtype(name)
  if (dtype && name !== 'Uint8ClampedArray') return typedArray(t, name, dtype, node)
  return callee.kind === 'poison' ? poison : t.refuse(node, `\`new ${node.expression.getText()}\``, name === 'Array' ? 'Write `new Float64Array(n)` with a constant length.' : 'Use object literals, TypedArrays of constant length and functions.')
}

function typedArray(t: Lowering, name: string, dtype: Dtype, node: typescript.NewExpression): Value {
  const [given, ...more] = t.expressions(node.arguments ?? [])
  if (given?.kind === 'poison') return poison
  if (!given || more.length > 0) return t.report('RL1023', node, { name })
  if (given.kind === 'number') {
    const length = knownNumber(given.expr)
    if (length === undefined || !Number.isInteger(length) || length < 1) return t.report('RL1023', node, { name })
    const made = region(t, name, dtype, length)
    t.builder.emit({ kind: 'clear', place: made.place })
    return made
  }
  const source = aggregateOf(t, given)
  const length = source.kind === 'list' ? source.items.length : isArray(source) ? knownLength(source) : undefined
  if (length === undefined || length < 1) return t.report('RL1023', node, { name })
  const made = region(t, name, dtype, length)
  store(t, made.place, source, node, `new ${name}`)
  return made
}

function knownLength(array: AggregateValue): number | undefined {
  const length = lengthOf(array)
  return length.op === 'constant' ? length.value as number : undefined
}

function region(t: Lowering, name: string, dtype: Dtype, length: number): AggregateValue {
  return { kind: 'aggregate', place: t.builder.region(`${name} ${t.builder.regions.length}`, arrayLayout(scalarLayout(dtype), length)), fresh: true, text: `new ${name}(${length})` }
}
