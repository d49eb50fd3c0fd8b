// Methods of arrays that take a function: forEach, map, reduce, some, every, findIndex, indexOf, includes. The function is compiled into a loop.
import type typescript from 'typescript'
import type { Expr } from '../../ir.js'
import { arrayLayout, scalarLayout, wideLayout } from '../aggregates/layouts.js'
import { store } from '../aggregates/store.js'
import { elementPlace, lengthOf, loopOver, valueAt } from '../aggregates/places.js'
import { bigint, booleanValue, numberValue, toCondition, toNumber, wrapped } from '../coerce.js'
import { compare, convert, f64, logical, no, not, yes } from '../expr.js'
import { inline } from '../functions/inline.js'
import type { Lowering } from '../lowering.js'
import { isScalar, poison, wordsOf, type AggregateValue, type FunctionValue, type Value } from '../value.js'
import { setScalar } from '../variables/cells.js'

type CallNode = typescript.CallExpression

export const callbackMethods: readonly string[] = ['forEach', 'map', 'reduce', 'some', 'every', 'findIndex', 'indexOf', 'includes']

export function callbackMethod(t: Lowering, array: AggregateValue, name: string, node: CallNode): Value {
  const [first, second] = t.expressions(node.arguments)
  if (!first || first.kind === 'poison') return poison
  if (name === 'indexOf' || name === 'includes') return search(t, array, name, first, node)
  if (first.kind !== 'function') return t.refuse(node, `\`.${name}()\` with ${wordsOf(first)}`, `Give it an arrow function: \`.${name}((v) => …)\`.`)
  switch (name) {
    case 'forEach': loopOver(t, lengthOf(array), (index) => { call(t, first, array, index, node) }); return { kind: 'undefined' }
    case 'map': return map(t, array, first, node)
    case 'reduce': return fold(t, array, first, second, node)
    default: return firstThat(t, array, name, (index) => toCondition(t, call(t, first, array, index, node), node))
  }
}

function call(t: Lowering, fn: FunctionValue, array: AggregateValue, index: Expr, node: CallNode): Value {
  return inline(t, fn, [valueAt(elementPlace(array, index), `${array.text}[…]`), numberValue(convert(index, 'f64')), array], { node, awaited: false })
}

/** TypedArrays map to their own type; arrays of objects to numbers. */
function map(t: Lowering, array: AggregateValue, fn: FunctionValue, node: CallNode): Value {
  const length = lengthOf(array)
  const layout = wideLayout(array.place.layout)
  if (length.op !== 'constant' || layout.kind !== 'array') return t.refuse(node, '`.map()` of a buffer', 'Write a loop over its elements.')
  const element = layout.element.kind === 'scalar' ? layout.element : scalarLayout('f64')
  const place = t.builder.region(`mapped ${t.builder.regions.length}`, arrayLayout(element, length.value as number))
  const made: AggregateValue = { kind: 'aggregate', place, fresh: true, text: 'the result of map()' }
  loopOver(t, length, (index) => {
    const value = call(t, fn, array, index, node)
    if (value.kind === 'boolean' || (!isScalar(value) && value.kind !== 'poison')) t.refuse(node, `\`.map()\` to ${wordsOf(value)}`, 'Map to numbers, or write a loop.')
    else store(t, elementPlace(made, index), value, node, 'the result of map()')
  })
  return made
}

function fold(t: Lowering, array: AggregateValue, fn: FunctionValue, initial: Value | undefined, node: CallNode): Value {
  const held = initial && holder(t, initial, node)
  if (!held) return initial?.kind === 'poison' ? poison : t.refuse(node, '`.reduce()` without a number to begin with', 'Give one: `.reduce((sum, v) => sum + v, 0)`.')
  loopOver(t, lengthOf(array), (index) => {
    const value = inline(t, fn, [held, valueAt(elementPlace(array, index), `${array.text}[…]`), numberValue(convert(index, 'f64')), array], { node, awaited: false })
    setScalar(t, held, value, node)
  })
  return held
}

function holder(t: Lowering, initial: Value, node: CallNode): Value | undefined {
  const { builder } = t
  const expr = initial.kind === 'number' || initial.kind === 'boolean' ? initial.expr : initial.kind === 'bigint' || initial.kind === 'bigint-constant' ? wrapped(t, initial, node) : undefined
  if (!expr) return undefined
  const local = builder.fresh(expr.repr)
  builder.set(local, expr)
  const read = builder.read(local)
  return initial.kind === 'number' ? numberValue(read) : initial.kind === 'boolean' ? booleanValue(read) : bigint(read)
}

/** some, every, findIndex: the loop ends at the first element that decides. */
function firstThat(t: Lowering, array: AggregateValue, name: string, test: (index: Expr) => Expr): Value {
  const { builder } = t
  const found = builder.fresh(name === 'findIndex' ? 'f64' : 'bool')
  builder.set(found, name === 'findIndex' ? f64(-1) : name === 'every' ? yes : no)
  loopOver(t, lengthOf(array), (index, label) => {
    const decided = test(index)
    builder.emit({
      kind: 'if', condition: name === 'every' ? not(decided) : decided, otherwise: [],
      then: builder.block(() => { builder.set(found, name === 'findIndex' ? convert(index, 'f64') : name === 'every' ? no : yes); builder.emit({ kind: 'break', label }) }),
    })
  })
  return name === 'findIndex' ? numberValue(builder.read(found)) : booleanValue(builder.read(found))
}

/** includes() finds NaN, indexOf() does not. */
function search(t: Lowering, array: AggregateValue, name: string, value: Value, node: CallNode): Value {
  const wanted = t.builder.temporary(toNumber(t, value, node))
  const result = firstThat(t, array, name === 'includes' ? 'some' : 'findIndex', (index) => {
    const element = toNumber(t, valueAt(elementPlace(array, index), array.text), node)
    const equal = compare('eq', element, wanted)
    return name === 'includes' ? logical('or', equal, logical('and', compare('ne', element, element), compare('ne', wanted, wanted))) : equal
  })
  return result
}
