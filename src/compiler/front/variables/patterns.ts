// Destructuring: patterns in declarations and parameters, and literals left of `=`.
import type typescript from 'typescript'
import { aggregateOf, recordOf } from '../aggregates/convert.js'
import { elementPlace, isArray, lengthOf, valueAt } from '../aggregates/places.js'
import { member } from '../access.js'
import { demand } from '../coerce.js'
import { constant } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { poison, wordsOf, type Value } from '../value.js'
import { reference } from './assign.js'
import { declare } from './declare.js'

export interface PatternUse { readonly constant: boolean; readonly parameter: boolean }

/** Declares all names of a pattern. */
export function declarePattern(t: Lowering, name: typescript.BindingName, value: Value, use: PatternUse): void {
  if (ts.isIdentifier(name)) { declare(t, { name, ...use }, value); return }
  const parts = ts.isObjectBindingPattern(name) ? objectParts(t, name, value) : arrayParts(t, name, value)
  for (const [element, part] of parts) declarePattern(t, element.name, withDefault(t, element, part), use)
}

function withDefault(t: Lowering, element: typescript.BindingElement, value: Value): Value {
  if (!element.initializer) return value
  if (value.kind === 'undefined') return t.expression(element.initializer)
  if (value.kind === 'optional') t.refuse(element.initializer, 'a default for what may be undefined', 'Write `x ?? …` after the destructuring.')
  return value
}

type Part = readonly [typescript.BindingElement, Value]

function objectParts(t: Lowering, pattern: typescript.ObjectBindingPattern, given: Value): Part[] {
  const value = demand(t, given, pattern)
  const taken = new Set<string>()
  return pattern.elements.map((element): Part => {
    if (element.dotDotDotToken) return [element, restOf(t, value, taken, element)]
    const name = element.propertyName ?? element.name
    const key = ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name) ? name.text : undefined
    if (key === undefined) return [element, t.refuse(element, 'a computed name in a pattern', 'Name the field.')]
    taken.add(key)
    const missing = value.kind === 'record' && element.initializer !== undefined && !value.fields.has(key)
    return [element, missing ? { kind: 'undefined' } : member(t, value, key, element)]
  })
}

function restOf(t: Lowering, given: Value, taken: ReadonlySet<string>, node: typescript.Node): Value {
  const value = recordOf(t, given)
  const whole = value.kind === 'record' ? value : value.kind === 'aggregate' && !isArray(value) ? t.fieldsOf(value) : undefined
  if (!whole) return value.kind === 'poison' ? poison : t.refuse(node, `\`...\` of ${wordsOf(value)}`, 'Name the fields.')
  return { kind: 'record', identity: undefined, fields: new Map([...whole.fields].filter(([name]) => !taken.has(name))) }
}

function arrayParts(t: Lowering, pattern: typescript.ArrayBindingPattern, given: Value): Part[] {
  const value = demand(t, given, pattern)
  return pattern.elements.flatMap((element, i): Part[] => {
    if (ts.isOmittedExpression(element)) return []
    if (element.dotDotDotToken) return [[element, t.refuse(element, '`...` in an array pattern', 'Use `.slice(start, end)`.')]]
    return [[element, item(t, value, i, element)]]
  })
}

/** Item `i` of an array, known while compiling. */
function item(t: Lowering, value: Value, i: number, node: typescript.Node): Value {
  if (value.kind === 'poison') return poison
  if (value.kind === 'list') return value.items[i] ?? { kind: 'undefined' }
  const array = aggregateOf(t, value)
  if (!isArray(array)) return t.refuse(node, `an array pattern for ${wordsOf(value)}`, 'Use an object pattern, or name the fields.')
  const length = lengthOf(array)
  if (length.op !== 'constant' || i >= (length.value as number)) return t.report('RL1020', node, { index: String(i), array: array.text, length: length.op === 'constant' ? String(length.value) : 'an unknown number of' })
  return valueAt(elementPlace(array, constant('u32', i)), `${array.text}[${i}]`)
}

/** `[a, b] = …` and `({ x, y: z } = …)`. All parts are read before the first target is written. */
export function assignPattern(t: Lowering, target: typescript.Expression, given: Value): void {
  if (ts.isParenthesizedExpression(target)) { assignPattern(t, target.expression, given); return }
  if (!ts.isArrayLiteralExpression(target) && !ts.isObjectLiteralExpression(target)) { reference(t, target).write(given); return }
  const value = demand(t, given, target)
  const parts = ts.isArrayLiteralExpression(target)
    ? target.elements.flatMap((element, i) => (ts.isOmittedExpression(element) ? [] : [{ element, value: item(t, value, i, element) }]))
    : target.properties.flatMap((property) => propertyPart(t, property, value))
  const mapped = parts.map((part) => ({ ...part, value: t.keep(part.value) }))
  for (const part of mapped) assignPattern(t, part.element, part.value)
}

function propertyPart(t: Lowering, property: typescript.ObjectLiteralElementLike, value: Value): { element: typescript.Expression; value: Value }[] {
  if (ts.isShorthandPropertyAssignment(property) && !property.objectAssignmentInitializer) return [{ element: property.name, value: member(t, value, property.name.text, property) }]
  if (ts.isPropertyAssignment(property) && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name))) return [{ element: property.initializer, value: member(t, value, property.name.text, property) }]
  t.refuse(property, 'this part of a pattern', 'Assign the variables one by one.')
  return []
}
