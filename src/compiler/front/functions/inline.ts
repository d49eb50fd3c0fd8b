// Calls of functions whose text is known: their body is compiled in place of the call, with parameters as variables of its own.
import type typescript from 'typescript'
import { baseKey } from '../effects.js'
import type { Frame, Lowering } from '../lowering.js'
import { Scope } from '../scope.js'
import { ts } from '../typescript.js'
import { poison, type FunctionNode, type FunctionValue, type Value } from '../value.js'
import { declarePattern } from '../variables/patterns.js'
import { ResultHolder } from './result.js'

/** Calls compiled into one body; more means that helpers call helpers without end. */
const INLINED_MAX = 5000

export interface Call { readonly node: typescript.Node; readonly awaited: boolean }

/** The value of `fn(...values)`. */
export function inline(t: Lowering, fn: FunctionValue, values: readonly Value[], call: Call): Value {
  const { node } = fn
  const refusal = refusalOf(t, fn, call)
  if (refusal) return refusal
  if (++t.inlined > INLINED_MAX) return t.refuse(call.node, `a body that comes to more than ${INLINED_MAX} calls of functions`, 'Write loops instead of repeated calls.')
  const before = cellAssignments(t)
  t.calls.push(node)
  const outer = t.frame
  try {
    return t.within(new Scope(fn.scope), () => {
      bindParameters(t, node, values)
      return bodyOf(t, node, call)
    })
  } finally {
    t.calls.pop()
    t.frame = outer
    if (cellAssignments(t) !== before && values.some((value) => value.kind === 'aggregate' && t.cells.has(baseKey(value.place.base)))) {
      t.refuse(call.node, `\`${fn.name}\`, which assigns a variable that it was also given,`, 'Pass a copy: { ...x } or x.slice().')
    }
  }
}

function cellAssignments(t: Lowering): number { return [...t.assigned.values()].reduce((sum, count) => sum + count, 0) }

function refusalOf(t: Lowering, fn: FunctionValue, call: Call): Value | undefined {
  const { node } = fn
  if (t.calls.includes(node)) return t.report('RL1002', call.node, { name: fn.name })
  if (node.asteriskToken) return t.refuse(call.node, `the generator \`${fn.name}\``, 'Write a loop where it is used.')
  const isAsync = node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword) === true
  if (isAsync && !call.awaited) return t.report('RL1013', call.node, { call: call.node.getText().slice(0, 60) })
  return undefined
}

function bindParameters(t: Lowering, node: FunctionNode, values: readonly Value[]): void {
  node.parameters.forEach((parameter, i) => {
    if (parameter.dotDotDotToken) { t.refuse(parameter, 'a rest parameter', 'Name the parameters, or pass an array.'); return }
    const given = values[i] ?? { kind: 'undefined' as const }
    if (given.kind === 'optional' && parameter.initializer) t.refuse(parameter, 'a default for what may be undefined', 'Write `x ?? …` at the call.')
    const value = given.kind === 'undefined' && parameter.initializer ? t.expression(parameter.initializer) : given
    declarePattern(t, parameter.name, value, { constant: false, parameter: true })
  })
}

function bodyOf(t: Lowering, node: FunctionNode, call: Call): Value {
  const { body } = node
  if (!body) return poison
  const label = t.builder.label()
  const holder = new ResultHolder(t, node)
  const frame: Frame = { node, targets: [], returnLabel: label, returns: 0, give: (value, at) => { holder.give(value, at) }, awaited: call.awaited }
  t.frame = frame
  if (!ts.isBlock(body)) return t.expression(body)
  const last = body.statements.at(-1)
  const returns = returnsIn(body)
  if (returns.length === 0 || (returns.length === 1 && returns[0] === last && last)) {
    t.openBlock(body.statements)
    t.statementsOf(returns.length === 0 ? body.statements : body.statements.slice(0, -1))
    const [only] = returns
    return only?.expression ? t.expression(only.expression) : { kind: 'undefined' }
  }
  const inside = t.builder.block(() => {
    t.openBlock(body.statements)
    t.statementsOf(body.statements)
  })
  return holder.close(label, inside, last === undefined || !leaves(last))
}

/** The return statements of a function, not those of functions inside it. */
function returnsIn(node: typescript.Node): typescript.ReturnStatement[] {
  const found: typescript.ReturnStatement[] = []
  const visit = (child: typescript.Node): void => {
    if (ts.isReturnStatement(child)) found.push(child)
    else if (!ts.isFunctionLike(child)) ts.forEachChild(child, visit)
  }
  ts.forEachChild(node, visit)
  return found
}

/** Whether control never goes on behind a statement. */
function leaves(node: typescript.Statement): boolean {
  if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) return true
  if (ts.isBlock(node)) return node.statements.some(leaves)
  if (ts.isIfStatement(node)) return node.elseStatement !== undefined && leaves(node.thenStatement) && leaves(node.elseStatement)
  if (ts.isSwitchStatement(node)) {
    const { clauses } = node.caseBlock
    const last = clauses.at(-1)?.statements.at(-1)
    return clauses.some(ts.isDefaultClause) && last !== undefined && leaves(last) && clauses.every((clause) => clause.statements.length === 0 || clause.statements.some(leaves))
  }
  const isEndless = (ts.isForStatement(node) && node.condition === undefined) || (ts.isWhileStatement(node) && node.expression.kind === ts.SyntaxKind.TrueKeyword)
  return isEndless && !breaksOut(node.statement)
}

function breaksOut(node: typescript.Node): boolean {
  let found = false
  const visit = (child: typescript.Node): void => {
    if (ts.isBreakStatement(child)) found = true
    else if (!ts.isFunctionLike(child)) ts.forEachChild(child, visit)
  }
  visit(node)
  return found
}
