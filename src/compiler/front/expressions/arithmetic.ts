// + - * / % ** and the bitwise operators, of numbers.
import type typescript from 'typescript'
import { isBigInt, numberValue, toNumber, demand } from '../coerce.js'
import { binary, bitwise } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { poison, type Value } from '../value.js'
import { bigintArithmetic } from './bigint.js'
import type { Expr } from '../../ir.js'
import { strings } from '../access.js'

export type Operator = '+' | '-' | '*' | '/' | '%' | '**' | '&' | '|' | '^' | '<<' | '>>' | '>>>'

const numeric: Readonly<Record<Operator, (a: Expr, b: Expr) => Expr>> = {
  '+': (a, b) => binary('add', a, b),
  '-': (a, b) => binary('sub', a, b),
  '*': (a, b) => binary('mul', a, b),
  '/': (a, b) => binary('div', a, b),
  '%': (a, b) => binary('rem', a, b),
  '**': (a, b) => ({ op: 'math', repr: 'f64', name: 'pow', values: [a, b] }),
  '&': (a, b) => bitwise('and', 'i32', a, b),
  '|': (a, b) => bitwise('or', 'i32', a, b),
  '^': (a, b) => bitwise('xor', 'i32', a, b),
  '<<': (a, b) => bitwise('shl', 'i32', a, b),
  '>>': (a, b) => bitwise('shr', 'i32', a, b),
  '>>>': (a, b) => bitwise('shr', 'u32', a, b),
}

/** `left operator right`; `node` is the whole expression, the others its operands. */
export function arithmetic(t: Lowering, operator: Operator, left: Value, right: Value, nodes: { readonly whole: typescript.Node; readonly left: typescript.Node; readonly right: typescript.Node }): Value {
  const [a, b] = [demand(t, left, nodes.left), demand(t, right, nodes.right)]
  if (a.kind === 'poison' || b.kind === 'poison') return poison
  if (isBigInt(a) && isBigInt(b)) return bigintArithmetic(t, operator, a, b, nodes.whole)
  if (a.kind === 'string' || b.kind === 'string') return a.kind === 'string' && b.kind === 'string' && operator === '+' ? { kind: 'string', text: a.text + b.text } : strings(t, nodes.whole)
  const x = toNumber(t, a, nodes.left)
  return numberValue(numeric[operator](x, toNumber(t, b, nodes.right)))
}
