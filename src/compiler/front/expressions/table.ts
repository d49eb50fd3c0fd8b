// Every kind of expression, and who compiles it. A kind that is missing here does not compile: the type asks for all of them.
import type typescript from 'typescript'
import { booleanValue, numberValue } from '../coerce.js'
import { f64, no, yes } from '../expr.js'
import type { Lowering } from '../lowering.js'
import type { KindName } from '../typescript.js'
import type { FunctionNode, Value } from '../value.js'
import { postfixUpdate } from './assignment.js'
import { binaryExpression } from './binary.js'
import { callExpression } from './call.js'
import { arrayLiteral, newExpression, objectLiteral } from './literals.js'
import { conditionalExpression } from './logical.js'
import { elementAccess, identifier, prefixUnary, propertyAccess, template, typeOf } from './simple.js'

/** Kinds of expressions that JavaScript has; casts are blanked before, and JSX is none of a body's. */
type ExpressionKind = 'NumericLiteral' | 'BigIntLiteral' | 'StringLiteral' | 'NoSubstitutionTemplateLiteral' | 'RegularExpressionLiteral' | 'TrueKeyword' | 'FalseKeyword'
  | 'NullKeyword' | 'ThisKeyword' | 'SuperKeyword' | 'Identifier' | 'PrivateIdentifier' | 'ArrayLiteralExpression' | 'ObjectLiteralExpression' | 'PropertyAccessExpression'
  | 'ElementAccessExpression' | 'CallExpression' | 'NewExpression' | 'TaggedTemplateExpression' | 'ParenthesizedExpression' | 'FunctionExpression' | 'ArrowFunction'
  | 'DeleteExpression' | 'TypeOfExpression' | 'VoidExpression' | 'AwaitExpression' | 'PrefixUnaryExpression' | 'PostfixUnaryExpression' | 'BinaryExpression'
  | 'ConditionalExpression' | 'TemplateExpression' | 'YieldExpression' | 'SpreadElement' | 'ClassExpression' | 'OmittedExpression' | 'MetaProperty'

type Translator = (node: never, t: Lowering) => Value
type Node = typescript.Node

const expressions: Readonly<Record<ExpressionKind, Translator>> = {
  NumericLiteral: (node: typescript.NumericLiteral) => numberValue(f64(Number(node.text))),
  BigIntLiteral: (node: typescript.BigIntLiteral) => ({ kind: 'bigint-constant', value: BigInt(node.text.slice(0, -1)) }),
  StringLiteral: (node: typescript.StringLiteral) => ({ kind: 'string', text: node.text }),
  NoSubstitutionTemplateLiteral: (node: typescript.NoSubstitutionTemplateLiteral) => ({ kind: 'string', text: node.text }),
  RegularExpressionLiteral: refused('a regular expression', "Match text on the host: { device: 'host' }."),
  TrueKeyword: () => booleanValue(yes),
  FalseKeyword: () => booleanValue(no),
  NullKeyword: () => ({ kind: 'null' }),
  ThisKeyword: refused('`this`', 'Use ctx, a parameter or a variable.'),
  SuperKeyword: refused('`super`', 'Use functions.'),
  Identifier: identifier,
  PrivateIdentifier: refused('a private name', 'Use object literals and functions.'),
  ArrayLiteralExpression: arrayLiteral,
  ObjectLiteralExpression: objectLiteral,
  PropertyAccessExpression: propertyAccess,
  ElementAccessExpression: elementAccess,
  CallExpression: callExpression,
  NewExpression: newExpression,
  TaggedTemplateExpression: refused('a tagged template', 'Call a function with numbers.'),
  ParenthesizedExpression: (node: typescript.ParenthesizedExpression, t) => t.expression(node.expression),
  FunctionExpression: functionValue,
  ArrowFunction: functionValue,
  DeleteExpression: refused('`delete`', 'Fields are fixed by the schema: assign a value that says it is not used.'),
  TypeOfExpression: typeOf,
  VoidExpression: (node: typescript.VoidExpression, t) => { t.effect(node.expression); return { kind: 'undefined' } },
  // What must be awaited is asked for at the call; any other value is itself when awaited.
  AwaitExpression: (node: typescript.AwaitExpression, t) => t.expression(node.expression),
  PrefixUnaryExpression: prefixUnary,
  PostfixUnaryExpression: (node: typescript.PostfixUnaryExpression, t) => postfixUpdate(node, t, true),
  BinaryExpression: binaryExpression,
  ConditionalExpression: conditionalExpression,
  TemplateExpression: template,
  YieldExpression: refused('`yield`', 'Send what it yields: `await ctx.send(…)`.'),
  SpreadElement: refused('`...` here', 'Name the elements.'),
  ClassExpression: refused('a class', 'Use object literals and functions.'),
  OmittedExpression: refused('a hole', 'Write the element.'),
  MetaProperty: refused('`new.target` and `import.meta`', 'Read it around the ring kernel.'),
}

export const expressionTable: Readonly<Partial<Record<KindName, Translator>>> = expressions

function refused(construct: string, instead: string): (node: Node, t: Lowering) => Value {
  return (node, t) => t.refuse(node, construct, instead)
}

function functionValue(node: FunctionNode, t: Lowering): Value {
  return { kind: 'function', node, scope: t.scope, name: node.name?.getText() ?? 'this function' }
}
