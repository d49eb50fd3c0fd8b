// Methods of arrays: those that fill and copy, and those that run a function over the elements, which become loops.
import type typescript from 'typescript'
import { aggregateOf, materialise } from '../aggregates/convert.js'
import { arrayLayout, wideLayout } from '../aggregates/layouts.js'
import { copyElements, store } from '../aggregates/store.js'
import { elementPlace, guardedElement, isArray, lengthOf, loopOver, valueAt } from '../aggregates/places.js'
import { knownNumber } from '../expr.js'
import { baseKey, isConstantPlace } from '../effects.js'
import type { Lowering } from '../lowering.js'
import { frozen } from '../settle.js'
import { numberValue, toNumber } from '../coerce.js'
import { poison, wordsOf, type AggregateValue, type Value } from '../value.js'
import { noteWrite } from '../variables/assign.js'
import { callbackMethod, callbackMethods } from './callbacks.js'

type CallNode = typescript.CallExpression

const instead: Readonly<Record<string, string>> = {
  push: 'Use an array of fixed length and a count: `items[count++] = x`.', pop: 'Use an array of fixed length and a count: `count--`.',
  shift: 'Keep the index of the first element instead.', unshift: 'Keep the index of the first element instead.', splice: 'Move the elements in a loop.',
  sort: 'Write the sort as a loop: an insertion sort is short.', reverse: 'Swap the elements in a loop.', join: 'Log the numbers with console.log.',
  filter: 'Write a loop with a count: `if (…) out[count++] = v`.', concat: 'Use `out.set(a); out.set(b, a.length)`.', entries: 'Use it in `for (const [i, v] of a.entries())`.',
  flat: 'Write nested loops.', flatMap: 'Write nested loops.', copyWithin: 'Use `.set()` with a `.slice()`.', toSorted: 'Write the sort as a loop.',
}

/** `array.name(…)`. */
export function arrayCall(t: Lowering, object: Value, name: string, node: CallNode): Value {
  const made = object.kind === 'list' ? materialise(t, object, 'literal', node) : aggregateOf(t, object)
  if (!made || made.kind === 'poison') return poison
  if (!isArray(made)) return t.refuse(node, `\`.${name}()\` of ${wordsOf(object)}`, 'Write it out.')
  const array: AggregateValue = isConstantPlace(made.place) ? made : { ...made, place: frozen(t, made.place) }
  if (callbackMethods.includes(name)) return callbackMethod(t, array, name, node)
  switch (name) {
    case 'fill': return fill(t, array, node)
    case 'set': return set(t, array, node)
    case 'slice': case 'subarray': return part(t, array, name, node)
    case 'at': return at(t, array, node)
    default: return t.refuse(node, `\`.${name}()\``, instead[name] ?? 'Write it as a loop.')
  }
}

/** A constant bound, negative ones counted from the end, as slice() has them. */
function bound(t: Lowering, value: Value | undefined, standard: number, length: number, node: CallNode): number | undefined {
  if (value === undefined || value.kind === 'undefined') return standard
  const known = value.kind === 'number' ? knownNumber(value.expr) : undefined
  if (known === undefined) {
    if (value.kind !== 'poison') t.refuse(node, 'a bound that is no constant', 'Use constant bounds, or write a loop over the elements.')
    return undefined
  }
  const whole = Math.trunc(known) || 0
  return whole < 0 ? Math.max(0, length + whole) : Math.min(length, whole)
}

function constantLength(t: Lowering, array: AggregateValue, node: CallNode, name: string): number | undefined {
  const length = lengthOf(array)
  if (length.op === 'constant') return length.value as number
  t.refuse(node, `\`.${name}()\` of a buffer, whose length is known at launch only,`, 'Write a loop over its elements.')
  return undefined
}

/** The bounds two arguments give, as a part of the array. */
function range(t: Lowering, array: AggregateValue, from: Value | undefined, to: Value | undefined, node: CallNode, name: string): AggregateValue | undefined {
  const length = constantLength(t, array, node, name)
  if (length === undefined) return undefined
  const [start, end] = [bound(t, from, 0, length, node), bound(t, to, length, length, node)]
  if (start === undefined || end === undefined) return undefined
  return start === 0 && end === length ? array : { ...array, window: { start: (array.window?.start ?? 0) + start, length: Math.max(0, end - start) } }
}

