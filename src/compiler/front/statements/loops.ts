// Loops with a test: while, do and for.
import type typescript from 'typescript'
import type { Expr, Statement } from '../../ir.js'
import { condition } from '../coerce.js'
import { localsSetBy } from '../effects.js'
import { yes } from '../expr.js'
import type { Lowering } from '../lowering.js'
import { Scope } from '../scope.js'
import { ts } from '../typescript.js'
import { nameOf } from './labels.js'
import { declareList } from './variables.js'

export function whileStatement(node: typescript.WhileStatement, t: Lowering): void { testedBefore(t, node, node.expression, undefined, undefined) }

/** A loop with its test first; a test that needs statements of its own stands at the start of each round. */
function testedBefore(t: Lowering, node: typescript.IterationStatement, test: typescript.Expression | undefined, update: typescript.Expression | undefined, start: Statement | undefined): void {
  const { builder } = t
  const label = builder.label()
  let holds: Expr = yes
  const testing = builder.block(() => { if (test) holds = condition(t, test) })
  const simple = testing.length === 0
  const body = builder.block(() => {
    if (!simple) {
      builder.statements.push(...testing)
      builder.emit({ kind: 'if', condition: holds, then: [], otherwise: [{ kind: 'break', label, at: t.where(test ?? node) }] })
    }
    bodyOf(t, node, label)
  })
  const updating = builder.block(() => { if (update) t.effect(update) })
  const trips = simple && start ? tripsOf(t, start, holds, updating, body) : undefined
  builder.emit({ kind: 'loop', label, condition: simple ? holds : yes, test: 'before', body, update: updating, trips, fuel: false })
}

function bodyOf(t: Lowering, node: typescript.IterationStatement, label: number): void {
  t.frame?.targets.push({ name: nameOf(node), breakLabel: label, continueLabel: label, anonymous: true })
  t.within(new Scope(t.scope), () => { t.statement(node.statement) })
  t.frame?.targets.pop()
}

/** The test runs after the body, and after `continue`: what it needs goes into the update. */
export function doStatement(node: typescript.DoStatement, t: Lowering): void {
  const { builder } = t
  const label = builder.label()
  const body = builder.block(() => { bodyOf(t, node, label) })
  let holds: Expr = yes
  const update = builder.block(() => { holds = condition(t, node.expression) })
  builder.emit({ kind: 'loop', label, condition: holds, test: 'after', body, update, trips: undefined, fuel: false })
}

export function forStatement(node: typescript.ForStatement, t: Lowering): void {
  t.within(new Scope(t.scope), () => {
    const { builder } = t
    const { initializer } = node
    if (initializer && ts.isVariableDeclarationList(initializer)) declareList(initializer, t)
    else if (initializer) t.effect(initializer)
    testedBefore(t, node, node.condition, node.incrementor, builder.statements.at(-1))
  })
}

/** Rounds of `for (let i = a; i < b; i += c)` with constants, whose body leaves i alone. */
function tripsOf(t: Lowering, start: Statement, test: Expr, update: readonly Statement[], body: readonly Statement[]): number | undefined {
  const [step] = update
  if (start.kind !== 'set' || start.value.op !== 'constant' || test.op !== 'compare' || update.length !== 1 || step?.kind !== 'set' || step.local !== start.local) return undefined
  const { value } = step
  if (value.op !== 'binary' || value.left.op !== 'local' || value.left.local !== start.local || value.right.op !== 'constant') return undefined
  if (test.left.op !== 'local' || test.left.local !== start.local || test.right.op !== 'constant' || localsSetBy(body, t.builder.parallels).has(start.local)) return undefined
  const [from, to, by] = [start.value.value, test.right.value, value.right.value] as [number, number, number]
  const change = value.name === 'add' ? by : value.name === 'sub' ? -by : 0
  const distance = test.name === 'lt' || test.name === 'le' ? to - from : from - to
  const toward = test.name === 'lt' || test.name === 'le' ? change : test.name === 'gt' || test.name === 'ge' ? -change : 0
  if (![from, to, change].every(Number.isSafeInteger) || toward <= 0) return undefined
  if (distance < 0) return 0
  return test.name === 'lt' || test.name === 'gt' ? Math.ceil(distance / toward) : Math.floor(distance / toward) + 1
}

