// Members and elements of values: `a.b`, `a[i]`, and what members of the context are.
import type typescript from 'typescript'
import { aggregateOf, materialise } from './aggregates/convert.js'
import { fieldPlace, guardedElement, isArray, lengthOf, valueAt } from './aggregates/places.js'
import { capturedMember, rawValue } from './captured.js'
import { demand, numberValue, toNumber } from './coerce.js'
import { contextMember } from './context/members.js'
import { f64, knownNumber } from './expr.js'
import { globalMember } from './globals/table.js'
import type { Lowering } from './lowering.js'
import { poison, wordsOf, type Value } from './value.js'

type Node = typescript.Node

/** `object.name`. */
export function member(t: Lowering, given: Value, name: string, node: Node): Value {
  const object = demand(t, given, node)
  switch (object.kind) {
    case 'poison': return poison
    case 'aggregate': {
      if (isArray(object)) return name === 'length' ? numberValue(lengthOf(object)) : { kind: 'method', of: object, name }
      const place = fieldPlace(object.place, name)
      if (place) return valueAt(place, `${object.text}.${name}`)
      const fields = object.place.layout.kind === 'struct' ? object.place.layout.fields.map((field) => field.name) : []
      return t.report('RL1032', node, { object: object.text, field: name, fields: fields.join(', ') })
    }
    case 'record': return object.fields.get(name) ?? t.report('RL1032', node, { object: 'this object', field: name, fields: [...object.fields.keys()].join(', ') })
    case 'list': return name === 'length' ? numberValue(f64(object.items.length)) : { kind: 'method', of: object, name }
    case 'captured': return capturedField(t, object, name, node)
    case 'raw': return rawField(object, name)
    case 'string': return name === 'length' ? numberValue(f64(object.text.length)) : strings(t, node)
    case 'global': return globalMember(t, object.name, name, node)
    case 'part': return contextMember(t, object.part, name, node)
    case 'port': return { kind: 'method', of: object, name }
    case 'undefined': case 'null': return t.report('RL1014', node, { what: `\`${node.getText()}\``, is: wordsOf(object) })
    default: return t.refuse(node, `\`.${name}\` of ${wordsOf(object)}`, 'Read it before the ring kernel is defined, and use the value.')
  }
}

export function strings(t: Lowering, node: Node): Value {
  return t.refuse(node, 'a string', "Send numbers (a code that the host looks up), or take the host: { device: 'host' }.")
}

function capturedField(t: Lowering, object: Extract<Value, { kind: 'captured' }>, name: string, node: Node): Value {
  const index = object.entries.get(name)
  if (index !== undefined) return capturedMember(t, index, `${object.text}.${name}`)
  if (object.isArray) return name === 'length' ? numberValue(f64(object.entries.size)) : { kind: 'method', of: object, name }
  return t.report('RL1032', node, { object: object.text, field: name, fields: [...object.entries.keys()].join(', ') })
}

function rawField(object: Extract<Value, { kind: 'raw' }>, name: string): Value {
  const { value } = object
  const isList = Array.isArray(value) || ArrayBuffer.isView(value)
  if (Object.hasOwn(value, name) || (isList && name === 'length')) return rawValue((value as Record<string, unknown>)[name], `${object.text}.${name}`)
  return isList || name in value ? { kind: 'method', of: object, name } : { kind: 'undefined' }
}

/** `object[index]`. */
export function element(t: Lowering, given: Value, index: Value, node: typescript.ElementAccessExpression): Value {
  const object = demand(t, given, node)
  if (object.kind === 'poison' || index.kind === 'poison') return poison
  if (index.kind === 'string') return member(t, object, index.text, node)
  const known = index.kind === 'number' ? knownNumber(index.expr) : undefined
  if (known !== undefined && Number.isInteger(known) && known >= 0) {
    if (object.kind === 'list') return object.items[known] ?? outside(t, node, known, object.items.length)
    if (object.kind === 'raw' && known < ((object.value as { length?: number }).length ?? 0)) return rawValue((object.value as ArrayLike<unknown>)[known], `${object.text}[${known}]`)
  }
  if (known !== undefined && object.kind === 'captured') return capturedField(t, object, String(known), node)
  const array = object.kind === 'list' ? materialise(t, object, 'literal', node) : aggregateOf(t, object)
  if (!array) return poison
  if (!isArray(array)) return t.refuse(node, `\`[…]\` of ${wordsOf(array)}`, object.kind === 'raw' || object.kind === 'captured' ? 'Use an array of numbers, or arrays and objects of one shape.' : 'Name the field: `object.field`.')
  const place = guardedElement(t, array, toNumber(t, index, node.argumentExpression), node)
  return place ? valueAt(place, `${array.text}[…]`) : poison
}

function outside(t: Lowering, node: typescript.ElementAccessExpression, index: number, length: number): Value {
  return t.report('RL1020', node, { index: String(index), array: `\`${node.expression.getText()}\``, length: String(length) })
}