function fill(t: Lowering, array: AggregateValue, node: CallNode): Value {
  const [value, from, to] = t.expressions(node.arguments)
  if (!value || value.kind === 'poison') return array
  noteWrite(t, elementPlace(array, { op: 'constant', repr: 'u32', value: 0 }), node)
  const length = lengthOf(array)
  const target = length.op === 'constant' || from ? range(t, array, from, to, node, 'fill') : array
  if (!target) return array
  const kept = t.keep(value)
  if (kept.kind !== 'number' && kept.kind !== 'boolean' && kept.kind !== 'bigint' && kept.kind !== 'bigint-constant') return t.refuse(node, `\`.fill()\` with ${wordsOf(kept)}`, 'Write a loop that assigns the fields of each element.')
  if (kept.kind === 'number' && Object.is(knownNumber(kept.expr), 0) && !target.window && length.op === 'constant') t.builder.emit({ kind: 'clear', place: array.place })
  else loopOver(t, lengthOf(target), (index) => { store(t, elementPlace(target, index), kept, node, array.text) })
  return array
}

function set(t: Lowering, array: AggregateValue, node: CallNode): Value {
  const [given, offset] = t.expressions(node.arguments)
  const length = constantLength(t, array, node, 'set')
  if (!given || given.kind === 'poison' || length === undefined) return poison
  const start = offset === undefined ? 0 : offset.kind === 'number' ? knownNumber(offset.expr) : undefined
  if (start === undefined || !Number.isInteger(start) || start < 0) return t.refuse(node, '`.set()` at an offset that is no constant', 'Write a loop over the elements.')
  noteWrite(t, elementPlace(array, { op: 'constant', repr: 'u32', value: 0 }), node)
  const source = given.kind === 'list' ? materialise(t, given, 'literal', node) : aggregateOf(t, given)
  if (!source) return poison
  if (!isArray(source)) return t.refuse(node, `\`.set()\` from ${wordsOf(source)}`, 'Give it an array.')
  const count = lengthOf(source)
  if (count.op !== 'constant') return t.refuse(node, '`.set()` from a whole buffer', 'Write a loop over the elements.')
  if (start + (count.value as number) > length) return t.report('RL1020', node, { index: String(start + (count.value as number) - 1), array: array.text, length: String(length) })
  const target: AggregateValue = { ...array, window: { start: (array.window?.start ?? 0) + start, length: count.value as number } }
  const whole = !array.window && start === 0 && count.value === length
  copyElements(t, whole ? array : target, baseKey(source.place.base) === baseKey(array.place.base) ? copyOf(t, source, node) : source, node)
  return { kind: 'undefined' }
}

function part(t: Lowering, array: AggregateValue, name: 'slice' | 'subarray', node: CallNode): Value {
  const [from, to] = t.expressions(node.arguments)
  const window = range(t, array, from, to, node, name)
  if (!window) return poison
  if (window.window?.length === 0) return t.refuse(node, `an empty \`.${name}()\``, 'Take at least one element.')
  return name === 'subarray' ? { ...window, fresh: false } : copyOf(t, window, node)
}

/** The elements in memory of their own. */
function copyOf(t: Lowering, array: AggregateValue, node: typescript.Node): AggregateValue {
  const length = lengthOf(array)
  const layout = wideLayout(array.place.layout)
  if (layout.kind !== 'array' || length.op !== 'constant') return array
  // JavaScript's slice() copies TypedArrays, and only the references of an array of objects.
  if (layout.element.kind !== 'scalar') t.refuse(node, 'a copy of an array of objects', 'Copy the elements in a loop: `out[i] = { ...items[i] }`.')
  const place = t.builder.region(`copy ${t.builder.regions.length}`, arrayLayout(layout.element, length.value as number))
  const made: AggregateValue = { kind: 'aggregate', place, fresh: true, text: `a copy of ${array.text}` }
  copyElements(t, made, array, node)
  return made
}

function at(t: Lowering, array: AggregateValue, node: CallNode): Value {
  const [index] = t.expressions(node.arguments)
  const length = lengthOf(array)
  const known = index?.kind === 'number' ? knownNumber(index.expr) : undefined
  if (known === undefined || length.op !== 'constant') return t.refuse(node, '`.at()` of an index that is no constant', 'Write `a[i]`, or `a[a.length - i]`.')
  const place = guardedElement(t, array, toNumber(t, numberValue({ op: 'constant', repr: 'f64', value: known < 0 ? known + (length.value as number) : known }), node), node)
  return place ? valueAt(place, array.text) : poison
}
