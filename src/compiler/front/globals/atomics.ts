// Atomics on integer elements of state and buffers.
import type typescript from 'typescript'
import type { Statement } from '../../ir.js'
import { guardedElement, isArray } from '../aggregates/places.js'
import { bigint, bits, demand, isBigInt, numberValue, toNumber } from '../coerce.js'
import { convert, loadedRepr } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { poison, wordsOf, type Value } from '../value.js'
import { noteWrite } from '../variables/assign.js'
import type { Expr, Place, Repr } from '../../ir.js'
import { valueAt } from '../aggregates/places.js'

type AtomicName = Extract<Statement, { kind: 'atomic' }>['name']
const names: readonly AtomicName[] = ['add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange']

/** `Atomics.name(array, index, …)`. */
export function atomicsCall(t: Lowering, name: string, node: typescript.CallExpression): Value {
  const [target, index, ...operands] = t.expressions(node.arguments)
  const array = target && demand(t, target, node)
  if (!array || !index || array.kind === 'poison' || index.kind === 'poison') return poison
  if (!isArray(array)) return t.refuse(node, `\`Atomics.${name}\` on ${wordsOf(array)}`, 'Give it an integer array of state or a buffer.')
  const place = guardedElement(t, array, toNumber(t, index, node), node)
  if (!place) return poison
  const { layout } = place
  if (layout.kind !== 'scalar' || !['i32', 'u32', 'i64', 'u64'].includes(layout.dtype)) return t.report('RL1042', node, { dtype: layout.kind === 'scalar' ? layout.dtype : 'structs' })
  if (name === 'load') return t.keep(valueAt(place, array.text))
  const atomic = name === 'store' ? 'exchange' : names.find((each) => each === name)
  if (!atomic) return t.refuse(node, `\`Atomics.${name}\``, 'Use add, sub, and, or, xor, exchange, compareExchange, load or store; waiting is what ctx.receive() is for.')
  return readModifyWrite(t, atomic, place, operands, node, name === 'store')
}

function readModifyWrite(t: Lowering, name: AtomicName, place: Place, operands: readonly Value[], node: typescript.CallExpression, isStore: boolean): Value {
  const { layout } = place
  if (layout.kind !== 'scalar') return poison
  const repr = loadedRepr(layout.dtype)
  const values = operands.map((value) => operand(t, value, repr, node))
  const [first, second] = values
  const value = name === 'compareExchange' ? second : first
  if (!value || !first) return t.refuse(node, `\`Atomics.${name}\` with too few arguments`, 'Give the array, the index and the value.')
  noteWrite(t, place, node)
  const old = t.builder.fresh(repr)
  t.builder.emit({ kind: 'atomic', name, place, dtype: layout.dtype, value, expected: name === 'compareExchange' ? first : undefined, old })
  const given = operands[0]
  // Atomics.store gives the value it was given, as an integer.
  if (isStore) return given?.kind === 'number' ? numberValue({ op: 'binary', repr: 'f64', name: 'add', left: { op: 'math', repr: 'f64', name: 'trunc', values: [given.expr] }, right: { op: 'constant', repr: 'f64', value: 0 } }) : given ?? poison
  const read = t.builder.read(old)
  return repr === 'i64' || repr === 'u64' ? bigint(read) : numberValue(read)
}

function operand(t: Lowering, value: Value, repr: Repr, node: typescript.Node): Expr | undefined {
  if (repr === 'i64' || repr === 'u64') {
    if (isBigInt(value)) return bits(value, repr)
    t.report('RL1011', node, { what: 'the value', is: wordsOf(value), wanted: 'a bigint' })
    return undefined
  }
  return convert(toNumber(t, value, node), repr)
}
