// What a captured function read from around it, as values: numbers become constants, data is looked through, functions are inlined where they are called.
import type { CapturedFunction } from '../../source/captured.js'
import { booleanValue } from './coerce.js'
import { constant, f64 } from './expr.js'
import { globalValue } from './globals/table.js'
import type { Lowering } from './lowering.js'
import { Scope } from './scope.js'
import type { FunctionValue, Value } from './value.js'

/** A value that is known now. */
export function rawValue(value: unknown, text: string): Value {
  switch (typeof value) {
    case 'number': return { kind: 'number', expr: f64(value) }
    case 'boolean': return booleanValue(constant('bool', value))
    case 'bigint': return { kind: 'bigint-constant', value }
    case 'string': return { kind: 'string', text: value }
    case 'undefined': return { kind: 'undefined' }
    case 'object': return value === null ? { kind: 'null' } : { kind: 'raw', value, text }
    default: return { kind: 'poison' }
  }
}

/** A captured node as a value; each once. */
export function capturedMember(t: Lowering, index: number, text: string): Value {
  const known = t.captured.get(index)
  if (known) return known
  const value = make(t, index, text)
  t.captured.set(index, value)
  return value
}

function make(t: Lowering, index: number, text: string): Value {
  const node = t.body.nodes[index]
  switch (node?.kind) {
    case 'value': return rawValue(node.value, text)
    case 'function': return capturedFunction(t, node, text)
    case 'ringlab': return { kind: 'ringlab', name: node.name }
    case 'schema': return { kind: 'schema' }
    case 'object': return { kind: 'captured', entries: new Map(node.entries), isArray: node.array, text }
    case undefined: throw new Error(`captured node ${index} is not there`)
  }
}

/** A captured function, with the names it captured around it. */
export function capturedFunction(t: Lowering, fn: CapturedFunction, name: string): FunctionValue {
  const scope = new Scope(undefined, (wanted) => {
    const capture = fn.captures.find((each) => each.name === wanted)
    return capture ? capturedMember(t, capture.node, wanted) : globalValue(wanted)
  })
  const node = t.sources.parse(fn)
  // A function expression may call itself by its own name.
  const own: FunctionValue = { kind: 'function', node, scope, name }
  if (node.name && !fn.captures.some((each) => each.name === node.name?.getText())) scope.names.set(node.name.getText(), { kind: 'value', value: own, declaration: undefined, constant: true })
  return own
}
