// `ctx.each` and `ctx.reduce`: their functions become parallel bodies of the program.
import type typescript from 'typescript'
import type { Expr, Parallel, Statement } from '../../ir.js'
import { numberValue, toNumber } from '../coerce.js'
import { convert } from '../expr.js'
import { inline } from '../functions/inline.js'
import type { Lowering } from '../lowering.js'
import { poison, wordsOf, type FunctionValue, type Value } from '../value.js'
import { countOf } from './calls.js'

export function each(t: Lowering, node: typescript.CallExpression): Value {
  const [count, body] = t.expressions(node.arguments)
  const fn = functionOf(t, body, node, 'each')
  if (!count || !fn) return poison
  const total = countOf(t, count, node, 'each')
  const { index, statements } = bodyOf(t, fn, node)
  const parallel = add(t, { kind: 'each', index, body: statements, value: undefined, combine: undefined, captures: [], own: [] })
  t.builder.emit({ kind: 'each', parallel, count: total })
  return { kind: 'undefined' }
}

export function reduce(t: Lowering, node: typescript.CallExpression): Value {
  const [count, map, combine, initial] = t.expressions(node.arguments)
  const [mapping, fold] = [functionOf(t, map, node, 'reduce'), functionOf(t, combine, node, 'reduce')]
  if (!count || !mapping || !fold) return poison
  if (!initial) return t.refuse(node, 'ctx.reduce without an initial value', 'Give what it is when the count is 0: `ctx.reduce(n, i => …, (a, b) => …, 0)`.')
  const { builder } = t
  const total = countOf(t, count, node, 'reduce')
  const start = toNumber(t, initial, node)
  let value: Expr = { op: 'constant', repr: 'f64', value: 0 }
  const { index, statements } = bodyOf(t, mapping, node, (result) => { value = toNumber(t, result, mapping.node) })
  const [left, right] = [builder.fresh('f64'), builder.fresh('f64')]
  let folded: Expr = value
  const folding = inParallel(t, () => { folded = toNumber(t, inline(t, fold, [numberValue(builder.read(left)), numberValue(builder.read(right))], { node, awaited: false }), fold.node) })
  const parallel = add(t, { kind: 'reduce', index, body: statements, value, combine: { left, right, body: folding, value: folded }, captures: [], own: [] })
  const target = builder.fresh('f64')
  builder.emit({ kind: 'reduce', parallel, count: total, target, initial: start })
  return numberValue(builder.read(target))
}

function add(t: Lowering, parallel: Parallel): number { return t.builder.parallels.push(parallel) - 1 }

function bodyOf(t: Lowering, fn: FunctionValue, node: typescript.CallExpression, take: (result: Value) => void = () => undefined): { index: number; statements: readonly Statement[] } {
  const { builder } = t
  const index = builder.fresh('u32')
  const statements = inParallel(t, () => { take(inline(t, fn, [numberValue(convert(builder.read(index), 'f64'))], { node, awaited: false })) })
  return { index, statements }
}

function inParallel(t: Lowering, write: () => void): Statement[] {
  t.parallelDepth++
  try { return t.builder.block(write) } finally { t.parallelDepth-- }
}

function functionOf(t: Lowering, value: Value | undefined, node: typescript.CallExpression, call: string): FunctionValue | undefined {
  if (value?.kind === 'function') return value
  if (value?.kind !== 'poison') t.refuse(node, `ctx.${call} with ${value ? wordsOf(value) : 'too few arguments'}`, call === 'each' ? 'Write `ctx.each(count, (i) => { … })`.' : 'Write `ctx.reduce(count, (i) => …, (a, b) => …, initial)`.')
  return undefined
}

