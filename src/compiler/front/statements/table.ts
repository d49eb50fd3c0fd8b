// Every kind of statement, and who compiles it. A kind that is missing here does not compile: the type asks for all of them.
import type typescript from 'typescript'
import type { Lowering } from '../lowering.js'
import { ts, type KindName } from '../typescript.js'
import { block } from './block.js'
import { ifStatement, switchStatement } from './branches.js'
import { forOfStatement } from './for-of.js'
import { breakStatement, continueStatement, labeledStatement } from './labels.js'
import { doStatement, forStatement, whileStatement } from './loops.js'
import { throwStatement } from './throw.js'
import { variableStatement } from './variables.js'

/** Kinds of statements that JavaScript has; those that only exist for types are blanked before. */
type StatementKind = 'Block' | 'VariableStatement' | 'EmptyStatement' | 'ExpressionStatement' | 'IfStatement' | 'DoStatement' | 'WhileStatement' | 'ForStatement' | 'ForInStatement'
  | 'ForOfStatement' | 'ContinueStatement' | 'BreakStatement' | 'ReturnStatement' | 'WithStatement' | 'SwitchStatement' | 'LabeledStatement' | 'ThrowStatement' | 'TryStatement'
  | 'DebuggerStatement' | 'FunctionDeclaration' | 'ClassDeclaration'

type Translator = (node: never, t: Lowering) => void

const statements: Readonly<Record<StatementKind, Translator>> = {
  Block: block,
  VariableStatement: variableStatement,
  EmptyStatement: () => undefined,
  ExpressionStatement: (node: typescript.ExpressionStatement, t) => { t.effect(node.expression) },
  IfStatement: ifStatement,
  DoStatement: doStatement,
  WhileStatement: whileStatement,
  ForStatement: forStatement,
  ForInStatement: (node: typescript.Node, t) => { t.refuse(node, '`for … in`', 'Iterate with for … of over an array, or name the fields.') },
  ForOfStatement: forOfStatement,
  ContinueStatement: continueStatement,
  BreakStatement: breakStatement,
  ReturnStatement: returnStatement,
  WithStatement: (node: typescript.Node, t) => { t.refuse(node, '`with`', 'Name the object at each use.') },
  SwitchStatement: switchStatement,
  LabeledStatement: labeledStatement,
  ThrowStatement: throwStatement,
  TryStatement: (node: typescript.Node, t) => { t.report('RL1005', node) },
  DebuggerStatement: (node: typescript.Node, t) => { t.refuse(node, '`debugger`', 'Remove it; use console.log to see values.') },
  // Declared when its block begins; compiled where it is called.
  FunctionDeclaration: () => undefined,
  ClassDeclaration: (node: typescript.Node, t) => { t.refuse(node, 'a class', 'Use object literals and functions.') },
}

export const statementTable: Readonly<Partial<Record<KindName, Translator>>> = statements

function returnStatement(node: typescript.ReturnStatement, t: Lowering): void {
  const { frame } = t
  if (!frame) return
  if (node.expression) frame.give(ts.isParenthesizedExpression(node.expression) ? t.expression(node.expression.expression) : t.expression(node.expression), node)
  else frame.give({ kind: 'undefined' }, node)
  t.builder.emit({ kind: 'break', label: frame.returnLabel })
}
