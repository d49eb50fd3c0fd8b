// What every translator of a construct works with: the program under construction, names in scope, the function being inlined, and how a construct is refused.
import type typescript from 'typescript'
import type { Layout, StructLayout } from '../../schema/index.js'
import type { CapturedBody } from '../../source/captured.js'
import { report, type Finding } from '../diagnostics/report.js'
import type { Code, FactsOf } from '../diagnostics/catalogue/index.js'
import type { Expr, Where } from '../ir.js'
import type { CompileRequest } from '../request.js'
import type { Builder } from './builder.js'
import { effect } from './expressions/effect.js'
import { expressionTable } from './expressions/table.js'
import type { Facts } from './facts.js'
import { no } from './expr.js'
import type { Scope } from './scope.js'
import { mapExpressions, settleValue } from './settle.js'
import type { Sources } from './sources.js'
import { hoist } from './statements/block.js'
import { statementTable } from './statements/table.js'
import { kindName } from './typescript.js'
import { fieldPlace, valueAt } from './aggregates/places.js'
import { poison, type AggregateValue, type FunctionNode, type RecordValue, type Value } from './value.js'

/** A loop, switch or labelled statement that `break` and `continue` may name. */
export interface Target { readonly name: string | undefined; readonly breakLabel: number; readonly continueLabel: number | undefined; readonly anonymous: boolean }

/** The function being inlined, or the body itself. */
export interface Frame {
  readonly node: FunctionNode
  /** Labels of the code around a call do not reach into the function. */
  readonly targets: Target[]
  /** What `return` does: leaves the block with this label, after `give`. */
  readonly returnLabel: number
  returns: number
  readonly give: (value: Value, node: typescript.Node) => void
  /** A promise it returns is awaited by its caller. */
  readonly awaited: boolean
}

/** Layouts of what the ring kernel declares. */
export interface Layouts { readonly state: StructLayout | undefined; readonly arguments: StructLayout | undefined; readonly buffers: readonly { readonly name: string; readonly element: Layout }[] }

type Facts1<C extends Code> = [keyof FactsOf<C>] extends [never] ? [] : [facts: FactsOf<C>]

/** What a copying variable took its contents from, and where: legal while nothing writes to either. */
export interface Copied { readonly key: string; readonly node: typescript.Node; readonly text: string }

export class Lowering {
  scope: Scope
  frame: Frame | undefined
  /** Inside the body of `ctx.each` or `ctx.reduce`. */
  parallelDepth = 0
  /** Functions being inlined, outermost first. */
  readonly calls: FunctionNode[] = []
  inlined = 0
  /** Keys of aggregates that the body writes to in place. */
  readonly written = new Map<string, typescript.Node>()
  readonly copied: Copied[] = []
  /** Keys of aggregates that variables copy into. */
  readonly cells = new Set<string>()
  /** How often each variable that copies was assigned. */
  readonly assigned = new Map<typescript.Node, number>()
  /** The node that made each message variable, and each region that holds a message as it was laid out. */
  readonly makers = new Map<string, typescript.Node>()
  /** Aggregates of tables, made once. */
  readonly tables = new Map<object, Value>()
  readonly captured = new Map<number, Value>()
  records = 0
  /** The node being compiled, for findings about what has none of its own. */
  callSite: typescript.Node

  constructor(
    readonly request: CompileRequest, readonly body: CapturedBody, readonly builder: Builder, readonly sources: Sources, readonly facts: Facts,
    readonly layouts: Layouts, readonly form: 'loop' | 'handler' | 'messages' | 'one-shot', private readonly tell: (finding: Finding) => void, scope: Scope, root: typescript.Node,
  ) {
    this.scope = scope
    this.callSite = root
  }

  expression(node: typescript.Expression): Value {
    return expressionTable[kindName(node.kind)]?.(node as never, this) ?? this.refuse(node, `\`${node.getText()}\``, 'Write it with the constructs of the language.')
  }

  statement(node: typescript.Statement): void {
    const before = this.builder.at
    this.callSite = node
    this.builder.at = this.where(node)
    const translate = statementTable[kindName(node.kind)]
    if (translate) translate(node as never, this)
    else this.refuse(node, `\`${node.getText().slice(0, 40)}\``, 'Write it with the constructs of the language.')
    this.builder.at = before
  }

  /** Declares the names of a block before its statements run, and its functions for good. */
  openBlock(nodes: readonly typescript.Statement[]): void { hoist(this, nodes) }

  /** Compiles an expression whose value nobody looks at. */
  effect(node: typescript.Expression): void { effect(this, node) }

  /** The value as it is now, in temporaries: what it is read from may change. */
  keep(value: Value): Value { return mapExpressions(value, (e) => this.builder.temporary(e)) }

  statementsOf(nodes: readonly typescript.Statement[]): void { for (const node of nodes) this.statement(node) }

  where(node: typescript.Node): Where { return this.sources.where(node) }

  report<C extends Code>(code: C, node: typescript.Node, ...facts: Facts1<C>): Value {
    this.tell(report(code, this.where(node), ...facts))
    return poison
  }

  /** A construct outside the language: what, and what to write instead. */
  refuse(node: typescript.Node, construct: string, instead: string): Value {
    return this.report('RL1001', node, { construct, instead })
  }

  /** Operands from left to right; each keeps the value it had when the ones after it ran. */
  inOrder<T>(parts: readonly T[], lower: (part: T) => Value): Value[] {
    const values: Value[] = []
    const marks: number[] = []
    for (const part of parts) {
      values.push(lower(part))
      marks.push(this.builder.statements.length)
    }
    for (let i = parts.length - 2; i >= 0; i--) values[i] = settleValue(this, values[i] as Value, marks[i] as number)
    return values
  }

  expressions(nodes: readonly typescript.Expression[]): Value[] { return this.inOrder(nodes, (node) => this.expression(node)) }

  pair(left: typescript.Expression, right: typescript.Expression): [Value, Value] {
    return this.expressions([left, right]) as [Value, Value]
  }

  get stateLayout(): StructLayout | undefined { return this.layouts.state }
  get argumentsLayout(): StructLayout | undefined { return this.layouts.arguments }
  get buffers(): readonly { readonly name: string; readonly element: Layout }[] { return this.layouts.buffers }

  /** Faults unless the condition holds. */
  guard(condition: Expr, text: string, node: typescript.Node, value?: Expr, error?: string): void {
    if (condition.op === 'constant' && condition.value === true) return
    const site = this.builder.site({ kind: 'fault', text, at: this.where(node), error })
    this.builder.emit({ kind: 'guard', condition, site, value })
  }

  fault(text: string, node: typescript.Node, value?: Expr, error?: string): void {
    if (value) { this.guard(no, text, node, value, error); return }
    this.builder.emit({ kind: 'fault', site: this.builder.site({ kind: 'fault', text, at: this.where(node), error }) })
  }

  /** The fields of a struct in memory as values. */
  fieldsOf(value: AggregateValue): RecordValue {
    const { layout } = value.place
    const names = layout.kind === 'struct' ? layout.fields.map((field) => field.name) : []
    const at = (name: string): Value => { const place = fieldPlace(value.place, name); return place ? valueAt(place, `${value.text}.${name}`) : poison }
    return { kind: 'record', identity: undefined, fields: new Map(names.map((name) => [name, at(name)])) }
  }

  /** Compiles in a scope of its own. */
  within<T>(scope: Scope, run: () => T): T {
    const outer = this.scope
    this.scope = scope
    try { return run() } finally { this.scope = outer }
  }
}
