// Calls of globals and their methods: each namespace in a file of its own, found here by name.
import type typescript from 'typescript'
import { booleanValue, demand, isBigInt, numberValue, toCondition, toNumber, wrapFirst } from '../coerce.js'
import { compare, convert, f64, logical } from '../expr.js'
import type { Expr } from '../../ir.js'
import type { Lowering } from '../lowering.js'
import { poison, type Value } from '../value.js'
import { errorValue } from '../statements/throw.js'
import { atomicsCall } from './atomics.js'
import { bigintCall, toBigInt } from './bigint.js'
import { consoleCall } from './console.js'
import { mathCall } from './math.js'
import { errorNames, insteadOf } from './table.js'

type CallNode = typescript.CallExpression

/** `Name(…)`. */
export function globalCall(t: Lowering, name: string, node: CallNode): Value {
  const instead = insteadOf(name)
  if (instead !== undefined) return t.refuse(node, `\`${name}\``, instead)
  if (errorNames.includes(name)) return errorValue(t, node)
  const values = t.expressions(node.arguments)
  const [first] = values
  const at = node.arguments[0] ?? node
  switch (name) {
    case 'Number': return first === undefined ? numberValue(f64(0)) : toNumberValue(t, first, at)
    case 'Boolean': return booleanValue(first === undefined ? convert(f64(0), 'bool') : toCondition(t, first, at))
    case 'BigInt': return first === undefined ? t.refuse(node, '`BigInt()` of nothing', 'Write 0n.') : toBigInt(t, first, at)
    case 'isNaN': case 'isFinite': return numberCall(t, name, values, node)
    case 'parseInt': return t.refuse(node, '`parseInt`', 'Write Math.trunc(x).')
    case 'parseFloat': return t.refuse(node, '`parseFloat`', 'Numbers are numbers here: use the value itself.')
    case 'Array': return t.refuse(node, '`Array(…)`', 'Write `new Float64Array(n)` with a constant length.')
    default: return t.refuse(node, `\`${name}(…)\``, name === 'String' ? 'Strings live on the host: log the value with console.log, or send it.' : `Write it without ${name}.`)
  }
}

/** `Global.method(…)`. */
export function globalMethod(t: Lowering, global: string, name: string, node: CallNode): Value {
  switch (global) {
    case 'Math': return mathCall(t, name, node)
    case 'console': return consoleCall(t, name, node)
    case 'Number': return numberCall(t, name, t.expressions(node.arguments), node)
    case 'BigInt': return bigintCall(t, name, node)
    case 'Atomics': return atomicsCall(t, name, node)
    default: return t.refuse(node, `\`${global}.${name}\``, global === 'Array' || /Array$/.test(global) ? 'Make an array of constant length, `new Float64Array(n)`, and fill it in a loop.' : 'Write it out with numbers, arrays and object literals.')
  }
}

/** `Number(x)`. */
function toNumberValue(t: Lowering, given: Value, node: typescript.Node): Value {
  const value = demand(t, given, node)
  if (value.kind === 'bigint-constant') return numberValue(f64(Number(value.value)))
  if (value.kind !== 'bigint') return numberValue(toNumber(t, value, node))
  if (!value.wide) return numberValue(convert(value.expr, 'f64'))
  wrapFirst(t, node)
  return poison
}

function numberCall(t: Lowering, name: string, values: readonly Value[], node: CallNode): Value {
  const [first] = values
  const tests: Readonly<Record<string, (x: Expr) => Expr>> = { isNaN: isNaNumber, isFinite: isFiniteNumber, isInteger, isSafeInteger }
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined
  if (!test) return t.refuse(node, `\`Number.${name}\``, name.startsWith('parse') ? 'Write Math.trunc(x), or use the number itself.' : 'Write it out with arithmetic.')
  if (first === undefined) return t.refuse(node, `\`${name}()\` of nothing`, 'Give it a number.')
  // Number.isInteger(1n) and the like are false; only numbers reach the test.
  if (isBigInt(first) || first.kind === 'boolean') return booleanValue(convert(f64(0), 'bool'))
  return booleanValue(test(t.builder.reused(toNumber(t, first, node))))
}

function isNaNumber(x: Expr): Expr { return compare('ne', x, x) }
/** Infinity − Infinity and NaN − NaN are NaN. */
function isFiniteNumber(x: Expr): Expr { return compare('eq', { op: 'binary', repr: 'f64', name: 'sub', left: x, right: x }, f64(0)) }
function isInteger(x: Expr): Expr { return compare('eq', { op: 'binary', repr: 'f64', name: 'sub', left: x, right: { op: 'math', repr: 'f64', name: 'trunc', values: [x] } }, f64(0)) }
function isSafeInteger(x: Expr): Expr { return logical('and', isInteger(x), compare('le', { op: 'math', repr: 'f64', name: 'abs', values: [x] }, f64(Number.MAX_SAFE_INTEGER))) }
