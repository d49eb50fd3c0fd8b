// Math: functions of f64, and those that are conversions or integer operations.
import type typescript from 'typescript'
import type { Expr, MathName } from '../../ir.js'
import { numberValue, toNumber } from '../coerce.js'
import { bitwise, convert, f64 } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import type { Value } from '../value.js'

const unary: readonly MathName[] = ['abs', 'acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'cbrt', 'ceil', 'cos', 'cosh', 'exp', 'expm1', 'floor', 'log', 'log1p', 'log2', 'log10', 'round', 'sign', 'sin', 'sinh', 'sqrt', 'tan', 'tanh', 'trunc']
const pairs: readonly MathName[] = ['atan2', 'pow']
const any: readonly MathName[] = ['min', 'max', 'hypot']

export function mathCall(t: Lowering, name: string, node: typescript.CallExpression): Value {
  const spread = node.arguments.find(ts.isSpreadElement)
  if (spread) return t.refuse(spread, `\`Math.${name}(...)\` of a whole array`, `Write a loop: \`let m = a[0]; for (const v of a) m = Math.${name}(m, v)\`.`)
  const values = t.expressions(node.arguments).map((value, i) => toNumber(t, value, node.arguments[i] ?? node))
  const result = compute(name, values)
  if (result) return numberValue(result)
  return t.refuse(node, `\`Math.${name}\``, name === 'random' ? 'Keep a seed in state: `seed ^= seed << 13; seed ^= seed >>> 17; seed ^= seed << 5`.' : 'Write it out with the other functions of Math.')
}

/** Arguments that are not given are NaN, as undefined is; further ones are evaluated and ignored. */
function compute(name: string, values: readonly Expr[]): Expr | undefined {
  const first = values[0] ?? f64(NaN)
  const second = values[1] ?? f64(NaN)
  const isOneOf = (names: readonly MathName[]): MathName | undefined => names.find((each) => each === name)
  const one = isOneOf(unary)
  if (one) return call(one, [first])
  const two = isOneOf(pairs)
  if (two) return call(two, [first, second])
  const many = isOneOf(any)
  if (many) return values.length > 0 ? call(many, values) : f64(many === 'hypot' ? 0 : many === 'min' ? Infinity : -Infinity)
  switch (name) {
    case 'fround': return convert(convert(first, 'f32'), 'f64')
    case 'imul': return bitwise('mul', 'i32', first, second)
    case 'clz32': return convert({ op: 'clz32', repr: 'u32', value: convert(first, 'u32') }, 'f64')
    default: return undefined
  }
}

function call(name: MathName, values: readonly Expr[]): Expr { return { op: 'math', repr: 'f64', name, values } }
